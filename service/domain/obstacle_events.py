"""The events of an obstacle's life; those of its escalation are in `obstacle_escalation`."""

from datetime import date
from typing import Literal
from uuid import UUID

from service.domain.authority import Visibility
from service.domain.event import Event, Revision, Value
from service.domain.imported import ImportStamp
from service.domain.obstacle_escalation import ObstacleEscalated, ObstacleEscalationAnswered
from service.domain.text import PersonalText

Nature = Literal["risk", "obstacle", "dependency", "assumption"]
Category = Literal[
    "people", "meaning", "organisation", "tools", "skills", "budget", "schedule", "legal", "partners", "other"
]
Grade = Literal[1, 2, 3]
"""Impact and urgency, each from 1 to 3."""
Severity = Literal["low", "medium", "high", "critical"]


class ObstacleTarget(Value):
    """What the obstacle blocks."""

    kind: Literal["action", "milestone", "workstream", "phase", "axis"]
    id: UUID


class ResolvedBy(Value):
    """What lifted the obstacle: a decision, an action (with their id), or something else."""

    kind: Literal["decision", "action", "other"]
    id: UUID | None = None


class ObstacleRaised(Event):
    """Somebody says what stands in the way, or may come to."""

    TOPIC = "obstacle.raised"
    ref: int
    title: str
    statement: PersonalText
    nature: Nature
    category: Category = "other"
    impact: Grade
    urgency: Grade
    owner: str | None = None
    blocks: tuple[ObstacleTarget, ...] = ()
    next_look_on: date | None = None
    visibility: Visibility = "members"
    row: ImportStamp | None = None


class ObstacleDescribed(Revision):
    """The words of an obstacle or what it blocks changed."""

    TOPIC = "obstacle.described"
    title: str = ""
    statement: PersonalText = ""
    nature: Nature = "obstacle"
    category: Category = "other"
    blocks: tuple[ObstacleTarget, ...] = ()


class ObstacleAssessed(Event):
    """Impact and urgency were weighed again."""

    TOPIC = "obstacle.assessed"
    impact: Grade
    urgency: Grade


class ObstacleAssigned(Event):
    """The obstacle has another owner, whose silence counts from now; or none any more."""

    TOPIC = "obstacle.assigned"
    owner: str | None = None


class ObstacleLookPlanned(Event):
    """The day of the next look at it was set, or taken away."""

    TOPIC = "obstacle.look_planned"
    next_look_on: date | None = None


class ObstacleActivated(Event):
    """What was signalled is now being dealt with."""

    TOPIC = "obstacle.activated"


class ObstacleSpoken(Event):
    """The owner's word on where it stands: the silence is over. It may name the day of the next look."""

    TOPIC = "obstacle.spoken"
    text: PersonalText
    next_look_on: date | None = None


class ObstacleResolved(Event):
    """The owner says that it is lifted, how, and by what. Somebody else is to verify it."""

    TOPIC = "obstacle.resolved"
    resolution: PersonalText
    resolved_by: ResolvedBy


class ObstacleClosed(Event):
    """Somebody other than the owner verified that it is lifted."""

    TOPIC = "obstacle.closed"


class ObstaclePostponed(Event):
    """It is set aside until a day, on which it comes back."""

    TOPIC = "obstacle.postponed"
    until: date


class ObstacleResumed(Event):
    """A postponed obstacle is being dealt with again."""

    TOPIC = "obstacle.resumed"


class ObstacleRejected(Event):
    """It was found to be none; the reason says why."""

    TOPIC = "obstacle.rejected"


class ObstacleReopened(Event):
    """It is in the way again. It is counted."""

    TOPIC = "obstacle.reopened"


class ObstacleVisibilityChanged(Event):
    """Who may see it changed."""

    TOPIC = "obstacle.visibility_changed"
    visibility: Visibility


EVENTS: tuple[type[Event], ...] = (
    ObstacleRaised,
    ObstacleDescribed,
    ObstacleAssessed,
    ObstacleAssigned,
    ObstacleLookPlanned,
    ObstacleActivated,
    ObstacleSpoken,
    ObstacleEscalated,
    ObstacleEscalationAnswered,
    ObstacleResolved,
    ObstacleClosed,
    ObstaclePostponed,
    ObstacleResumed,
    ObstacleRejected,
    ObstacleReopened,
    ObstacleVisibilityChanged,
)
