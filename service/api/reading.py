"""The one door of objects: who looks, as of when, on one snapshot of the database."""

from typing import Any, NamedTuple
from uuid import UUID

import anyio.to_thread
from fastapi import Request
from fastapi.responses import Response
from pydantic import BaseModel

from service.api.answers import answer, object_etag, to_json, with_people
from service.api.as_of_query import AsOfQuery, last_change, resolve
from service.api.reader import Present, Reader, can_see
from service.api.who import Caller, membership
from service.domain.concept import Concept
from service.domain.permissions import require
from service.domain.refusal import NotFound
from service.projections.as_of import AsOf
from service.projections.poison import lacks


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
