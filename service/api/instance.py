"""The doors of what belongs to no transformation: people, services, keys, administrators, and one's own wishes.

What these objects say stands partly in the directory, where it can be erased; the log holds the versions that
`If-Match` compares. An answer is made from both, so nothing waits for a read model to answer.
"""

from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

import anyio.to_thread
from fastapi import Request
from fastapi.responses import Response

from service.api.answers import answer, held_versions, object_etag, to_json, with_people
from service.api.fields import ActBody, Body
from service.api.problems import PreconditionRequired
from service.api.writing import Writing
from service.api.written import settled
from service.domain.act import Act
from service.domain.concept import Concept, State
from service.domain.permissions import require, scope_of
from service.domain.principal import kind_of, stream_of
from service.domain.refusal import StaleVersion
from service.store.unit import Outcome, Target, Unit, expect

S = TypeVar("S", bound=State)
Show = Callable[[Any, datetime], dict[str, Any]]
"""How an object is shown, at an instant."""


class Secret(NamedTuple):
    """What is shown once, in the answer to the act that makes it; a replay says no more than that it was shown."""

    make: Callable[[], str]
    """Asked as soon as the act is recorded."""
    said: str

    def told(self, replayed: bool) -> dict[str, str]:
        made = {} if replayed else {"key": self.make()}
        return {**made, "secret_shown": self.said}


async def read_instance(request: Request, find: Callable[[], State], show: Show) -> Response:
    """Answer with one object; `find` gives it to who may see it."""
    service = request.app.state.service

    def run() -> Response:
        state = find()
        body = _body(service, show(state, service.clock()))
        return answer(request, body, etag=object_etag(state.version, body))

    return await anyio.to_thread.run_sync(run)


async def create_instance(
    write: Writing,
    body: ActBody,
    act_name: str,
    decide: Callable[[Unit], Target],
    show: Show,
    *,
    location: str,
    secret: Secret | None = None,
) -> Response:
    """Record something new, as an administrator."""

    def work(unit: Unit) -> Target:
        require(act_name, "administrator" if write.caller.administrator else None)
        return decide(unit)

    return await _write(write, body, act_name, work, show, secret, location=location)


async def act_instance(
    write: Writing,
    body: ActBody,
    act_name: str,
    concept: Concept[S],
    find: Callable[[Unit], S],
    decide: Callable[[S, Unit], S],
    show: Show,
    *,
    own: Callable[[S], bool] = lambda state: False,
    secret: Secret | None = None,
) -> Response:
    """Act on the version of an object that the caller holds, as an administrator or as its owner.

    One such act on an object at a time: its decision may change the directory, and what is refused changes nothing.
    """

    def work(unit: Unit) -> Target:
        state = find(unit)
        require(act_name, "administrator" if write.caller.administrator else None, own=own(state))
        versions = held_versions(write.request)
        if versions is None:
            raise PreconditionRequired()
        try:
            expect(state, versions)
        except StaleVersion as stale:
            now = _body(write.service, show(state, write.service.clock()))
            stale.facts["etag"] = object_etag(state.version, now)
            raise
        return Target(concept, decide(state, unit))

    return await _write(write, body, act_name, work, show, secret, alone=True)


async def _write(
    write: Writing,
    body: ActBody,
    act_name: str,
    work: Callable[[Unit], Target],
    show: Show,
    secret: Secret | None,
    *,
    location: str = "",
    alone: bool = False,
) -> Response:
    write.caller.require_scope(scope_of(act_name))
    service = write.service
    told: dict[str, Any] = {}
    place = write.request.url.path.rpartition("/")[0]

    def record() -> Outcome:
        key = write.key(body.model_dump(mode="json", exclude_unset=True))
        with service.recorder.flights.alone(place) if alone else nullcontext():
            outcome: Outcome = service.recorder.execute(write.base_act(body, None), work, key, alone=True)
            if secret is not None:
                told.update(secret.told(outcome.replayed))
        return outcome

    outcome = await anyio.to_thread.run_sync(record)
    headers, _ = await settled(write.request, write.caller, outcome)

    def shown() -> Response:
        state = service.log.load(outcome.concept, outcome.id, version=outcome.version)
        content = show(state, service.log.instant_of(outcome.position))
        if location:
            headers["Location"] = f"{location}/{content['id']}"
        written = _body(service, {**content, **told})
        status = 201 if outcome.created else 200
        return answer(write.request, written, status=status, etag=object_etag(outcome.version, written), **headers)

    return await anyio.to_thread.run_sync(shown)


def _body(service: Any, content: dict[str, Any]) -> bytes:
    return with_people(to_json(content), service.directory.names)


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
    concept = kind_of(principal)

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
