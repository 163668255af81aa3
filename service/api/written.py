"""The answer to a write: the object as of its commit, once it is visible to all readers, or in short."""

from typing import Any

import anyio.to_thread
from fastapi import Request
from fastapi.responses import Response

from service.api.answers import answer, object_etag, principals, to_json, with_people
from service.api.at_hand import Access, reader_at_hand
from service.api.reader import Present
from service.api.reading import render
from service.api.representation import Recorded
from service.api.who import Caller
from service.domain.member import MEMBER
from service.domain.refusal import NotFound
from service.domain.transformation import TRANSFORMATION
from service.projections.as_of import AsOf
from service.store.database import MustWait
from service.store.unit import Outcome


async def written(request: Request, caller: Caller, access: Access | None, outcome: Outcome) -> Response:
    """Answer with what an act did; `access` where it was done on the event loop."""
    concept, status = outcome.concept, 201 if outcome.created else 200
    headers, whole = await settled(request, caller, outcome)
    if outcome.created:
        headers["Location"] = f"/api/v1/{concept.collection}/{outcome.id}"
    body = await _whole(request, caller, access, outcome) if whole else None
    if body is None:
        short = Recorded(
            id=outcome.id, ref=outcome.extra.get("ref"), version=outcome.version, position=outcome.position
        )
        return answer(request, to_json(short), status=status, etag=f'"{outcome.version}"', **headers)
    if warnings := outcome.extra.get("warnings"):
        said = [{"code": w["code"], "detail": w[caller.language]} for w in warnings]
        body = body[:-1] + b',"warnings":' + to_json(said) + b"}"
    return answer(request, body, status=status, etag=object_etag(outcome.version, body), **headers)


async def settled(request: Request, caller: Caller, outcome: Outcome) -> tuple[dict[str, str], bool]:
    """What the headers of every answer to an act say, and whether all readers see the act (CONTRACT 22).

    They are waited for, for a while, unless `Prefer: respond-async` is sent.
    """
    service: Any = request.app.state.service
    headers = {"Trajectoire_Position": str(outcome.position), "Content_Language": caller.language}
    if outcome.replayed:
        headers["Idempotent_Replayed"] = "true"
    if "respond-async" in request.headers.get("prefer", ""):
        return {**headers, "Preference_Applied": "respond-async"}, False
    if not await service.gate.reached(outcome.position, service.settings.consistency_wait):
        return {**headers, "Trajectoire_Lag": str(outcome.position - service.gate.position)}, False
    return headers, True


async def _whole(request: Request, caller: Caller, access: Access | None, outcome: Outcome) -> bytes | None:
    """The object as of the act; None for who may do the act without seeing the object."""
    service, presenters = request.app.state.service, request.app.state.presenters
    present: Present = presenters[outcome.concept.name]

    def read() -> bytes | None:
        as_of = AsOf(service.log.instant_of(outcome.position), outcome.position)
        try:
            return render(service, caller, outcome.concept, outcome.id, as_of, present).body
        except NotFound:  # an administrator prepares a transformation without seeing its content
            return None

    try:
        if access is None or access.asides != service.gate.asides:
            raise MustWait()
        body = to_json(_at_hand(service, caller, access, outcome, present))
    except MustWait:
        return await anyio.to_thread.run_sync(read)
    names = await request.app.state.at_hand.names(principals(body), access.directory)
    return with_people(body, lambda ids: names)


def _at_hand(service: Any, caller: Caller, access: Access, outcome: Outcome, present: Present) -> Any:
    """The object from the state that the act left, instead of reading it again: the append has confirmed it.

    Raises `MustWait` where showing it takes more than the act knew, or where the act changed who may see it.
    """
    state, transformation = outcome.state, access.member.transformation
    moved = any(fact.originator_id == transformation.id for fact in outcome.facts)
    if state is None or not outcome.facts or moved or outcome.concept in (MEMBER, TRANSFORMATION):
        raise MustWait()
    if not access.member.viewer.sees(outcome.concept, state):
        raise MustWait()
    as_of = AsOf(outcome.facts[-1].recorded_at or service.clock(), outcome.position)
    return present(state, reader_at_hand(service, caller, access, as_of, outcome.position))
