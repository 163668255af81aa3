"""A service in which operations reach real objects: the same objects as the permission table, by address."""

import os
import random
from typing import Any

from fastapi import FastAPI
from schemathesis import Case
from schemathesis.generation.meta import TestPhase

from service.api.app import create_app
from service.domain.event import new_id
from tests.permissions.world import Objects
from tests.running import ROLES

LEAD = int(os.environ.get("CONFORM_EXAMPLES_LEAD", "200"))
OTHERS = int(os.environ.get("CONFORM_EXAMPLES_OTHERS", "20"))
OTHER_ROLES = ("administrator", "stranger", *(role for role in ROLES if role != "lead"))
EVERY = max(1, LEAD // OTHERS)


class Later:
    """The service of an application that is described before its database runs."""

    def __init__(self) -> None:
        self.service: Any = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.service, name)


LATER = Later()
APP: FastAPI = create_app(LATER)


SENT: dict[str, dict[str, bool]] = {}


def for_others(case: Case) -> bool:
    """Whether a random example is sent as every role: one in `EVERY`, and the same ones when it is run again."""
    if case.meta is None or case.meta.phase.name != TestPhase.FUZZING:
        return False
    sent = SENT.setdefault(case.operation.label, {})
    example = repr((case.path_parameters, case.query, case.headers, case.body))
    return sent.setdefault(example, len(sent) % EVERY == 0)


def seed(case: Case, objects: Objects, role: str) -> dict[str, str]:
    """Put real ids and a current ETag into a case where it was generated to be right; the headers to send it with."""
    who = "Administratrice" if role == "administrator" else role
    wrong = case.meta is not None and case.meta.generation.mode.is_negative
    headers = {"Authorization": f"Bearer {objects.running.keys[who]}"}
    if wrong:
        return headers
    real = random.Random(repr(case.path_parameters) + repr(case.body)).random() < 0.8
    if real:
        fill(case, objects, role)
    if "Idempotency-Key" in case.headers:
        case.headers["Idempotency-Key"] = str(new_id())
    if real and "If-Match" in case.headers and "{id}" in case.path:
        read = objects.running.get(case.formatted_path.removeprefix("/api/v1").partition("/events/")[0], who)
        if etag := read.headers.get("ETag"):
            case.headers["If-Match"] = etag
    return headers


def fill(case: Case, objects: Objects, role: str) -> None:
    """Real ids for the parameters of an address."""
    collection = case.path.removeprefix("/api/v1/").split("/")[0]
    known = case.path_parameters
    if "transformation" in known:
        known["transformation"] = objects.transformation
    if "event_id" in known:
        known["event_id"] = objects.event
    if "id" in known:
        owned = objects.own.get(role, {}).get(collection)
        found = owned or objects.other.get(collection)
        if collection == "people":
            found = objects.running.people["spare"]
        if collection == "transformations":
            found = objects.transformation
        if found:
            known["id"] = found
