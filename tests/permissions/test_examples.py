"""The examples of bodies that the description publishes are sent as printed, and done.

Only ids are put in, where an example says that one stands for another.
"""

import json
from typing import Any

import pytest

from service.api.examples import EXAMPLES, OBJECT, PERSON
from service.domain.event import new_id
from tests.permissions.test_table import ROWS, Row, body, fill
from tests.permissions.world import CALLERS, Objects
from tests.running import Running

DONE = ("200", "201")
ACTS = [row for row in ROWS if row.method == "POST" and row.kind == "other" and set(DONE) & set(row.statuses)]


@pytest.fixture(scope="module")
def objects(running: Running) -> Objects:
    return Objects(running)


def operation_of(objects: Objects, path: str) -> dict[str, Any]:
    found: dict[str, Any] = objects.description["paths"][f"/api/v1{path}"]["post"]
    return found


@pytest.mark.parametrize("row", ACTS, ids=str)
def test_an_example_is_done_as_it_is_printed(objects: Objects, row: Row) -> None:
    operation = operation_of(objects, row.path)
    if operation["operationId"] not in EXAMPLES:
        return  # the reason alone, which the table of permissions sends with every act
    example = operation["requestBody"]["content"]["application/json"]["example"]
    caller = next(caller for caller, status in zip(CALLERS, row.statuses, strict=True) if status in DONE)
    who = "Administratrice" if caller == "admin" else caller
    path, event = fill(objects, row, caller)
    right = body(objects, row, path, caller, event)
    headers = objects.running.headers(who, {"Idempotency-Key": str(new_id())})
    versioned = objects.versioned(row.path)
    answer = objects.send("POST", path, headers, versioned=versioned, json=settled(example, right, objects))
    objects.done(path.split("/")[2] if "/" in path[1:] else "")
    assert answer.status_code in (200, 201), answer.text


def settled(example: dict[str, Any], right: dict[str, Any], objects: Objects) -> dict[str, Any]:
    """The example with real ids: those of a right body, somebody who sits in the body elsewhere."""
    found = {}
    for name, value in example.items():
        printed = json.dumps(value)
        if name in right and (PERSON in printed or OBJECT in printed):
            found[name] = right[name]
        else:
            found[name] = json.loads(printed.replace(PERSON, objects.running.people["governance"]))
    return found


def test_every_body_has_its_example_and_every_example_its_operation(objects: Objects) -> None:
    named = set()
    for path in objects.description["paths"].values():
        content = path.get("post", {}).get("requestBody", {}).get("content", {})
        if "application/json" in content:
            assert content["application/json"]["example"]
            named.add(path["post"]["operationId"])
    assert not EXAMPLES.keys() - named, "examples of no operation"
