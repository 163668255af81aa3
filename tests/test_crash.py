"""`serve` killed in the middle of requests: the same keys then work, each act is there once; and a restarted server."""

import json
import os
import signal
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from email.message import Message
from pathlib import Path
from typing import Any

import psycopg
import pytest

from service.store.embedded_server import Server
from tests.commands import Command
from tests.projections.house import until
from tests.store.conftest import empty, initialised, place

__all__ = ["empty", "initialised", "place"]
ROOT = Path(__file__).parents[1]
APPENDING = "SELECT pg_advisory_lock(7226, 1)"
LOCKS = {
    # what a request waits for in vain, hence where the service is killed
    "deciding": "LOCK TABLE reference_counters IN ACCESS EXCLUSIVE MODE",
    "entering a person": "LOCK TABLE people IN EXCLUSIVE MODE",
    "appending": APPENDING,
}


class Serving:
    """A real `trajectoire serve` and what is asked of it."""

    def __init__(self, dsn: str | None, data_dir: Path) -> None:
        self.dsn, self.data_dir = dsn, data_dir
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]

    @contextmanager
    def __call__(self) -> Iterator[Command]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("TRAJECTOIRE_")}
        environment = {**kept, "TRAJECTOIRE_DATA_DIR": str(self.data_dir)}
        if self.dsn:
            environment["TRAJECTOIRE_DATABASE_URL"] = self.dsn
        log, port = self.data_dir / "serve.log", str(self.port)
        process = Command("serve", "--port", port, environment=environment, stdout=log, stderr=log)
        try:
            self.await_ready(process)
            self.key = (self.data_dir / "administrator.key").read_text().strip()
            yield process
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)

    def await_ready(self, process: Command, seconds: float = 90) -> float:
        """Until reads and writes can be relied on; how long it took."""
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            assert process.poll() is None, (self.data_dir / "serve.log").read_text()
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=2):
                    return time.monotonic() - began
            except OSError:
                time.sleep(0.05)
        raise AssertionError((self.data_dir / "serve.log").read_text())

    def get(self, path: str) -> Any:
        address = f"http://127.0.0.1:{self.port}/api/v1{path}"
        request = urllib.request.Request(address, headers={"Authorization": f"Bearer {self.key}"})
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)

    def post(self, path: str, body: dict[str, Any], key: str) -> tuple[int, dict[str, Any], Message]:
        headers = {"Authorization": f"Bearer {self.key}", "Idempotency-Key": key, "Content-Type": "application/json"}
        address = f"http://127.0.0.1:{self.port}/api/v1{path}"
        request = urllib.request.Request(address, json.dumps(body).encode(), headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.load(answer), answer.headers
        except urllib.error.HTTPError as refusal:
            return refusal.code, json.load(refusal), refusal.headers


@pytest.fixture
def serving(fresh_database: str, tmp_path: Path) -> Serving:
    with psycopg.connect(fresh_database, autocommit=True) as connection:
        connection.execute("UPDATE installation SET clock = 'database'")
    return Serving(fresh_database, tmp_path)


def one(dsn: str, query: Any, *parameters: Any) -> Any:
    with psycopg.connect(dsn, autocommit=True) as connection:
        row = connection.execute(query, parameters).fetchone()
    return row[0] if row else None


def waiting(dsn: str) -> int:
    """Sessions that wait for a lock."""
    return int(one(dsn, "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = "
                        "current_database()"))  # fmt: skip


def asked(serving: Serving) -> dict[str, tuple[str, dict[str, Any]]]:
    """A request for each place, in a transformation of the administrator's own."""
    me = serving.get("/me")["id"]
    body = {"code": "COUP", "name": "Essai", "template": "direction-4-phases", "lead": me, "sponsor": me}
    status, made, _ = serving.post("/transformations", body, "essai")
    assert status == 201, made
    phase = serving.get("/transformations/COUP/phases")["items"][0]["id"]
    promise = {"subject": {"kind": "phase", "id": phase}, "title": "Restitution", "due_on": "2027-06-01"}
    milestone = ("/transformations/COUP/milestones", promise)
    person = ("/people", {"display_name": "Ali Ben", "email": "ali@exemple.fr"})
    return {"deciding": milestone, "entering a person": person, "appending": milestone}


@pytest.mark.parametrize("where", LOCKS)
def test_the_same_key_works_after_a_kill_in_the_middle_of_its_request(serving: Serving, where: str) -> None:
    dsn = serving.dsn
    assert dsn is not None
    with serving() as process:
        path, content = asked(serving)[where]
        events = one(dsn, "SELECT count(*) FROM events")
        with closing(psycopg.connect(dsn)) as holder, ThreadPoolExecutor(1) as pool:
            holder.execute(LOCKS[where])
            unheard: Future[Any] = pool.submit(serving.post, path, content, "la même clé")
            deadline = time.monotonic() + 20
            while not waiting(dsn):
                assert time.monotonic() < deadline, "the request never came so far"
                time.sleep(0.01)
            process.kill()
            process.wait()
            assert unheard.exception(20) is not None
    with serving():
        status, answer, headers = serving.post(path, content, "la même clé")
        if where == "entering a person":
            # The row that the dead request left could be that of one that lives: for half a minute nobody can tell.
            assert (status, answer["code"], headers["Retry-After"]) == (409, "person-being-entered", "5")
            with psycopg.connect(dsn) as connection:
                connection.execute("UPDATE people SET created_at = created_at - interval '31 seconds'")
            status, answer, headers = serving.post(path, content, "la même clé")
        assert status == 201, answer
        again = serving.post(path, content, "la même clé")
        assert (again[0], again[1]["id"], again[2]["Idempotent-Replayed"]) == (201, answer["id"], "true")
        assert one(dsn, "SELECT count(*) FROM events") == events + 1
        assert one(dsn, "SELECT count(*) FROM people WHERE email = 'ali@exemple.fr'") == (where == "entering a person")


def test_serve_starts_its_own_server_again_and_all_its_parts_come_back(place: Path) -> None:
    """Writer, gate and engine find a restarted server by themselves, in less than five seconds."""
    data = place / "data"
    serving = Serving(None, data)
    with serving() as process:
        assert serving.post("/people", {"display_name": "Avant"}, "avant")[0] == 201
        for number, order in enumerate((signal.SIGKILL, signal.SIGINT)):
            server = Server(data)
            before = server.postmaster()
            assert before is not None
            os.kill(before.pid, order)
            until(lambda server=server, before=before: again(server, before.pid), 60)
            began = time.monotonic()
            while True:
                status, said, headers = serving.post("/people", {"display_name": "Après"}, f"après {number}")
                if (status, "Trajectoire-Lag" in headers) == (201, False):
                    break
                assert time.monotonic() - began < 5, (status, said)
                time.sleep(0.05)
            assert serving.await_ready(process) < 5
        names = [person["display_name"] for person in serving.get("/people")["items"]]
        assert sorted(names) == ["Administration", "Après", "Après", "Avant"]


def again(server: Server, earlier: int) -> bool:
    """Whether another server of this directory takes connections."""
    found = server.postmaster()
    return found is not None and found.pid != earlier and found.status == "ready"
