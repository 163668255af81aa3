"""Working days in Paris, known by hand, and the laws of counting them."""

from datetime import date

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from service.domain.working_time import WorkingCalendar
from tests.domain.given import day

PARIS = WorkingCalendar()
BRIDGE = WorkingCalendar([day("2026-05-15")])
DAYS = st.dates(date(2015, 1, 1), date(2040, 12, 31))


@pytest.mark.parametrize(
    "closed",
    [
        "2026-01-01",
        "2026-04-06",  # Easter Monday
        "2026-05-01",
        "2026-05-08",
        "2026-05-14",  # Ascension
        "2026-05-25",  # Whit Monday
        "2026-07-14",
        "2026-08-15",
        "2026-11-11",
        "2026-12-25",
        "2026-03-07",  # a Saturday
        "2026-03-08",  # a Sunday
    ],
)
def test_nobody_works_on_public_holidays_and_week_ends(closed: str) -> None:
    assert not PARIS.is_working(day(closed))


@pytest.mark.parametrize("working", ["2026-04-03", "2026-04-07", "2026-12-28", "2026-12-24"])
def test_good_friday_and_the_eve_of_christmas_are_working_days(working: str) -> None:
    assert PARIS.is_working(day(working))


def test_the_institution_closes_on_days_of_its_own() -> None:
    assert PARIS.is_working(day("2026-05-15"))
    assert not BRIDGE.is_working(day("2026-05-15"))
    assert BRIDGE.working_days_between(day("2026-05-13"), day("2026-05-18")) == 1
    assert PARIS.working_days_between(day("2026-05-13"), day("2026-05-18")) == 2


@pytest.mark.parametrize(
    ("a", "b", "days"),
    [
        ("2026-03-02", "2026-03-02", 0),
        ("2026-03-02", "2026-03-03", 1),
        ("2026-03-06", "2026-03-09", 1),  # Friday to Monday
        ("2026-03-06", "2026-03-08", 0),  # Friday to Sunday
        ("2026-04-02", "2026-04-07", 2),  # over Easter: Friday and Tuesday
        ("2026-04-30", "2026-05-04", 1),  # over 1 May
        ("2026-12-24", "2026-12-28", 1),
        ("2026-12-31", "2027-01-04", 1),
        ("2026-01-01", "2026-12-31", 252),  # 261 week days less 1 January, and 8 holidays on week days
        ("2027-01-04", "2026-12-31", -1),
    ],
)
def test_working_days_are_counted_after_the_earlier_date(a: str, b: str, days: int) -> None:
    assert PARIS.working_days_between(day(a), day(b)) == days


def test_the_next_and_the_previous_working_day_of_a_closed_day() -> None:
    assert PARIS.next_working(day("2026-05-01")) == day("2026-05-04")
    assert PARIS.previous_working(day("2026-05-03")) == day("2026-04-30")
    assert PARIS.next_working(day("2026-05-04")) == day("2026-05-04") == PARIS.previous_working(day("2026-05-04"))


def test_working_days_are_added_before_and_after() -> None:
    assert PARIS.add_working_days(day("2026-04-30"), 1) == day("2026-05-04")
    assert PARIS.add_working_days(day("2026-05-04"), -1) == day("2026-04-30")
    assert PARIS.add_working_days(day("2026-05-03"), -1) == day("2026-04-30")
    assert PARIS.add_working_days(day("2026-05-03"), 0) == day("2026-05-03")


@drawn(DAYS, DAYS)
def test_counting_is_antisymmetric(a: date, b: date) -> None:
    assert BRIDGE.working_days_between(a, b) == -BRIDGE.working_days_between(b, a)


@drawn(DAYS, DAYS, DAYS)
def test_counting_is_additive(a: date, b: date, c: date) -> None:
    between = BRIDGE.working_days_between
    assert between(a, b) + between(b, c) == between(a, c)


@drawn(DAYS, st.integers(0, 800))
def test_counting_is_one_by_one(a: date, span: int) -> None:
    days = [date.fromordinal(a.toordinal() + step) for step in range(1, span + 1)]
    assert BRIDGE.working_days_between(a, days[-1] if days else a) == sum(map(BRIDGE.is_working, days))


@drawn(DAYS, st.integers(1, 300))
def test_adding_undoes_counting(a: date, count: int) -> None:
    later = BRIDGE.add_working_days(a, count)
    assert BRIDGE.is_working(later)
    assert BRIDGE.working_days_between(a, later) == count
    back = BRIDGE.add_working_days(later, -count)
    assert BRIDGE.working_days_between(back, later) == count


def test_the_last_year_of_all_can_be_counted() -> None:
    assert PARIS.working_days_between(date(9999, 12, 1), date.max) > 20
