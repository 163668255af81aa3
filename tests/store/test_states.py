"""What a process remembers of objects: quicker, never a wrong answer."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from service.domain import action_course
from service.domain.action import ACTION, ActionProposed
from service.domain.concept import State
from service.domain.event import new_id
from service.domain.refusal import StaleVersion
from service.store.batch import Conditions
from service.store.database import Database
from service.store.log import EventLog
from service.store.recording import Recorder
from service.store.states import States
from service.store.texts import TextVault
from service.store.unit import Target, Unit, expect
from tests.store.sampling import NOW, act, fact

WITHIN = act(transformation_id=new_id(), reason="Il le faut")


@pytest.fixture
def log(database: str) -> Iterator[EventLog]:
    opened = Database(database, pool_size=4)
    yield EventLog(opened, TextVault(b"v" * 32))
    opened.close()


@pytest.fixture
def loads(log: EventLog, monkeypatch: pytest.MonkeyPatch) -> list[UUID]:
    """The streams whose history was read."""
    read: list[UUID] = []
    stored = log.stored

    def counted(stream: UUID, **bounds: Any) -> Any:
        if stream != WITHIN.transformation_id:  # there is none here: a real one is read once and remembered
            read.append(stream)
        return stored(stream, **bounds)

    monkeypatch.setattr(log, "stored", counted)
    return read


def propose(log: EventLog) -> UUID:
    def work(unit: Unit) -> Target:
        return Target(ACTION, unit.create(ACTION, action_course.propose(ref=1, title="Former")), created=True)

    return Recorder(log).execute(WITHIN, work).id


def confirm(log: EventLog, id: UUID, *, held: int | None = None) -> int:
    def work(unit: Unit) -> Target:
        state = unit.get(ACTION, id)
        expect(state, None if held is None else [held])
        return Target(ACTION, unit.record(ACTION, id, action_course.confirm(state)))

    return Recorder(log).execute(WITHIN, work).version


def by_another_process(log: EventLog, id: UUID, version: int) -> None:
    log.append([fact(action_course.confirm(log.load(ACTION, id))[0], stream=id, version=version)], Conditions(at=NOW))


def test_who_acted_on_an_object_acts_again_without_reading_it(log: EventLog, loads: list[UUID]) -> None:
    id = propose(log)
    assert [confirm(log, id) for _ in range(5)] == [2, 3, 4, 5, 6]
    assert loads == []
    assert log.states.get(id) == log.load(ACTION, id)


def test_an_act_on_what_another_process_changed_is_decided_again(log: EventLog, loads: list[UUID]) -> None:
    id = propose(log)
    by_another_process(log, id, 2)
    assert confirm(log, id) == 3
    assert loads == [id]
    assert log.states.get(id) == log.load(ACTION, id)


def test_no_refusal_is_told_from_memory(log: EventLog, loads: list[UUID]) -> None:
    id = propose(log)
    by_another_process(log, id, 2)
    assert confirm(log, id, held=2) == 3, "the caller has read what this process has not"
    with pytest.raises(StaleVersion) as stale:
        confirm(log, id, held=1)
    assert stale.value.facts["current"] == 3


def test_a_mended_object_is_read_again(log: EventLog) -> None:
    id = propose(log)
    creation = log.history(id)[0].envelope.event_id

    def work(unit: Unit) -> Target:
        return Target(ACTION, unit.correct(ACTION, id, creation, {"title": "Former tous"}))

    Recorder(log).execute(WITHIN, work)
    assert log.states.get(id) is None
    assert confirm(log, id) == 3
    assert log.states.get(id) == log.load(ACTION, id)


def test_a_correction_after_memory_sees_the_whole_history(log: EventLog) -> None:
    id = propose(log)
    confirm(log, id)
    creation = log.history(id)[0]
    assert isinstance(creation.event, ActionProposed)

    def work(unit: Unit) -> Target:
        unit.record(ACTION, id, action_course.confirm(unit.get(ACTION, id)))
        return Target(ACTION, unit.correct(ACTION, id, creation.envelope.event_id, {"title": "Tous"}))

    assert Recorder(log).execute(WITHIN, work).version == 4
    assert log.load(ACTION, id).title == "Tous"


def test_memory_is_bounded_and_forgets_the_oldest() -> None:
    states = States(most_facts=10)
    made = [State(id=new_id(), version=4) for _ in range(3)]
    for state in made:
        states.keep(state)
    assert [states.get(state.id) for state in made] == [None, made[1], made[2]]
    states.keep(made[1].model_copy(update={"version": 3}))
    assert states.get(made[1].id) == made[1], "an earlier version never replaces a later one"
    states.forget([made[1].id, made[2].id])
    states.keep(State(id=new_id(), version=10))
    assert states.get(made[2].id) is None
