"""The calendar: stage reviews, milestones and deliverables on their days, for calendar programs that subscribe to it.

What happened stands on the day it happened, what is awaited on the day it is expected. What was cancelled or withdrawn
stays, as cancelled: a subscriber sees it go. No personal text is in an entry, because the file leaves the house.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, TypeVar
from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow
from psycopg.sql import Composable

from service.domain.body import Body
from service.domain.concept import Concept, State
from service.domain.deliverable import DELIVERABLE, Deliverable
from service.domain.event import Value
from service.domain.milestone import MILESTONE, Milestone
from service.domain.phase import Phase
from service.domain.review import REVIEW, Review
from service.projections.as_of import AsOf
from service.projections.audit_events import title_of
from service.projections.bodies import BODIES
from service.projections.deliverables import DELIVERABLES
from service.projections.known import Known, known_objects
from service.projections.milestones import MILESTONES
from service.projections.phases import PHASES
from service.projections.reviews import REVIEWS

S = TypeVar("S", bound=State)
Standing = Literal["awaited", "done", "cancelled"]
GONE = ("cancelled", "withdrawn")


class CalendarEntry(Value):
    """One object on its day. `sequence` never falls and rises with every change of the object, or of its place."""

    concept: str
    collection: str
    id: UUID
    ref: str
    title: str
    status: str
    standing: Standing
    on: date
    baseline_on: date | None = None
    moved: int = 0
    """How often its date was moved."""
    phase: str | None = None
    body: str | None = None
    sequence: int
    changed_at: datetime


@dataclass(frozen=True)
class Diary:
    """The objects of one transformation that have a day, withdrawn ones too, and where they belong."""

    reviews: Iterable[Known[Review]]
    milestones: Iterable[Known[Milestone]]
    deliverables: Iterable[Known[Deliverable]]
    phases: Mapping[UUID, Known[Phase]]
    bodies: Mapping[UUID, Known[Body]]


def read(
    connection: Connection[DictRow], transformation_id: UUID, as_of: AsOf, visible: Composable
) -> tuple[CalendarEntry, ...]:
    """The entries of a transformation as of a point, those that the viewer may see, by day."""
    of = (transformation_id, as_of, visible)
    return compute(
        Diary(
            reviews=known_objects(connection, REVIEWS, *of),
            milestones=known_objects(connection, MILESTONES, *of),
            deliverables=known_objects(connection, DELIVERABLES, *of),
            phases=_by_id(known_objects(connection, PHASES, *of)),
            bodies=_by_id(known_objects(connection, BODIES, *of)),
        )
    )


def compute(diary: Diary) -> tuple[CalendarEntry, ...]:
    """What has a day, by day and reference."""
    found = [*_reviews(diary), *_milestones(diary), *_deliverables(diary)]
    return tuple(sorted(found, key=lambda entry: (entry.on, entry.concept, entry.id)))


def _reviews(diary: Diary) -> Iterator[CalendarEntry]:
    for known in diary.reviews:
        review = known.state
        yield _entry(
            REVIEW,
            known,
            on=review.held_on or review.planned_on,
            done=review.held_on is not None,
            places=(_phase(diary, review.phase_id), diary.bodies.get(review.body_id)),
            moved=review.reschedule_count,
        )


def _milestones(diary: Diary) -> Iterator[CalendarEntry]:
    for known in diary.milestones:
        milestone = known.state
        yield _entry(
            MILESTONE,
            known,
            on=milestone.reached_on or milestone.due_on,
            done=milestone.reached_on is not None,
            baseline_on=milestone.baseline_on,
            moved=milestone.reschedule_count,
        )


def _deliverables(diary: Diary) -> Iterator[CalendarEntry]:
    """On its own date, else at the end of its phase; one that has neither is in no calendar."""
    for known in diary.deliverables:
        deliverable = known.state
        phase = _phase(diary, deliverable.phase_id)
        end = (phase.state.ended_on or phase.state.planned_to) if phase else None
        on = deliverable.validated_on or deliverable.due_on or end
        if on is not None:
            done = deliverable.validated_on is not None
            yield _entry(DELIVERABLE, known, on=on, done=done, places=(phase, None))


def _entry(
    concept: Concept[S],
    known: Known[S],
    *,
    on: date,
    done: bool,
    places: tuple[Known[Phase] | None, Known[Body] | None] = (None, None),
    baseline_on: date | None = None,
    moved: int = 0,
) -> CalendarEntry:
    """The entry of one object. What it shows comes from its own row and from those of its places: the position of the
    last event of them all numbers its versions, and whatever changes has a position beyond every earlier one."""
    state = known.state
    phase, body = places
    sources = [known, *(place for place in places if place is not None)]
    return CalendarEntry(
        concept=concept.name,
        collection=concept.collection,
        id=state.id,
        ref=concept.reference(state),
        title=title_of(state) or "",
        status=state.status,
        standing="cancelled" if state.status in GONE else "done" if done else "awaited",
        on=on,
        baseline_on=baseline_on,
        moved=moved,
        phase=phase.state.title if phase else None,
        body=body.state.name if body else None,
        sequence=max(source.position for source in sources),
        changed_at=max(source.changed_at for source in sources),
    )


def _phase(diary: Diary, id: UUID | None) -> Known[Phase] | None:
    return diary.phases.get(id) if id else None


def _by_id(objects: Iterable[Known[S]]) -> dict[UUID, Known[S]]:
    return {known.state.id: known for known in objects}
