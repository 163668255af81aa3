"""Axes over HTTP: propose, revise, confirm by a decision, close, look at."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request
from fastapi.responses import Response
from pydantic import Field

from service.acts.axes import confirm_axis, propose_axis
from service.api.as_of_query import AsOfQuery
from service.api.dependencies import Act, Create, TransformationPath
from service.api.fields import ActBody, Text, Title, changes, content, left_alone
from service.api.listing import ListQuery, filters, list_objects, page_of
from service.api.mending import mend_routes
from service.api.problems import ACTS, CREATES, READS
from service.api.reader import Reader
from service.api.reading import read_object
from service.api.representation import representation, shown, veiled
from service.api.routing import api_router
from service.api.who import CallerDependency, Membership
from service.domain import axis
from service.domain.axis import AXIS, Axis
from service.domain.event import Event
from service.projections.axes import AXES
from service.store.unit import Unit

router = api_router("axes")
CONCEPT = AXIS
AxisShown = representation(AXIS)
Position = Annotated[int, Field(ge=1, le=1000)]


def present(state: Axis, reader: Reader) -> dict[str, Any]:
    """An axis as it stands; it names no decision that the reader may not see."""
    return shown(AXIS, state, veiled(state, reader.hidden, "decision_id"))


class ProposeAxis(ActBody):
    """One line of the change; without `position` it comes after the others."""

    title: Title
    position: Position | None = None
    description: Text | None = None


class ReviseAxis(ActBody):
    """The words or the position to change."""

    title: Title = left_alone()
    position: Position = left_alone()
    description: Text | None = None


class ConfirmAxis(ActBody):
    """The decision of this transformation, in force, that confirms the axis."""

    decision_id: UUID


@router.post("/transformations/{transformation}/axes", response_model=AxisShown, **CREATES)
async def propose_an_axis(transformation: TransformationPath, body: ProposeAxis, write: Create) -> Response:
    """Propose an axis."""

    def decide(unit: Unit, member: Membership) -> Axis:
        with write.service.database.connection() as connection:
            return propose_axis(unit, connection, member.transformation.id, **content(body))

    return await write.create(transformation, "axis.propose", body, decide, AXIS)


@router.get("/transformations/{transformation}/axes", response_model=page_of(AxisShown), **READS)
async def list_axes(
    transformation: TransformationPath,
    request: Request,
    caller: CallerDependency,
    query: Annotated[ListQuery, filters(AXES)],
) -> Response:
    """The axes of a transformation; `sort=position` gives them in their order."""
    return await list_objects(request, caller, transformation, AXIS, query, present, AxisShown)


@router.get("/axes/{id}", response_model=AxisShown, **READS)
async def get_axis(
    id: UUID, request: Request, caller: CallerDependency, query: Annotated[AsOfQuery, Query()]
) -> Response:
    """One axis."""
    return await read_object(request, caller, AXIS, id, query, present)


@router.post("/axes/{id}/revise", response_model=AxisShown, **ACTS)
async def revise_axis(id: UUID, body: ReviseAxis, write: Act) -> Response:
    """Change its words or its position."""
    return await write.act(AXIS, id, "axis.revise", body, lambda a, unit: axis.revise(a, **changes(body)))


@router.post("/axes/{id}/confirm", response_model=AxisShown, **ACTS)
async def confirm_an_axis(id: UUID, body: ConfirmAxis, write: Act) -> Response:
    """Confirm it in the name of a decision (the restitution of the diagnosis)."""

    def decide(state: Axis, unit: Unit) -> list[Event]:
        confirm_axis(unit, state, body.decision_id)
        return []

    return await write.act(AXIS, id, "axis.confirm", body, decide)


@router.post("/axes/{id}/close", response_model=AxisShown, **ACTS)
async def close_axis(id: UUID, body: ActBody, write: Act) -> Response:
    """Close it: nothing more is attached to it."""
    return await write.act(AXIS, id, "axis.close", body, lambda a, unit: axis.close(a))


@router.post("/axes/{id}/look-at", response_model=AxisShown, **ACTS)
async def look_at_axis(id: UUID, body: ActBody, write: Create) -> Response:
    """« Rien n’a changé »: one click. (To confirm an axis is a decision.)"""
    return await write.act(AXIS, id, "axis.look_at", body, lambda a, unit: axis.look_at(a), if_match=False)


mend_routes(router, AXIS, AxisShown, (ProposeAxis,))
