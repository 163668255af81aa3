"""Freshness: one click says that nothing changed, and the object is fresh again."""

import pytest

from service.domain.freshness import Freshness, freshness, latest
from tests.domain.given import day


@pytest.mark.parametrize(
    ("changed", "confirmed", "last", "days", "is_stale"),
    [
        ("2026-03-02", None, "2026-03-02", 30, False),
        ("2026-03-01", None, "2026-03-01", 31, True),
        ("2026-01-01", "2026-03-30", "2026-03-30", 2, False),
        ("2026-03-30", "2026-01-01", "2026-03-30", 2, False),
    ],
)
def test_stale_is_more_than_n_days_without_change_or_confirmation(
    changed: str, confirmed: str | None, last: str, days: int, is_stale: bool
) -> None:
    found = freshness(
        changed_on=day(changed),
        confirmed_on=None if confirmed is None else day(confirmed),
        today=day("2026-04-01"),
        stale_after_days=30,
    )
    assert found == Freshness(last_on=day(last), days=days, stale=is_stale)


def test_a_confirmation_recorded_late_does_not_make_the_newer_one_older() -> None:
    assert latest(None, day("2026-01-01")) == day("2026-01-01")
    assert latest(day("2026-03-01"), day("2026-01-01")) == day("2026-03-01")
    assert latest(day("2026-01-01"), day("2026-03-01")) == day("2026-03-01")
