"""The door of writes that belong to no transformation: people, services, keys, administrators."""

from collections.abc import Callable
from typing import Any

import anyio.to_thread
from fastapi.responses import Response

from service.api.answers import answer, to_json, with_people
from service.api.fields import ActBody
from service.api.writing import Writing
from service.domain.permissions import require
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
    """Record an act of an administrator (or of an owner). `secret` is shown once: a replay says that it was."""
    write.caller.require_scope("admin")

    def work(unit: Unit) -> Target:
        require(act_name, "administrator" if write.caller.administrator else None, own=own(unit))
        return decide(unit)

    def run() -> Response:
        content = body.model_dump(mode="json", exclude_unset=True)
        service = write.service
        outcome = service.recorder.execute(write.base_act(body, None), work, write.key(content), alone=True)
        service.gate.wait(outcome.position, service.settings.consistency_wait)
        state = service.log.load(outcome.concept, outcome.id, version=outcome.version)
        shown = show(state)
        if not outcome.replayed:
            shown.update(secret())
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
