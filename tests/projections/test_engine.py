"""The engine: woken at once, back after a cut, one leader, and a frozen one that wakes up too late."""

import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg
import pytest
import structlog

from service.projections import engine, holdups, leader
from service.projections.engine import Projector
from service.projections.leader import Fenced, lead, resign
from service.projections.pull import Page, pull
from tests.laws.history import House
from tests.projections.house import (
    caught_up,
    execute,
    fingerprint,
    grown,
    head,
    leader_pid,
    projector,
    replayed,
    until,
)


@pytest.fixture
def house(fresh_database: str) -> Iterator[House]:
    house = House(fresh_database)
    yield house
    house.close()


@contextmanager
def running(house: House) -> Iterator[Projector]:
    """An engine that runs in a thread."""
    made = projector(house)
    thread = threading.Thread(target=made.run, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        made.stop()
        thread.join(timeout=10)
        assert not thread.is_alive()


def test_what_is_committed_between_the_first_pull_and_the_wait_is_delivered_at_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "POLL_SECONDS", 30.0)  # the safety net must not be what saves it
    late = threading.Event()

    def pull_then_commit(connection: psycopg.Connection[object], after: int, limit: int) -> Page:
        page = pull(connection, after, limit)
        if not page.rows and not late.is_set():
            late.set()
            grown(house, "LATE", 0)  # after the pull that found nothing, before the engine waits
        return page

    monkeypatch.setattr(engine, "pull", pull_then_commit)
    with running(house) as made:
        until(late.is_set)
        assert until(lambda: caught_up(house)) < 1
        made.stop()
        with house.database.connection() as connection:
            connection.execute("NOTIFY events")


def test_it_comes_back_by_itself_after_its_session_was_ended(house: House) -> None:
    with running(house):
        until(lambda: leader_pid(house))
        for _ in range(3):
            ended = leader_pid(house)
            house.database.all("SELECT pg_terminate_backend(%s)", (ended,))
            until(lambda ended=ended: leader_pid(house) not in (None, ended), 5)  # type: ignore[misc]
            grown(house, f"BACK{ended}", 3)
            until(lambda: caught_up(house), 5)


def test_of_two_engines_one_leads_and_the_other_takes_over(house: House) -> None:
    with running(house):
        until(lambda: leader_pid(house))
        first = leader_pid(house)
        with running(house):
            grown(house, "TWO", 5)
            until(lambda: caught_up(house))
            assert leader_pid(house) == first
            house.database.all("SELECT pg_terminate_backend(%s)", (first,))
            until(lambda: leader_pid(house) not in (None, first), 10)
            grown(house, "THREE", 5)
            until(lambda: caught_up(house))
    assert fingerprint(house) == replayed(house)


def test_an_epoch_that_is_past_writes_nothing(house: House) -> None:
    old = projector(house)
    with house.database.dedicated() as first, house.database.dedicated() as second:
        epoch = lead(first)
        assert epoch is not None
        assert lead(second) is None
        resign(first)
        assert lead(second) == epoch + 1
        grown(house, "FENCED", 5)
        before = head(house)["position"]
        with pytest.raises(Fenced):
            old._batch(first, epoch, 500)
        assert head(house)["position"] == before


def test_an_epoch_that_ends_within_the_batch_takes_the_batch_with_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    grown(house, "WITHIN", 5)
    made = projector(house)
    with house.database.dedicated() as connection:
        epoch = lead(connection)
        assert epoch is not None
        monkeypatch.setattr(engine, "HEAD", "SELECT position, epoch FROM projection_head")  # without its lock
        flush = made.folding.flush

        def flush_and_lose(given: psycopg.Connection[dict[str, object]]) -> None:
            flush(given)
            house.database.all("UPDATE projection_head SET epoch = epoch + 1 RETURNING epoch")

        monkeypatch.setattr(made.folding, "flush", flush_and_lose)
        with pytest.raises(Fenced):
            made._batch(connection, epoch, 500)
    assert head(house)["position"] == 0
    assert house.database.all("SELECT FROM audit_events") == []


