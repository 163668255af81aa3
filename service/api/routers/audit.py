"""The audit trail over HTTP: who, what, when, on what basis, through what; as pages, JSON Lines or CSV."""

import hashlib
import re
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import anyio.to_thread
from fastapi import Query, Request
from fastapi.responses import Response, StreamingResponse
from psycopg import Connection
from psycopg.rows import DictRow
from psycopg.sql import SQL, Composable

from service.api.answers import answer, to_json, with_people
from service.api.as_of_query import AsOfQuery, resolve
from service.api.audit_export import as_csv, as_json_lines
from service.api.audit_hidden import without_hidden
from service.api.audit_shapes import AuditEventShown, AuditPage, AuditQuery, PeriodBackwards, SubjectUnreadable
from service.api.ordering import UnknownField
from service.api.paging import Pages, link
from service.api.problems import READS
from service.api.reader import Reader
from service.api.routing import api_router
from service.api.who import Caller, CallerDependency, Membership, membership
from service.domain.concept import concepts
from service.domain.event import type_registry
from service.domain.permissions import require
from service.domain.refusal import NotAllowed, NotFound
from service.projections.as_of import AsOf
from service.projections.audit_events import AuditFilter, find_event, read_trail, record_reading
from service.projections.event_words import event_words
from service.projections.viewer import Viewer

router = api_router("audit")
REFERENCE = re.compile(r"^[A-Z]-[1-9][0-9]{0,8}$")
MEDIA = {"jsonl": "application/jsonl", "csv": "text/csv; charset=utf-8"}


EXPORTS: dict[str, Any] = {
    "responses": {
        **READS["responses"],
        200: {"description": "OK", "content": {"application/jsonl": {}, "text/csv": {}}},
    }
}


@router.get("/audit/events", response_model=AuditPage, **EXPORTS)
async def list_audit_events(
    request: Request, caller: CallerDependency, query: Annotated[AuditQuery, Query()]
) -> Response:
    """The trail of a transformation, or of the instance for its administrators."""
    return await anyio.to_thread.run_sync(_answer, request, caller, query)


@router.get("/audit/events/{event_id}", response_model=AuditEventShown, **READS)
async def get_audit_event(
    event_id: UUID, request: Request, caller: CallerDependency, query: Annotated[AsOfQuery, Query()]
) -> Response:
    """One event of the trail."""

    def run() -> Response:
        service = request.app.state.service
        caller.require_scope("audit")
        as_of = resolve(service, query)
        with service.database.snapshot() as connection:
            row = find_event(connection, event_id, as_of.position if as_of.position is not None else 2**62)
            if row is None:
                raise NotFound(what="event", id=event_id)
            if row["transformation_id"] is None:
                if not caller.administrator:
                    raise NotFound(what="event", id=event_id)
            else:
                (row,) = without_hidden(connection, _seen_by(connection, caller, row), [row])
            body = with_people(
                to_json(_shown(row, caller.language)), lambda ids: service.directory.names(ids, connection)
            )
        _remember(request, caller, row["transformation_id"])
        etag = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
        return answer(request, body, etag=etag, Content_Language=caller.language)

    return await anyio.to_thread.run_sync(run)


def _seen_by(connection: Connection[DictRow], caller: Caller, row: DictRow) -> Viewer:
    """Who looks at an event of a transformation. Raises `NotFound` where its subject is not to be seen."""
    try:
        member = membership(connection, caller, row["transformation_id"])
    except NotFound:
        raise NotFound(what="event", id=row["event_id"]) from None
    require("read_audit", member.role)
    query = SQL("SELECT {} AS visible FROM audit_events e WHERE e.position = %s").format(
        member.viewer.visible("e.subject_id")
    )
    found = connection.execute(query, (row["position"],)).fetchone()
    if not (found and found["visible"]):
        raise NotFound(what="event", id=row["event_id"])
    return member.viewer


def _answer(request: Request, caller: Caller, query: AuditQuery) -> Response:
    service = request.app.state.service
    caller.require_scope("audit")
    pages = Pages(request, query)
    as_of = resolve(service, AsOfQuery(as_of=query.as_of, as_of_position=query.as_of_position))
    shape = query.format or _accepted(request)
    with service.database.snapshot() as connection:
        member = _member(connection, caller, query.transformation)
        asked = _asked(connection, caller, query, member, as_of)
        if pages.after:
            asked = replace(asked, until=pages.after["until"])
            as_of = AsOf(datetime.fromisoformat(pages.after["instant"]), query.as_of_position)
        body, following = b"", None
        if shape == "json":
            body, following = _page(request, caller, query, connection, asked, member, pages, as_of)
    _remember(request, caller, asked.transformation_id)
    headers = {"Trajectoire_Position": str(asked.until), "Content_Language": caller.language}
    if shape != "json":
        return _export(request, caller, query, asked, member, shape, headers)
    etag = f'"{asked.until}.{hashlib.sha256(body).hexdigest()[:24]}"'
    page = answer(request, body, etag=etag)
    page.headers.update({name.replace("_", "-"): value for name, value in (headers | link(following)).items()})
    return page


def _member(connection: Connection[DictRow], caller: Caller, transformation: str | None) -> Membership | None:
    """The reader's membership; None for an administrator who reads the events of the instance."""
    if transformation is None:
        if not caller.administrator:
            raise NotAllowed(act="read_audit", role=None, needed=["administrator"])
        return None
    member = membership(connection, caller, transformation)
    require("read_audit", member.role)
    return member


