"""The append: everything or nothing, under one lock, in one order, for ever."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from service.domain.event import Fact, new_id
from service.domain.milestone import MilestoneConfirmed
from service.store.batch import ClaimTaken, Conditions, IdempotentAnswer, KeyUsed, StreamMoved
from service.store.database import Database
from service.store.log import EventLog
from service.store.texts import TextVault
from tests.store.sampling import EVENTS, NOW, act, fact, filled


@pytest.fixture(scope="module")
def log(database: str) -> Iterator[EventLog]:
    opened = Database(database, pool_size=4)
    yield EventLog(opened, TextVault(b"v" * 32))
    opened.close()


def one(**more: Any) -> Fact:
    return fact(MilestoneConfirmed(), **more)


def append(log: EventLog, *facts: Fact, **conditions: Any) -> list[Fact]:
    return log.append(facts, Conditions(**{"at": NOW, **conditions}))


def test_events_come_back_with_their_positions_and_one_instant(log: EventLog) -> None:
    recorded = append(log, one(), one(), one())
    assert [f.position for f in recorded] == sorted(f.position for f in recorded)
    assert len({f.recorded_at for f in recorded}) == 1
    assert log.head() == recorded[-1].position
    assert log.history(recorded[0].originator_id) == [recorded[0]]


def test_nothing_to_record_records_nothing(log: EventLog) -> None:
    head = log.head()
    assert append(log) == []
    assert log.head() == head


def test_two_events_of_one_version_of_a_stream_do_not_both_exist(log: EventLog) -> None:
    first = one()
    append(log, first)
    with pytest.raises(StreamMoved):
        append(log, one(stream=first.originator_id))


def test_an_event_is_recorded_once(log: EventLog) -> None:
    first = one()
    append(log, first)
    with pytest.raises(StreamMoved):
        append(log, Fact(new_id(), 1, first.event, first.envelope))


def test_a_stale_read_refuses_the_whole_append(log: EventLog) -> None:
    relied = append(log, one())[0]
    append(log, one(), reads=((relied.originator_id, 1),))
    head = log.head()
    for version in (0, 2):
        with pytest.raises(StreamMoved):
            append(log, one(), reads=((relied.originator_id, version),))
    with pytest.raises(StreamMoved):
        append(log, one(), reads=((new_id(), 1),))
    append(log, one(), reads=((new_id(), 0),))
    assert log.head() == head + 1


def test_a_lost_claim_says_which_and_leaves_nothing_behind(log: EventLog) -> None:
    first, late = one(), fact(filled(EVENTS["note.written"], "Un texte"), reason="Motif")
    append(log, first, claims=(("code:Ça, c’est « prise »", first.envelope.event_id),))
    head = log.head()
    answer = IdempotentAnswer("p_1", str(new_id()), b"f" * 32, {})
    with pytest.raises(ClaimTaken) as taken:
        append(log, late, claims=(("code:Ça, c’est « prise »", late.envelope.event_id),), idempotency=answer)
    assert taken.value.claim == "code:Ça, c’est « prise »"
    assert log.head() == head
    assert log.history(late.originator_id) == []
    assert not log.database.all("SELECT FROM text_keys WHERE event_id = %s", (late.envelope.event_id,))
    assert not log.database.all("SELECT FROM idempotency WHERE key = %s", (answer.key,))


def test_a_released_claim_can_be_taken_again_even_in_the_same_commit(log: EventLog) -> None:
    first, second = one(), one()
    append(log, first, claims=(("row:7", first.envelope.event_id),))
    append(log, second, released=("row:7",), claims=(("row:7", second.envelope.event_id),))
    row = log.database.one("SELECT event_id FROM claims WHERE claim = 'row:7'")
    assert row == {"event_id": second.envelope.event_id}


def test_a_transformation_that_was_to_be_quiet_and_was_not_refuses(log: EventLog) -> None:
    transformation, other = new_id(), new_id()
    within = {"transformation_id": transformation}
    seen = append(log, one(**within))[0].position
    append(log, one(transformation_id=other))
    append(log, one(**within), quiet=((transformation, seen),))
    with pytest.raises(StreamMoved):
        append(log, one(**within), quiet=((transformation, seen),))


def test_a_used_key_refuses_the_events(log: EventLog) -> None:
    answer = IdempotentAnswer("p_1", str(new_id()), b"f" * 32, {})
    append(log, one(), idempotency=answer)
    head = log.head()
    with pytest.raises(KeyUsed):
        append(log, one(), idempotency=answer)
    assert log.head() == head


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET topic = topic",
        "DELETE FROM events",
        "TRUNCATE events",
        "TRUNCATE events CASCADE",
        "INSERT INTO events SELECT * FROM events ON CONFLICT (event_id) DO UPDATE SET topic = 'x'",
    ],
)
def test_the_log_is_never_rewritten(statement: str, log: EventLog) -> None:
    append(log, one())
    head = log.head()
    with pytest.raises(psycopg.Error), log.database.connection() as connection:
        connection.execute(statement)
    with pytest.raises(psycopg.Error) as refused:
        log.database.one("DELETE FROM events RETURNING 1")
    assert refused.value.sqlstate == "TR003"
    assert log.head() == head


# Known-on


def test_a_supplied_clock_is_asked_for_and_never_goes_back(log: EventLog) -> None:
    first = append(log, one(), at=NOW + timedelta(days=1))[0]
    earlier = append(log, one(), at=NOW)[0]
    later = append(log, one(), at=NOW + timedelta(days=2))[0]
    assert first.recorded_at == earlier.recorded_at == NOW + timedelta(days=1)
    assert later.recorded_at == NOW + timedelta(days=2)
    with pytest.raises(psycopg.Error) as refused:
        append(log, one(), at=None)
    assert refused.value.sqlstate == "TR002"


def test_a_database_clock_takes_no_instant_from_outside_and_never_goes_back(fresh_database: str) -> None:
    database = Database(fresh_database, pool_size=2)
    try:
        database.one("UPDATE installation SET clock = 'database' RETURNING clock")
        log = EventLog(database, TextVault(b"v" * 32))
        instants = [append(log, one(), at=NOW + timedelta(days=400 * n))[0].recorded_at for n in (0, 90, 3)]
        row = database.one("SELECT clock_timestamp() AS now")
        assert row
        assert all(at is not None and abs(at - row["now"]) < timedelta(minutes=1) for at in instants)
        assert instants == sorted(instants, key=str)
        # As after a clock that was set back: the last instant of the log is in the future of the database.
        with database.connection() as connection:
            connection.execute("ALTER TABLE events DISABLE TRIGGER USER")
            connection.execute("UPDATE events SET recorded_at = recorded_at + interval '1 hour'")
            connection.execute("ALTER TABLE events ENABLE TRIGGER USER")
        last = log.history(log.history(one_stream(database))[0].originator_id)[0].recorded_at
        after = append(log, one())[0].recorded_at
        assert after is not None
        assert last is not None
        assert after >= last
    finally:
        database.close()


def one_stream(database: Database) -> Any:
    row = database.one("SELECT originator_id FROM events ORDER BY notification_id DESC LIMIT 1")
    assert row
    return row["originator_id"]


def test_an_instant_stands_for_the_last_event_recorded_by_then(log: EventLog) -> None:
    base = NOW + timedelta(days=30)
    positions = [append(log, one(), at=base + timedelta(hours=n))[0].position for n in range(3)]
    assert log.position_at(base + timedelta(hours=1)) == positions[1]
    assert log.position_at(base + timedelta(hours=1, minutes=59)) == positions[1]
    assert log.position_at(NOW - timedelta(days=4000)) == 0
    assert log.instant_of(positions[2]) == base + timedelta(hours=2)


def test_an_act_says_who_and_when_it_was_true(log: EventLog) -> None:
    recorded = append(log, one())[0]
    assert recorded.envelope.actor == act().actor
    assert (recorded.occurred_on, recorded.envelope.occurred_on_basis) == (act().today, "recording")
