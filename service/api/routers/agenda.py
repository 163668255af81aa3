"""The agenda over HTTP: what waits for governance in a transformation, and what waits for the caller in all of them."""

from datetime import date, datetime
from typing import Annotated, Any

import anyio.to_thread
from fastapi import Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from service.api.answers import answer, object_etag, to_json, with_people
from service.api.as_of_query import AsOfQuery, last_change, resolve
from service.api.dependencies import TransformationPath
from service.api.problems import READS
from service.api.reader import Reader
from service.api.routers.my_actions import position_of, transformations_of
from service.api.routers.views import Echo
from service.api.routing import api_router
from service.api.viewing import read_view
from service.api.who import CallerDependency, membership
from service.domain.concept import Concept
from service.projections.agenda import Agenda, Desk, Waiting, compute
from service.projections.agenda_sources import SOURCES

router = api_router("views")


class AgendaView(Agenda, Echo):
    """What waits, and for whom."""


class AgendaQuery(AsOfQuery):
    """Whose agenda, and what of it."""

    person: str | None = Field(
        None, pattern=r"^[ps]_[0-9a-f]{32}$", description="Ce qui attend cette personne\u202f; le sien est /me/agenda."
    )
    kind: str | None = Field(None, pattern=r"^[a-z_]{1,60}$", description="Une sorte d’attente seulement.")


class MyWaiting(Waiting):
    """One thing that waits for the caller."""

    transformation: str = Field(description="Le code de la transformation.")


class MyAgenda(BaseModel):
    """What waits for the caller, in all transformations, the oldest due first."""

    model_config = ConfigDict(extra="forbid")

    items: list[MyWaiting]
    position: int = Field(description="Le dernier événement que cette réponse prend en compte.")
    as_of: datetime | None
    today: date
    people: dict[str, str]


@router.get("/transformations/{transformation}/agenda", response_model=AgendaView, **READS)
async def get_agenda(
    transformation: TransformationPath,
    request: Request,
    caller: CallerDependency,
    query: Annotated[AgendaQuery, Query()],
) -> Response:
    """What waits: verdicts, reviews, conditions, escalations, decisions to communicate or apply, contestations."""

    def view(reader: Reader) -> dict[str, Any]:
        agenda = compute(desk_of(reader), SOURCES, query.person, query.kind)
        return {**reader.echo(), **agenda.model_dump()}

    return await read_view(request, caller, transformation, query, view)


@router.get("/me/agenda", response_model=MyAgenda, **READS)
async def get_my_agenda(request: Request, caller: CallerDependency, query: Annotated[AsOfQuery, Query()]) -> Response:
    """What waits for the caller, in every transformation."""
    service = request.app.state.service

    def run() -> Response:
        caller.require_scope("read")
        as_of = resolve(service, query)
        items: list[dict[str, Any]] = []
        with service.database.snapshot() as connection:
            for transformation_id in transformations_of(connection, caller.principal):
                member = membership(connection, caller, transformation_id)
                position = last_change(connection, transformation_id, as_of)
                if not position:
                    continue
                reader = Reader(service, connection, caller, member, as_of, position)
                found = compute(desk_of(reader), SOURCES, caller.principal)
                items += [{**each.model_dump(), "transformation": member.transformation.code} for each in found.items]
            head = position_of(connection, as_of)
        items.sort(key=lambda item: item["due_on"] or date.max)
        body = with_people(
            to_json(
                {
                    "items": items,
                    "position": head,
                    "as_of": as_of.instant if as_of.position is not None else None,
                    "today": as_of.today,
                }
            ),
            service.directory.names,
        )
        return answer(
            request,
            body,
            etag=object_etag(head, body),
            Trajectoire_Position=str(head),
            Content_Language=caller.language,
        )

    return await anyio.to_thread.run_sync(run)


def desk_of(reader: Reader) -> Desk:
    """The desk of one read: each concept is read once."""
    kept: dict[str, list[Any]] = {}

    def states(concept: Concept[Any]) -> list[Any]:
        if concept.name not in kept:
            kept[concept.name] = reader.states(concept)
        return kept[concept.name]

    return Desk(states, reader.as_of.today, reader.calendar, reader.language)
