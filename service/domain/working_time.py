"""Working time: Monday to Friday without the French public holidays and the institution's own closed days."""

from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache

import holidays

_ONE_DAY = timedelta(days=1)


@lru_cache(maxsize=256)
def public_holidays(year: int) -> frozenset[date]:
    """The public holidays of metropolitan France in a year (those of Alsace-Moselle left out)."""
    return frozenset(holidays.country_holidays("FR", years=year))


class WorkingCalendar:
    """The working days of one transformation. Dates are Europe/Paris dates.

    Counting is a subtraction: for each year it keeps, once, how many working days have passed on every day.
    """

    __slots__ = ("_years", "closed_days")

    def __init__(self, closed_days: Iterable[date] = ()) -> None:
        self.closed_days = frozenset(closed_days)
        self._years: dict[int, list[int]] = {}

    def is_working(self, day: date) -> bool:
        """Whether people work on that day."""
        return day.weekday() < 5 and day not in self.closed_days and day not in public_holidays(day.year)

    def next_working(self, day: date) -> date:
        """That day if people work on it, else the first one after it."""
        while not self.is_working(day):
            day += _ONE_DAY
        return day

    def previous_working(self, day: date) -> date:
        """That day if people work on it, else the last one before it."""
        while not self.is_working(day):
            day -= _ONE_DAY
        return day

    def working_days_between(self, a: date, b: date) -> int:
        """How many working days come after the earlier date, up to and with the later one; negative if `b` is earlier.

        Antisymmetric and additive: between(a, b) + between(b, c) = between(a, c).
        """
        if a.year == b.year:
            passed = self._passed(a.year)
            return passed[_day_of_year(b)] - passed[_day_of_year(a)]
        if a > b:
            return -self.working_days_between(b, a)
        between = sum(self._passed(year)[-1] for year in range(a.year + 1, b.year))
        rest_of_first = self._passed(a.year)[-1] - self._passed(a.year)[_day_of_year(a)]
        return rest_of_first + between + self._passed(b.year)[_day_of_year(b)]

    def add_working_days(self, day: date, count: int) -> date:
        """The `count`-th working day after that day (negative: before it); the day itself for 0."""
        step = _ONE_DAY if count > 0 else -_ONE_DAY
        left = abs(count)
        while left:
            day += step
            left -= self.is_working(day)
        return day

    def _passed(self, year: int) -> list[int]:
        """By day of the year, from 0: the working days of the year up to and with that day."""
        passed = self._years.get(year)
        if passed is None:
            passed = [0]
            day = date(year, 1, 1)
            while day.year == year:
                passed.append(passed[-1] + self.is_working(day))
                if day == date.max:
                    break
                day += _ONE_DAY
            self._years[year] = passed
        return passed


def _day_of_year(day: date) -> int:
    return day.toordinal() - date(day.year, 1, 1).toordinal() + 1
