"""Versions of the action plan over HTTP: begin, word, submit, send back. A decision validates the submitted one."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request
from fastapi.responses import Response

from service.acts.plan_versions import draft_plan_version, submit_plan_version
from service.acts.submissions import SubmittedContent
from service.api.as_of_query import AsOfQuery
from service.api.dependencies import Act, Create, TransformationPath
from service.api.fields import ActBody, Text, Title, changes, content, left_alone
from service.api.listing import ListQuery, filters, list_objects, page_of
from service.api.mending import Guards, mend_routes
from service.api.problems import ACTS, CREATES, READS
from service.api.reader import Reader
from service.api.reading import read_object
from service.api.representation import representation, shown
from service.api.routing import api_router
from service.api.who import CallerDependency, Membership
from service.domain import plan_version
from service.domain.event import Event
from service.domain.plan_version import PLAN_VERSION, PlanVersion
from service.projections.plan_versions import PLAN_VERSIONS
from service.projections.submissions import submissions_seen
from service.store.unit import Unit

router = api_router("plan versions")
CONCEPT = PLAN_VERSION
PlanVersionShown = representation(
    PLAN_VERSION, content=(str, "L’adresse du plan tel qu’il a été soumis\u202f; tel qu’il est, avant.")
)


def present(state: PlanVersion, reader: Reader) -> dict[str, Any]:
    """A version, with the address of its content; it names no decision that the reader may not see."""
    at = "" if state.content_position is None else f"&as_of_position={state.content_position}"
    derived: dict[str, Any] = {
        "content": f"/api/v1/transformations/{state.transformation_id}/action-plan?include=actions{at}",
        "submissions": submissions_seen(state.submissions, reader.hidden),
    }
    if reader.hidden([state.decision_id]):
        derived["decision_id"] = None
    return shown(PLAN_VERSION, state, derived)


class DraftPlanVersion(ActBody):
    """Another version of the plan: its title, and what it changes."""

    title: Title
    summary: Text | None = None


class RevisePlanVersion(ActBody):
    """The words to change."""

    title: Title = left_alone()
    summary: Text | None = None


class ReturnPlanVersion(ActBody):
    """Send it back: what to adjust."""

    to_adjust: Text


@router.post("/transformations/{transformation}/plan-versions", response_model=PlanVersionShown, **CREATES)
async def draft_a_plan_version(transformation: TransformationPath, body: DraftPlanVersion, write: Create) -> Response:
    """Begin another version: one at a time."""
    service = write.service

    def decide(unit: Unit, member: Membership) -> PlanVersion:
        service.gate.wait(service.log.head(), service.settings.consistency_wait)
        with service.database.snapshot() as connection:
            return draft_plan_version(unit, connection, member.transformation.id, **content(body))

    return await write.create(transformation, "plan_version.draft", body, decide, PLAN_VERSION)


@router.get("/transformations/{transformation}/plan-versions", response_model=page_of(PlanVersionShown), **READS)
async def list_plan_versions(
    transformation: TransformationPath,
    request: Request,
    caller: CallerDependency,
    query: Annotated[ListQuery, filters(PLAN_VERSIONS)],
) -> Response:
    """The versions of the plan, in the order of their numbers."""
    return await list_objects(request, caller, transformation, PLAN_VERSION, query, present, PlanVersionShown)


@router.get("/plan-versions/{id}", response_model=PlanVersionShown, **READS)
async def get_plan_version(
    id: UUID, request: Request, caller: CallerDependency, query: Annotated[AsOfQuery, Query()]
) -> Response:
    """One version of the plan."""
    return await read_object(request, caller, PLAN_VERSION, id, query, present)


@router.post("/plan-versions/{id}/revise", response_model=PlanVersionShown, **ACTS)
async def revise_plan_version(id: UUID, body: RevisePlanVersion, write: Act) -> Response:
    """Change its title or its summary."""
    return await write.act(
        PLAN_VERSION, id, "plan_version.revise", body, lambda v, unit: plan_version.revise(v, **changes(body))
    )


@router.post("/plan-versions/{id}/submit", response_model=PlanVersionShown, **ACTS)
async def submit_a_plan_version(id: UUID, body: ActBody, write: Act) -> Response:
    """Put the plan before the authority as it stands now: a decision `plan_validation` (or `replan`) validates it."""
    service = write.service

    def decide(state: PlanVersion, unit: Unit) -> list[Event]:
        service.gate.wait(service.log.head(), service.settings.consistency_wait)
        with service.database.snapshot() as connection:
            row = connection.execute("SELECT position FROM projection_head").fetchone()
            return submit_plan_version(unit, connection, state, position=row["position"] if row else 0)

    return await write.act(PLAN_VERSION, id, "plan_version.submit", body, decide)


@router.post("/plan-versions/{id}/return", response_model=PlanVersionShown, **ACTS)
async def return_plan_version(id: UUID, body: ReturnPlanVersion, write: Act) -> Response:
    """Send it back and say what to adjust."""
    return await write.act(
        PLAN_VERSION, id, "plan_version.return", body, lambda v, unit: plan_version.send_back(v, body.to_adjust)
    )


_content = SubmittedContent(PLAN_VERSION)
mend_routes(
    router,
    PLAN_VERSION,
    PlanVersionShown,
    (DraftPlanVersion, ReturnPlanVersion),
    Guards(correct=_content.correct, withdraw=_content.withdraw),
)
