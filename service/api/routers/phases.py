"""Phases over HTTP: plan, revise, confirm. A phase opens by the launch or by a verdict; no route opens one."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request
from fastapi.responses import Response
from pydantic import Field

from service.acts.phases import check_correction, check_withdrawal, plan_phase
from service.acts.places import standing
from service.api.as_of_query import AsOfQuery
from service.api.dependencies import Act, Create, TransformationPath
from service.api.fields import ActBody, Day, Text, Title, changes, content, left_alone
from service.api.listing import ListQuery, filters, list_objects, page_of
from service.api.mending import Guards, mend_routes
from service.api.problems import ACTS, CREATES, READS
from service.api.reader import Reader
from service.api.reading import read_object
from service.api.representation import representation, shown, veiled
from service.api.routing import api_router
from service.api.who import CallerDependency, Membership
from service.domain import phase
from service.domain.body import BODY, require_constituted
from service.domain.event import Event
from service.domain.phase import PHASE, Phase
from service.projections.phases import PHASES
from service.store.unit import Unit

router = api_router("phases")
CONCEPT = PHASE
PhaseShown = representation(PHASE)
Texts = Annotated[tuple[Text, ...], Field(max_length=50)]


def present(state: Phase, reader: Reader) -> dict[str, Any]:
    """A phase as it stands; it names no decision that the reader may not see."""
    return shown(PHASE, state, veiled(state, reader.hidden, "opened_by", "verdict_id"))


class PlanPhase(ActBody):
    """A stage of the change. `ordinal` is its place among the phases, each place taken once."""

    ordinal: Annotated[int, Field(ge=1, le=1000)]
    title: Title
    objective: Text | None = None
    expected_actions: Texts = ()
    deliverables: Texts = ()
    exit_criteria: Texts = ()
    planned_from: Day | None = None
    planned_to: Day | None = None


class RevisePhase(ActBody):
    """The words or the planned dates to change."""

    title: Title = left_alone()
    objective: Text | None = None
    expected_actions: Texts = left_alone()
    deliverables: Texts = left_alone()
    exit_criteria: Texts = left_alone()
    planned_from: Day | None = None
    planned_to: Day | None = None


class ConfigureGate(ActBody):
    """The body that judges; null gives the gate back to the sponsor. `optional` numbers the criteria that may wait."""

    body_id: UUID | None
    optional: Annotated[tuple[Annotated[int, Field(ge=1, le=50)], ...], Field(max_length=50)] = ()


@router.post("/transformations/{transformation}/phases", response_model=PhaseShown, **CREATES)
async def plan_a_phase(transformation: TransformationPath, body: PlanPhase, write: Create) -> Response:
    """Plan a phase, in its place among the others."""

    def decide(unit: Unit, member: Membership) -> Phase:
        return plan_phase(unit, member.transformation.id, **content(body))

    return await write.create(transformation, "phase.plan", body, decide, PHASE)


@router.get("/transformations/{transformation}/phases", response_model=page_of(PhaseShown), **READS)
async def list_phases(
    transformation: TransformationPath,
    request: Request,
    caller: CallerDependency,
    query: Annotated[ListQuery, filters(PHASES)],
) -> Response:
    """The phases of a transformation; `sort=ordinal` gives them in their order."""
    return await list_objects(request, caller, transformation, PHASE, query, present, PhaseShown)


@router.get("/phases/{id}", response_model=PhaseShown, **READS)
async def get_phase(
    id: UUID, request: Request, caller: CallerDependency, query: Annotated[AsOfQuery, Query()]
) -> Response:
    """One phase."""
    return await read_object(request, caller, PHASE, id, query, present)


@router.post("/phases/{id}/revise", response_model=PhaseShown, **ACTS)
async def revise_phase(id: UUID, body: RevisePhase, write: Act) -> Response:
    """Change its words or its planned dates: one event per meaning."""
    return await write.act(PHASE, id, "phase.revise", body, lambda p, unit: phase.revise(p, **changes(body)))


@router.post("/phases/{id}/configure-gate", response_model=PhaseShown, **ACTS)
async def configure_gate(id: UUID, body: ConfigureGate, write: Act) -> Response:
    """Give the gate at the end of the phase to a body, whose held review is then the only source of its verdict."""

    def decide(state: Phase, unit: Unit) -> list[Event]:
        if body.body_id is not None:
            require_constituted(standing(unit, BODY, body.body_id, state.transformation_id))
        return phase.configure_gate(state, **content(body))

    return await write.act(PHASE, id, "phase.configure_gate", body, decide)


@router.post("/phases/{id}/confirm", response_model=PhaseShown, **ACTS)
async def confirm_phase(id: UUID, body: ActBody, write: Create) -> Response:
    """« Rien n’a changé »: one click."""
    return await write.act(PHASE, id, "phase.confirm", body, lambda p, unit: phase.confirm(p), if_match=False)


mend_routes(
    router, PHASE, PhaseShown, (PlanPhase, ConfigureGate), Guards(correct=check_correction, withdraw=check_withdrawal)
)
