"""A service in which operations reach real objects: the same objects as the permission table, by address."""

import os
import random
import re
from typing import Any

import requests
from fastapi import FastAPI
from schemathesis import Case

from service.api.app import create_app
from service.domain.event import new_id
from service.settings import Settings
from tests.asgi import ADDRESS
from tests.permissions.world import TODAY, Objects
from tests.running import ROLES

LEAD = int(os.environ.get("CONFORM_EXAMPLES_LEAD", "200"))
OTHERS = int(os.environ.get("CONFORM_EXAMPLES_OTHERS", "20"))
OTHER_ROLES = ("administrator", "stranger", *(role for role in ROLES if role != "lead"))
PERSON = re.compile("[ps]_[0-9a-f]{32}")


class Later:
    """The service of an application that is described before its database runs."""

    def __init__(self) -> None:
        self.settings = Settings(environment="test")
        self.service: Any = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.service, name)


LATER = Later()
APP: FastAPI = create_app(LATER)


class ForOthers:
    """Which random examples are sent as every role: so many of so many, and the same when they are run again."""

    def __init__(self, count: int, of: int) -> None:
        self._count, self._of = count, of
        self._seen: dict[str, bool] = {}

    def __contains__(self, case: Case) -> bool:
        example = repr((case.path_parameters, case.query, case.headers, case.body))
        place = len(self._seen) * self._count
        return self._seen.setdefault(example, place % self._of < self._count)


class World:
    """The objects, and a session to call the application with. What was read of them is kept until a write succeeds."""

    def __init__(self, objects: Objects, session: requests.Session) -> None:
        self.objects = objects
        self.session = session
        self._read: dict[tuple[str, str], requests.Response] = {}

    def headers(self, role: str) -> dict[str, str]:
        """Who is asking."""
        who = "Administratrice" if role == "administrator" else role
        return {"Authorization": f"Bearer {self.objects.running.keys[who]}"}

    def read(self, path: str, role: str) -> requests.Response:
        """What a role reads at an address."""
        if (path, role) not in self._read:
            address = f"{ADDRESS}/api/v1{path}"
            self._read[path, role] = self.session.get(address, headers=self.headers(role))
        return self._read[path, role]

    def answered(self, case: Case, status: int) -> None:
        """A write that succeeded changes what was read."""
        if case.method != "GET" and status < 300:
            self._read.clear()

    def latest_fact(self, id: str) -> str:
        """The latest fact of an object."""
        of = self.objects.transformation
        return str(
            self.read(f"/audit/events?transformation={of}&subject={id}&limit=1", "lead").json()["items"][0]["event_id"]
        )


def seed(case: Case, world: World, role: str) -> None:
    """Put real ids and a current ETag into a case where it was generated to be right."""
    if case.meta is not None and case.meta.generation.mode.is_negative:
        return
    chance = random.Random(repr(case.path_parameters) + repr(case.body))
    real = chance.random() < 0.8
    if real:
        fill(case, world, role)
        case.body = settle(case.body, "", world.objects, chance)
    if "Idempotency-Key" in case.headers:
        case.headers["Idempotency-Key"] = str(new_id())
    if real and "If-Match" in case.headers:
        collection, key = case.path.removeprefix("/api/v1/").split("/")[:2]
        address = f"/{collection}/{case.path_parameters[key.strip('{}')]}"
        for reader in ("lead", role):  # a version is the same for all who may read it
            if etag := world.read(address, reader).headers.get("ETag"):
                case.headers["If-Match"] = etag
                break


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


def fill(case: Case, world: World, role: str) -> None:
    """Real ids for the parameters of an address."""
    objects = world.objects
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
            known["event_id"] = world.latest_fact(found)
