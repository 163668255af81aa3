"""Stage reviews over HTTP, until they are held: schedule, describe, reschedule, recuse, judge criteria, freeze."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query, Request
from fastapi.responses import Response
from pydantic import Field

from service.acts import reviews as acts
from service.api.as_of_query import AsOfQuery
from service.api.dependencies import Act, Create, TransformationPath
from service.api.fields import ActBody, Day, DocumentBody, PersonId, Text, Title, changes, content, left_alone
from service.api.listing import ListQuery, filters, list_objects, page_of
from service.api.pack import read_pack
from service.api.problems import ACTS, CREATES, READS
from service.api.reader import Reader
from service.api.reading import read_object
from service.api.representation import representation, shown
from service.api.routing import api_router
from service.api.who import CallerDependency, Membership
from service.domain import review_course as course
from service.domain.event import Event
from service.domain.review import REVIEW, Review
from service.domain.review_events import AgendaItem, EvidenceLink, Mode
from service.domain.warning import Warning, peak_warnings
from service.projections.reviews import REVIEWS
from service.store.unit import Unit

router = api_router("reviews")
CONCEPT = REVIEW
ReviewShown = representation(
    REVIEW,
    unmet_mandatory=(list[int], "Les critères obligatoires ni remplis ni levés\u202f: pas de feu vert."),
    quorum_reached=(bool | None, "Le quorum était atteint\u202f; null tant qu’il ne s’est pas tenu."),
    awaiting=(list[str], "Qui siégeait et n’en a pas encore pris acte."),
    contested=(bool, "Une contestation attend sa réponse."),
    escalated=(list[int], "Les conditions bloquantes non remplies à leur date."),
    pack_uri=(str | None, "Le dernier dossier figé."),
)


def present(state: Review, reader: Reader) -> dict[str, Any]:
    """A review with what is still to be done about it; it shows no evidence that the reader may not see."""
    derived: dict[str, Any] = {
        "unmet_mandatory": state.unmet_mandatory,
        "quorum_reached": state.attendance.quorum.reached if state.attendance else None,
        "awaiting": state.awaiting,
        "contested": state.contested,
        "escalated": course.escalated(state, reader.as_of.today),
        "pack_uri": f"/api/v1/reviews/{state.id}/pack?number={state.packs[-1].number}" if state.packs else None,
    }
    shown_by = [*(each.evidence for each in state.criteria), *(each.evidence for each in state.conditions)]
    if hidden := reader.hidden([link.id for links in shown_by for link in links]):
        for name in ("criteria", "conditions"):
            derived[name] = [
                each.model_copy(update={"evidence": tuple(link for link in each.evidence if link.id not in hidden)})
                for each in getattr(state, name)
            ]
    return shown(REVIEW, state, derived)


class AgendaItemBody(AgendaItem):
    """One point: who brings it, and what is expected of it."""

    title: Title
    owner: PersonId | None = None
    minutes: Annotated[int, Field(ge=1, le=600)] | None = None


class EvidenceBody(EvidenceLink):
    """An object of the transformation, or a document."""

    kind: Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")]
    document: DocumentBody | None = None


Agenda = Annotated[tuple[AgendaItemBody, ...], Field(max_length=50)]
Evidence = Annotated[tuple[EvidenceBody, ...], Field(max_length=20)]
Number = Annotated[int, Field(ge=1, le=1000)]


class ScheduleReview(ActBody):
    """Convene a body. At a gate (`phase_id`) the criteria are those of its phase; between gates they may be given."""

    body_id: UUID
    title: Title
    planned_on: Day
    mode: Mode = "meeting"
    agenda: Agenda = ()
    phase_id: UUID | None = None
    criteria: Annotated[tuple[Text, ...], Field(max_length=50)] = ()
    optional: Annotated[tuple[Number, ...], Field(max_length=50)] = ()
    second_of: UUID | None = None


class ReviseReview(ActBody):
    """The title, the agenda or the manner."""

    title: Title = left_alone()
    mode: Mode = left_alone()
    agenda: Agenda = left_alone()


class RescheduleReview(ActBody):
    """Another day; the reason is required."""

    planned_on: Day


class RecuseMember(ActBody):
    """Who withdraws from this review; oneself if nobody is named. The reason is required."""

    person_id: PersonId | None = None


class AssessCriterion(ActBody):
    """Whether a criterion is met, and what shows it."""

    number: Number
    met: bool
    evidence: Evidence = ()
    comment: Text | None = None


class WaiveCriterion(ActBody):
    """The criterion to let pass; the reason is required, and who lets it pass is named."""

    number: Number


class PackQuery(AsOfQuery):
    """Which frozen pack, and in which form."""

    number: int | None = Field(None, ge=1, le=10_000, description="Le numéro du dossier\u202f; le dernier sinon.")
    form: Literal["canonical", "readable"] = Field(
        "canonical", description="`canonical`\u202f: les octets figés\u202f; `readable`\u202f: les textes à leur place."
    )


@router.post("/transformations/{transformation}/reviews", response_model=ReviewShown, **CREATES)
async def schedule_review(transformation: TransformationPath, body: ScheduleReview, write: Create) -> Response:
    """Convene a body on a day, at a gate or between gates."""

    def decide(unit: Unit, member: Membership) -> Review:
        return acts.schedule_review(unit, member.transformation, **content(body))

    return await write.create(transformation, "review.schedule", body, decide, REVIEW, warn=_warn)


def _warn(state: Review, member: Membership) -> list[Warning]:
    return peak_warnings(member.transformation, state.planned_on)


@router.get("/transformations/{transformation}/reviews", response_model=page_of(ReviewShown), **READS)
async def list_reviews(
    transformation: TransformationPath,
    request: Request,
    caller: CallerDependency,
    query: Annotated[ListQuery, filters(REVIEWS)],
) -> Response:
    """The stage reviews of a transformation; `sort=planned_on` gives the calendar."""
    return await list_objects(request, caller, transformation, REVIEW, query, present, ReviewShown)


@router.get("/reviews/{id}", response_model=ReviewShown, **READS)
async def get_review(
    id: UUID, request: Request, caller: CallerDependency, query: Annotated[AsOfQuery, Query()]
) -> Response:
    """One stage review."""
    return await read_object(request, caller, REVIEW, id, query, present)


@router.get("/reviews/{id}/pack", response_model=dict[str, Any], **READS)
async def get_review_pack(
    id: UUID, request: Request, caller: CallerDependency, query: Annotated[PackQuery, Query()]
) -> Response:
    """A frozen pack: the same bytes whenever it is asked for; its ETag and `Repr-Digest` are their SHA-256."""
    return await read_pack(request, caller, id, query, query.number, readable=query.form == "readable")


@router.post("/reviews/{id}/revise", response_model=ReviewShown, **ACTS)
async def revise_review(id: UUID, body: ReviseReview, write: Act) -> Response:
    """Change its title, its agenda or its manner."""

    def decide(review: Review, unit: Unit) -> Sequence[Event]:
        wanted = changes(body)
        acts.check_agenda(unit, wanted.get("agenda") or ())
        return course.revise(review, **wanted)

    return await write.act(REVIEW, id, "review.revise", body, decide)


@router.post("/reviews/{id}/reschedule", response_model=ReviewShown, **ACTS)
async def reschedule_review(id: UUID, body: RescheduleReview, write: Act) -> Response:
    """Plan it on another day; the reason is required."""
    return await write.act(
        REVIEW, id, "review.reschedule", body, lambda r, unit: course.reschedule(r, body.planned_on), warn=_warn
    )


@router.post("/reviews/{id}/cancel", response_model=ReviewShown, **ACTS)
async def cancel_review(id: UUID, body: ActBody, write: Act) -> Response:
    """It will not be held; the reason is required."""
    return await write.act(REVIEW, id, "review.cancel", body, lambda r, unit: course.cancel(r))


@router.post("/reviews/{id}/recuse", response_model=ReviewShown, **ACTS)
async def recuse_member(id: UUID, body: RecuseMember, write: Act) -> Response:
    """A member of the body withdraws from it and leaves both counts of the quorum; the reason is required."""
    return await write.act(
        REVIEW, id, "review.recuse", body, lambda r, unit: acts.recuse_member(unit, r, body.person_id)
    )


@router.post("/reviews/{id}/assess-criterion", response_model=ReviewShown, **ACTS)
async def assess_criterion(id: UUID, body: AssessCriterion, write: Act) -> Response:
    """Say whether a criterion is met, with what shows it."""

    def decide(review: Review, unit: Unit) -> Sequence[Event]:
        acts.check_evidence(unit, review, body.evidence)
        return course.assess_criterion(review, **content(body))

    return await write.act(REVIEW, id, "review.assess_criterion", body, decide)


@router.post("/reviews/{id}/waive-criterion", response_model=ReviewShown, **ACTS)
async def waive_criterion(id: UUID, body: WaiveCriterion, write: Act) -> Response:
    """Let an unmet criterion pass, in one's name; the reason is required."""

    def decide(review: Review, unit: Unit) -> Sequence[Event]:
        acts.require_judge(unit, review)
        return course.waive_criterion(review, body.number, acts.authority_of(unit.act))

    return await write.act(REVIEW, id, "review.waive_criterion", body, decide)


@router.post("/reviews/{id}/freeze-pack", response_model=ReviewShown, **ACTS)
async def freeze_pack(id: UUID, body: ActBody, write: Act) -> Response:
    """Fix what the body judges by; again with a reason, until it is held."""
    service = write.service

    def decide(review: Review, unit: Unit) -> Sequence[Event]:
        service.gate.wait(service.log.head(), service.settings.consistency_wait)
        member = write.member(review.transformation_id or id)
        with service.database.snapshot() as connection:
            row = connection.execute("SELECT position FROM projection_head").fetchone()
            position = row["position"] if row else 0
            return acts.freeze_pack(unit, connection, service.tables, member.transformation, review, position)

    return await write.act(REVIEW, id, "review.freeze_pack", body, decide)
