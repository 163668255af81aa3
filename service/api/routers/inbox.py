"""The caller's inbox over HTTP: what one is reminded of, read it, put it off. Nothing of it enters the log."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import anyio.to_thread
from fastapi import Query, Request
from fastapi.responses import Response
from psycopg import Connection
from psycopg.rows import DictRow
from pydantic import BaseModel, ConfigDict, Field

from service.api.answers import answer, object_etag, to_json
from service.api.dependencies import Create
from service.api.fields import Day
from service.api.paging import PageQuery, Pages, link
from service.api.problems import ACTS, READS
from service.api.routing import api_router
from service.api.who import CallerDependency
from service.domain.act import paris_date
from service.domain.concept import concepts
from service.domain.refusal import Invalid, Language, NotFound
from service.domain.reminder import ReminderRaised, ReminderSubject
from service.domain.reminder_rules import RuleName
from service.domain.reminder_words import sentence, why
from service.store import inbox
from service.store.idempotency import KeyReused

router = api_router("me")


class SnoozedTooShort(Invalid):
    """A reminder is put off until a day to come: {until} is not after today, {today}."""

    FR = "On remet un rappel à un jour à venir\u202f: le {until} n’est pas après aujourd’hui, le {today}."


class InboxLine(BaseModel):
    """One reminder to the caller."""

    model_config = ConfigDict(extra="forbid")

    id: UUID
    transformation: str = Field(description="Le code de la transformation.")
    rule: RuleName
    subject: ReminderSubject
    due_on: date
    sentence: str
    why: str
    raised_at: datetime
    read_at: datetime | None
    snoozed_until: date | None


class Inbox(BaseModel):
    """What the caller is reminded of, the latest first; of each thing only the last word."""

    model_config = ConfigDict(extra="forbid")

    items: list[InboxLine]
    next: str | None = Field(description="L’adresse de la page suivante\u202f; null sur la dernière.")
    today: date


class InboxQuery(PageQuery):
    """Which of them."""

    which: Literal["unread", "snoozed", "read", "all"] = Field(
        "unread", description="Non lus, remis à plus tard, lus, ou tous."
    )


class Snooze(BaseModel):
    """Until when it is put off."""

    model_config = ConfigDict(extra="forbid")

    until: Day


class Read(BaseModel):
    """Nothing to add."""

    model_config = ConfigDict(extra="forbid")


@router.get("/me/inbox", response_model=Inbox, **READS)
async def get_my_inbox(request: Request, caller: CallerDependency, query: Annotated[InboxQuery, Query()]) -> Response:
    """What the caller is reminded of, in every transformation."""
    service = request.app.state.service

    def run() -> Response:
        caller.require_scope("read")
        today = paris_date(service.clock())
        pages = Pages(request, query)
        after = (datetime.fromisoformat(pages.after["raised_at"]), UUID(pages.after["id"])) if pages.after else None
        with service.database.snapshot() as connection:
            found = inbox.lines(connection, caller.principal, today, query.which, query.limit + 1, after)
            rows, following = pages.turn(
                found, lambda last: {"raised_at": last["raised_at"], "id": last["reminder_id"]}
            )
            items = [_line(service, connection, row, caller.language) for row in rows]
        body = to_json({"items": items, "next": following, "today": today})
        headers = link(following)
        return answer(request, body, etag=object_etag(0, body), Content_Language=caller.language, **headers)

    return await anyio.to_thread.run_sync(run)


@router.post("/me/inbox/{id}/read", response_model=InboxLine, **ACTS)
async def read_reminder(id: UUID, body: Read, write: Create) -> Response:
    """Say that one has read it: it leaves the unread ones."""
    return await _act(write, id, {}, lambda now: {"read_at": now, "snoozed_until": None})


@router.post("/me/inbox/{id}/snooze", response_model=InboxLine, **ACTS)
async def snooze_reminder(id: UUID, body: Snooze, write: Create) -> Response:
    """Put it off: it comes back among the unread ones on that day."""

    def changes(now: datetime) -> dict[str, Any]:
        if body.until <= paris_date(now):
            raise SnoozedTooShort(pointer="/until", until=body.until, today=paris_date(now))
        return {"read_at": None, "snoozed_until": body.until}

    return await _act(write, id, body.model_dump(mode="json"), changes)


async def _act(write: Create, id: UUID, content: Any, changes: Callable[[datetime], dict[str, Any]]) -> Response:
    service: Any = write.service

    def run() -> Response:
        write.caller.require_scope("write")
        key = write.key(content)
        with service.database.connection() as connection, connection.transaction():
            before = inbox.acted(connection, key.principal, key.key)
            if before is not None:
                if bytes(before["fingerprint"]) != key.fingerprint:
                    raise KeyReused()
                shown = before["answer"].encode()
            else:
                row = inbox.mark(connection, write.caller.principal, id, **changes(service.clock()))
                if row is None:
                    raise NotFound(what="reminder", id=id)
                shown = to_json(_line(service, connection, row, write.caller.language))
                inbox.keep(connection, key.principal, key.key, key.fingerprint, shown.decode())
        replayed: dict[str, Any] = {"Idempotent_Replayed": "true"} if before is not None else {}
        return answer(write.request, shown, Content_Language=write.caller.language, **replayed)

    return await anyio.to_thread.run_sync(run)


def _line(service: Any, connection: Connection[DictRow], row: DictRow, language: Language) -> dict[str, Any]:
    event = ReminderRaised.model_validate(row["event"])
    concept = concepts[event.subject.kind]
    subject = service.tables[concept.name].states(connection, [event.subject.id]).get(event.subject.id)
    return {
        "id": row["reminder_id"],
        "transformation": row["code"],
        "rule": event.rule,
        "subject": event.subject.model_dump(),
        "due_on": event.due_on,
        "sentence": sentence(
            event, concept.reference(subject) if subject else "—", subject.title if subject else None, language
        ),
        "why": why(event, language),
        "raised_at": row["raised_at"],
        "read_at": row["read_at"],
        "snoozed_until": row["snoozed_until"],
    }
