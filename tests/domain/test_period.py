"""The periods of measuring."""

from datetime import date

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from service.domain.period import Cadence, Period, months_before, next_period, period_of
from tests.domain.given import day

CADENCES: tuple[Cadence, ...] = ("weekly", "monthly", "quarterly", "half_yearly", "yearly")
DAYS = st.dates(date(2000, 1, 1), date(2098, 12, 31))


@pytest.mark.parametrize(
    ("cadence", "first", "last"),
    [
        ("weekly", "2026-05-11", "2026-05-17"),
        ("monthly", "2026-05-01", "2026-05-31"),
        ("quarterly", "2026-04-01", "2026-06-30"),
        ("half_yearly", "2026-01-01", "2026-06-30"),
        ("yearly", "2026-01-01", "2026-12-31"),
    ],
)
def test_the_period_that_a_thursday_in_may_falls_in(cadence: Cadence, first: str, last: str) -> None:
    assert period_of(day("2026-05-14"), cadence) == Period(from_on=day(first), to_on=day(last))


def test_once_has_no_period() -> None:
    assert period_of(day("2026-05-14"), "once") is None


@drawn(DAYS, st.sampled_from(CADENCES))
def test_periods_follow_each_other_without_a_gap(on: date, cadence: Cadence) -> None:
    period = period_of(on, cadence)
    assert period is not None
    assert on in period
    following = next_period(period, cadence)
    assert following is not None
    assert following.from_on.toordinal() == period.to_on.toordinal() + 1


def test_months_before_stay_within_the_month() -> None:
    assert months_before(day("2024-02-29"), 12) == day("2023-02-28")
    assert months_before(day("2026-01-15"), 1) == day("2025-12-15")
    assert months_before(day("2026-07-31"), 6) == day("2026-01-31")
