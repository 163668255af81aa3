"""Calendars to subscribe to: that of a transformation, by key; that of a person, behind a secret address."""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any

import anyio.to_thread
from fastapi import Path, Query, Request
from fastapi.responses import Response
from psycopg import Connection
from psycopg.rows import DictRow
from pydantic import BaseModel, ConfigDict, Field

from service.api.answers import CACHE, answer, not_modified, object_etag, to_json
from service.api.as_of_query import AsOfQuery, Nothing, last_change, resolve
from service.api.dependencies import Create, TransformationPath
from service.api.fields import Body
from service.api.instance import write_own
from service.api.problems import CREATES, READS, responses
from service.api.reader import Reader, marked
from service.api.routers.my_actions import transformations_of
from service.api.routing import api_router
from service.api.viewing import view_etag
from service.api.who import Caller, CallerDependency, membership
from service.domain.permissions import require
from service.domain.refusal import Conflict, NotFound
from service.integrations.calendar_file import MEDIA_TYPE, Chapter, write
from service.projections.as_of import AsOf
from service.projections.calendar import read

router = api_router("calendars")
CALENDAR: dict[int | str, Any] = {200: {"content": {MEDIA_TYPE: {"schema": {"type": "string"}}}}}
SecretPath = Annotated[str, Path(description="Le secret de l’adresse.", max_length=200)]
NAMES = {"fr": "Mes transformations", "en": "My transformations"}
SHOWN_ONCE = "l’adresse n’est montrée qu’à sa création\u202f; en ouvrir une autre révoque celle-ci"


class CalendarAddressUnknown(NotFound):
    """There is no calendar at this address: it was revoked, replaced by another, or mistyped."""

    FR = (
        "Il n’y a pas de calendrier à cette adresse\u202f: elle a été révoquée, remplacée par une autre, ou mal copiée."
    )


class NoCalendarAddress(Conflict):
    """You have no calendar address: there is nothing to revoke."""

    FR = "Vous n’avez pas d’adresse de calendrier\u202f: il n’y a rien à révoquer."


class NoFields(Body):
    """There is nothing to say."""


class CalendarAddress(BaseModel):
    """The secret address of the caller's calendar: whoever holds it reads the calendar."""

    model_config = ConfigDict(extra="forbid")

    active: bool
    opened_at: datetime | None
    last_used_on: date | None
    address: str | None = Field(None, description="Dans la réponse à la création, et nulle part ailleurs.")
    address_shown: str | None = None


@router.get(
    "/transformations/{transformation}/calendar.ics",
    response_class=Response,
    responses={**READS["responses"], **CALENDAR},
)
async def get_the_calendar(
    transformation: TransformationPath, request: Request, caller: CallerDependency, query: Annotated[AsOfQuery, Query()]
) -> Response:
    """Stage reviews, milestones and deliverables of a transformation, as a calendar (iCalendar, RFC 5545)."""
    service = request.app.state.service

    def run() -> Response:
        caller.require_scope("read")
        as_of = resolve(service, query)
        with service.database.snapshot() as connection:
            reader = _reader(service, connection, caller, transformation, as_of)
            etag = view_etag(reader)
            headers = {"Vary": "Authorization, Accept-Language", "Content-Language": caller.language}
            headers["Trajectoire-Position"] = str(reader.position)
            headers |= {name.replace("_", "-"): value for name, value in marked(reader).items()}
            if not_modified(request, etag):
                return _calendar(b"", etag, headers, status=304)
            chapter = _chapter(reader)
            headers["Content-Disposition"] = f'inline; filename="{chapter.code}.ics"'
        title = f"{chapter.code} – {chapter.name}"
        return _calendar(write(title, [chapter], caller.language, service.settings.address), etag, headers)

    return await anyio.to_thread.run_sync(run)


