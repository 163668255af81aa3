"""Proofs of the read side at full length: 5 (no lost wake-up), 6 (reads during a rebuild) and 7 (poison).

Their short forms are in tests/projections. Those with real processes that are killed and frozen are in test_workers.
"""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from service.projections import engine, folding
from service.projections.poison import decide, list_waiting
from service.projections.pull import Page, pull
from service.store.idempotency import IdempotencyKey
from tests.laws.history import House, read_back
from tests.projections.house import (
    caught_up,
    execute,
    fingerprint,
    grown,
    head,
    leader_pid,
    projector,
    rebuild,
    replayed,
    until,
)
from tests.prove.report import report

pytestmark = pytest.mark.prove


@pytest.fixture
def house(fresh_database: str) -> Iterator[House]:
    house = House(fresh_database)
    yield house
    house.close()


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
    report(
        "5. No lost wake-up", commits_between_pull_and_wait=100, milliseconds_until_the_slowest=round(slowest * 1000)
    )


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
    report("6. Reads during rebuilds", rebuilds=40, rounds_of_reads=reads[0], wrong_or_refused=len(wrong))


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
        left = list_waiting(connection)
    assert left == []
    assert fingerprint(house) == replayed(house)
    report(
        "7. Poison",
        streams_set_aside=len(waiting),
        events_waiting_behind=sum(row["waiting"] for row in waiting),
        events_in_all=house.log.head(),
        streams_left_after_the_retry=len(left),
    )
