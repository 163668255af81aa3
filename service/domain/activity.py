"""The activity cycle of a directorate: its peaks, in which nothing should be planned, and its lows."""

from datetime import date
from typing import Literal

from service.domain.event import Value
from service.domain.refusal import Invalid


class ActivityPeriod(Value):
    """A stretch of the activity cycle, both days included: a peak, in which nothing should be planned, or a low."""

    label: str
    from_on: date
    to_on: date
    level: Literal["peak", "low"]


class PeriodEndsBeforeItStarts(Invalid):
    """The period {label} ends on {to_on}, before it starts on {from_on}."""

    FR = "La période «\u202f{label}\u202f» finit le {to_on}, avant de commencer le {from_on}."


def require_ordered(periods: tuple[ActivityPeriod, ...]) -> None:
    """A period does not end before it starts. Raises `PeriodEndsBeforeItStarts`."""
    for index, period in enumerate(periods):
        if period.to_on < period.from_on:
            raise PeriodEndsBeforeItStarts(
                pointer=f"/activity_periods/{index}/to_on",
                label=period.label,
                from_on=period.from_on,
                to_on=period.to_on,
            )
