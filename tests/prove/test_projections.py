"""Proofs of the read side: 3 (kills in mid-batch), 5 (no lost wake-up), 6 (reads during a rebuild), 7 (poison) and
8 (one leader, fenced), at full length. Their short forms are in tests/projections."""

import random
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from service.projections import engine, folding
from service.projections.poison import decide, list_waiting
from service.projections.pull import Page, pull
from service.store.idempotency import IdempotencyKey
from tests.laws.history import House, read_back
from tests.projections.house import (
    caught_up,
    fingerprint,
    grown,
    head,
    leader_pid,
    projector,
    rebuild,
    replayed,
    until,
    worker,
)

pytestmark = pytest.mark.prove
SLOW = "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.02); RETURN NULL; END $$"


@pytest.fixture
def house(fresh_database: str) -> Iterator[House]:
    house = House(fresh_database)
    yield house
    house.close()


def execute(house: House, *statements: str) -> None:
    with house.database.connection() as connection:
        for statement in statements:
            connection.execute(statement)


def test_two_hundred_kills_in_mid_batch(house: House, fresh_database: str, tmp_path: Path) -> None:
    """Proof 3. A trigger holds every batch open for a moment, so that the kills fall into one."""
    for number in range(20):
        grown(house, f"LIFE{number}", 80)
    execute(
        house,
        SLOW,
        "CREATE TRIGGER slow AFTER INSERT ON audit_events FOR EACH STATEMENT EXECUTE FUNCTION slow()",
    )
    chance, in_transaction, kills = random.Random(7), 0, 0
    with ExitStack() as stack:
        standing = [stack.enter_context(worker(fresh_database, tmp_path)) for _ in range(2)]
        while kills < 200:
            until(lambda: leader_pid(house), 30)
            if caught_up(house):  # back to the beginning: there must always be a batch to be killed in
                grown(house, f"MORE{kills}", 60)
            time.sleep(chance.uniform(0, 0.05))
            row = house.database.one(
                "SELECT a.pid, a.xact_start IS NOT NULL AS busy FROM pg_stat_activity a WHERE a.pid = %s",
                (leader_pid(house),),
            )
            in_transaction += bool(row and row["busy"])
            for process in standing:
                process.kill()
                process.communicate()
            standing = [stack.enter_context(worker(fresh_database, tmp_path)) for _ in range(2)]
            kills += 1
        until(lambda: caught_up(house), 60)
    execute(house, "DROP TRIGGER slow ON audit_events")
    assert fingerprint(house) == replayed(house)
    print(f"{kills} kills, {in_transaction} of them in an open transaction")


