"""Proof 4: fifty writers on one version, twenty equal keys, answers cut at the commit: one effect, one truth."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from service.domain.event import new_id
from service.domain.milestone import MilestoneConfirmed
from service.domain.note import NOTE, NoteSubject, write
from service.store.batch import Conditions, StreamMoved
from service.store.database import Database
from service.store.idempotency import IdempotencyKey
from service.store.log import EventLog
from service.store.recording import Recorder
from service.store.texts import TextVault
from service.store.unit import Outcome, Target, Unit
from tests.prove.report import report
from tests.proxy import Cut, Proxy
from tests.store.sampling import NOW, act, fact

ROUNDS = [3, pytest.param(200, marks=pytest.mark.prove)]


@pytest.fixture
def proxy(database: str) -> Iterator[Proxy]:
    with Proxy(database) as running:
        yield running


@pytest.fixture
def logs(proxy: Proxy) -> Iterator[list[EventLog]]:
    """Two stores with a writer each, as in two processes."""
    databases = [Database(proxy.dsn, pool_size=12) for _ in range(2)]
    yield [EventLog(each, TextVault(b"v" * 32)) for each in databases]
    for each in databases:
        each.close()


@pytest.mark.parametrize("rounds", ROUNDS)
def test_fifty_writers_of_one_version(logs: list[EventLog], rounds: int) -> None:
    with ThreadPoolExecutor(50) as pool:
        for _ in range(rounds):
            stream, ready = new_id(), threading.Barrier(50)

            def attempt(number: int, stream: object = stream, ready: threading.Barrier = ready) -> bool:
                ready.wait()
                try:
                    logs[number % 2].append([fact(MilestoneConfirmed(), stream=stream)], Conditions(at=NOW))  # type: ignore[arg-type]
                except StreamMoved:
                    return False
                return True

            assert sum(pool.map(attempt, range(50))) == 1
            assert len(logs[0].history(stream)) == 1
    report("4a. One version", rounds=rounds, writers=50, winners_each_round=1)


@pytest.mark.parametrize("cut", [None, "before", "at once", "after"])
@pytest.mark.parametrize("rounds", ROUNDS)
def test_twenty_equal_keys_with_answers_cut(logs: list[EventLog], proxy: Proxy, rounds: int, cut: Cut | None) -> None:
    recorders = [Recorder(log) for log in logs]

    def work(unit: Unit) -> Target:
        return Target(NOTE, unit.create(NOTE, write(subject=NoteSubject(kind="axis", id=new_id()), text="Un texte")))

    for recorder in recorders:
        recorder.execute(act(), work)  # their statements are prepared: the next call is the append itself
    with ThreadPoolExecutor(20) as pool:
        for _ in range(rounds):
            head, key = logs[0].head(), IdempotencyKey("p_1", str(new_id()), b"f" * 32)
            spent = len(proxy.done)
            if cut:
                proxy.cuts.append(cut)

            def attempt(number: int, key: IdempotencyKey = key) -> Outcome:
                return recorders[number % 2].execute(act(), work, key)

            outcomes = list(pool.map(attempt, range(20)))
            assert len({(each.id, each.version, each.position) for each in outcomes}) == 1
            rows = logs[0].database.one("SELECT count(*) AS n FROM events WHERE notification_id > %s", (head,))
            assert rows == {"n": 1}
            assert len(proxy.done) == spent + bool(cut)
    report("4b. One key", rounds=rounds, equal_keys=20, cut=cut or "nothing", effects_each_round=1)
