"""A service in which operations reach real objects: the same objects as the permission table, by address."""

import os
import random
import re
from typing import Any

from fastapi import FastAPI
from schemathesis import Case
from schemathesis.generation.meta import TestPhase

from service.api.app import create_app
from service.domain.event import new_id
from tests.permissions.world import TODAY, Objects
from tests.running import ROLES

LEAD = int(os.environ.get("CONFORM_EXAMPLES_LEAD", "200"))
OTHERS = int(os.environ.get("CONFORM_EXAMPLES_OTHERS", "20"))
OTHER_ROLES = ("administrator", "stranger", *(role for role in ROLES if role != "lead"))
PERSON = re.compile("[ps]_[0-9a-f]{32}")
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
    chance = random.Random(repr(case.path_parameters) + repr(case.body))
    real = chance.random() < 0.8
    if real:
        fill(case, objects, role)
        case.body = settle(case.body, "", objects, chance)
    if "Idempotency-Key" in case.headers:
        case.headers["Idempotency-Key"] = str(new_id())
    if real and "If-Match" in case.headers:
        collection, key = case.path.removeprefix("/api/v1/").split("/")[:2]
        read = objects.running.get(f"/{collection}/{case.path_parameters[key.strip('{}')]}", who)
        if etag := read.headers.get("ETag"):
            case.headers["If-Match"] = etag
    return headers


OF: dict[str, str] = {
    "axis": "axes",
    "workstream": "workstreams",
    "phase": "phases",
    "action": "actions",
    "milestone": "milestones",
    "obstacle": "obstacles",
    "indicator": "indicators",
    "decision": "decisions",
    "body": "bodies",
    "review": "reviews",
    "group": "groups",
    "second_of": "reviews",
    "parent": "actions",
    "resolves": "obstacles",
    "creates_actions": "actions",
    "confirms_axes": "axes",
    "supersedes": "decisions",
}


def settle(value: Any, name: str, objects: Objects, chance: random.Random) -> Any:
    """A body in which people and objects exist, acts are of today, and most are not on anyone's behalf."""
    if isinstance(value, dict):
        found = {key: settle(item, key, objects, chance) for key, item in value.items()}
        if str(found.get("kind")) in OF and "id" in found:
            found["id"] = objects.other[OF[str(found["kind"])]]
        if "on_behalf_of" in found and chance.random() < 0.8:
            found["on_behalf_of"] = None
        return found
    if isinstance(value, list):
        settled = [settle(item, name, objects, chance) for item in value]
        return settled[:1] if settled and settled[0] != value[0] else settled
    if not isinstance(value, str):
        return value
    if name == "occurred_on":
        return TODAY
    if PERSON.fullmatch(value):
        return chance.choice(sorted(objects.running.people.values()))
    collection = OF.get(name.removesuffix("_id"))
    return objects.other[collection] if collection else value


def fill(case: Case, objects: Objects, role: str) -> None:
    """Real ids for the parameters of an address."""
    collection = case.path.removeprefix("/api/v1/").split("/")[0]
    known = case.path_parameters
    if "transformation" in known:
        known["transformation"] = objects.transformation
    if "secret" in known:
        known["secret"] = objects.calendar("lead")
    if "id" in known:
        owned = objects.own.get(role, {}).get(collection)
        found = owned or objects.other.get(collection)
        if collection == "people":
            found = objects.running.people["spare"]
        if collection == "transformations":
            found = objects.transformation
        if found:
            known["id"] = found
        if found and "event_id" in known:
            known["event_id"] = fact_of(objects, found)


def fact_of(objects: Objects, id: str) -> str:
    """The latest fact of an object."""
    trail = objects.running.get(f"/audit/events?transformation={objects.transformation}&subject={id}&limit=1").json()
    return str(trail["items"][0]["event_id"])
