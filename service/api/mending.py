"""The two routes that every concept has for mistakes: correct and withdraw one recorded fact."""

from collections.abc import Callable
from typing import Any, NamedTuple
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from psycopg import Connection
from psycopg.rows import DictRow
from pydantic import BaseModel, Field, JsonValue

from service.acts.mending import correct, withdraw
from service.api.dependencies import Act
from service.api.fields import ActBody, Text
from service.api.problems import ACTS
from service.api.who import membership
from service.domain.concept import Concept, State
from service.store.unit import Unit


class CorrectFact(ActBody):
    """The fields of the fact to put right, as they stand in the event; `occurred_on` is its true-on date."""

    reason: Text
    changes: dict[str, JsonValue] = Field(min_length=1, max_length=50)


class WithdrawFact(ActBody):
    """The fact was recorded by mistake: say why."""

    reason: Text


class Guards(NamedTuple):
    """What a concept whose facts reach beyond their own stream forbids, before its own rules are asked."""

    correct: Callable[[Unit, UUID, UUID, dict[str, Any]], None] = lambda unit, id, event_id, changes: None
    withdraw: Callable[[Unit, Connection[DictRow], UUID, UUID], None] = lambda unit, connection, id, event_id: None


UNGUARDED = Guards()


def mend_routes(router: APIRouter, concept: Concept[Any], shown: type[BaseModel], guards: Guards = UNGUARDED) -> None:
    """Add `…/events/{event_id}/correct` and `/withdraw` for a concept."""
    path = f"/{concept.collection}/{{id}}/events/{{event_id}}"

    async def correct_fact(id: UUID, event_id: UUID, body: CorrectFact, write: Act) -> Response:
        """Put a recorded fact right. What was believed before stays in history."""

        def mend(unit: Unit) -> State:
            guards.correct(unit, id, event_id, dict(body.changes))
            return correct(unit, concept, id, event_id, dict(body.changes))

        return await write.mend(concept, id, f"{concept.name}.correct", body, mend)

    async def withdraw_fact(id: UUID, event_id: UUID, body: WithdrawFact, write: Act) -> Response:
        """Withdraw a fact recorded by mistake. It stays in history and no longer counts."""

        def mend(unit: Unit) -> State:
            with write.service.database.snapshot() as connection:
                guards.withdraw(unit, connection, id, event_id)
                row = connection.execute("SELECT position FROM projection_head").fetchone()
                position = row["position"] if row else 0
                of = unit.get(concept, id).transformation_id or id
                viewer = membership(connection, write.caller, of).viewer
                return withdraw(unit, connection, concept, id, event_id, position=position, viewer=viewer)

        return await write.mend(concept, id, f"{concept.name}.withdraw", body, mend)

    for verb, endpoint in (("correct", correct_fact), ("withdraw", withdraw_fact)):
        name = f"{verb}_{concept.name}_fact"
        router.add_api_route(f"{path}/{verb}", endpoint, methods=["POST"], name=name, response_model=shown, **ACTS)
