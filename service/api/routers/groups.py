"""Groups over HTTP: the staff and the internal partners that the transformation is for, in a tree, with headcounts."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request
from fastapi.responses import Response
from pydantic import Field

from service.acts import groups as acts
from service.api.as_of_query import AsOfQuery
from service.api.dependencies import Act, Create, TransformationPath
from service.api.fields import ActBody, Label, changes, content, left_alone
from service.api.listing import ListQuery, filters, list_objects, page_of
from service.api.mending import Guards, mend_routes
from service.api.problems import ACTS, CREATES, READS
from service.api.reader import Reader
from service.api.reading import read_object
from service.api.representation import representation, shown
from service.api.routing import api_router
from service.api.who import CallerDependency, Membership
from service.domain import group
from service.domain.event import Event
from service.domain.group import GROUP, Group, GroupKind
from service.projections.groups import GROUPS
from service.store.unit import Unit

router = api_router("groups")
CONCEPT = GROUP
GroupShown = representation(
    GROUP, headcount=(int | None, "L’effectif au jour de la lecture\u202f; null avant le premier.")
)


def present(state: Group, reader: Reader) -> dict[str, Any]:
    """A group with its headcount at the clock of the read."""
    return shown(GROUP, state, {"headcount": group.headcount_on(state, reader.as_of.today)})


class FormGroup(ActBody):
    """Name a group; `parent_id` is the group that it stands in."""

    name: Label
    kind: GroupKind = "staff"
    parent_id: UUID | None = None


class ReviseGroup(ActBody):
    """The name or the kind."""

    name: Label = left_alone()
    kind: GroupKind = left_alone()


class PlaceGroup(ActBody):
    """The group to stand in; null to stand by itself."""

    parent_id: UUID | None


class CountGroup(ActBody):
    """How many people, its parts included, on `occurred_on`."""

    headcount: Annotated[int, Field(ge=0, le=1_000_000)]


@router.post("/transformations/{transformation}/groups", response_model=GroupShown, **CREATES)
async def form_group(transformation: TransformationPath, body: FormGroup, write: Create) -> Response:
    """Name a group of staff or of internal partners."""

    def decide(unit: Unit, member: Membership) -> Group:
        return acts.form_group(unit, member.transformation, **content(body))

    return await write.create(transformation, "group.form", body, decide, GROUP)


@router.get("/transformations/{transformation}/groups", response_model=page_of(GroupShown), **READS)
async def list_groups(
    transformation: TransformationPath,
    request: Request,
    caller: CallerDependency,
    query: Annotated[ListQuery, filters(GROUPS)],
) -> Response:
    """The groups of a transformation; `parent_id` gives the parts of one."""
    return await list_objects(request, caller, transformation, GROUP, query, present, GroupShown)


@router.get("/groups/{id}", response_model=GroupShown, **READS)
async def get_group(
    id: UUID, request: Request, caller: CallerDependency, query: Annotated[AsOfQuery, Query()]
) -> Response:
    """One group."""
    return await read_object(request, caller, GROUP, id, query, present)


@router.post("/groups/{id}/revise", response_model=GroupShown, **ACTS)
async def revise_group(id: UUID, body: ReviseGroup, write: Act) -> Response:
    """Change its name or its kind."""
    return await write.act(GROUP, id, "group.revise", body, lambda g, unit: group.revise(g, **changes(body)))


@router.post("/groups/{id}/place", response_model=GroupShown, **ACTS)
async def place_group(id: UUID, body: PlaceGroup, write: Act) -> Response:
    """Move it in the tree."""
    return await write.act(GROUP, id, "group.place", body, lambda g, unit: acts.place_group(unit, g, body.parent_id))


@router.post("/groups/{id}/count", response_model=GroupShown, **ACTS)
async def count_group(id: UUID, body: CountGroup, write: Create) -> Response:
    """Say how many people it has on a day; once a day."""
    return await write.act(
        GROUP, id, "group.count", body, lambda g, unit: group.count(g, body.headcount), if_match=False
    )


@router.post("/groups/{id}/dissolve", response_model=GroupShown, **ACTS)
async def dissolve_group(id: UUID, body: ActBody, write: Act) -> Response:
    """End it; the reason is required, and no group may stand inside."""

    def decide(state: Group, unit: Unit) -> list[Event]:
        with write.service.database.snapshot() as connection:
            row = connection.execute("SELECT position FROM projection_head").fetchone()
            return acts.dissolve_group(unit, connection, state, row["position"] if row else 0)

    return await write.act(GROUP, id, "group.dissolve", body, decide)


mend_routes(router, GROUP, GroupShown, (FormGroup, CountGroup), Guards(withdraw=acts.check_withdrawal))
