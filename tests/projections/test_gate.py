"""The gate: who listens for the read models ends when told to, whatever the database does."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from service.projections.gate import ProjectionGate
from service.store.database import Database


@pytest.fixture
def gate(fresh_database: str) -> Iterator[ProjectionGate]:
    database = Database(fresh_database, pool_size=2)
    gate = ProjectionGate(database)
    gate.start()
    heard = time.monotonic() + 10
    while gate.asides == 0:
        assert time.monotonic() < heard
        time.sleep(0.01)
    yield gate
    database.close()


def test_the_listener_ends_though_no_connection_is_to_be_had(
    gate: ProjectionGate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the server is away: a pool would have its user wait for ten seconds."""

    @contextmanager
    def away() -> Iterator[None]:
        time.sleep(10)
        raise psycopg.OperationalError
        yield

    monkeypatch.setattr(gate.database, "connection", away)
    began = time.monotonic()
    gate.stop()
    assert not gate._thread.is_alive()
    assert time.monotonic() - began < 5
