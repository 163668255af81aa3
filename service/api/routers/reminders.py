"""Reminders over HTTP: what was sent to whom, what would be on a day, and which rules speak."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import anyio.to_thread
from fastapi import Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from service.api.as_of_query import AsOfQuery
from service.api.dependencies import Act, TransformationPath
from service.api.fields import Day
from service.api.listing import ListQuery, filters, list_objects, page_of
from service.api.problems import ACTS, READS
from service.api.reader import Incomplete, Reader, calendar_of
from service.api.reading import read_object
from service.api.reminder_bodies import SetReminders
from service.api.representation import representation, shown
from service.api.routers.transformations import TransformationShown
from service.api.routing import api_router
from service.api.viewing import read_view
from service.api.who import CallerDependency, membership
from service.domain.concept import concepts
from service.domain.reminder import REMINDER, Reminder, ReminderRaised, ReminderSubject, identity
from service.domain.reminder_rules import RuleName, timings
from service.domain.reminder_series import day_of
from service.domain.reminder_sources import CONCEPTS
from service.domain.reminder_words import NAMES, sentence, why
from service.domain.reminders_due import due, reminded
from service.domain.transformation import TRANSFORMATION, Transformation, set_reminders
from service.projections.reminder_deliveries import DeliveryShown, Reception, receptions
from service.projections.reminder_situation import situation_of
from service.projections.reminders import REMINDERS
from service.store.unit import Unit

router = api_router("reminders")
CONCEPT = REMINDER


class ReminderShown(representation(REMINDER)):  # type: ignore[misc]  # a model made at run time
    """A reminder as it was raised, in words, and what became of it."""

    sentence: str = Field(description="Ce qu’il dit, dans la langue de qui le lit.")
    why: str = Field(description="La règle et le jour qui l’ont fait émettre.")
    read_at: datetime | None = Field(description="Quand son destinataire l’a lu dans le service.")
    deliveries: list[DeliveryShown] = Field(description="Par où il est parti, et avec quelle issue.")


def present(state: Reminder, reader: Reader) -> dict[str, Any]:
    (one,) = present_page([state], reader)
    return one


def present_page(states: Sequence[Reminder], reader: Reader) -> list[dict[str, Any]]:
    """Reminders with what became of them; each subject as it stands at the point that is read."""
    received = receptions(reader.connection, [state.id for state in states], reader.as_of.instant)
    found = []
    for state in states:
        concept = concepts[state.subject.kind]
        subject = reader.service.tables[concept.name].find(reader.connection, state.subject.id, reader.as_of)
        ref = concept.reference(subject) if subject else "—"
        reception = received.get(state.id, Reception())
        found.append(
            {
                **shown(REMINDER, state),
                "sentence": sentence(state, ref, subject.title if subject else None, reader.language),
                "why": why(state, reader.language),
                "read_at": reception.read_at,
                "deliveries": [each.model_dump() for each in reception.deliveries],
            }
        )
    return found


class Foreseen(BaseModel):
    """One reminder that a day would bring."""

    model_config = ConfigDict(extra="forbid")

    rule: RuleName
    name: str = Field(description="Le nom de la règle.")
    offset: int = Field(description="Jours ouvrés depuis la date\u202f: négatif avant, positif après.")
    subject: ReminderSubject
    due_on: date
    recipient: str
    sentence: str
    why: str
    raised: bool = Field(description="Le journal le connaît déjà.")


class Preview(BaseModel):
    """Who would get what on a day, and why, as things stand."""

    model_config = ConfigDict(extra="forbid")

    on: date
    closed: bool = Field(description="Un jour de fermeture\u202f: rien ne part.")
    items: list[Foreseen]
    incomplete: list[Incomplete]
    position: int = Field(description="Le dernier événement que cette réponse prend en compte.")
    as_of: datetime | None
    today: date
    people: dict[str, str]


class PreviewQuery(BaseModel):
    """The day that is looked at."""

    model_config = ConfigDict(extra="forbid")

    on: Day | None = Field(None, description="Le jour\u202f; aujourd’hui sinon.")


@router.get("/transformations/{transformation}/reminders", response_model=page_of(ReminderShown), **READS)
async def list_reminders(
    transformation: TransformationPath,
    request: Request,
    caller: CallerDependency,
    query: Annotated[ListQuery, filters(REMINDERS)],
) -> Response:
    """What was sent to whom, when, and with which outcome."""
    return await list_objects(
        request, caller, transformation, REMINDER, query, present, ReminderShown, present_page=present_page
    )


@router.get("/transformations/{transformation}/reminders/preview", response_model=Preview, **READS)
async def preview_reminders(
    transformation: TransformationPath,
    request: Request,
    caller: CallerDependency,
    query: Annotated[PreviewQuery, Query()],
) -> Response:
    """Who would get what on a day, and why, as things stand; nothing is sent."""

    def view(reader: Reader) -> dict[str, Any]:
        return {**reader.echo(), **foresee(reader, query.on or reader.as_of.today)}

    return await read_view(request, caller, transformation, AsOfQuery(), view)


def foresee(reader: Reader, on: date) -> dict[str, Any]:
    """The reminders whose working day is `on`; for today, also those that earlier ticks did not record."""
    transformation = reader.transformation
    calendar = calendar_of(transformation.closed_days)
    situation = situation_of(reader.connection, transformation, on, reader.viewer.visible(), reader.as_of)
    wanted = list(due(situation, timings(transformation.reminder_rules), calendar)) if reminded(transformation) else []
    ids = {identity(event): event for event in wanted}
    query = "SELECT id FROM reminders WHERE id = ANY (%s) AND valid_to IS NULL"
    known = {row["id"] for row in reader.connection.execute(query, (list(ids),))}
    items = []
    for id, event in ids.items():
        on_its_day = day_of(calendar, event.due_on, event.offset) == on
        if on_its_day or (on == reader.as_of.today and id not in known):
            state, concept = situation.find(event.subject), CONCEPTS[event.subject.kind]
            items.append(_foreseen(event, concept.reference(state), state.title, reader, id in known))
    items.sort(key=lambda item: (item["rule"], item["due_on"], str(item["subject"]["id"]), item["recipient"]))
    return {"on": on, "closed": not calendar.is_working(on), "items": items}


def _foreseen(event: ReminderRaised, ref: str, title: str, reader: Reader, raised: bool) -> dict[str, Any]:
    fr, en = NAMES[event.rule]
    return {
        **event.model_dump(exclude={"revision", "visibility"}),
        "name": fr if reader.language == "fr" else en,
        "sentence": sentence(event, ref, title, reader.language),
        "why": why(event, reader.language),
        "raised": raised,
    }


@router.get("/reminders/{id}", response_model=ReminderShown, **READS)
async def get_reminder(
    id: UUID, request: Request, caller: CallerDependency, query: Annotated[AsOfQuery, Query()]
) -> Response:
    """One reminder."""
    return await read_object(request, caller, REMINDER, id, query, present)


@router.post("/transformations/{transformation}/set-reminders", response_model=TransformationShown, **ACTS)
async def set_the_reminders(transformation: TransformationPath, body: SetReminders, write: Act) -> Response:
    """Say which rules of reminders speak in this transformation, and when."""

    def id_of() -> UUID:
        with write.service.database.connection() as connection:
            return membership(connection, write.caller, transformation).transformation.id

    def decide(state: Transformation, unit: Unit) -> list[Any]:
        return set_reminders(state, body.rules)

    id = await anyio.to_thread.run_sync(id_of)
    return await write.act(TRANSFORMATION, id, "transformation.set_reminders", body, decide)
