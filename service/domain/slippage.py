"""Slippage: how far the real or expected date is from the baseline, for milestones and actions (DOMAIN section 2)."""

from datetime import date
from typing import Literal

from service.domain.action import Action
from service.domain.event import Value
from service.domain.milestone import Milestone
from service.domain.working_time import WorkingCalendar


class Dates(Value):
    """The dates of one promise: all that slippage, late and overdue are computed from."""

    forecast_on: date | None
    baseline_on: date | None = None
    original_baseline_on: date | None = None
    real_on: date | None = None
    given_up: bool = False
    """Cancelled or abandoned (or withdrawn): it neither slips nor is late."""


class Slippage(Value):
    """Signed days from the baseline; negative is ahead. Working days are half-open, after the earlier date."""

    calendar_days: int
    working_days: int
    baseline_on: date
    compared_on: date
    rule: Literal["real_date", "forecast", "today"]
    """Which date was compared."""


class Lateness(Value):
    """Everything that is shown about one promise on one day."""

    slippage: Slippage | None
    """Against the present baseline."""
    original_slippage: Slippage | None
    """Against the first baseline, which a replanning keeps."""
    late: bool
    overdue: bool
    late_working_days: int
    """How late, in working days: 0 if it is not late."""


def dates_of(promise: Milestone | Action) -> Dates:
    """The dates of a milestone, or of an action (its end)."""
    if isinstance(promise, Milestone):
        return Dates(
            forecast_on=promise.due_on,
            baseline_on=promise.baseline_on,
            original_baseline_on=promise.original_baseline_on,
            real_on=promise.reached_on,
            given_up=promise.status in ("cancelled", "withdrawn"),
        )
    return Dates(
        forecast_on=promise.end_on or promise.baseline_on,  # who takes the date away still owes the promise
        baseline_on=promise.baseline_on,
        original_baseline_on=promise.original_baseline_on,
        real_on=promise.completed_on,
        given_up=promise.status in ("abandoned", "withdrawn"),
    )


def slippage(dates: Dates, baseline_on: date | None, today: date, calendar: WorkingCalendar) -> Slippage | None:
    """(Real date, else the later of forecast and today) minus the baseline. None if given up or never baselined."""
    if baseline_on is None or dates.given_up:
        return None
    compared_on, rule = _compared(dates, today)
    return Slippage(
        calendar_days=(compared_on - baseline_on).days,
        working_days=calendar.working_days_between(baseline_on, compared_on),
        baseline_on=baseline_on,
        compared_on=compared_on,
        rule=rule,
    )


def late(dates: Dates, today: date) -> bool:
    """Not reached and (forecast after the baseline or today after the forecast)."""
    if not _awaited(dates) or dates.forecast_on is None:
        return False
    return today > dates.forecast_on or (dates.baseline_on is not None and dates.forecast_on > dates.baseline_on)


def overdue(dates: Dates, today: date) -> bool:
    """Not reached and today after the forecast."""
    return _awaited(dates) and dates.forecast_on is not None and today > dates.forecast_on


def lateness(dates: Dates, today: date, calendar: WorkingCalendar) -> Lateness:
    """Both slippages, late, overdue and how late: since the earlier of baseline and forecast."""
    is_late = late(dates, today)
    since = min((day for day in (dates.baseline_on, dates.forecast_on) if day), default=today)
    late_days = calendar.working_days_between(since, _compared(dates, today)[0]) if is_late else 0
    return Lateness(
        slippage=slippage(dates, dates.baseline_on, today, calendar),
        original_slippage=slippage(dates, dates.original_baseline_on, today, calendar),
        late=is_late,
        overdue=overdue(dates, today),
        late_working_days=late_days,
    )


def _awaited(dates: Dates) -> bool:
    return dates.real_on is None and not dates.given_up


def _compared(dates: Dates, today: date) -> tuple[date, Literal["real_date", "forecast", "today"]]:
    if dates.real_on is not None:
        return dates.real_on, "real_date"
    if dates.forecast_on is not None and dates.forecast_on >= today:
        return dates.forecast_on, "forecast"
    return today, "today"
