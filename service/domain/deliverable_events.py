"""What can happen to a deliverable: its events. The state and its rules are in `deliverable`."""

from datetime import date
from typing import Literal
from uuid import UUID

from service.domain.event import Event, Revision
from service.domain.text import PersonalText

DeliverableKind = Literal["document", "outcome"]


class DeliverableDrafted(Event):
    """A deliverable is expected, of a phase or of the transformation."""

    TOPIC = "deliverable.drafted"
    ref: int
    kind: DeliverableKind
    title: str
    description: PersonalText | None = None
    phase_id: UUID | None = None
    owner: str | None = None
    due_on: date | None = None
    criteria: tuple[PersonalText, ...] = ()
    indicators: tuple[UUID, ...] = ()


class DeliverableDescribed(Revision):
    """What is expected of it changed: its words, its owner, its date, its criteria, its indicators."""

    TOPIC = "deliverable.described"
    title: str = ""
    description: PersonalText | None = None
    owner: str | None = None
    due_on: date | None = None
    criteria: tuple[PersonalText, ...] = ()
    indicators: tuple[UUID, ...] = ()


class DeliverableVersionAdded(Event):
    """A version of the document is there: its title, its address, and the hash that tells it was not changed since."""

    TOPIC = "deliverable.version_added"
    number: int
    title: str
    uri: str | None = None
    sha256: str | None = None


class DeliverableSubmitted(Event):
    """It is put before the authority that validates it; of a document, this version."""

    TOPIC = "deliverable.submitted"
    number: int | None = None


class DeliverableValidated(Event):
    """An authority other than the one that submitted accepts it."""

    TOPIC = "deliverable.validated"
    comment: PersonalText | None = None
    decision_id: UUID | None = None


class DeliverableReturned(Event):
    """The authority sends it back and says what to adjust."""

    TOPIC = "deliverable.returned"
    to_adjust: PersonalText


class DeliverableReopened(Event):
    """A validated deliverable is taken up again; the reason says why."""

    TOPIC = "deliverable.reopened"


EVENTS: tuple[type[Event], ...] = (
    DeliverableDrafted,
    DeliverableDescribed,
    DeliverableVersionAdded,
    DeliverableSubmitted,
    DeliverableValidated,
    DeliverableReturned,
    DeliverableReopened,
)
