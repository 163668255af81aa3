"""Freshness: when somebody last changed an object or said that nothing changed, and whether that is too long ago."""

from datetime import date

from service.domain.event import Value


class Freshness(Value):
    """The last sign of life of an object, as seen on a day."""

    last_on: date
    days: int
    stale: bool


def latest(known_on: date | None, on: date) -> date:
    """The later of two days on which somebody said so: what is recorded late does not make the newer word older."""
    return on if known_on is None else max(known_on, on)


def freshness(*, changed_on: date, confirmed_on: date | None, today: date, stale_after_days: int) -> Freshness:
    """Stale once more than `stale_after_days` days have passed since the last change or « rien n’a changé »."""
    last_on = max(changed_on, confirmed_on or changed_on)
    days = (today - last_on).days
    return Freshness(last_on=last_on, days=days, stale=days > stale_after_days)
