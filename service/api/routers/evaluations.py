"""Impact evaluations over HTTP: draft, write on; an authority that wrote nothing in it validates."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request
from fastapi.responses import Response
from pydantic import Field

from service.acts.deliverables import check_places
from service.acts.submissions import ValidatedContent
from service.api.as_of_query import AsOfQuery
from service.api.dependencies import Act, Create, TransformationPath
from service.api.fields import ActBody, Day, PersonId, Text, Title, changes, content, left_alone
from service.api.listing import ListQuery, filters, list_objects, page_of
from service.api.mending import Guards, mend_routes
from service.api.problems import ACTS, CREATES, READS
from service.api.reader import Reader
from service.api.reading import read_object
from service.api.representation import representation, shown
from service.api.routing import api_router
from service.api.who import CallerDependency, Membership
from service.api.writing import require_seen
from service.domain import evaluation
from service.domain.decision import DECISION
from service.domain.evaluation import EVALUATION, Evaluation
from service.domain.event import Event
from service.projections.evaluations import EVALUATIONS
from service.store.unit import Unit

router = api_router("evaluations")
CONCEPT = EVALUATION
EvaluationShown = representation(EVALUATION)
Ids = Annotated[tuple[UUID, ...], Field(max_length=50)]


def present(state: Evaluation, reader: Reader) -> dict[str, Any]:
    """An evaluation as it stands; it names no decision that the reader may not see."""
    return shown(EVALUATION, state, {"decision_id": None} if reader.hidden([state.decision_id]) else None)


class DraftEvaluation(ActBody):
    """Where we started, what came of it, who carries it on, when we look again; parts may come later."""

    title: Title
    baseline: Text | None = None
    result: Text | None = None
    narrative: Text | None = None
    carried_on_by: PersonId | None = None
    follow_up_on: Day | None = None
    indicators: Ids = ()


class ReviseEvaluation(ActBody):
    """The parts to change."""

    title: Title = left_alone()
    baseline: Text | None = None
    result: Text | None = None
    narrative: Text | None = None
    carried_on_by: PersonId | None = None
    follow_up_on: Day | None = None
    indicators: Ids = left_alone()


class ValidateEvaluation(ActBody):
    """Accept it; `decision_id` names the decision of the register that says so, if there is one."""

    comment: Text | None = None
    decision_id: UUID | None = None


@router.post("/transformations/{transformation}/evaluations", response_model=EvaluationShown, **CREATES)
async def draft_evaluation(transformation: TransformationPath, body: DraftEvaluation, write: Create) -> Response:
    """Begin to evaluate the impacts."""

    def decide(unit: Unit, member: Membership) -> Evaluation:
        _check(unit, member.transformation.id, content(body))
        return unit.create(EVALUATION, evaluation.draft(**content(body)))

    return await write.create(transformation, "evaluation.draft", body, decide, EVALUATION)


def _check(unit: Unit, transformation_id: UUID | None, fields: dict[str, Any]) -> None:
    check_places(unit, transformation_id, {**fields, "owner": fields.get("carried_on_by")})


@router.get("/transformations/{transformation}/evaluations", response_model=page_of(EvaluationShown), **READS)
async def list_evaluations(
    transformation: TransformationPath,
    request: Request,
    caller: CallerDependency,
    query: Annotated[ListQuery, filters(EVALUATIONS)],
) -> Response:
    """The evaluations of a transformation."""
    return await list_objects(request, caller, transformation, EVALUATION, query, present, EvaluationShown)


@router.get("/evaluations/{id}", response_model=EvaluationShown, **READS)
async def get_evaluation(
    id: UUID, request: Request, caller: CallerDependency, query: Annotated[AsOfQuery, Query()]
) -> Response:
    """One evaluation."""
    return await read_object(request, caller, EVALUATION, id, query, present)


@router.post("/evaluations/{id}/revise", response_model=EvaluationShown, **ACTS)
async def revise_evaluation(id: UUID, body: ReviseEvaluation, write: Act) -> Response:
    """Write on, until it is validated."""

    def decide(state: Evaluation, unit: Unit) -> list[Event]:
        _check(unit, state.transformation_id, changes(body))
        return evaluation.revise(state, **changes(body))

    return await write.act(EVALUATION, id, "evaluation.revise", body, decide)


@router.post("/evaluations/{id}/validate", response_model=EvaluationShown, **ACTS)
async def validate_evaluation(id: UUID, body: ValidateEvaluation, write: Act) -> Response:
    """Accept it, as an authority that wrote nothing in it."""

    def decide(state: Evaluation, unit: Unit) -> list[Event]:
        check_places(unit, state.transformation_id, content(body))
        if body.decision_id is not None:
            require_seen(unit, write.member(state.transformation_id or id), DECISION, [body.decision_id])
        return evaluation.validate(state, **content(body))

    return await write.act(EVALUATION, id, "evaluation.validate", body, decide)


_content = ValidatedContent(EVALUATION)
mend_routes(
    router,
    EVALUATION,
    EvaluationShown,
    (DraftEvaluation, ValidateEvaluation),
    Guards(correct=_content.correct, withdraw=_content.withdraw),
)
