"""The log and its engine over one database: what the tests of projections share."""

import hashlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from service.bootstrap import others
from service.projections import all_tables
from service.projections.engine import Projector
from service.projections.rebuild import Rebuild
from tests.commands import ROOT, Command
from tests.laws.history import House, Life

READ_TABLES = (*(table.name for table in all_tables.TABLES), "restricted_objects", "object_links", "audit_events")


def grown(house: House, code: str, steps: int = 60) -> Life:
    """A transformation with a life of some length, in the log only."""
    return Life(house, code).walk([(n % 45, n * 7 % 23, n % 3, n % 5) for n in range(steps)])


def projector(house: House) -> Projector:
    return Projector(house.log, all_tables.TABLES, others())


def rebuild(house: House, *names: str, page: int = 4000) -> Rebuild:
    return Rebuild(house.log, all_tables.TABLES, others, names, page=page)


def fingerprint(house: House) -> dict[str, str]:
    """One hash of all rows of each read model."""
    found = {}
    for name in READ_TABLES:
        rows = house.database.all(f"SELECT to_jsonb(t)::text AS whole FROM {name} t")
        found[name] = hashlib.sha256("\n".join(sorted(row["whole"] for row in rows)).encode()).hexdigest()
    return found


def replayed(house: House) -> dict[str, str]:
    """The same after a replay of the whole log in one pass."""
    with house.database.connection() as connection:
        connection.execute(f"TRUNCATE {', '.join(READ_TABLES)}")
        connection.execute("UPDATE projection_head SET position = 0, epoch = epoch + 1")
    projector(house).catch_up()
    return fingerprint(house)


def execute(house: House, *statements: str) -> None:
    with house.database.connection() as connection:
        for statement in statements:
            connection.execute(statement)


def head(house: House) -> dict[str, Any]:
    row = house.database.one("SELECT * FROM projection_head")
    assert row is not None
    return row


def until(true: Callable[[], Any], seconds: float = 10.0) -> float:
    """Wait until something is true; how long it took."""
    started = time.monotonic()
    while not true():
        assert time.monotonic() - started < seconds, "it did not come true in time"
        time.sleep(0.005)
    return time.monotonic() - started


def caught_up(house: House) -> bool:
    return bool(head(house)["position"] >= house.log.head())


@contextmanager
def worker(dsn: str, data_dir: Path, **environment: str) -> Iterator[Command]:
    """A real process `trajectoire worker`."""
    given = {
        **os.environ,
        "TRAJECTOIRE_DATABASE_URL": dsn,
        "TRAJECTOIRE_DATA_DIR": str(data_dir),
        "TRAJECTOIRE_MASTER_KEY": "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=",  # b"k" * 32, as the house has it
        "PYTHONPATH": str(ROOT),
        **environment,
    }
    # a pipe that nobody reads would stop it one day
    process = Command("worker", environment=given, stderr=data_dir / "worker.log")
    try:
        yield process
    finally:
        process.send_signal(signal.SIGCONT)
        process.kill()
        process.wait()


def standing_by(house: House) -> int:
    """How many sessions ask for the lock in vain, again and again."""
    row = house.database.one(
        "SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
        "AND (query LIKE 'SELECT pg_try_advisory_lock%%' OR query LIKE '%%pg_terminate_backend(l.pid)%%')"
    )
    return int(row["n"]) if row else 0


def leader_pid(house: House) -> int | None:
    """The session that holds the lock of leaders."""
    row = house.database.one(
        "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND classid = 7226 AND objid = 3 AND granted "
        "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    return row["pid"] if row else None


def any_stream(life: Life, kind: str) -> UUID:
    return next(id for concept, id in life.objects if concept.name == kind)
