"""The one door of reads: who looks, as of when, on one snapshot of the database, with an ETag of what was seen."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property, lru_cache
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

import anyio.to_thread
from fastapi import Request
from fastapi.responses import Response
from psycopg import Connection
from psycopg.rows import DictRow
from pydantic import BaseModel, ConfigDict, Field

from service.api.answers import answer, not_modified, object_etag, to_json, with_people
from service.api.door import Door, Standing
from service.api.fields import Instant
from service.api.who import Caller, Membership, membership, named
from service.domain.concept import Concept, State, concept_of
from service.domain.permissions import require, sees_restricted
from service.domain.refusal import Invalid, Language, NotFound
from service.domain.transformation import Transformation
from service.domain.working_time import WorkingCalendar
from service.projections.as_of import AsOf
from service.projections.poison import incomplete, lacks
from service.projections.viewer import Viewer

S = TypeVar("S", bound=State)


class AsOfInFuture(Invalid):
    """The past ends now: as_of={given} is later."""

    FR = "Le passé s’arrête maintenant\u202f: as_of={given} est plus tard."


class AsOfBeyondHead(Invalid):
    """The log ends at position {head}: as_of_position={given} is beyond it."""

    FR = "Le journal s’arrête à la position {head}\u202f: as_of_position={given} est au-delà."


class AsOfTwice(Invalid):
    """Give as_of or as_of_position, not both."""

    FR = "Donnez as_of ou as_of_position, pas les deux."


class Incomplete(BaseModel):
    """An event that an answer lacks: it could not be projected, and its stream waits from there on."""

    kind: str | None
    id: UUID | None = Field(description="L’objet\u202f; null pour qui ne voit pas les objets restreints.")
    position: int
    skipped: bool = Field(description="Laissé de côté par décision d’une administration.")


class Nothing(BaseModel):
    """A read without parameters: any is refused."""

    model_config = ConfigDict(extra="forbid")


class AsOfQuery(BaseModel):
    """Every read of a transformation's data may ask for the past."""

    model_config = ConfigDict(extra="forbid")

    as_of: Instant | None = Field(None, description="RFC 3339 avec décalage\u202f: l’état connu à cet instant.")
    as_of_position: int | None = Field(None, ge=1, le=2**53, description="L’état après cet événement du journal.")


@dataclass(frozen=True)
class Reader:
    """One read: its snapshot, its place in history, and the rights of the reader today."""

    service: Any
    connection: Connection[DictRow]
    caller: Caller
    member: Membership
    as_of: AsOf
    position: int
    """The last change of the transformation that this read can see."""

    @property
    def transformation_id(self) -> UUID:
        return self.member.transformation.id

    @property
    def viewer(self) -> Viewer:
        return self.member.viewer

    @property
    def language(self) -> Language:
        return self.caller.language

    @cached_property
    def transformation(self) -> Transformation:
        """The transformation as of the point that is read; `member.transformation` is the one of today."""
        found: Transformation | None = self.service.tables["transformation"].find(
            self.connection, self.transformation_id, self.as_of
        )
        return found or self.member.transformation

    @property
    def calendar(self) -> WorkingCalendar:
        """The working days of this transformation, by the calendar it had then."""
        return calendar_of(self.transformation.closed_days)

    def states(self, concept: Concept[S]) -> list[S]:
        """All visible objects of a concept in this transformation, as of the point that is read."""
        table = self.service.tables[concept.name]
        found: list[S] = table.of_transformation(
            self.connection, self.transformation_id, self.as_of, self.viewer.visible()
        )
        return found

    def names(self, ids: list[str]) -> dict[str, str]:
        """The names of principals, from the directory (never from events)."""
        found: dict[str, str] = self.service.directory.names(ids, self.connection)
        return found

    def hidden(self, ids: Iterable[UUID | None]) -> set[UUID]:
        """Those of these objects that the reader may not see, by today's restrictions: no view names them."""
        named = [id for id in ids if id is not None]
        if self.viewer.sees_restricted or not named:
            return set()
        query = "SELECT id FROM restricted_objects WHERE id = ANY (%s) AND NOT (%s = ANY (owners))"
        return {row["id"] for row in self.connection.execute(query, (named, self.viewer.person))}

    @cached_property
    def incomplete(self) -> list[dict[str, Any]]:
        """The events that this read lacks: those of streams set aside, and those that were skipped (CONTRACT 20)."""
        found = incomplete(self.connection, self.transformation_id, self.as_of.position)
        return [
            {
                "kind": concept.name if (concept := concept_of(row["topic"])) else None,
                # Nobody can tell whether an object that was never shown is restricted.
                "id": row["id"] if self.viewer.sees_restricted else None,
                "position": row["position"],
                "skipped": row["skipped"],
            }
            for row in found
        ]

    def echo(self) -> dict[str, Any]:
        """What every view says of its place in history."""
        return {
            "incomplete": self.incomplete,
            "position": self.position,
            "as_of": self.as_of.instant if self.as_of.position is not None else None,
            "today": self.as_of.today,
        }


