"""The events of a decision's life, and of its contesting by the authority it was recorded for."""

from datetime import date
from typing import Literal
from uuid import UUID

from service.domain.authority import Visibility
from service.domain.event import Document, Event, Value
from service.domain.text import PersonalText

DecisionKind = Literal["ordinary", "plan_validation", "gate_verdict", "replan", "arbitration"]
Verdict = Literal["go", "go_with_conditions", "replan", "hold", "stop"]
"""What a gate may hear. `go_with_conditions` is for the gates of a body: its review holds the conditions."""


class Authority(Value):
    """Who decides: a person (`p_…`) or the UUID of a body."""

    kind: Literal["person", "body"]
    id: str


class DecisionTaken(Event):
    """An authority decided, on the true-on date of the fact; the register numbers it."""

    TOPIC = "decision.taken"
    ref: int
    kind: DecisionKind = "ordinary"
    title: str
    question: PersonalText | None = None
    options: tuple[PersonalText, ...] = ()
    chosen: PersonalText
    rationale: PersonalText | None = None
    dissent: PersonalText | None = None
    authority: Authority | None = None
    applies_from: date | None = None
    source: Document | None = None
    resolves: tuple[UUID, ...] = ()
    creates_actions: tuple[UUID, ...] = ()
    confirms_axes: tuple[UUID, ...] = ()
    phase_id: UUID | None = None
    verdict: Verdict | None = None
    review_id: UUID | None = None
    """The held review that a verdict comes from, where the gate belongs to a body."""
    supersedes: UUID | None = None
    visibility: Visibility = "members"


class DecisionCommunicated(Event):
    """An audience was told of it."""

    TOPIC = "decision.communicated"
    audience: PersonalText


class DecisionApplied(Event):
    """It is in effect where it was to have one."""

    TOPIC = "decision.applied"


class DecisionSuperseded(Event):
    """Another decision takes its place."""

    TOPIC = "decision.superseded"
    by: UUID


class DecisionRevoked(Event):
    """It no longer holds, and nothing takes its place; the reason says why."""

    TOPIC = "decision.revoked"


class DecisionContested(Event):
    """The authority it was recorded for says that it did not decide so."""

    TOPIC = "decision.contested"
    text: PersonalText


class ContestationAnswered(Event):
    """Somebody answered a contestation; what it changes is recorded by a correction or another decision."""

    TOPIC = "contestation.answered"
    contested_event_id: UUID
    answer: PersonalText


class DecisionVisibilityChanged(Event):
    """Who may see it changed."""

    TOPIC = "decision.visibility_changed"
    visibility: Visibility


EVENTS: tuple[type[Event], ...] = (
    DecisionTaken,
    DecisionCommunicated,
    DecisionApplied,
    DecisionSuperseded,
    DecisionRevoked,
    DecisionContested,
    ContestationAnswered,
    DecisionVisibilityChanged,
)
