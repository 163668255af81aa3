"""The periods in which indicators are measured: weeks (from Monday), months, quarters, half-years, years."""

from calendar import monthrange
from datetime import date, timedelta
from typing import Literal

from service.domain.event import Value

Cadence = Literal["weekly", "monthly", "quarterly", "half_yearly", "yearly", "once"]

_MONTHS: dict[Cadence, int] = {"monthly": 1, "quarterly": 3, "half_yearly": 6, "yearly": 12}


class Period(Value):
    """A stretch of days, both ends included."""

    from_on: date
    to_on: date

    def __contains__(self, day: date) -> bool:
        return self.from_on <= day <= self.to_on


def period_of(day: date, cadence: Cadence) -> Period | None:
    """The period that a day falls in. None for `once`, which has none."""
    if cadence == "once":
        return None
    if cadence == "weekly":
        monday = day - timedelta(days=day.weekday())
        return Period(from_on=monday, to_on=monday + timedelta(days=6))
    months = _MONTHS[cadence]
    first = (day.month - 1) // months * months + 1
    last = first + months - 1
    return Period(from_on=date(day.year, first, 1), to_on=date(day.year, last, monthrange(day.year, last)[1]))


def next_period(period: Period, cadence: Cadence) -> Period | None:
    """The period after this one."""
    return period_of(period.to_on + timedelta(days=1), cadence)


def months_before(day: date, months: int) -> date:
    """The same day some months earlier, or the last one of that month if it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
