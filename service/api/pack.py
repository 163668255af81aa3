"""Serving a frozen pack: its bytes as they were fixed, read from the log; or with the texts in their places."""

import base64
import json
from typing import Any
from uuid import UUID

import anyio.to_thread
from fastapi import Request
from fastapi.responses import Response

from service.api.answers import answer, object_etag, to_json, with_people
from service.api.as_of_query import AsOfQuery, resolve
from service.api.reader import can_see
from service.api.who import Caller, membership
from service.domain.permissions import require
from service.domain.refusal import NotFound
from service.domain.review import REVIEW, Review
from service.domain.review_events import ReviewPackFrozen
from service.domain.review_refusals import PackUnknown
from service.domain.review_state import FrozenPack


async def read_pack(
    request: Request, caller: Caller, id: UUID, query: AsOfQuery, number: int | None, *, readable: bool
) -> Response:
    """One frozen pack, as of a point those frozen until then. Raises `PackUnknown`."""
    service = request.app.state.service

    def run() -> Response:
        caller.require_scope("read")
        as_of = resolve(service, query)
        with service.database.snapshot() as connection:
            review: Review | None = service.tables["review"].find(connection, id, as_of)
            if review is None or review.transformation_id is None:
                raise NotFound(what="review", id=id)
            try:
                member = membership(connection, caller, review.transformation_id)
            except NotFound:
                raise NotFound(what="review", id=id) from None
            require("read", member.role)
            if not can_see(connection, member.viewer, id):
                raise NotFound(what="review", id=id)
        wanted = _wanted(review, number)
        event = _frozen(service, id, wanted)
        if readable:
            body = with_people(to_json(_readable(review, wanted, event)), service.directory.names)
            return answer(request, body, etag=object_etag(review.version, body), Content_Language=caller.language)
        digest = base64.b64encode(bytes.fromhex(wanted.sha256)).decode()
        return answer(
            request,
            event.canonical.encode(),
            etag=f'"{wanted.sha256}"',
            Repr_Digest=f"sha-256=:{digest}:",
            Trajectoire_Position=str(wanted.position),
        )

    return await anyio.to_thread.run_sync(run)


def _wanted(review: Review, number: int | None) -> FrozenPack:
    for pack in review.packs:
        if pack.number == (number or len(review.packs)):
            return pack
    raise PackUnknown(ref=REVIEW.reference(review), number=number or 1)


def _frozen(service: Any, id: UUID, pack: FrozenPack) -> ReviewPackFrozen:
    """The fact that fixed it: its bytes are in the log, so no rebuild and no later version can change them."""
    for fact in service.log.history(id):
        if isinstance(fact.event, ReviewPackFrozen) and fact.event.sha256 == pack.sha256:
            return fact.event
    raise NotFound(what="review", id=id)


def _readable(review: Review, pack: FrozenPack, event: ReviewPackFrozen) -> dict[str, Any]:
    whole = json.loads(event.canonical)
    return {
        "review": review.id,
        "ref": REVIEW.reference(review),
        **pack.model_dump(),
        "pack": _filled(whole, event.texts),
    }


def _filled(value: Any, texts: dict[str, str]) -> Any:
    """The same value with each text in its place; an erased one shows its tombstone."""
    match value:
        case {"text": str(place)} if len(value) == 1 and place in texts:
            return texts[place]
        case dict():
            return {name: _filled(item, texts) for name, item in value.items()}
        case list():
            return [_filled(item, texts) for item in value]
    return value
