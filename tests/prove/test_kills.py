"""Proof 1: PostgreSQL and the service killed under load, again and again: what was acknowledged is there, once."""

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, LiteralString

import psycopg
import pytest

from service.bootstrap import prepare
from service.projections import all_tables
from service.store.database import Database
from service.store.embedded import EmbeddedPostgres
from service.store.embedded_server import Server
from service.store.log import EventLog
from service.store.texts import TextVault
from tests.projections.house import fingerprint, projector, replayed
from tests.prove.report import report
from tests.prove.writers import VAULT_KEY


@pytest.fixture
def data() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="trajectoire-kills-"))
    folder.chmod(0o711)
    yield folder / "data"
    Server(folder / "data").stop()
    shutil.rmtree(folder, ignore_errors=True)


def asked_and_done(paper: Path) -> tuple[set[str], dict[str, tuple[str, int]]]:
    """The keys of the acts that were asked for, and what was acknowledged of each. A cut last line does not count."""
    asked, done = set(), {}
    for line in paper.read_text().splitlines(keepends=True) if paper.exists() else ():
        words = line.split()
        if line.endswith("\n") and words[0] == "asked":
            asked.add(words[1])
        elif line.endswith("\n"):
            assert done.setdefault(words[1], (words[2], int(words[3]))) == (words[2], int(words[3]))
    return asked, done


@pytest.mark.parametrize("rounds", [4, pytest.param(200, marks=pytest.mark.prove)])
def test_what_was_acknowledged_is_there_once(data: Path, tmp_path: Path, rounds: int) -> None:
    """PostgreSQL is the victim of every other round, the service of the others. In half of the rounds the worker is up
    and projects before the blow falls, so that it too is struck in its work."""
    began = time.monotonic()
    paper, killed = tmp_path / "paper", {"postgres": 0, "service": 0}
    for number in range(rounds):
        victim = ("postgres", "service")[number % 2]
        with EmbeddedPostgres(data) as postgres:
            dsn = postgres.dsn()
            prepare(dsn)
            asked, done = asked_and_done(paper)
            again = json.dumps(sorted(asked - done.keys()))
            command = [sys.executable, "-m", "tests.prove.writers", "notes", dsn, str(paper), again]
            with _service(command, dsn, tmp_path, projecting=number % 4 < 2) as processes:
                time.sleep(random.uniform(0.1, 0.6))
                if victim == "postgres":
                    running = Server(data).postmaster()
                    assert running is not None
                    os.kill(running.pid, signal.SIGKILL)
                    time.sleep(0.05)
                for each in processes:
                    each.kill()
            killed[victim] += 1
    _judge(data, paper, killed, began)


@contextlib.contextmanager
def _service(
    command: list[str], dsn: str, folder: Path, *, projecting: bool
) -> Iterator[list["subprocess.Popen[bytes]"]]:
    """The writing process, and the worker of the projections, which has begun to project."""
    environment = {**os.environ, "TRAJECTOIRE_DATABASE_URL": dsn, "TRAJECTOIRE_DATA_DIR": str(folder)}
    environment["TRAJECTOIRE_MASTER_KEY"] = "dnZ2dnZ2dnZ2dnZ2dnZ2dnZ2dnZ2dnZ2dnZ2dnZ2dnY="  # 32 times v
    run: list[subprocess.Popen[bytes]] = []
    try:
        if projecting:
            worker = [sys.executable, "-m", "service.cli", "worker"]
            run.append(subprocess.Popen(worker, env=environment, stderr=subprocess.DEVNULL))
            _await_leader(dsn)
        run.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL))
        out = run[-1].stdout
        assert out is not None
        assert out.readline() == b"writing\n"
        if projecting:
            _await_move(dsn)
        yield run
    finally:
        for each in run:
            each.kill()
            each.communicate()


def _await_leader(dsn: str) -> None:
    _await(dsn, "SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = 7226 AND objid = 3 AND granted")


def _await_move(dsn: str) -> None:
    _await(dsn, "SELECT FROM projection_head WHERE advanced_at > now() - interval '0.5 s' AND position > 0")


def _await(dsn: str, query: LiteralString) -> None:
    deadline = time.monotonic() + 60
    with psycopg.connect(dsn, autocommit=True) as connection:
        while connection.execute(query).fetchone() is None:
            assert time.monotonic() < deadline, query
            time.sleep(0.02)


def _judge(data: Path, paper: Path, killed: dict[str, int], began: float) -> None:
    asked, done = asked_and_done(paper)
    with EmbeddedPostgres(data) as postgres:
        database = Database(postgres.dsn(), pool_size=4)
        log = EventLog(database, TextVault(VAULT_KEY))
        try:
            events = database.all("SELECT originator_id, originator_version, notification_id FROM events")
            keys = {row["key"]: row for row in database.all("SELECT key, answer, position FROM idempotency")}
            places = {str(row["originator_id"]): row["notification_id"] for row in events}
            assert len(events) == len(places) == len(keys), "one event for each key, never two"
            assert keys.keys() <= asked
            for key, (id, position) in done.items():
                assert places[id] == position, "acknowledged, hence there"
                assert (keys[key]["answer"]["id"], keys[key]["position"]) == (id, position)
            house: Any = SimpleNamespace(database=database, log=log)
            projected = database.one("SELECT position FROM projection_head")
            projector(house).catch_up()
            notes = next(table for table in all_tables.TABLES if table.concept.name == "note")
            rows = database.all("SELECT id, state FROM notes WHERE valid_to IS NULL")
            assert {str(row["id"]) for row in rows} == places.keys()
            for row in rows:
                assert notes.concept.state.model_validate(row["state"]) == log.load(notes.concept, row["id"])
            lived = fingerprint(house)
            assert lived == replayed(house)
        finally:
            database.close()
    report(
        "1. Kills",
        kills_of_PostgreSQL=killed["postgres"],
        kills_of_the_service=killed["service"],
        acts_asked=len(asked),
        acts_acknowledged=len(done),
        of_them_lost=len(done.keys() - keys.keys()),
        events_in_all=len(events),
        events_projected_between_the_kills=projected["position"] if projected else 0,
        read_models_equal_to_a_replay=len(lived),
        seconds=round(time.monotonic() - began),
    )
