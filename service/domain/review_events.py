"""The events of a stage review (point d'étape): prepared, frozen, held, its verdict and conditions, what follows."""

from datetime import date
from typing import Literal
from uuid import UUID

from service.domain.decision_events import Authority, Verdict
from service.domain.event import Document, Event, Revision, Value
from service.domain.text import PersonalText

Mode = Literal["meeting", "written"]
Expected = Literal["information", "discussion", "decision", "verdict"]


class AgendaItem(Value):
    """One point of the agenda: who brings it, and what is expected of it."""

    title: str
    owner: str | None = None
    expected: Expected = "information"
    minutes: int | None = None


class EvidenceLink(Value):
    """What shows that a criterion or a condition is met: an object of the transformation, or a document."""

    kind: str
    """The name of a concept (`milestone`, `indicator`, …), or `document`."""
    id: UUID | None = None
    document: Document | None = None


class ReviewScheduled(Event):
    """A body will meet (or be consulted in writing) on a day; at the gate of a phase, or between gates."""

    TOPIC = "review.scheduled"
    ref: int
    body_id: UUID
    phase_id: UUID | None = None
    title: str
    planned_on: date
    mode: Mode = "meeting"
    agenda: tuple[AgendaItem, ...] = ()
    criteria: tuple[PersonalText, ...] = ()
    optional: tuple[int, ...] = ()
    """The numbers (from 1) of the criteria that may stay unmet."""
    second_of: UUID | None = None
    """The review that missed its quorum and that this one convenes again, on the same agenda."""


class ReviewDescribed(Revision):
    """The title, the agenda or the manner of a review changed; its date did not."""

    TOPIC = "review.described"
    title: str = ""
    agenda: tuple[AgendaItem, ...] = ()
    mode: Mode = "meeting"


class ReviewRescheduled(Event):
    """The review will be held on another day, for a reason."""

    TOPIC = "review.rescheduled"
    planned_on: date


class ReviewCancelled(Event):
    """The review will not be held, for a reason."""

    TOPIC = "review.cancelled"


class ReviewMemberRecused(Event):
    """A member of the body withdraws from this review, for a reason, and leaves both counts of its quorum."""

    TOPIC = "review.member_recused"
    person_id: str


class ReviewCriterionAssessed(Event):
    """A criterion is met or not, with what shows it. A later word replaces an earlier one."""

    TOPIC = "review.criterion_assessed"
    number: int
    met: bool
    evidence: tuple[EvidenceLink, ...] = ()
    comment: PersonalText | None = None


class ReviewCriterionWaived(Event):
    """A named authority lets an unmet criterion pass, for a reason."""

    TOPIC = "review.criterion_waived"
    number: int
    by: Authority


class ReviewPackFrozen(Event):
    """The pack of the review is fixed as of a position of the log; with a reason when another was fixed before.

    `canonical` is RFC 8785 JSON in which each personal text is a place; `texts` holds these, sealed one by one.
    """

    TOPIC = "review.pack_frozen"
    number: int
    position: int
    sha256: str
    canonical: str
    texts: dict[str, PersonalText]


class ReviewHeld(Event):
    """The body met (or answered) on the true-on date of the fact. Required and present are those of that day."""

    TOPIC = "review.held"
    attended: tuple[str, ...] = ()
    guests: tuple[str, ...] = ()
    seated: tuple[str, ...] = ()
    """Who sat in the body that day: each is to acknowledge, and can contest."""
    required: int
    present: int
    filled: int
    counted: tuple[str, ...] = ()
    minutes: PersonalText | None = None


class ReviewVerdictGiven(Event):
    """The body gave its verdict on the gate, by the decision of the same commit; the quorum is stored with it."""

    TOPIC = "review.verdict_given"
    verdict: Verdict
    decision_id: UUID
    required: int
    present: int


class ReviewConditionSet(Event):
    """The verdict carries a condition: what, who, by when, and whether it blocks the next gate."""

    TOPIC = "review.condition_set"
    number: int
    statement: PersonalText
    owner: str
    due_on: date
    blocking: bool = False


class ReviewConditionEscalated(Event):
    """A blocking condition was not met at its date: it goes up to governance, once."""

    TOPIC = "review.condition_escalated"
    number: int


class ReviewConditionMet(Event):
    """A condition of the verdict is met, with what shows it."""

    TOPIC = "review.condition_met"
    number: int
    evidence: tuple[EvidenceLink, ...] = ()
    comment: PersonalText | None = None


class ReviewConditionLifted(Event):
    """A named authority no longer asks for a condition, for a reason."""

    TOPIC = "review.condition_lifted"
    number: int
    by: Authority


class ReviewClosed(Event):
    """All that the review had to say is recorded."""

    TOPIC = "review.closed"
    conclusions: PersonalText | None = None


class ReviewAcknowledged(Event):
    """Somebody who sat in the body that day has read what was recorded."""

    TOPIC = "review.acknowledged"


class ReviewContested(Event):
    """Somebody who sat in the body that day says that it was not so."""

    TOPIC = "review.contested"
    text: PersonalText


class ReviewContestationAnswered(Event):
    """A contestation of a review has its answer; what it changes is recorded by a correction."""

    TOPIC = "review.contestation_answered"
    contested_event_id: UUID
    answer: PersonalText


EVENTS: tuple[type[Event], ...] = (
    ReviewScheduled,
    ReviewDescribed,
    ReviewRescheduled,
    ReviewCancelled,
    ReviewMemberRecused,
    ReviewCriterionAssessed,
    ReviewCriterionWaived,
    ReviewPackFrozen,
    ReviewHeld,
    ReviewVerdictGiven,
    ReviewConditionSet,
    ReviewConditionEscalated,
    ReviewConditionMet,
    ReviewConditionLifted,
    ReviewClosed,
    ReviewAcknowledged,
    ReviewContested,
    ReviewContestationAnswered,
)