def test_no_wake_up_is_lost(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proof 5, a hundred times: a commit between the pull that finds nothing and the wait."""
    monkeypatch.setattr(engine, "POLL_SECONDS", 30.0)
    wanted, slowest = threading.Semaphore(0), 0.0

    def pull_then_commit(connection: Any, after: int, limit: int) -> Page:
        page = pull(connection, after, limit)
        if not page.rows and wanted.acquire(blocking=False):
            grown(house, f"W{time.monotonic_ns()}", 0)
        return page

    monkeypatch.setattr(engine, "pull", pull_then_commit)
    made = projector(house)
    thread = threading.Thread(target=made.run, daemon=True)
    thread.start()
    until(lambda: leader_pid(house))
    for _ in range(100):
        until(lambda: caught_up(house))
        before = house.log.head()
        wanted.release()
        execute(house, "NOTIFY events")
        until(lambda before=before: house.log.head() > before)  # type: ignore[misc]
        slowest = max(slowest, until(lambda: caught_up(house)))
    made.stop()
    execute(house, "NOTIFY events")
    thread.join(10)
    assert slowest < 1
    print(f"slowest {slowest * 1000:.0f} ms")


def test_reads_at_full_speed_during_rebuilds(house: House) -> None:
    """Proof 6. Every read takes its snapshot first and looks later, which is the moment that could go wrong."""
    lives = [grown(house, f"LIFE{number}", 100) for number in range(10)]
    projector(house).catch_up()
    position = house.log.head()
    expected = {life.id: read_back(house, life.id, position) for life in lives}
    counts = {
        name: len(house.database.all(f"SELECT FROM {name}")) for name in ("milestones", "actions", "audit_events")
    }
    stop, wrong, reads = threading.Event(), [], [0]

    def read(number: int) -> None:
        try:
            while not stop.is_set():
                life = lives[reads[0] % len(lives)]
                with house.database.snapshot() as connection:
                    connection.execute("SELECT 1")
                    for name, count in counts.items():
                        column = "position" if name == "audit_events" else "valid_from"
                        query = f"SELECT count(*) AS n FROM {name} WHERE {column} <= %s"
                        row = connection.execute(query, (position,)).fetchone()
                        if row is None or row["n"] != count:
                            wrong.append((name, row, count))
                if read_back(house, life.id, position) != expected[life.id]:
                    wrong.append(("as of", life.id, None))
                reads[0] += 1
        except Exception as problem:
            wrong.append(("error", problem, None))

    threads = [threading.Thread(target=read, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for number in range(40):
        grown(house, f"DURING{number}", 3)
        projector(house).catch_up()
        rebuild(house, page=200).run()
    stop.set()
    for thread in threads:
        thread.join()
    assert not wrong, wrong[:3]
    assert reads[0] > 200
    print(f"{reads[0]} rounds of reads during 40 rebuilds")


def test_poison_in_many_streams(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proof 7: a tenth of all streams cannot go on; all others do; after the fix and a retry, all is as in a replay."""
    for number in range(5):
        grown(house, f"LIFE{number}", 100)
    real = folding.advance

    def advance(concept: Any, state: Any, fact: Any, history: Any) -> Any:
        if fact.originator_id.int % 10 == 0 and fact.originator_version == 2:
            raise ZeroDivisionError
        return real(concept, state, fact, history)

    monkeypatch.setattr(folding, "advance", advance)
    projector(house).catch_up()
    assert head(house)["position"] == house.log.head()
    with house.database.connection() as connection:
        waiting = list_waiting(connection)
        assert len(waiting) > 3
        monkeypatch.undo()
        for row in waiting:
            key = IdempotencyKey("p_" + "1" * 32, str(row["stream_id"]), b"")
            decide(connection, row["stream_id"], "retry", key, "réparé")
    projector(house).catch_up()
    with house.database.connection() as connection:
        assert list_waiting(connection) == []
    assert fingerprint(house) == replayed(house)
    print(f"{len(waiting)} streams waited")


def test_three_workers_never_two_leaders(house: House, fresh_database: str, tmp_path: Path) -> None:
    """Proof 8: leaders are frozen and woken, again and again, under load; epochs rise, and nothing is written twice."""
    chance, slowest, epochs = random.Random(11), 0.0, [0]
    with ExitStack() as stack:
        workers = [stack.enter_context(worker(fresh_database, tmp_path)) for _ in range(3)]
        until(lambda: leader_pid(house), 60)
        for round in range(12):
            grown(house, f"ROUND{round}", 20)
            until(lambda: caught_up(house), 30)
            leads = leader_pid(house)
            spare = chance.randrange(3)
            frozen = [process for number, process in enumerate(workers) if number != spare]
            for process in frozen:
                process.send_signal(signal.SIGSTOP)
            grown(house, f"FROZEN{round}", 10)
            slowest = max(slowest, until(lambda: caught_up(house), 40))
            for process in frozen:
                process.send_signal(signal.SIGCONT)
            grown(house, f"WOKEN{round}", 10)
            until(lambda: caught_up(house), 30)
            epochs.append(head(house)["epoch"])
            held = house.database.all(
                "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND classid = 7226 AND objid = 3 AND granted "
                "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            )
            assert len(held) == 1, (held, leads)
    assert epochs == sorted(epochs)
    assert slowest < 10
    assert fingerprint(house) == replayed(house)
    print(f"epochs {epochs[-1]}, slowest take-over {slowest:.1f} s")
