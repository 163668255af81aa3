"""Where measures take place: one embedded PostgreSQL, worlds in databases of their own, servers as real processes."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import UUID

from bench.baselines.crud_schema import fill
from bench.history import Plan, interleaved, write
from service.acts.principals import ALL_SCOPES, enrol_person, issue_key
from service.acts.transformations import prepare_transformation
from service.bootstrap import Service, prepare
from service.domain.act import Act, paris_date
from service.domain.event import new_id
from service.domain.key import KEY
from service.domain.transformation import TRANSFORMATION
from service.settings import Settings
from service.store.embedded import EmbeddedPostgres
from service.store.unit import Target, Unit

PEOPLE = 20


@dataclass(frozen=True)
class World:
    """One database with a service over it, transformations, and the key of the lead of all of them."""

    service: Service
    dsn: str
    key: str
    lead: str
    people: list[str]
    plans: list[Plan]

    @property
    def first(self) -> Plan:
        return self.plans[0]

    def act(self) -> Act:
        """An act of the lead in the first transformation."""
        now = self.service.clock()
        return Act(actor=self.lead, now=now, correlation_id=new_id()).within(self.first.transformation_id)


class Stage:
    """`with Stage() as stage`: everything that it starts has ended, and its folder is gone, when it is left."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="trajectoire-bench-"))
        self.folder.chmod(0o711)
        self.postgres = EmbeddedPostgres(self.folder / "data")

    def __enter__(self) -> Self:
        self.postgres.start(owner=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.postgres.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    @contextmanager
    def world(self, name: str, *, events: int = 0, transformations: int = 1, projected: bool = True) -> Iterator[World]:
        """A database with about so many events, spread over so many transformations."""
        dsn = self.postgres.dsn(name)
        prepare(dsn)
        service = Service(Settings(data_dir=self.folder / "keys"), dsn)
        service.start(worker=False)
        try:
            lead, key = _lead(service)
            people = [lead, *(_person(service, f"Personne {number}") for number in range(1, PEOPLE))]
            today = paris_date(service.clock())
            plans = [
                Plan(_transformation(service, lead, f"BENCH-{number}"), people, today, seed=number)
                for number in range(transformations)
            ]
            write(service, interleaved(plans, events // transformations))
            if projected:
                service.projector().catch_up()
                settle(service)
            yield World(service, dsn, key, lead, people, plans)
        finally:
            service.stop()

    @contextmanager
    def serve(self, world: World, **settings: str) -> Iterator[int]:
        """`trajectoire serve` on the world's database, with its worker; its port."""
        command = [sys.executable, "-P", "-m", "service.cli", "serve"]
        with self._process(command, world.dsn, "/livez", settings) as port:
            yield port

    @contextmanager
    def crud(self, world: World) -> Iterator[int]:
        """The CRUD application on a database of its own that holds the world's first transformation; its port."""
        dsn = self.postgres.dsn(f"crud_{world.first.transformation_id.hex}")
        fill(world.service, dsn, world.first.transformation_id, world.first.today)
        with self._process([sys.executable, "-m", "bench.baselines.crud"], dsn, "/ready", {}) as port:
            yield port

    @contextmanager
    def _process(self, command: list[str], dsn: str, ready: str, settings: dict[str, str]) -> Iterator[int]:
        port = free_port()
        environment = {
            **os.environ,
            **settings,
            "PYTHONPATH": os.getcwd(),
            "TRAJECTOIRE_DATABASE_URL": dsn,
            "TRAJECTOIRE_DATA_DIR": str(self.folder / "keys"),
            "TRAJECTOIRE_PORT": str(port),
        }
        with (self.folder / f"server-{port}.log").open("w") as out:
            process = subprocess.Popen(command, env=environment, stdout=out, stderr=out)
            try:
                wait_for(f"http://127.0.0.1:{port}{ready}", process, Path(out.name))
                yield port
            finally:
                process.terminate()
                process.wait(timeout=60)


def settle(service: Service) -> None:
    """What autovacuum would do within minutes of a long history, done now: visibility maps and statistics."""
    with service.database.connection() as connection:
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(url: str, process: subprocess.Popen[bytes], output: Path) -> None:
    """Until a server answers. Raises `RuntimeError` with what it said if it ends before."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended: {output.read_text()[-2000:]}")
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise RuntimeError(f"the server does not answer: {output.read_text()[-2000:]}")


def _act(service: Service, actor: str = "p_" + "0" * 32) -> Act:
    return Act(actor=actor, now=service.clock(), channel="cli", correlation_id=new_id())


def _lead(service: Service) -> tuple[str, str]:
    given: list[str] = []

    def enrol(unit: Unit) -> Target:
        person = enrol_person(unit, service.directory, "Pilote du banc")
        key, whole = issue_key(
            unit, service.directory, owner=person.person_id, name="banc", scopes=ALL_SCOPES, environment="bench"
        )
        given[:] = [person.person_id, whole]
        return Target(KEY, key)

    service.recorder.execute(_act(service), enrol)
    return given[0], given[1]


def _person(service: Service, name: str) -> str:
    given: list[str] = []

    def enrol(unit: Unit) -> Target:
        person = enrol_person(unit, service.directory, name)
        given.append(person.person_id)
        return Target(KEY, person)

    service.recorder.execute(_act(service), enrol)
    return given[0]


def _transformation(service: Service, lead: str, code: str) -> UUID:
    def create(unit: Unit) -> Target:
        made = prepare_transformation(unit, code=code, name="Banc d’essai", lead=lead, sponsor=lead)
        return Target(TRANSFORMATION, made)

    return service.recorder.execute(_act(service, lead), create).id
