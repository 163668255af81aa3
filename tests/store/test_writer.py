"""The one writer of a process: many appends in one call, each with its own outcome, and the truth after a cut."""

import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from service.domain.event import Fact, new_id
from service.domain.milestone import MilestoneConfirmed
from service.store import writer as writing
from service.store.batch import ClaimTaken, Conditions, IdempotentAnswer, KeyUsed, Recorded, StreamMoved
from service.store.database import Database
from service.store.log import EventLog
from service.store.texts import TextVault
from service.store.writer import TooManyWrites, Writer, WriterClosed
from tests.proxy import Cut, Proxy
from tests.store.sampling import EVENTS, NOW, fact, filled


@pytest.fixture
def log(database: str) -> Iterator[EventLog]:
    opened = Database(database, pool_size=4)
    yield EventLog(opened, TextVault(b"v" * 32))
    opened.close()


@pytest.fixture
def sizes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many appends each call held."""
    found: list[int] = []
    call = writing.call

    def counted(connection: Any, batch: Any, master_key_id: str) -> Any:
        found.append(len(batch))
        return call(connection, batch, master_key_id)

    monkeypatch.setattr(writing, "call", counted)
    return found


def one(**more: Any) -> Fact:
    return fact(MilestoneConfirmed(), **more)


def together(log: EventLog, *appends: tuple[Fact, Conditions]) -> list[Future[Recorded]]:
    """Put appends in the queue at one instant, so that they are taken as one batch."""
    writer: Writer = log.recorder.writer  # type: ignore[attr-defined]
    mapper: Any = log.mapper
    with log.database.connection() as held:
        held.execute("SELECT pg_advisory_lock(7226, 1)")  # the first call waits, and with it whoever comes meanwhile
        first = writer.submit([mapper.to_stored_event(one())], Conditions(at=NOW))
        while not first.future.running():
            time.sleep(0.001)
        waiting = [writer.submit([mapper.to_stored_event(f)], conditions) for f, conditions in appends]
        held.execute("SELECT pg_advisory_unlock(7226, 1)")
    first.future.result(10)
    return [each.future for each in waiting]


def at(**conditions: Any) -> Conditions:
    return Conditions(**{"at": NOW, **conditions})


def outcomes(futures: list[Future[Recorded]]) -> list[Any]:
    return [type(future.exception(10)) if future.exception(10) else "recorded" for future in futures]


def test_those_who_wait_are_recorded_by_one_call_in_their_order(log: EventLog, sizes: list[int]) -> None:
    futures = together(log, *((one(), at()) for _ in range(50)))
    positions = [future.result(10).positions[0] for future in futures]
    assert sizes == [1, 50]
    assert positions == sorted(positions)


def test_a_refusal_never_touches_its_neighbours(log: EventLog, sizes: list[int]) -> None:
    taken, answer = one(), IdempotentAnswer("p_1", str(new_id()), b"f" * 32, {})
    claim = f"code:{new_id()}"
    log.append([taken], at(claims=((claim, taken.envelope.event_id),), idempotency=answer))
    late = one()
    futures = together(
        log,
        (one(), at()),
        (one(stream=taken.originator_id), at()),
        (one(), at(reads=((new_id(), 7),))),
        (late, at(claims=((claim, late.envelope.event_id),))),
        (one(), at(idempotency=answer)),
        (fact(filled(EVENTS["note.written"], "Un texte")), at()),
    )
    assert outcomes(futures) == ["recorded", StreamMoved, StreamMoved, ClaimTaken, KeyUsed, "recorded"]
    assert sizes == [1, 1, 6], "in one call"


def test_an_error_that_is_no_conflict_is_told_to_who_caused_it(log: EventLog) -> None:
    futures = together(log, (one(), at()), (one(), at(at=None)), (one(), at()))
    assert outcomes(futures)[::2] == ["recorded", "recorded"]
    assert futures[1].exception(10).sqlstate == "TR002"  # type: ignore[union-attr]


@pytest.mark.parametrize("shared", ["stream", "claim", "key", "read", "quiet"])
def test_who_could_judge_a_neighbour_is_judged_after_it(shared: str, log: EventLog, sizes: list[int]) -> None:
    within = new_id()
    first = one(transformation_id=within)
    second = one(stream=first.originator_id) if shared == "stream" else one()
    claim = f"code:{new_id()}"
    answer = IdempotentAnswer("p_1", str(new_id()), b"f" * 32, {})
    both: dict[str, Any] = {"idempotency": answer} if shared == "key" else {}
    mine = {"claims": ((claim, first.envelope.event_id),)} if shared == "claim" else both
    theirs = {
        "stream": {},
        "claim": {"claims": ((claim, second.envelope.event_id),)},
        "key": both,
        "read": {"reads": ((first.originator_id, 0),)},
        "quiet": {"quiet": ((within, 0),)},
    }[shared]
    futures = together(log, (first, at(**mine)), (second, at(**theirs)), (one(), at()))
    refusals = {"claim": ClaimTaken, "key": KeyUsed}
    assert outcomes(futures) == ["recorded", refusals.get(shared, StreamMoved), "recorded"]
    assert sizes == [1, 2, 1]


def test_fifty_writers_of_one_version_one_wins(log: EventLog) -> None:
    stream = new_id()

    def write(_: int) -> str:
        try:
            log.append([one(stream=stream)], at())
        except StreamMoved:
            return "moved"
        return "recorded"

    with ThreadPoolExecutor(50) as pool:
        found = list(pool.map(write, range(50)))
    assert (found.count("recorded"), found.count("moved")) == (1, 49)


def test_more_than_can_wait_are_refused_at_once(database: str) -> None:
    writer = Writer(database, "k", most_waiting=2)
    opened = Database(database, pool_size=2)
    mapper: Any = EventLog(opened, TextVault(b"v" * 32)).mapper
    try:
        with opened.connection() as held:
            held.execute("SELECT pg_advisory_lock(7226, 1)")
            running = writer.submit([mapper.to_stored_event(one())], at())
            while not running.future.running():
                time.sleep(0.001)
            waiting = [writer.submit([mapper.to_stored_event(one())], at()) for _ in range(2)]
            with pytest.raises(TooManyWrites):
                writer.append([mapper.to_stored_event(one())], at())
            held.execute("SELECT pg_advisory_unlock(7226, 1)")
        assert all(each.future.result(10).positions for each in waiting)
    finally:
        writer.close()
        opened.close()


def test_an_append_that_waited_too_long_is_taken_back(log: EventLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "LONGEST_WAIT", 0.1)
    writer: Writer = log.recorder.writer  # type: ignore[attr-defined]
    mapper: Any = log.mapper
    with log.database.connection() as held:
        held.execute("SELECT pg_advisory_lock(7226, 1)")
        running = writer.submit([mapper.to_stored_event(one())], at())
        while not running.future.running():
            time.sleep(0.001)
        late = one()
        with pytest.raises(TooManyWrites):
            log.append([late], at())
        held.execute("SELECT pg_advisory_unlock(7226, 1)")
    running.future.result(10)
    log.append([one()], at())
    assert log.history(late.originator_id) == []


def test_closing_records_what_waits_and_takes_no_more(log: EventLog) -> None:
    writer: Writer = log.recorder.writer  # type: ignore[attr-defined]
    mapper: Any = log.mapper
    facts = [one() for _ in range(200)]
    waiting = [writer.submit([mapper.to_stored_event(f)], at()) for f in facts]
    writer.close()
    assert all(each.future.done() for each in waiting)
    assert all(log.history(f.originator_id) for f in facts)
    with pytest.raises(WriterClosed):
        log.append([one()], at())


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_forked_process_has_its_own_writer(log: EventLog) -> None:
    mapper: Any = log.mapper
    writer: Writer = log.recorder.writer  # type: ignore[attr-defined]
    mine, theirs, after = one(), one(), one()
    log.append([mine], at())
    child = os.fork()
    if child == 0:
        try:
            writer.append([mapper.to_stored_event(theirs)], at())
            writer.close()
        except BaseException:
            os._exit(1)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    log.append([after], at())
    assert all(log.history(f.originator_id) for f in (mine, theirs, after))


# A connection that is cut


@pytest.fixture
def proxied(database: str) -> Iterator[tuple[EventLog, Proxy]]:
    with Proxy(database) as proxy:
        opened = Database(proxy.dsn, pool_size=2)
        log = EventLog(opened, TextVault(b"v" * 32))
        log.append([one()], at())
        yield log, proxy
        opened.close()


@pytest.mark.parametrize("cut", ["before", "at once", "after"])
def test_a_cut_append_is_recorded_once_and_told_as_recorded(proxied: tuple[EventLog, Proxy], cut: Cut) -> None:
    log, proxy = proxied
    mine = one()
    answer = IdempotentAnswer("p_1", str(new_id()), b"f" * 32, {})
    proxy.cuts.append(cut)
    recorded = log.append([mine], at(idempotency=answer))
    assert proxy.done == [cut]
    assert log.history(mine.originator_id) == recorded
    row = log.database.one("SELECT position FROM idempotency WHERE key = %s", (answer.key,))
    assert row == {"position": recorded[0].position}


def test_an_act_without_event_whose_answer_was_cut_is_known_by_its_key(proxied: tuple[EventLog, Proxy]) -> None:
    log, proxy = proxied
    proxy.cuts.append("after")
    answer = IdempotentAnswer("p_1", str(new_id()), b"f" * 32, {})
    assert log.append([], at(idempotency=answer)) == []
    with pytest.raises(KeyUsed):
        log.append([], at(idempotency=answer))


def test_cuts_among_many_callers_give_neither_conflict_nor_double(proxied: tuple[EventLog, Proxy]) -> None:
    log, proxy = proxied
    stop = threading.Event()

    def cut() -> None:
        kinds: list[Cut] = ["after", "at once", "before"]
        while not stop.wait(0.05):
            if not proxy.cuts:
                proxy.cuts.append(kinds[len(proxy.done) % 3])

    cutter = threading.Thread(target=cut)
    cutter.start()
    facts: list[Fact] = []
    recorded: list[Fact] = []
    try:
        with ThreadPoolExecutor(16) as pool:
            while len(proxy.done) < 4:
                more = [one() for _ in range(50)]
                recorded += pool.map(lambda f: log.append([f], at())[0], more)
                facts += more
    finally:
        stop.set()
        cutter.join()
        proxy.cuts.clear()  # one that was left would cut the reading below
    assert [log.history(f.originator_id) for f in facts] == [[f] for f in recorded]


def test_the_session_that_was_cut_has_ended_before_the_log_is_asked(proxied: tuple[EventLog, Proxy]) -> None:
    """It waits for the lock when its client vanishes, and would commit later: after the answer « not recorded »."""
    log, proxy = proxied
    mine = one()
    with ThreadPoolExecutor(1) as pool, psycopg.connect(proxy.dsn, autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(7226, 1)")
        proxy.cuts.append("at once")
        recorded = pool.submit(log.append, [mine], at())
        time.sleep(0.5)
        waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND classid = 7226"
        assert other.execute(waiting).fetchone() == (1,), "only the repetition waits: the first session is gone"
        other.execute("SELECT pg_advisory_unlock(7226, 1)")
        found = recorded.result(10)
        assert log.history(mine.originator_id) == found


def test_a_server_that_is_gone_is_told_as_unavailable(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "PATIENCE", 0.3)
    opened = Database(database, pool_size=2)
    mapper: Any = EventLog(opened, TextVault(b"v" * 32)).mapper
    with Proxy(database) as proxy:
        writer = Writer(proxy.dsn, "k")
        assert writer.append([mapper.to_stored_event(one())], at()).positions
    try:
        with pytest.raises(psycopg.OperationalError):
            writer.append([mapper.to_stored_event(one())], at())
    finally:
        writer.close()
        opened.close()