@pytest.mark.parametrize("where", ["before its first word", "idle", "in a batch", "in a page", "in a copy"])
def test_a_leader_that_stands_still_loses_its_session_wherever_it_stands(
    house: House, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    monkeypatch.setattr(leader, "FROZEN_SECONDS", 0.3)
    execute(house, "CREATE TABLE somewhere (nothing text)")
    with closing(house.database.dedicated()) as frozen, house.database.dedicated() as other:
        if where == "before its first word":  # it has the lock, and did not say so yet
            frozen.execute("SELECT pg_advisory_lock(7226, 3)")
        else:
            assert lead(frozen) is not None
        if where.startswith("in a"):
            frozen.execute("BEGIN")
            frozen.execute("SELECT FROM projection_head FOR UPDATE")
        if where == "in a page":  # more than the socket takes, and nobody reads
            frozen.pgconn.send_query(b"SELECT repeat('x', 100000) FROM generate_series(1, 1000)")
        if where == "in a copy":
            frozen.pgconn.send_query(b"COPY somewhere FROM STDIN")
        until(lambda: lead(other) is not None, 5)


def test_a_leader_with_a_slow_batch_is_left_alone(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leader, "FROZEN_SECONDS", 0.5)
    with house.database.dedicated() as slow, house.database.dedicated() as other:
        assert lead(slow) is not None
        with slow.transaction():
            for _ in range(8):  # no sign of life is seen before the commit, but its session works
                slow.execute("SELECT pg_sleep(0.2)")
                assert lead(other) is None
        slow.execute("SELECT 1")


def test_a_lost_notification_costs_a_second_at_most(house: House) -> None:
    row = house.database.one("SELECT pg_get_functiondef('append_events'::regproc) AS made")
    assert row
    silent = row["made"].replace("PERFORM pg_notify('events', '');", "NULL;")
    assert silent != row["made"]
    execute(house, silent)
    with running(house):
        until(lambda: leader_pid(house))
        until(lambda: caught_up(house))
        for number in range(3):
            grown(house, f"SILENT{number}", 2)
            until(lambda: caught_up(house), engine.POLL_SECONDS + 2)


def test_a_full_disk_is_nobodys_poison_and_the_engine_goes_on_by_itself(house: House) -> None:
    execute(
        house,
        "CREATE FUNCTION full_() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'no space left on device' USING ERRCODE = '53100'; END $$",
        "CREATE TRIGGER full_ BEFORE INSERT ON audit_events FOR EACH STATEMENT EXECUTE FUNCTION full_()",
    )
    with running(house):
        grown(house, "FULL", 5)
        until(lambda: leader_pid(house))
        until(lambda: head(house)["epoch"] > 1)  # it has failed, and leads again
        assert head(house)["position"] == 0
        execute(house, "DROP TRIGGER full_ ON audit_events")
        until(lambda: caught_up(house))
    assert house.database.all("SELECT FROM projection_set_aside") == []


def test_an_open_transaction_that_holds_the_append_lock_is_named(house: House) -> None:
    with house.database.dedicated() as holder, house.database.connection() as connection:
        holder.execute("BEGIN")
        holder.execute("SELECT pg_advisory_xact_lock(7226, 1)")
        (held,) = [each for each in holdups.open_transactions(connection) if each.pid == holder.info.backend_pid]
        assert held.appending
        assert held.state == "idle in transaction"
        assert f"pg_terminate_backend({held.pid})" in held.advice
        assert not held.harmful
        assert held._replace(seconds=2.5).harmful
        holder.execute("ROLLBACK")


def test_the_engine_says_once_who_holds_others_back_and_what_to_do(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holdups, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(holdups, "LONG_APPEND", 0.2)
    with house.database.dedicated() as holder, structlog.testing.capture_logs() as said:
        holder.execute("BEGIN")
        holder.execute("SELECT pg_advisory_xact_lock(7226, 1)")
        with running(house):
            until(lambda: [line for line in said if line["event"] == "database.open_transaction"])
            time.sleep(2 * engine.POLL_SECONDS)
        (line,) = [line for line in said if line["event"] == "database.open_transaction"]
        assert line["pid"] == holder.info.backend_pid
        assert line["state"] == "idle in transaction"
        assert line["advice"].endswith(f"SELECT pg_terminate_backend({line['pid']});")
        holder.execute("ROLLBACK")
