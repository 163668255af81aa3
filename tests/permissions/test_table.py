"""Every route, asked by every caller: the statuses of `table.txt`, which no code derives."""

import re
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from fastapi.routing import iter_route_contexts

from service.domain.event import new_id
from tests.permissions.world import BASIS, CALLERS, Objects
from tests.running import Running

TABLE = Path(__file__).with_name("table.txt")
OPERATE = {"/livez", "/readyz", "/metrics"}
"""Outside `/api/v1`: no key, no content."""
DAYS = count()
DOCUMENTATION = "/api/v1/docs"


class Row(NamedTuple):
    method: str
    path: str
    kind: str
    statuses: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.kind}"


def rows() -> list[Row]:
    found = []
    for line in TABLE.read_text("utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            method, path, kind, *statuses = line.split()
            assert len(statuses) == len(CALLERS), line
            found.append(Row(method, path, kind, tuple(statuses)))
    return found


ROWS = rows()


@pytest.fixture(scope="module")
def objects(running: Running) -> Objects:
    return Objects(running)


def test_every_route_is_listed_and_every_listed_route_exists(running: Running) -> None:
    routes = {
        f"{method} {route.path.removeprefix('/api/v1')}"
        for route in iter_route_contexts(running.app.routes)
        for method in (route.methods or set()) - {"HEAD"}
        if route.path not in OPERATE and not route.path.startswith(DOCUMENTATION)
    }
    listed = {f"{row.method} {row.path}" for row in ROWS}
    assert not routes - listed, "routes without a line in table.txt"
    assert not listed - routes, "lines without a route"


def test_no_line_stands_twice() -> None:
    assert len({str(row) for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_route_answers_every_caller_as_the_table_says(objects: Objects, row: Row) -> None:
    answered = []
    for caller, expected in zip(CALLERS, row.statuses, strict=True):
        answered.append("-" if expected == "-" else str(ask(objects, row, caller)))
    assert dict(zip(CALLERS, answered, strict=True)) == dict(zip(CALLERS, row.statuses, strict=True))


def ask(objects: Objects, row: Row, caller: str) -> int:
    """Send the request of a row as a caller; the status."""
    who = {"none": "", "admin": "Administratrice"}.get(caller, caller)
    headers = objects.running.headers(who, {"Idempotency-Key": str(new_id())})
    send: dict[str, Any] = {}
    path, event = fill(objects, row, caller)
    versioned = row.method == "POST" and bool(re.match(r"/[a-z-]+/[^/]+/", path)) and objects.versioned(row.path)
    if row.path.endswith("/imports") and row.method == "POST":
        send["files"] = {"file": ("plan.xlsx", b"not a workbook")}
    elif row.method == "POST":
        send["json"] = body(objects, row, path, caller, event)
    answer = objects.send(row.method, path, headers, versioned=versioned, **send)
    if row.method == "POST" and answer.status_code < 300:
        objects.done(path.split("/")[2] if "/" in path[1:] else "")
    return int(answer.status_code)


def fill(objects: Objects, row: Row, caller: str) -> tuple[str, str]:
    """The address of a row for a caller, on an object that is ready for the act; the event that the act is about."""
    parts = row.path.split("/")
    path = row.path.replace("{transformation}", objects.transformation).replace("{code}", "not-found")
    if row.path == "/people" and row.method == "GET":
        return f"{path}?q=spare", ""
    if row.path == "/audit/events":
        return f"{path}?transformation={objects.transformation}", ""
    if row.path.endswith("/plan-comparison"):
        return f"{path}?from=1", ""
    if row.path.endswith("/comparison"):
        path += "?from=1"
    if row.path.endswith("/changes"):
        return f"{path}?from=2026-03-02T09:00:00Z", ""
    if row.method == "POST" and row.path.endswith("/launch"):
        return path.replace(objects.transformation, objects.prepared()), ""
    if row.path == "/transformations/{transformation}/close":
        return path.replace(objects.transformation, objects.closing()), ""
    if row.path == "/me/calendar/revoke":
        objects.calendar(caller)
    if "{secret}" in path:
        return path.replace("{secret}", objects.calendar(caller) if row.kind == "own" else "x" * 43), ""
    if "{id}" not in path:
        return path.replace("{event_id}", objects.event), ""
    owner = "Administratrice" if caller == "admin" else caller
    collection, event = parts[1], objects.event
    if collection == "people":
        id = objects.running.people[owner if row.kind == "own" else "spare"]
        if row.path.endswith("-administrator"):
            id = objects.candidate(administrator=row.path.endswith("/revoke-administrator"))
    elif collection == "keys":
        id = objects.key(owner if row.kind == "own" else "spare")
    elif collection == "me":
        id = objects.reminder(caller) if row.kind == "own" else str(new_id())
    elif collection == "projections":
        id = str(new_id())
    elif row.method == "GET":
        id = objects.standing(collection, row.kind, caller)
    else:
        id, event = objects.ready(collection, parts[-1], row.kind, caller)
    return path.replace("{id}", id).replace("{event_id}", event), event


def body(objects: Objects, row: Row, path: str, caller: str, event: str) -> dict[str, Any]:
    """A small body that is right, about something of the caller's own where the row says so."""
    found = objects.body(row.path)
    collection, verb = row.path.split("/")[1], row.path.split("/")[-1]
    if re.fullmatch(r"/transformations/{transformation}/[a-z-]+", row.path) and row.kind == "own":
        if row.path.endswith("/actions"):
            found["parent_id"] = objects.own[caller]["actions"]
        else:
            found["subject"] = {"kind": "action", "id": objects.own[caller]["actions"]}
    elif "subject" in found:
        found["subject"] = {"kind": "phase", "id": objects.other["phases"]}
    if verb == "reviews":
        found["body_id"] = objects.other["bodies"]
    if verb == "snooze":
        found["until"] = "2027-03-01"
    if verb in ("measure", "propose-value", "count"):
        found["occurred_on"] = (date(2026, 3, 1) - timedelta(days=next(DAYS))).isoformat()  # one value a day
    if verb == "members":
        found["person_id"] = objects.running.person(f"Recrue {new_id().hex[-8:]}")
    if row.kind == "behalf":
        found["on_behalf_of"] = {"kind": "person", "id": objects.running.people["sponsor"], "basis": BASIS}
        if collection == "reviews":
            review = objects.running.get(f"/reviews/{path.split('/')[2]}").json()
            found["on_behalf_of"] = {"kind": "body", "id": review["body_id"], "basis": BASIS}
    if collection not in ("people", "keys") and objects.versioned(row.path):
        found |= objects.said(collection, verb, row.kind, event, caller)
    return found
