"""Members of a transformation over HTTP: grant, change, revoke. Every change of a right is a fact."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request
from fastapi.responses import Response

from service.acts.transformations import grant_member, other_leads
from service.api.as_of_query import AsOfQuery
from service.api.dependencies import Act, Create, TransformationPath
from service.api.fields import ActBody, PersonId
from service.api.listing import ListQuery, filters, list_objects, page_of
from service.api.problems import ACTS, CREATES, READS
from service.api.reader import Reader
from service.api.reading import read_object
from service.api.representation import representation, shown
from service.api.routing import api_router
from service.api.who import CallerDependency, Membership
from service.domain import member
from service.domain.act import Role
from service.domain.event import Event
from service.domain.member import MEMBER, Member
from service.projections.members import MEMBERS
from service.store.unit import Unit

router = api_router("members")
CONCEPT = MEMBER
MemberShown = representation(MEMBER)


def present(state: Member, reader: Reader) -> dict[str, Any]:
    return shown(MEMBER, state)


class GrantRole(ActBody):
    """Make a person (or a service) a member."""

    person_id: PersonId
    role: Role


class ChangeRole(ActBody):
    """Another role."""

    role: Role


@router.post("/transformations/{transformation}/members", response_model=MemberShown, **CREATES)
async def grant_a_role(transformation: TransformationPath, body: GrantRole, write: Create) -> Response:
    """Make a person a member of the transformation."""

    def decide(unit: Unit, asking: Membership) -> Member:
        return grant_member(unit, asking.transformation.id, body.person_id, body.role)

    return await write.create(transformation, "member.grant", body, decide, MEMBER)


@router.get("/transformations/{transformation}/members", response_model=page_of(MemberShown), **READS)
async def list_members(
    transformation: TransformationPath,
    request: Request,
    caller: CallerDependency,
    query: Annotated[ListQuery, filters(MEMBERS)],
) -> Response:
    """The members of a transformation, those whose role was revoked too."""
    return await list_objects(request, caller, transformation, MEMBER, query, present, MemberShown, act="read_members")


@router.get("/members/{id}", response_model=MemberShown, **READS)
async def get_member(
    id: UUID, request: Request, caller: CallerDependency, query: Annotated[AsOfQuery, Query()]
) -> Response:
    """One membership."""
    return await read_object(request, caller, MEMBER, id, query, present, "read_members")


@router.post("/members/{id}/change", response_model=MemberShown, **ACTS)
async def change_member(id: UUID, body: ChangeRole, write: Act) -> Response:
    """Give the member another role."""

    def decide(state: Member, unit: Unit) -> list[Event]:
        with write.service.database.connection() as connection:
            others = other_leads(unit, connection, state)
        return member.change(state, body.role, other_leads=others)

    return await write.act(MEMBER, id, "member.change", body, decide)


@router.post("/members/{id}/revoke", response_model=MemberShown, **ACTS)
async def revoke_member(id: UUID, body: ActBody, write: Act) -> Response:
    """End the membership."""

    def decide(state: Member, unit: Unit) -> list[Event]:
        with write.service.database.connection() as connection:
            others = other_leads(unit, connection, state)
        return member.revoke(state, other_leads=others)

    return await write.act(MEMBER, id, "member.revoke", body, decide)


@router.post("/members/{id}/grant", response_model=MemberShown, **ACTS)
async def grant_member_again(id: UUID, body: ChangeRole, write: Act) -> Response:
    """Give a former member a role again."""
    return await write.act(
        MEMBER, id, "member.grant", body, lambda m, unit: member.grant(m, person_id=m.person_id, role=body.role)
    )
