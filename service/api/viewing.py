"""The one door of views: questions about a whole transformation, whose ETag is known before they are computed."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import anyio.to_thread
from fastapi import Request
from fastapi.responses import Response
from pydantic import BaseModel

from service.api.answers import answer, not_modified, to_json, with_people
from service.api.as_of_query import AsOfQuery, last_change, resolve
from service.api.door import Door, Standing
from service.api.reader import Reader, marked
from service.api.who import Caller, membership, named
from service.domain.permissions import require, sees_restricted
from service.domain.refusal import Language, NotFound
from service.projections.as_of import AsOf
from service.projections.viewer import Viewer


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
