"""Every route, asked by every caller: the statuses of `table.txt`, which no code derives."""

import re
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from fastapi.routing import iter_route_contexts

from service.domain.event import new_id
from tests.permissions.world import CALLERS, Objects
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
        for route in iter_route_contexts(running.client.app.routes)  # type: ignore[attr-defined]
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
    if row.path.endswith("/imports") and row.method == "POST":
        send["files"] = {"file": ("plan.xlsx", b"not a workbook")}
    elif row.method == "POST":
        send["json"] = body(objects, row, caller)
    address = f"/api/v1{fill(objects, row, caller)}"
    return int(objects.running.client.request(row.method, address, headers=headers, **send).status_code)


def fill(objects: Objects, row: Row, caller: str) -> str:
    """The address of a row for a caller."""
    collection = row.path.split("/")[1]
    path = row.path.replace("{transformation}", objects.transformation).replace("{event_id}", objects.event)
    path = path.replace("{code}", "not-found")
    if row.path == "/audit/events":
        return f"{path}?transformation={objects.transformation}"
    if row.path.endswith("/changes"):
        return f"{path}?from=2026-03-02T09:00:00Z"
    if "{id}" not in path:
        return path
    owner = "Administratrice" if caller == "admin" else caller
    if collection == "people":
        id = objects.running.people[owner if row.kind == "own" else "spare"]
    elif collection == "keys":
        id = objects.key(owner if row.kind == "own" else "spare")
    elif collection == "transformations":
        id = objects.transformation
    else:
        id = {"other": objects.other, "restricted": objects.restricted, "own": objects.own.get(caller, {})}[row.kind][
            collection
        ]
    return path.replace("{id}", id)


def body(objects: Objects, row: Row, caller: str) -> dict[str, Any]:
    """A small body that is right, about something of the caller's own where the row says so."""
    found = objects.body(row.path)
    if re.fullmatch(r"/transformations/{transformation}/\w+", row.path) and row.kind == "own":
        if row.path.endswith("/actions"):
            found["parent_id"] = objects.own[caller]["actions"]
        else:
            found["subject"] = {"kind": "action", "id": objects.own[caller]["actions"]}
    elif "subject" in found:
        found["subject"] = {"kind": "phase", "id": objects.other["phases"]}
    if row.path.endswith("/reviews"):
        found["body_id"] = objects.other["bodies"]
    if row.path.endswith(("/measure", "/propose-value", "/count")):
        found["occurred_on"] = (date(2026, 3, 1) - timedelta(days=next(DAYS))).isoformat()  # one value a day
    if row.path.endswith("/members"):
        found["person_id"] = objects.running.person(f"Recrue {new_id().hex[-8:]}")
    return found
