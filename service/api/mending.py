"""The two routes that every concept has for mistakes: correct and withdraw one recorded fact."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from psycopg import Connection
from psycopg.rows import DictRow
from pydantic import BaseModel, ConfigDict, Field, create_model
from pydantic.json_schema import SkipJsonSchema
from pydantic_core import to_jsonable_python

from service.acts.mending import correct, recording, withdraw
from service.api.dependencies import Act
from service.api.fields import ActBody, Body, Day, Text, left_alone
from service.api.problems import ACTS
from service.api.who import membership
from service.api.writing import Writing
from service.domain.concept import Concept, State
from service.domain.mending import CorrectionInvalid, is_fixed
from service.store.unit import Unit

UNSAID = SkipJsonSchema[Any]
"""The type of a field that no act states: it was counted, or others rely on it. The description leaves it out."""


class Changes(Body):
    """The fields of the fact to put right, with what they should have said; null where the fact may be silent."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    occurred_on: Day = left_alone()

    def named(self) -> dict[str, Any]:
        """The changes as JSON values, numbers as texts. Raises `CorrectionInvalid` for a field that no act states."""
        for name in sorted(self.model_fields_set):
            if type(self).model_fields[name].annotation is Any:
                raise CorrectionInvalid(pointer=f"/changes/{name}", field=name, problem="fixed_field")
        changes: dict[str, Any] = to_jsonable_python(self.model_dump(exclude_unset=True))
        return changes


class CorrectFact(ActBody):
    """What is put right of one recorded fact, and why."""

    reason: Text
    changes: Changes


class WithdrawFact(ActBody):
    """The fact was recorded by mistake: say why."""

    reason: Text


class Guards(NamedTuple):
    """What a concept whose facts reach beyond their own stream forbids, or does elsewhere, before its own rules are
    asked."""

    correct: Callable[[Unit, UUID, UUID, dict[str, Any]], None] = lambda unit, id, event_id, changes: None
    withdraw: Callable[[Unit, Connection[DictRow], UUID, UUID], None] = lambda unit, connection, id, event_id: None


UNGUARDED = Guards()


def correction_of(concept: Concept[Any], bodies: Sequence[type[BaseModel]]) -> type[CorrectFact]:
    """The body that corrects a fact of a concept: each field as the acts take it, so that no limit is said twice.

    In one concept a name means one thing: the first of the bodies that has it tells its limits. A field that none has
    is refused by its name.
    """
    known = {name for kind in concept.events for name in kind.model_fields}
    fields: dict[str, Any] = {name: (UNSAID, left_alone()) for name in sorted(known)}
    stated = [each for body in reversed(bodies) for each in body.model_fields.items()]
    for name, field in stated:
        if name in known and not is_fixed(name):
            told = field.asdict()["attributes"]
            more = {key: told[key] for key in ("description", "json_schema_extra") if key in told}
            fields[name] = (field.rebuild_annotation(), Field(default_factory=lambda: None, **more))
    title, doc = concept.name.title().replace("_", ""), CorrectFact.__doc__
    changes = create_model(f"{title}Changes", __base__=Changes, __doc__=Changes.__doc__, **fields)
    return create_model(f"Correct{title}Fact", __base__=CorrectFact, __doc__=doc, changes=(changes, Field()))


def mend_routes(
    router: APIRouter,
    concept: Concept[Any],
    shown: type[BaseModel],
    bodies: Sequence[type[BaseModel]],
    guards: Guards = UNGUARDED,
) -> None:
    """Add `…/events/{event_id}/correct` and `/withdraw` for a concept, whose acts take these bodies."""
    path = f"/{concept.collection}/{{id}}/events/{{event_id}}"

    def require_say(write: Writing, unit: Unit, id: UUID, event_id: UUID, body: ActBody) -> None:
        act = recording(unit, concept, id, event_id)
        if act is not None:
            write.permit(act, body, write.member(unit.get(concept, id).transformation_id or id))

    async def correct_fact(id: UUID, event_id: UUID, body: CorrectFact, write: Act) -> Response:
        """Put a recorded fact right. What was believed before stays in history."""

        def mend(unit: Unit) -> State:
            changes = body.changes.named()
            require_say(write, unit, id, event_id, body)
            guards.correct(unit, id, event_id, changes)
            return correct(unit, concept, id, event_id, changes)

        return await write.mend(concept, id, f"{concept.name}.correct", body, mend)

    correct_fact.__annotations__["body"] = correction_of(concept, bodies)

    async def withdraw_fact(id: UUID, event_id: UUID, body: WithdrawFact, write: Act) -> Response:
        """Withdraw a fact recorded by mistake. It stays in history and no longer counts."""

        def mend(unit: Unit) -> State:
            require_say(write, unit, id, event_id, body)
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
