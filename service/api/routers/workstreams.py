"""Workstreams over HTTP: open, revise, prioritise, place, close, reopen, confirm."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request
from fastapi.responses import Response
from pydantic import Field

from service.acts.workstreams import check_withdrawal, open_workstream, place_workstream, plan_of
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
from service.domain import workstream
from service.domain.event import Event
from service.domain.workstream import WORKSTREAM, Workstream
from service.projections.workstreams import WORKSTREAMS
from service.store.unit import Unit

router = api_router("workstreams")
CONCEPT = WORKSTREAM
WorkstreamShown = representation(WORKSTREAM)
Objectives = Annotated[tuple[Text, ...], Field(max_length=50)]


def present(state: Workstream, reader: Reader) -> dict[str, Any]:
    """A workstream as it stands."""
    return shown(WORKSTREAM, state)


class OpenWorkstream(ActBody):
    """A workstream under an axis, or under another workstream, whose axis it then takes."""

    title: Title
    axis_id: UUID | None = None
    parent_id: UUID | None = None
    description: Text | None = None
    objectives: Objectives = ()


class ReviseWorkstream(ActBody):
    """The words or the objectives to change."""

    title: Title = left_alone()
    description: Text | None = None
    objectives: Objectives = left_alone()


class PrioritiseWorkstream(ActBody):
    """Its rank among the workstreams, 1 the first, and what gave it (a workshop)."""

    priority: Annotated[int, Field(ge=1, le=1000)]
    source: Text | None = None


class PlaceWorkstream(ActBody):
    """Where it goes: an axis, or another workstream; neither puts it on its own."""

    axis_id: UUID | None = None
    parent_id: UUID | None = None


@router.post("/transformations/{transformation}/workstreams", response_model=WorkstreamShown, **CREATES)
async def open_a_workstream(transformation: TransformationPath, body: OpenWorkstream, write: Create) -> Response:
    """Open a workstream."""

    def decide(unit: Unit, member: Membership) -> Workstream:
        return open_workstream(unit, member.transformation, **content(body))

    return await write.create(transformation, "workstream.open", body, decide, WORKSTREAM)


@router.get("/transformations/{transformation}/workstreams", response_model=page_of(WorkstreamShown), **READS)
async def list_workstreams(
    transformation: TransformationPath,
    request: Request,
    caller: CallerDependency,
    query: Annotated[ListQuery, filters(WORKSTREAMS)],
) -> Response:
    """The workstreams of a transformation."""
    return await list_objects(request, caller, transformation, WORKSTREAM, query, present, WorkstreamShown)


@router.get("/workstreams/{id}", response_model=WorkstreamShown, **READS)
async def get_workstream(
    id: UUID, request: Request, caller: CallerDependency, query: Annotated[AsOfQuery, Query()]
) -> Response:
    """One workstream."""
    return await read_object(request, caller, WORKSTREAM, id, query, present)


@router.post("/workstreams/{id}/revise", response_model=WorkstreamShown, **ACTS)
async def revise_workstream(id: UUID, body: ReviseWorkstream, write: Act) -> Response:
    """Change its words or its objectives."""
    return await write.act(
        WORKSTREAM, id, "workstream.revise", body, lambda w, unit: workstream.revise(w, **changes(body))
    )


@router.post("/workstreams/{id}/prioritise", response_model=WorkstreamShown, **ACTS)
async def prioritise_workstream(id: UUID, body: PrioritiseWorkstream, write: Act) -> Response:
    """Give it its rank."""
    return await write.act(
        WORKSTREAM, id, "workstream.prioritise", body, lambda w, unit: workstream.prioritise(w, **content(body))
    )


@router.post("/workstreams/{id}/place", response_model=WorkstreamShown, **ACTS)
async def place_a_workstream(id: UUID, body: PlaceWorkstream, write: Act) -> Response:
    """Move it; the workstreams and the actions in it follow to the new axis."""

    def decide(state: Workstream, unit: Unit) -> list[Event]:
        with write.service.database.snapshot() as connection:
            plan = plan_of(connection, state.transformation_id or id, unit.act.now)
        place_workstream(unit, plan, state, **content(body))
        return []

    return await write.act(WORKSTREAM, id, "workstream.place", body, decide)


@router.post("/workstreams/{id}/close", response_model=WorkstreamShown, **ACTS)
async def close_workstream(id: UUID, body: ActBody, write: Act) -> Response:
    """Close it; the reason is required."""
    return await write.act(WORKSTREAM, id, "workstream.close", body, lambda w, unit: workstream.close(w))


@router.post("/workstreams/{id}/reopen", response_model=WorkstreamShown, **ACTS)
async def reopen_workstream(id: UUID, body: ActBody, write: Act) -> Response:
    """Take it up again; the reason is required."""
    return await write.act(WORKSTREAM, id, "workstream.reopen", body, lambda w, unit: workstream.reopen(w))


@router.post("/workstreams/{id}/confirm", response_model=WorkstreamShown, **ACTS)
async def confirm_workstream(id: UUID, body: ActBody, write: Create) -> Response:
    """« Rien n’a changé »: one click."""
    return await write.act(
        WORKSTREAM, id, "workstream.confirm", body, lambda w, unit: workstream.confirm(w), if_match=False
    )


mend_routes(
    router, WORKSTREAM, WorkstreamShown, (OpenWorkstream, PrioritiseWorkstream), Guards(withdraw=check_withdrawal)
)
