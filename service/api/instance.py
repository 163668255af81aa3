"""The door of writes that belong to no transformation: people, services, keys, administrators, and one's own wishes."""

from collections.abc import Callable
from typing import Any

import anyio.to_thread
from fastapi.responses import Response

from service.api.answers import answer, to_json, with_people
from service.api.fields import ActBody, Body
from service.api.writing import Writing
from service.domain.act import Act
from service.domain.concept import Concept
from service.domain.permissions import require, scope_of
from service.domain.principal import PERSON, SERVICE, stream_of
from service.store.unit import Target, Unit

Show = Callable[[Any], dict[str, Any]]


async def write_instance(
    write: Writing,
    body: ActBody,
    act_name: str,
    decide: Callable[[Unit], Target],
    show: Show,
    *,
    location: str = "",
    own: Callable[[Unit], bool] = lambda unit: False,
    secret: Callable[[], dict[str, Any]] = dict,
) -> Response:
    """Record an act of an administrator (or of an owner).

    `secret` is asked for as soon as the act is recorded, and shown once: a replay says that it was.
    """
    write.caller.require_scope("admin")

    def work(unit: Unit) -> Target:
        require(act_name, "administrator" if write.caller.administrator else None, own=own(unit))
        return decide(unit)

    def run() -> Response:
        content = body.model_dump(mode="json", exclude_unset=True)
        service = write.service
        outcome = service.recorder.execute(write.base_act(body, None), work, write.key(content), alone=True)
        told = {} if outcome.replayed else secret()
        service.gate.wait(outcome.position, service.settings.consistency_wait)
        state = service.log.load(outcome.concept, outcome.id, version=outcome.version)
        shown = {**show(state), **told}
        headers = {"Trajectoire_Position": str(outcome.position)}
        if outcome.created and location:
            headers["Location"] = f"{location}/{shown['id']}"
        if outcome.replayed:
            headers["Idempotent_Replayed"] = "true"
        return answer(
            write.request,
            with_people(to_json(shown), service.directory.names),
            status=201 if outcome.created else 200,
            etag=f'"{outcome.version}"',
            **headers,
        )

    return await anyio.to_thread.run_sync(run)


async def write_own(
    write: Writing,
    body: Body,
    act_name: str,
    decide: Callable[[], dict[str, Any]],
    *,
    location: str = "",
    beside: Callable[[bool], dict[str, Any]] = lambda replayed: {},
) -> Response:
    """Keep something of the caller's own in the directory: no event tells it, so that it can be erased.

    `decide` keeps it and gives what the answer says. That much is stored with the idempotency key for a replay, so no
    name, address or secret is in it: these are `beside`, which is told whether the answer is a replay.
    """
    write.caller.require_scope(scope_of(act_name))
    require(act_name, None, own=True)
    principal = write.caller.principal
    concept: Concept[Any] = PERSON if principal.startswith("p_") else SERVICE

    def work(unit: Unit) -> Target:
        return Target(concept, unit.get(concept, stream_of(principal)), created=bool(location), extra=decide())

    def run() -> Response:
        service = write.service
        act = Act(actor=principal, now=service.clock(), channel="api")
        key = write.key(body.model_dump(mode="json", exclude_unset=True))
        outcome = service.recorder.execute(act, work, key, alone=True)
        shown = {**outcome.extra, **beside(outcome.replayed)}
        headers = {"Location": location} if location else {}
        if outcome.replayed:
            headers["Idempotent_Replayed"] = "true"
        return answer(write.request, to_json(shown), status=201 if location else 200, **headers)

    return await anyio.to_thread.run_sync(run)
