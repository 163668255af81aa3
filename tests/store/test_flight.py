"""Two requests with one key at one time: the second waits for the first, and nothing is left by a crash."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from service.domain.event import new_id
from service.domain.note import NOTE, NoteSubject, write
from service.store import flight
from service.store.database import Database
from service.store.flight import Flights, RequestInFlight
from service.store.idempotency import IdempotencyKey
from service.store.log import EventLog
from service.store.recording import Recorder
from service.store.texts import TextVault
from service.store.unit import Target, Unit
from tests.store.sampling import act


@pytest.fixture
def log(database: str) -> Iterator[EventLog]:
    opened = Database(database, pool_size=8)
    yield EventLog(opened, TextVault(b"v" * 32))
    opened.close()


def some_key() -> IdempotencyKey:
    return IdempotencyKey("p_1", str(new_id()), b"f" * 32)


def note(unit: Unit) -> Target:
    return Target(NOTE, unit.create(NOTE, write(subject=NoteSubject(kind="axis", id=new_id()), text="Un texte")))


@pytest.mark.parametrize("alone", [False, True])
def test_twenty_at_once_are_decided_once_and_answered_alike(log: EventLog, alone: bool) -> None:
    decided: list[int] = []
    recorders = [Recorder(log), Recorder(log)] if alone else [Recorder(log)]  # as two processes

    def work(unit: Unit) -> Target:
        decided.append(1)
        time.sleep(0.05)
        return note(unit)

    key = some_key()
    with ThreadPoolExecutor(20) as pool:
        found = [pool.submit(recorders[n % len(recorders)].execute, act(), work, key, alone=alone) for n in range(20)]
        outcomes = [each.result(20) for each in found]
    assert len({(each.id, each.version, each.position) for each in outcomes}) == 1
    assert len(decided) == 1
    assert sum(not each.replayed for each in outcomes) == 1


def test_equal_keys_in_two_processes_have_one_effect_even_without_waiting(log: EventLog) -> None:
    key, both = some_key(), threading.Barrier(2)

    def work(unit: Unit) -> Target:
        both.wait(5)  # both have decided before either appends
        return note(unit)

    with ThreadPoolExecutor(2) as pool:
        found = [pool.submit(Recorder(log).execute, act(), work, key) for _ in range(2)]
        first, second = (each.result(20) for each in found)
    assert first.id == second.id
    assert {first.replayed, second.replayed} == {True, False}


@pytest.mark.parametrize("everywhere", [False, True])
def test_who_waited_long_enough_is_told_to_come_back(
    log: EventLog, everywhere: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flight, "WAIT", 0.1)
    key = some_key()
    mine = Flights(log.database)
    theirs = Flights(log.database) if everywhere else mine
    with mine.of(key, everywhere=everywhere), pytest.raises(RequestInFlight), theirs.of(key, everywhere=everywhere):
        pass
    with theirs.of(key, everywhere=everywhere) as waited:
        assert not waited


def test_a_holder_that_stands_still_loses_the_key_with_its_lease(
    log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flight, "LEASE", 1)
    key, frozen, released = some_key(), threading.Event(), threading.Event()

    def stand_still() -> None:
        with Flights(log.database).of(key, everywhere=True):
            frozen.set()
            released.wait(30)

    holder = threading.Thread(target=stand_still)
    holder.start()
    assert frozen.wait(10)
    outcome = Recorder(log).execute(act(), note, key, alone=True)  # within the patience of a request
    released.set()
    holder.join(10)
    assert not outcome.replayed


CRASH = """
import sys, time
from service.store.database import Database
from service.store.flight import Flights
from service.store.idempotency import IdempotencyKey
with Flights(Database(sys.argv[1])).of(IdempotencyKey("p_1", sys.argv[2], b"f" * 32), everywhere=True):
    print("in flight", flush=True)
    time.sleep(60)
"""


def test_a_crash_in_flight_frees_the_key(database: str, log: EventLog, monkeypatch: pytest.MonkeyPatch) -> None:
    key = some_key()
    child: Any = subprocess.Popen(
        [sys.executable, "-c", CRASH, database, key.key], stdout=subprocess.PIPE, text=True, env={**os.environ}
    )
    with child:
        assert child.stdout.readline() == "in flight\n"
        child.send_signal(signal.SIGKILL)
    outcome = Recorder(log).execute(act(), note, key, alone=True)
    assert not outcome.replayed
