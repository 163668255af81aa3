"""What people decide on an obstacle, from raising it to verifying that it is lifted."""

from datetime import date
from typing import Any

from service.domain.authority import Visibility
from service.domain.concept import NothingToChange, differences
from service.domain.event import Event
from service.domain.imported import ImportStamp
from service.domain.obstacle import Obstacle
from service.domain.obstacle_escalation import EscalationLevel, ObstacleEscalated, ObstacleEscalationAnswered
from service.domain.obstacle_events import (
    Category,
    Grade,
    Nature,
    ObstacleActivated,
    ObstacleAssessed,
    ObstacleAssigned,
    ObstacleClosed,
    ObstacleDescribed,
    ObstacleLookPlanned,
    ObstaclePostponed,
    ObstacleRaised,
    ObstacleRejected,
    ObstacleReopened,
    ObstacleResolved,
    ObstacleResumed,
    ObstacleSpoken,
    ObstacleTarget,
    ObstacleVisibilityChanged,
    ResolvedBy,
)


def raise_obstacle(
    *,
    ref: int,
    title: str,
    statement: str,
    nature: Nature,
    impact: Grade,
    urgency: Grade,
    category: Category = "other",
    owner: str | None = None,
    blocks: tuple[ObstacleTarget, ...] = (),
    next_look_on: date | None = None,
    visibility: Visibility = "members",
    row: ImportStamp | None = None,
) -> list[Event]:
    """Say what stands in the way. It begins at the lead's level."""
    return [
        ObstacleRaised(
            ref=ref,
            title=title,
            statement=statement,
            nature=nature,
            category=category,
            impact=impact,
            urgency=urgency,
            owner=owner,
            blocks=blocks,
            next_look_on=next_look_on,
            visibility=visibility,
            row=row,
        )
    ]


def revise(obstacle: Obstacle, **wanted: Any) -> list[Event]:
    """One event per meaning: assessed, assigned, look planned, visibility changed, described.

    Raises `NothingToChange`.
    """
    changes = differences(obstacle, **wanted)
    if not changes:
        raise NothingToChange()
    events: list[Event] = []
    if {"impact", "urgency"} & changes.keys():
        impact = changes.pop("impact", obstacle.impact)
        urgency = changes.pop("urgency", obstacle.urgency)
        events.append(ObstacleAssessed(impact=impact, urgency=urgency))
    if "owner" in changes:
        events.append(ObstacleAssigned(owner=changes.pop("owner")))
    if "next_look_on" in changes:
        events.append(ObstacleLookPlanned(next_look_on=changes.pop("next_look_on")))
    if "visibility" in changes:
        events.append(ObstacleVisibilityChanged(visibility=changes.pop("visibility")))
    if changes:
        events.append(ObstacleDescribed(**changes))
    return events


def assess(obstacle: Obstacle, *, impact: Grade, urgency: Grade) -> list[Event]:
    """Weigh it again. Raises `NothingToChange`."""
    return revise(obstacle, impact=impact, urgency=urgency)


def assign(obstacle: Obstacle, owner: str | None) -> list[Event]:
    """Give it another owner. Raises `NothingToChange`."""
    return revise(obstacle, owner=owner)


def activate(obstacle: Obstacle) -> list[Event]:
    """Start to deal with what was signalled."""
    return [ObstacleActivated()]


def speak(obstacle: Obstacle, *, text: str, next_look_on: date | None = None) -> list[Event]:
    """The owner says where it stands; without a day the next look stays as it was."""
    return [ObstacleSpoken(text=text, next_look_on=next_look_on)]


def escalate(obstacle: Obstacle, *, level: EscalationLevel, ask: str, answer_due_on: date) -> list[Event]:
    """Ask the direction or governance for something by a day; a postponed obstacle becomes active again."""
    return [ObstacleEscalated(level=level, ask=ask, answer_due_on=answer_due_on)]


def answer(obstacle: Obstacle, *, answer: str) -> list[Event]:
    """Answer the pending ask. The level stays: only the facts that follow show what the answer was worth."""
    return [ObstacleEscalationAnswered(answer=answer)]


def rise(obstacle: Obstacle, today: date) -> list[Event]:
    """What the job decides: an ask that the direction left unanswered past its date rises to governance.

    Governance gets as many days to answer as the direction had; there it stays and is reminded (DOMAIN section 2).
    """
    pending = obstacle.pending
    if pending is None or not obstacle.is_open or pending.level == "governance" or today <= pending.due_on:
        return []
    due_on = today + (pending.due_on - pending.asked_on)
    return [ObstacleEscalated(level="governance", ask=pending.ask, answer_due_on=due_on)]


def resolve(obstacle: Obstacle, *, resolution: str, resolved_by: ResolvedBy) -> list[Event]:
    """Say that it is lifted, how and by what; it no longer blocks, and waits to be verified."""
    return [ObstacleResolved(resolution=resolution, resolved_by=resolved_by)]


def close(obstacle: Obstacle) -> list[Event]:
    """Verify that it is lifted; not by its owner."""
    return [ObstacleClosed()]


def postpone(obstacle: Obstacle, until: date) -> list[Event]:
    """Set it aside until a day after the act's; the act must carry a reason."""
    return [ObstaclePostponed(until=until)]


def resume(obstacle: Obstacle) -> list[Event]:
    """Deal with a postponed obstacle again."""
    return [ObstacleResumed()]


def reject(obstacle: Obstacle) -> list[Event]:
    """Find that it is none; the act must carry a reason."""
    return [ObstacleRejected()]


def reopen(obstacle: Obstacle) -> list[Event]:
    """Say that it is in the way again; the act must carry a reason."""
    return [ObstacleReopened()]


def change_visibility(obstacle: Obstacle, visibility: Visibility) -> list[Event]:
    """Show it to all members, or restrict it. Raises `NothingToChange`."""
    return revise(obstacle, visibility=visibility)