@router.get("/calendars/{secret}.ics", response_class=Response, responses={**responses(404, 422), **CALENDAR})
async def get_personal_calendar(secret: SecretPath, request: Request, query: Annotated[AsOfQuery, Query()]) -> Response:
    """The calendar of a person over all transformations, without a key: the address is the secret. It shows what the
    person may see today."""
    service = request.app.state.service

    def run() -> Response:
        owner = service.calendar_addresses.owner(secret, service.clock())
        if owner is None:
            raise CalendarAddressUnknown()
        caller = Caller(owner["id"], "", frozenset({"read"}), owner["language"], administrator=False)
        as_of = resolve(service, query)
        with service.database.snapshot() as connection:
            ids = transformations_of(connection, caller.principal)
            readers = [_reader(service, connection, caller, str(id), as_of, begun=False) for id in ids]
            readers = [reader for reader in readers if reader.position]
            etag = _joined([view_etag(reader) for reader in readers], caller.language)
            headers: dict[str, str] = {"Content-Language": caller.language}
            if lacking := sum(len(reader.incomplete) for reader in readers):
                headers["Trajectoire-Incomplete"] = str(lacking)
            if not_modified(request, etag):
                return _calendar(b"", etag, headers, status=304)
            chapters = [_chapter(reader) for reader in readers]
        content = write(NAMES[caller.language], chapters, caller.language, service.settings.address, codes=True)
        return _calendar(content, etag, headers)

    return await anyio.to_thread.run_sync(run)


@router.get("/me/calendar", response_model=CalendarAddress, **READS)
async def get_my_calendar_address(
    request: Request, caller: CallerDependency, query: Annotated[Nothing, Query()]
) -> Response:
    """Whether the caller has a calendar address, and when it was last used; never the address."""

    def run() -> Response:
        caller.require_scope("read")
        body = to_json(_shown(request.app.state.service, caller.principal))
        return answer(request, body, etag=object_etag(1, body))

    return await anyio.to_thread.run_sync(run)


@router.post("/me/calendar", response_model=CalendarAddress, **CREATES)
async def open_my_calendar(body: NoFields, write: Create) -> Response:
    """Make the caller's calendar address, in the place of an earlier one. A replay answers without it and says so."""
    service, once = write.service, {}

    def decide() -> dict[str, Any]:
        write.caller.require_scope("read")  # the address reads, so whoever makes it must be one who reads
        secret = service.calendar_addresses.open(write.caller.principal, service.clock())
        once["address"] = f"{service.settings.address}/api/v1/calendars/{secret}.ics"
        return _shown(service, write.caller.principal)

    def beside(replayed: bool) -> dict[str, Any]:
        return {"address_shown": SHOWN_ONCE, **({} if replayed else once)}

    return await write_own(write, body, "calendar.open", decide, location="/api/v1/me/calendar", beside=beside)


@router.post("/me/calendar/revoke", response_model=CalendarAddress, responses=CREATES["responses"])
async def revoke_my_calendar(body: NoFields, write: Create) -> Response:
    """The calendar address of the caller opens nothing any more."""

    def decide() -> dict[str, Any]:
        if not write.service.calendar_addresses.revoke(write.caller.principal):
            raise NoCalendarAddress()
        return _shown(write.service, write.caller.principal)

    return await write_own(write, body, "calendar.revoke", decide)


def _reader(
    service: Any,
    connection: Connection[DictRow],
    caller: Caller,
    transformation: str,
    as_of: AsOf,
    *,
    begun: bool = True,
) -> Reader:
    """The read of one transformation. Raises `NotFound` for who is no member and, if `begun`, before it existed."""
    member = membership(connection, caller, transformation)
    require("read", member.role)
    position = last_change(connection, member.transformation.id, as_of)
    if begun and not position:
        raise NotFound(what="transformation", id=transformation)
    return Reader(service, connection, caller, member, as_of, position)


def _chapter(reader: Reader) -> Chapter:
    entries = read(reader.connection, reader.transformation_id, reader.as_of, reader.viewer.visible())
    return Chapter(reader.transformation.code, reader.transformation.name, entries)


def _joined(etags: list[str], language: str) -> str:
    """The ETag of a calendar made of several: it stands for all that their bytes depend on."""
    return f'"{hashlib.sha256(" ".join([language, *etags]).encode()).hexdigest()[:32]}"'


def _calendar(content: bytes, etag: str, headers: Mapping[str, str], *, status: int = 200) -> Response:
    named = {"ETag": etag, "Cache-Control": CACHE, **headers}
    return Response(content, status, headers=named, media_type=MEDIA_TYPE if content else None)


def _shown(service: Any, person: str) -> dict[str, Any]:
    found = service.calendar_addresses.of(person)
    return {
        "active": found is not None,
        "opened_at": found["opened_at"] if found else None,
        "last_used_on": found["last_used_on"] if found else None,
    }
