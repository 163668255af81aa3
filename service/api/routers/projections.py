"""The read models over HTTP, for administrators: how they stand, what is set aside, and what to do about it."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import anyio.to_thread
from fastapi import Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from service.api.answers import answer, to_json, with_people
from service.api.as_of_query import Nothing
from service.api.dependencies import Create
from service.api.fields import Text
from service.api.problems import CREATES, READS
from service.api.routing import api_router
from service.api.who import Caller, CallerDependency
from service.domain.permissions import require
from service.projections.lag import look
from service.projections.poison import Decision, decide, list_decisions, list_waiting

router = api_router("operate")


class SetAside(BaseModel):
    """An event that could not be projected; the later ones of its stream wait behind it."""

    stream_id: UUID
    transformation_id: UUID | None
    version: int
    position: int
    event_id: UUID
    topic: str
    problem: str = Field(description="La nature du problème et l’endroit du code\u202f; jamais un texte.")
    set_aside_at: datetime
    tries: int
    asked: Literal["retry", "skip"] | None = Field(description="Ce qui est décidé et va être fait.")
    waiting: int = Field(description="Combien d’événements attendent, celui-ci compris.")


class DecisionShown(BaseModel):
    """What an operator decided about such an event, and why."""

    id: int
    stream_id: UUID
    transformation_id: UUID | None
    position: int
    event_id: UUID
    topic: str
    decision: Literal["retry", "skip"]
    principal: str
    reason: str
    decided_at: datetime


class DecisionMade(DecisionShown):
    people: dict[str, str]


class ProjectionsStanding(BaseModel):
    """The read models against the head of the log."""

    projected: int
    head: int
    lag: int = Field(description="Événements que les vues n’ont pas encore pris en compte.")
    lag_seconds: float
    heartbeat_seconds: float | None = Field(description="Depuis le dernier signe de vie du moteur.")
    epoch: int
    set_aside: list[SetAside]
    decisions: list[DecisionShown]
    people: dict[str, str]


class Reasoned(BaseModel):
    """Why."""

    model_config = ConfigDict(extra="forbid")

    reason: Text


def _require(caller: Caller, act: str) -> None:
    caller.require_scope("admin")
    require(act, "administrator" if caller.administrator else None)


@router.get("/projections", response_model=ProjectionsStanding, **READS)
async def get_projections(request: Request, caller: CallerDependency, query: Annotated[Nothing, Query()]) -> Response:
    """How far the views are, what is set aside, and what was decided about it."""
    service = request.app.state.service

    def run() -> Response:
        _require(caller, "projection.read")
        standing = look(service.database)
        if standing is None:
            raise LookupError("the row of projection_head is missing")
        with service.database.connection() as connection:
            waiting, decisions = list_waiting(connection), list_decisions(connection)
        body = {
            **{name: getattr(standing, name) for name in ("projected", "head", "lag", "lag_seconds", "epoch")},
            "heartbeat_seconds": standing.silence,
            "set_aside": [_only(SetAside, row) for row in waiting],
            "decisions": [_only(DecisionShown, row) for row in decisions],
        }
        return answer(request, with_people(to_json(body), service.directory.names))

    return await anyio.to_thread.run_sync(run)


@router.post("/projections/{id}/retry", response_model=DecisionMade, **CREATES)
async def retry_set_aside(id: UUID, body: Reasoned, write: Create) -> Response:
    """Try the event of this stream again, and what waits behind it: the cause is mended."""
    return await _decide(write, id, body, "retry")


@router.post("/projections/{id}/skip", response_model=DecisionMade, **CREATES)
async def skip_set_aside(id: UUID, body: Reasoned, write: Create) -> Response:
    """Leave this one event out of the views and go on; they stay marked as incomplete."""
    return await _decide(write, id, body, "skip")


async def _decide(write: Create, stream: UUID, body: Reasoned, decision: Decision) -> Response:
    service: Any = write.service

    def run() -> Response:
        _require(write.caller, f"projection.{decision}")
        key = write.key(body.model_dump(mode="json"))
        with service.database.connection() as connection, connection.transaction():
            row, replayed = decide(connection, stream, decision, key, body.reason)
        headers = {"Idempotent_Replayed": "true"} if replayed else {}
        shown = with_people(to_json(_only(DecisionShown, row)), service.directory.names)
        return answer(write.request, shown, status=201, Location="/api/v1/projections", **headers)

    return await anyio.to_thread.run_sync(run)


def _only(model: type[BaseModel], row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in model.model_fields}
