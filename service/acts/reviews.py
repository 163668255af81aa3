"""Stage reviews where they meet other objects: convening, evidence, freezing the pack, holding, the verdict."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

import rfc8785
from psycopg import Connection
from psycopg.rows import DictRow
from pydantic import TypeAdapter, ValidationError

from service.acts.bodies import DecidedBySomebodyElse, speaks_for
from service.acts.obstacles import check_owner
from service.acts.places import standing
from service.domain import review_course
from service.domain.act import Act
from service.domain.body import BODY
from service.domain.concept import Concept, concepts
from service.domain.decision_events import Authority
from service.domain.event import Event
from service.domain.mending import CorrectionInvalid
from service.domain.permissions import AUTHORITY
from service.domain.phase import PHASE
from service.domain.refusal import NotFound
from service.domain.review import REVIEW, Review
from service.domain.review_course import ConditionTerms
from service.domain.review_events import (
    AgendaItem,
    EvidenceLink,
    ReviewConditionLifted,
    ReviewConditionSet,
    ReviewCriterionWaived,
    ReviewHeld,
    ReviewPackFrozen,
    ReviewScheduled,
    ReviewVerdictGiven,
)
from service.domain.review_refusals import PackFrozenInThePast, RecusalOfSomebodyElse
from service.domain.review_rules import reference, require_complete
from service.domain.transformation import Transformation
from service.projections import review_pack
from service.projections.as_of import AsOf
from service.projections.pack_reader import PackReader
from service.projections.reviews import REVIEWS
from service.projections.table import ObjectTable
from service.store.unit import Unit


def schedule_review(
    unit: Unit,
    transformation: Transformation,
    *,
    body_id: UUID,
    phase_id: UUID | None = None,
    second_of: UUID | None = None,
    agenda: tuple[AgendaItem, ...] = (),
    **fields: Any,
) -> Review:
    """Convene a body; the other `fields` are those of `review_course.schedule` but the reference.

    Raises `NotFound`, and what `review_course.schedule` refuses.
    """
    check_agenda(unit, agenda)
    events = review_course.schedule(
        ref=unit.reference(REVIEW, transformation.id),
        body=standing(unit, BODY, body_id, transformation.id),
        phase=standing(unit, PHASE, phase_id, transformation.id) if phase_id else None,
        second_of=standing(unit, REVIEW, second_of, transformation.id) if second_of else None,
        agenda=agenda,
        **fields,
    )
    return unit.create(REVIEW, events)


def check_agenda(unit: Unit, agenda: Iterable[AgendaItem]) -> None:
    """Who brings a point is known. Raises `NotFound`."""
    for item in agenda:
        check_owner(unit, item.owner)


def check_evidence(unit: Unit, review: Review, evidence: tuple[EvidenceLink, ...]) -> None:
    """What shows something is an object of the same transformation that all members see, or a document.

    Raises `EvidenceIncomplete`, `NotFound`, `ObjectWithdrawn`.
    """
    require_complete(evidence)
    for link in evidence:
        if link.kind == "document" or link.id is None:
            continue
        concept: Concept[Any] | None = concepts.get(link.kind)
        if concept is None:
            raise NotFound(what=link.kind, id=link.id)
        shown = standing(unit, concept, link.id, review.transformation_id)
        if concept.restricted(shown):
            raise NotFound(what=link.kind, id=link.id)


def freeze_pack(
    unit: Unit,
    connection: Connection[DictRow],
    tables: Mapping[str, ObjectTable[Any]],
    transformation: Transformation,
    review: Review,
    position: int,
) -> list[Event]:
    """Fix the pack as of `position`, after which nothing may have come to the transformation.

    Raises `PackFrozenInThePast`.
    """
    if unit.act.true_on != unit.act.today:
        raise PackFrozenInThePast(pointer="/occurred_on", today=unit.act.today, on=unit.act.true_on)
    unit.require_quiet(transformation.id, position)
    as_of = AsOf(unit.act.now, position)
    reader = PackReader(connection, dict(tables), transformation, review, as_of)
    canonical = rfc8785.dumps(review_pack.compute(reader)).decode()
    return review_course.freeze_pack(review, position=position, canonical=canonical, texts=reader.texts)


def hold_review(unit: Unit, review: Review, **fields: Any) -> list[Event]:
    """It took place; `fields` are those of `review_course.hold`. The body is relied on as it is now."""
    return review_course.hold(review, unit.get(BODY, review.body_id), unit.act.true_on, **fields)


def recuse_member(unit: Unit, review: Review, person_id: str | None) -> list[Event]:
    """Somebody withdraws from the review; who names nobody speaks of oneself.

    Raises `RecusalOfSomebodyElse`: it would take a seat out of the quorum that another counts in.
    """
    who = person_id or unit.act.authority
    if who != unit.act.authority and unit.act.role in ("contributor", *AUTHORITY):
        raise RecusalOfSomebodyElse(ref=reference(review), person=who)
    return review_course.recuse(review, unit.get(BODY, review.body_id), who)


def authority_of(act: Act) -> Authority:
    """In whose name an act is done."""
    behalf = act.on_behalf_of
    return Authority(kind=behalf.kind, id=behalf.id) if behalf else Authority(kind="person", id=act.actor)


def require_judge(unit: Unit, review: Review) -> None:
    """A verdict, a waiver, a lifting: by somebody who sits in the body, or in the body's own name.

    Raises `NotSeated`, `BodyIsDissolved`, and `DecidedBySomebodyElse` for the name of another body.
    """
    behalf = unit.act.on_behalf_of
    if behalf is not None and behalf.kind == "body":
        if behalf.id != str(review.body_id):
            raise DecidedBySomebodyElse(pointer="/on_behalf_of")
        return
    speaks_for(unit, review.body_id, review.transformation_id, unit.act.authority, unit.act.true_on)


def earlier_reviews(unit: Unit, connection: Connection[DictRow], review: Review) -> list[Review]:
    """The other reviews of the transformation; those with open conditions are relied on."""
    if review.transformation_id is None:
        return []
    known = REVIEWS.of_transformation(connection, review.transformation_id, AsOf(unit.act.now))
    others = [other for other in known if other.id != review.id]
    return [unit.adopt(REVIEW, other) if other.conditions else other for other in others]


def check_conditions(unit: Unit, conditions: Collection[ConditionTerms]) -> None:
    """Who owns a condition is known. Raises `NotFound`."""
    for terms in conditions:
        check_owner(unit, terms.owner)


OPEN_TO_WORDS: dict[type[Event], frozenset[str]] = {
    ReviewPackFrozen: frozenset(),
    ReviewVerdictGiven: frozenset(),
    ReviewCriterionWaived: frozenset({"occurred_on"}),
    ReviewConditionLifted: frozenset({"occurred_on"}),
    ReviewConditionSet: frozenset({"statement"}),
    ReviewHeld: frozenset({"minutes", "guests"}),
}
"""What a correction may change of facts that were counted, that a body decided, or that others acted on."""


def check_correction(unit: Unit, id: UUID, event_id: UUID, changes: dict[str, Any]) -> None:
    """What was counted or decided is not reworded, a gate keeps its criteria and a second convening its agenda; what
    a correction names must be there. Raises `CorrectionInvalid`, and what `check_evidence` and `check_agenda` do."""
    review = unit.get(REVIEW, id)
    for fact in unit.history(id):
        if fact.envelope.event_id != event_id:
            continue
        fixed = set(changes) - OPEN_TO_WORDS.get(type(fact.event), frozenset(changes))
        if isinstance(fact.event, ReviewScheduled):
            fixed = _fixed_as_convened(review) & changes.keys()
        for name in sorted(fixed):
            raise CorrectionInvalid(pointer=f"/changes/{name}", field=name, problem="fixed_field")
    try:
        evidence = _EVIDENCE.validate_python(changes.get("evidence") or ())
        agenda = _AGENDA.validate_python(changes.get("agenda") or ())
    except ValidationError:
        return  # the correction itself says that the field has the wrong shape
    check_evidence(unit, review, evidence)
    check_agenda(unit, agenda)


def _fixed_as_convened(review: Review) -> set[str]:
    """What the quorum or the gate rests on."""
    gate = {"criteria", "optional"} if review.phase_id is not None else set()
    return {"second_of", *gate, *({"agenda"} if review.second_of is not None else ())}


_EVIDENCE = TypeAdapter(tuple[EvidenceLink, ...])
_AGENDA = TypeAdapter(tuple[AgendaItem, ...])


def check_withdrawal(unit: Unit, connection: Connection[DictRow], id: UUID, event_id: UUID) -> None:
    """What the body decided is taken back by who sits in it, or in its name: see `require_judge`."""
    review = unit.get(REVIEW, id)
    for fact in unit.history(id):
        if fact.envelope.event_id == event_id and isinstance(fact.event, ReviewVerdictGiven | ReviewConditionSet):
            require_judge(unit, review)
