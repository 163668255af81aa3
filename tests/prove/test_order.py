"""Proof 2: what is committed is delivered, once and in order, however late a commit comes after its positions."""

import contextlib
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from service.store.database import Database
from service.store.log import EventLog
from service.store.texts import TextVault
from tests.prove.report import report
from tests.prove.writers import VAULT_KEY

PROCESSES = 8
LATE = """
CREATE OR REPLACE FUNCTION come_late() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    -- The position is drawn; the commit now waits for a lock that others hold for a while, or never comes.
    IF random() < 0.02 THEN
        PERFORM pg_advisory_xact_lock(99, (random() * 3)::integer), pg_sleep(random() * 0.003);
    END IF;
    IF random() < 0.0005 THEN
        RAISE EXCEPTION 'rolled back on purpose';
    END IF;
    RETURN NEW;
END
$body$;
CREATE OR REPLACE TRIGGER come_late BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION come_late();
"""


class Follower:
    """Reads the log as a projection does: whatever comes after the last position it has seen."""

    def __init__(self, dsn: str) -> None:
        self.database = Database(dsn, pool_size=2)
        self.recorder: Any = EventLog(self.database, TextVault(VAULT_KEY)).recorder
        self.delivered: list[tuple[int, str]] = []
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self._follow)
        self.thread.start()

    def _follow(self) -> None:
        position = 0
        while True:
            last = self.stop.is_set()
            with self.database.connection() as connection:
                rows = self.recorder.select_after(connection, position, 500)
            self.delivered += [(row.position, str(row.event_id)) for row in rows]
            if rows:
                position = rows[-1].position
            elif last:
                return

    def end(self) -> list[tuple[int, str]]:
        self.stop.set()
        self.thread.join()
        self.database.close()
        return self.delivered


@contextlib.contextmanager
def disturbed(dsn: str, kills: list[int]) -> Iterator[None]:
    """Meanwhile somebody holds the locks that late commits want, and kills sessions of writers."""
    stop = threading.Event()

    def hold() -> None:
        with psycopg.connect(dsn, autocommit=True) as connection:
            while not stop.is_set():
                number = random.randint(0, 3)
                connection.execute("SELECT pg_advisory_lock(99, %s), pg_sleep(0.002)", (number,))
                connection.execute("SELECT pg_advisory_unlock(99, %s)", (number,))

    def kill() -> None:
        query = """
            SELECT count(pg_terminate_backend(pid)) FROM (
                SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%append_events%'
                AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1) AS one"""
        with psycopg.connect(dsn, autocommit=True) as connection:
            while not stop.wait(0.2):
                row = connection.execute(query).fetchone()
                kills.append(row[0] if row else 0)

    threads = [threading.Thread(target=hold), threading.Thread(target=kill)]
    for each in threads:
        each.start()
    yield
    stop.set()
    for each in threads:
        each.join()


def run(dsn: str, events: int, folder: Path) -> tuple[list[tuple[int, str]], list[tuple[int, str]], set[str], int]:
    """(delivered, committed, acknowledged, kills) of eight writing processes."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(LATE)
    kills: list[int] = []
    follower = Follower(dsn)
    with disturbed(dsn, kills):
        command = [sys.executable, "-m", "tests.prove.writers", "append", dsn, str(events // PROCESSES)]
        writers = [
            subprocess.Popen([*command, str(folder / f"{n}.txt")], stdout=subprocess.DEVNULL) for n in range(PROCESSES)
        ]
        ended = [writer.wait() for writer in writers]
    delivered = follower.end()
    assert ended == [0] * PROCESSES
    with psycopg.connect(dsn) as connection:
        query = "SELECT notification_id, event_id::text FROM events ORDER BY notification_id"
        committed = [(row[0], row[1]) for row in connection.execute(query)]
    acknowledged = {line for file in folder.glob("*.*") for line in file.read_text().split()}
    return delivered, committed, acknowledged, sum(kills)


@pytest.mark.parametrize("events", [1600, pytest.param(200_000, marks=pytest.mark.prove)])
def test_committed_is_delivered_in_order(fresh_database: str, events: int, tmp_path: Path) -> None:
    began = time.monotonic()
    delivered, committed, acknowledged, kills = run(fresh_database, events, tmp_path)
    assert delivered == committed
    assert {id for _, id in committed} == acknowledged, "each acknowledged once, and nothing else"
    assert len(committed) >= events
    report(
        "2. Order",
        writing_processes=PROCESSES,
        events_committed=len(committed),
        events_delivered_in_order=len(delivered),
        positions_lost_to_roll_backs=committed[-1][0] - len(committed),
        sessions_killed=kills,
        seconds=round(time.monotonic() - began),
    )


def test_without_the_lock_the_same_reader_misses_events(fresh_database: str, tmp_path: Path) -> None:
    """The proof can fail: this is what it would say of appends that take no lock."""
    with psycopg.connect(fresh_database, autocommit=True) as connection:
        row = connection.execute("SELECT pg_get_functiondef('append_events'::regproc)").fetchone()
        assert row
        unlocked = row[0].replace("PERFORM pg_advisory_xact_lock(7226, 1);", "")
        assert unlocked != row[0]
        connection.execute(unlocked)
    for _ in range(5):  # an idle machine may be lucky
        delivered, committed, _, _ = run(fresh_database, 1600, tmp_path)
        if len(delivered) < len(committed):
            return
    pytest.fail("five times nothing was missed")
