"""The clocks of an obstacle, read on a given day and never stored: age, time at its level, silence, overdue."""

from datetime import date

from service.domain.obstacle import Obstacle


def age_days(obstacle: Obstacle, today: date) -> int:
    """Days since it was raised, until it was resolved or rejected."""
    return (_end(obstacle, today) - obstacle.raised_on).days


def days_at_level(obstacle: Obstacle, today: date) -> int:
    """Days at its present level."""
    return (_end(obstacle, today) - obstacle.level_since).days


def days_silent(obstacle: Obstacle, today: date) -> int:
    """Days since the owner's word; an owner who never spoke has been silent since becoming the owner."""
    return (_end(obstacle, today) - (obstacle.owner_spoke_on or obstacle.owner_since)).days


def look_on(obstacle: Obstacle) -> date | None:
    """The day to look at it again: the end of its postponement, else its next look. None once it is lifted."""
    if not obstacle.is_open:
        return None
    return obstacle.postponed_until or obstacle.next_look_on


def answer_due_on(obstacle: Obstacle) -> date | None:
    """The day by which the pending ask must be answered. None without one, or once the obstacle is lifted."""
    pending = obstacle.pending
    return pending.due_on if pending is not None and obstacle.is_open else None


def overdue(obstacle: Obstacle, today: date) -> bool:
    """Its next look or the answer to its escalation is past due (SHAPES: words)."""
    return any(due is not None and due < today for due in (look_on(obstacle), answer_due_on(obstacle)))


def postponed_back(obstacle: Obstacle, today: date) -> bool:
    """A postponed obstacle has come back: its day is here, nobody has resumed it yet."""
    until = obstacle.postponed_until
    return obstacle.status == "postponed" and until is not None and until <= today


def _end(obstacle: Obstacle, today: date) -> date:
    return min(obstacle.ended_on, today) if obstacle.ended_on else today
