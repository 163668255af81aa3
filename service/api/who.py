"""Who is asking: the caller behind an API key, and the role that the caller holds in a transformation."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

import anyio.to_thread
from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from psycopg import Connection
from psycopg.rows import DictRow

from service.api.door import Door
from service.api.language import language_of
from service.api.problems import Unauthenticated
from service.domain.act import Role
from service.domain.permissions import PERMISSIONS, Holder, sees_restricted
from service.domain.refusal import Language, NotAllowed, NotFound
from service.domain.transformation import Transformation
from service.projections.viewer import Viewer
from service.store.directory import opens, parts_of

bearer = HTTPBearer(
    auto_error=False, scheme_name="ApiKey", description="Clé d’API\u202f: `Authorization: Bearer trj_…`."
)


class ScopeMissing(NotAllowed):
    """This key does not carry the scope {scope}; it carries: {scopes}."""

    FR = "Cette clé ne porte pas la portée {scope}\u202f; elle porte\u202f: {scopes}."


@dataclass(frozen=True, slots=True)
class Caller:
    """The principal that a key acts for, with the scopes of that key."""

    principal: str
    key_id: str
    scopes: frozenset[str]
    language: Language
    administrator: bool

    def require_scope(self, scope: str) -> None:
        """Raises `ScopeMissing` (a 403)."""
        if scope not in self.scopes:
            raise ScopeMissing(scope=scope, scopes=sorted(self.scopes))


@dataclass(frozen=True, slots=True)
class Membership:
    """The caller in one transformation: role, and what that role may see."""

    transformation: Transformation
    role: Holder
    viewer: Viewer


async def authenticate(request: Request, credentials: HTTPAuthorizationCredentials | None) -> Caller:
    """The caller. Raises `Unauthenticated`."""
    service: Any = request.app.state.service
    door: Door = request.app.state.door
    now = service.clock()
    bearing = credentials is not None and credentials.scheme.lower() == "bearer"
    parts = parts_of(credentials.credentials) if credentials is not None and bearing else None
    row = await door.key(parts[0]) if parts else None
    if parts is None or row is None or not opens(row, parts[1], now):
        raise Unauthenticated()
    if row["last_used_on"] != now.date():
        await anyio.to_thread.run_sync(service.directory.note_use, row["id"], now)
    return Caller(
        principal=row["owner"],
        key_id=row["id"],
        scopes=frozenset(row["scopes"]),
        language=language_of(request),
        administrator=row["administrator"],
    )


async def _caller(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Security(bearer)]
) -> Caller:
    return await authenticate(request, credentials)


CallerDependency = Annotated[Caller, Depends(_caller)]


def membership(
    connection: Connection[DictRow], caller: Caller, transformation: UUID | str, act: str = "read"
) -> Membership:
    """The caller's membership in a transformation named by id or code.

    Raises `NotFound` for who is no member: what one may not see does not exist. An administrator passes for the acts
    that the matrix grants to one (members), and sees no content.
    """
    row = connection.execute(
        "SELECT t.state, m.state AS member FROM transformations t LEFT JOIN members m ON m.transformation_id = t.id "
        "AND m.valid_to IS NULL AND m.person_id = %s AND m.status = 'granted' "
        "WHERE t.valid_to IS NULL AND t.{} = %s".format("id" if isinstance(named(transformation), UUID) else "code"),
        (caller.principal, transformation),
    ).fetchone()
    administers = caller.administrator and "administrator" in PERMISSIONS[act].roles
    if row is None or (row["member"] is None and not administers):
        raise NotFound(what="transformation", id=transformation)
    role: Holder = row["member"]["role"] if row["member"] else "administrator"
    return Membership(
        transformation=Transformation.model_validate(row["state"]),
        role=role,
        viewer=Viewer(caller.principal, sees_restricted(role)),
    )


def named(transformation: UUID | str) -> UUID | str:
    """How a transformation is named: by its id, else by its code."""
    if isinstance(transformation, UUID):
        return transformation
    try:
        return UUID(transformation)
    except ValueError:
        return transformation


def role_of(connection: Connection[DictRow], transformation_id: UUID, person: str) -> Role:
    """The role that somebody holds today. Raises `NotFound` for who is no member."""
    row = connection.execute(
        "SELECT role FROM members WHERE transformation_id = %s AND person_id = %s AND valid_to IS NULL "
        "AND status = 'granted'",
        (transformation_id, person),
    ).fetchone()
    if row is None:
        raise NotFound(what="member", id=person)
    role: Role = row["role"]
    return role
