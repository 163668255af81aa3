"""A running service for tests: the application in this process, its worker in a thread, a clock that tests move."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import UUID

from service.acts.principals import ALL_SCOPES, enrol_person, issue_key
from service.bootstrap import Service, application
from service.domain.act import Act
from service.domain.event import new_id
from service.domain.key import KEY
from service.domain.principal import PERSON, grant_administrator
from service.settings import Settings
from service.store.unit import Target, Unit
from tests.asgi import client

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ROLES = ("lead", "contributor", "facilitator", "governance", "sponsor", "auditor", "integration")


class Running:
    """The service, its HTTP client, and `person(name)` for a person with a key."""

    def __init__(self, dsn: str, data_dir: Path) -> None:
        self.now = START
        settings = Settings(data_dir=data_dir, environment="test", consistency_wait=10)
        self.service = Service(settings, dsn, clock=lambda: self.now)
        self.people: dict[str, str] = {}
        self.keys: dict[str, str] = {}
        self._versions: dict[str, str] = {}

    def __enter__(self) -> Self:
        self.service.start(worker=True)
        self.app = application(self.service)
        self.client = client(self.app).__enter__()
        self.admin = self.person("Administratrice", administrator=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.client.__exit__()
        self.service.stop()

    def advance(self, **by: float) -> None:
        """Move the clock forward."""
        self.now += timedelta(**by)

    def person(self, name: str, *, administrator: bool = False) -> str:
        """Enrol a person with a key of all scopes; the id `p_…`."""
        whole = ""

        def work(unit: Unit) -> Target:
            nonlocal whole
            person = enrol_person(unit, self.service.directory, name)
            if administrator:
                unit.record(PERSON, person.id, grant_administrator(person))
            key, whole = issue_key(
                unit,
                self.service.directory,
                owner=person.person_id,
                name="test",
                scopes=ALL_SCOPES,
                environment="test",
            )
            self.people[name] = person.person_id
            return Target(KEY, key)

        outcome = self.service.recorder.execute(Act(actor="p_" + "0" * 32, now=self.now, channel="cli"), work)
        assert self.service.gate.wait(outcome.position, 10)
        self.keys[name] = whole
        return self.people[name]

    def transformation(self, code: str | None = None, **body: Any) -> str:
        """A transformation from the template, with one member in each role named after it (« lead », …); its id."""
        code = code or f"T{new_id().hex[-8:].upper()}"
        for role in ROLES:
            if role not in self.people:
                self.person(role)
        sent = {
            "code": code,
            "name": "Direction des comptes rendus",
            "template": "direction-4-phases",
            "lead": self.people["lead"],
            "sponsor": self.people["sponsor"],
            **body,
        }
        made = self.post("/transformations", sent, who="Administratrice")
        assert made.status_code == 201, made.text
        for role in ROLES:
            if role not in ("lead", "sponsor"):
                granted = self.post(
                    f"/transformations/{code}/members", {"person_id": self.people[role], "role": role}, who="lead"
                )
                assert granted.status_code == 201, granted.text
        return str(UUID(made.json()["id"]))

    def erase(self, person: str) -> None:
        """Take a person's row out of the directory, as an erasure would."""
        with self.service.database.connection() as connection:
            connection.execute("DELETE FROM people WHERE id = %s", (person,))

    def get(self, path: str, who: str = "lead", **options: Any) -> Any:
        return self.client.get(f"/api/v1{path}", headers=self.headers(who, options.pop("headers", {})), **options)

    def post(
        self,
        path: str,
        body: Any = None,
        who: str = "lead",
        *,
        etag: str | None = None,
        key: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Any:
        """POST with a fresh idempotency key unless one is given."""
        sent = self.headers(who, {"Idempotency-Key": key or str(new_id()), **(headers or {})})
        if etag:
            sent["If-Match"] = etag
        answer = self.client.post(f"/api/v1{path}", json={} if body is None else body, headers=sent)
        self.saw(path, answer)
        return answer

    def act(self, path: str, verb: str, body: Any = None, who: str = "lead") -> Any:
        """Act on the version last seen of the object at `path`; read it where none was, or where it is another now."""
        seen = self.version(path, who)
        answer = self.post(f"{path}/{verb}", body, who, etag=seen)
        if answer.status_code == 412:
            assert self.version(path, who, again=True) != seen, "the version that an answer told is the current one"
            answer = self.post(f"{path}/{verb}", body, who, etag=self.version(path, who))
        return answer

    def version(self, path: str, who: str = "lead", *, again: bool = False) -> str:
        """The ETag of the object at `path`: as last seen, else as `who` reads it."""
        if again or path not in self._versions:
            self._versions[path] = self.get(path, who).headers["ETag"]
        return self._versions[path]

    def saw(self, path: str, answer: Any) -> None:
        """Remember the version that a POST to `path` made."""
        if answer.status_code in (200, 201) and "ETag" in answer.headers:
            made = answer.headers.get("Location", "").removeprefix("/api/v1")
            self._versions[made or path.rpartition("/")[0]] = answer.headers["ETag"]

    def headers(self, who: str, more: dict[str, str]) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys[who]}", **more} if who else more