Present = Callable[[Any, Reader], Any]


@lru_cache(maxsize=256)
def calendar_of(closed_days: tuple[date, ...]) -> WorkingCalendar:
    """One calendar per set of closed days: it keeps its years."""
    return WorkingCalendar(closed_days)


def resolve(service: Any, query: AsOfQuery) -> AsOf:
    """The point in history that a query asks for; waits until the read models have reached it.

    Raises `AsOfInFuture`, `AsOfBeyondHead`, `AsOfTwice`.
    """
    now: datetime = service.clock()
    if query.as_of is not None and query.as_of_position is not None:
        raise AsOfTwice(pointer="as_of")
    if query.as_of is None and query.as_of_position is None:
        return AsOf(instant=now)
    if query.as_of is not None:
        if query.as_of > now:
            raise AsOfInFuture(pointer="as_of", given=query.as_of.isoformat())
        position, instant = service.log.position_at(query.as_of), query.as_of
    else:
        position = query.as_of_position or 0
        head = service.log.head()
        if position > head:
            raise AsOfBeyondHead(pointer="as_of_position", given=position, head=head)
        instant = service.log.instant_of(position)
    service.gate.wait(position, service.settings.consistency_wait)
    return AsOf(instant=instant, position=position)


def last_change(connection: Connection[DictRow], transformation_id: UUID, as_of: AsOf) -> int:
    """The position of the last event of a transformation, as of a point."""
    row = connection.execute(
        "SELECT COALESCE(max(position), 0) AS position FROM audit_events "
        "WHERE transformation_id = %s AND position <= %s",
        (transformation_id, as_of.position if as_of.position is not None else 2**62),
    ).fetchone()
    return int(row["position"]) if row else 0


async def read_view(
    request: Request,
    caller: Caller,
    transformation: str | UUID,
    query: AsOfQuery,
    compute: Callable[[Reader], dict[str, Any] | BaseModel],
    *,
    act: str = "read",
    links: Callable[[dict[str, Any]], dict[str, Any]] | None = None,
) -> Response:
    """Answer a question about a whole transformation. The ETag is known before the view is computed."""
    service = request.app.state.service
    caller.require_scope("audit" if act == "read_audit" else "read")
    held = await _held(request, caller, transformation, query, act)
    if held is not None:
        return held

    def run() -> Response:
        as_of = resolve(service, query)
        with service.database.snapshot() as connection:
            member = membership(connection, caller, transformation)
            require(act, member.role)
            position = last_change(connection, member.transformation.id, as_of)
            if not position:
                raise NotFound(what="transformation", id=transformation)
            reader = Reader(service, connection, caller, member, as_of, position)
            etag = view_etag(reader)
            if not_modified(request, etag):
                return answer(request, b"", etag=etag)
            view = compute(reader)
            body = view.model_dump() if isinstance(view, BaseModel) else view
            headers = links(body) if links else {}
            headers = {
                "Trajectoire_Position": str(position),
                "Content_Language": caller.language,
                **marked(reader),
                **headers,
            }
            found = with_people(to_json(body), reader.names)
            request.app.state.shelf.put((etag, address(request)), found, headers)
            return answer(request, found, etag=etag, **headers)

    return await anyio.to_thread.run_sync(run)


async def _held(
    request: Request, caller: Caller, transformation: str | UUID, query: AsOfQuery, act: str
) -> Response | None:
    """The answer if the reader already holds it, or if it was computed before: one query, on the event loop.

    None leaves every other case, refusals and waiting too, to the reading itself.
    """
    standing = await _standing(request, caller, named(transformation), query)
    if standing is None:
        return None
    require(act, standing.role)
    viewer = Viewer(caller.principal, sees_restricted(standing.role))
    etag = etag_of(standing, caller.language, viewer)
    if not_modified(request, etag):
        return answer(request, b"", etag=etag)
    found = request.app.state.shelf.get((etag, address(request)))
    return answer(request, found[0], etag=etag, **found[1]) if found else None