def _asked(
    connection: Connection[DictRow], caller: Caller, query: AuditQuery, member: Membership | None, as_of: AsOf
) -> AuditFilter:
    topics = tuple(query.type.split(",")) if query.type else ()
    for topic in topics:
        if topic not in type_registry:
            raise UnknownField(pointer="type", name=topic, known=[f"{name}.…" for name in concepts])
    if query.from_ and query.to and query.from_ > query.to:
        raise PeriodBackwards(pointer="from")
    subject_id, subject_ref = None, None
    if query.subject is not None:
        if REFERENCE.match(query.subject):
            subject_ref = query.subject
        else:
            try:
                subject_id = UUID(query.subject)
            except ValueError:
                raise SubjectUnreadable(pointer="subject") from None
    until = as_of.position
    if until is None:
        row = connection.execute("SELECT position FROM projection_head").fetchone()
        until = row["position"] if row else 0
    return AuditFilter(
        transformation_id=member.transformation.id if member else None,
        until=until,
        subject_id=subject_id,
        subject_ref=subject_ref,
        actors=tuple(caller.principal if who == "me" else who for who in query.actor.split(",")) if query.actor else (),
        topics=topics,
        recorded_from=query.from_,
        recorded_to=query.to,
        text=query.q,
    )


def _page(
    request: Request,
    caller: Caller,
    query: AuditQuery,
    connection: Connection[DictRow],
    asked: AuditFilter,
    member: Membership | None,
    pages: Pages,
    as_of: AsOf,
) -> tuple[bytes, str | None]:
    service = request.app.state.service
    found = read_trail(
        connection,
        asked,
        _visible(member),
        limit=query.limit + 1,
        after=pages.after["position"] if pages.after else None,
        oldest_first=query.sort == "position",
    )
    rows, following = pages.turn(
        found, lambda last: {"position": last["position"], "until": asked.until, "instant": as_of.instant}
    )
    body = {
        "items": [_shown(row, caller.language) for row in without_hidden(connection, _viewer(member), rows)],
        "next": following,
        "incomplete": Reader(service, connection, caller, member, as_of, asked.until).incomplete if member else [],
        "position": asked.until,
        "as_of": as_of.instant if query.as_of is not None or query.as_of_position is not None else None,
        "today": as_of.today,
    }
    return with_people(to_json(body), lambda ids: service.directory.names(ids, connection)), following


def _viewer(member: Membership | None) -> Viewer | None:
    return member.viewer if member else None


def _visible(member: Membership | None) -> Composable:
    return member.viewer.visible("e.subject_id") if member else SQL("TRUE")


def _export(
    request: Request,
    caller: Caller,
    query: AuditQuery,
    asked: AuditFilter,
    member: Membership | None,
    shape: str,
    headers: dict[str, str],
) -> Response:
    """The whole trail in batches, each on its own snapshot: a slow reader holds no connection."""
    service = request.app.state.service

    def batch(after: int | None) -> tuple[list[dict[str, Any]], dict[str, str]]:
        with service.database.snapshot() as connection:
            oldest_first = query.sort == "position"
            rows = read_trail(connection, asked, _visible(member), limit=500, after=after, oldest_first=oldest_first)
            events = [_shown(row, caller.language) for row in without_hidden(connection, _viewer(member), rows)]
            people = {event["actor"] for event in events}
            people |= {e["on_behalf_of"]["id"] for e in events if e["on_behalf_of"]}
            return events, service.directory.names(sorted(people), connection)

    write = as_csv if shape == "csv" else as_json_lines
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    named["Content-Disposition"] = f'attachment; filename="audit.{shape}"'
    named["Cache-Control"] = "private, no-cache"
    named["Vary"] = "Authorization, Accept-Language, Accept"
    return StreamingResponse(write(batch, caller.language), headers=named, media_type=MEDIA[shape])


def _accepted(request: Request) -> str:
    accept = request.headers.get("accept", "")
    for shape, names in (("csv", ("text/csv",)), ("jsonl", ("application/jsonl", "application/x-ndjson"))):
        if any(name in accept for name in names):
            return shape
    return "json"


def _remember(request: Request, caller: Caller, transformation_id: UUID | None) -> None:
    service = request.app.state.service
    with service.database.connection() as connection:
        what = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
        record_reading(connection, caller.principal, transformation_id, what[:2000], service.clock())


def _shown(row: DictRow, language: str) -> dict[str, Any]:
    subject = {name: row[f"subject_{name}"] for name in ("kind", "id", "ref", "title")}
    return {
        "position": row["position"],
        "event_id": row["event_id"],
        "type": row["topic"],
        "label": event_words(row["topic"], language),
        "recorded_at": row["recorded_at"],
        "occurred_on": row["occurred_on"],
        "occurred_on_basis": row["occurred_on_basis"],
        "transformation_id": row["transformation_id"],
        "subject": subject,
        "version": row["version"],
        "actor": row["actor"],
        "role": row["actor_role"],
        "on_behalf_of": row["on_behalf_of"],
        "channel": row["channel"],
        "reason": row["reason"],
        "correlation_id": row["correlation_id"],
        "causation_id": row["causation_id"],
        "mends": row["mended_event_id"],
        "mended_by": row["mended_by"],
        "changes": row["changes"],
    }