async def _standing(request: Request, caller: Caller, transformation: UUID | str, query: AsOfQuery) -> Standing | None:
    service = request.app.state.service
    door: Door = request.app.state.door
    now: datetime = service.clock()
    asked, position = query.as_of, query.as_of_position
    if asked is not None:
        if position is not None or asked > now:
            return None
        position = await door.position_at(asked)
    if position is None:
        return await door.standing(transformation, caller.principal, now)
    if position > service.gate.position:
        return None
    return await door.past(transformation, caller.principal, position, asked)


def address(request: Request) -> str:
    """What was asked for: the path and the query."""
    return f"{request.url.path}?{request.url.query}"


def marked(reader: Reader) -> dict[str, Any]:
    """The header that says how many events an answer lacks; none where it is complete."""
    return {"Trajectoire_Incomplete": str(len(reader.incomplete))} if reader.incomplete else {}


def view_etag(reader: Reader) -> str:
    """The ETag of a view, on the snapshot of its reading."""
    last = last_change(reader.connection, reader.transformation_id, AsOf(reader.as_of.instant))
    directory = reader.service.directory.revision(reader.connection)
    row = reader.connection.execute("SELECT epoch FROM projection_head").fetchone()
    state = Standing(
        reader.transformation_id,
        reader.member.role,
        reader.position,
        last,
        directory,
        row["epoch"] if row else 0,
        reader.as_of,
    )
    return etag_of(state, reader.language, reader.viewer, [row["position"] for row in reader.incomplete])


def etag_of(standing: Standing, language: Language, viewer: Viewer, lacking: Sequence[int] = ()) -> str:
    """What the bytes of a view depend on: the last change that it shows, the local date, the language, what the reader
    may see (today's rights, which any later event may change: `last`), the directory of names, the read models
    themselves (`epoch`: a rebuild may have mended them), and the events that are lacking."""
    as_of = standing.as_of
    parts = [
        str(standing.position),
        as_of.instant.isoformat() if as_of.position is not None else as_of.today.isoformat(),
        language,
        "all" if viewer.sees_restricted else viewer.person,
        str(standing.last),
        str(standing.directory),
        str(standing.epoch),
    ]
    if lacking:
        parts.append("i" + "-".join(map(str, lacking)))
    return f'"{".".join(parts)}"'.replace(":", "").replace("+", "")


class Rendered(NamedTuple):
    """The bytes of an object, its version, and the position of the last change to its transformation."""

    body: bytes
    version: int
    position: int


async def read_object(
    request: Request,
    caller: Caller,
    concept: Concept[Any],
    id: UUID,
    query: AsOfQuery,
    present: Present,
    act: str = "read",
) -> Response:
    """Answer with one object."""
    service = request.app.state.service

    def run() -> Response:
        caller.require_scope("read")
        as_of = resolve(service, query)
        read = render(service, caller, concept, id, as_of, present, act)
        return answer(
            request,
            read.body,
            etag=object_etag(read.version, read.body),
            Trajectoire_Position=str(read.position),
            Content_Language=caller.language,
        )

    return await anyio.to_thread.run_sync(run)


def render(
    service: Any, caller: Caller, concept: Concept[Any], id: UUID, as_of: AsOf, present: Present, act: str = "read"
) -> Rendered:
    """One object as of a point. Raises `NotFound` for who may not see it."""
    with service.database.snapshot() as connection:
        state = service.tables[concept.name].find(connection, id, as_of)
        if state is None:
            raise NotFound(what=concept.name, id=id)
        try:
            member = membership(connection, caller, state.transformation_id, act)
        except NotFound:
            raise NotFound(what=concept.name, id=id) from None
        require(act, member.role)
        if not can_see(connection, member.viewer, id):
            raise NotFound(what=concept.name, id=id)
        position = last_change(connection, member.transformation.id, as_of)
        reader = Reader(service, connection, caller, member, as_of, position)
        shown = present(state, reader)
        content = shown.model_dump() if isinstance(shown, BaseModel) else shown
        if lacks(connection, id, as_of.position):
            content["incomplete"] = True
        return Rendered(with_people(to_json(content), reader.names), state.version, position)


def can_see(connection: Connection[DictRow], viewer: Viewer, id: UUID) -> bool:
    """Whether the viewer may see an object, by today's restrictions."""
    if viewer.sees_restricted:
        return True
    row = connection.execute("SELECT owners FROM restricted_objects WHERE id = %s", (id,)).fetchone()
    return row is None or viewer.person in row["owners"]
