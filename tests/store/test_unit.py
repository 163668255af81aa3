"""The unit of work: what a decision relied on still holds when it is recorded, or it is decided again."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from service.domain import action_course, milestone
from service.domain.act import Act, TrueOnInFuture
from service.domain.action import ACTION
from service.domain.concept import ObjectWithdrawn
from service.domain.event import new_id
from service.domain.milestone import MILESTONE, MilestoneNotPlanned, MilestoneSubject
from service.domain.refusal import NotFound, StaleVersion
from service.store.batch import Conditions
from service.store.database import Database
from service.store.log import EventLog
from service.store.recording import MAX_TRIES, AlreadyTaken, Recorder, TooBusy
from service.store.texts import TextVault
from service.store.unit import Target, Unit, expect
from tests.store.sampling import NOW, act, fact

TRANSFORMATION = new_id()
WITHIN = act(transformation_id=TRANSFORMATION, reason="Il le faut")


@pytest.fixture(scope="module")
def log(database: str) -> Iterator[EventLog]:
    opened = Database(database, pool_size=4)
    yield EventLog(opened, TextVault(b"v" * 32))
    opened.close()


def propose(log: EventLog, title: str = "Former", how: Act = WITHIN) -> UUID:
    def work(unit: Unit) -> Target:
        ref = unit.reference(ACTION, TRANSFORMATION)
        return Target(ACTION, unit.create(ACTION, action_course.propose(ref=ref, title=title)), created=True)

    return Recorder(log).execute(how, work).id


def behind_its_back(log: EventLog, id: UUID) -> None:
    """Somebody else acts on the object, outside the unit that is tested."""
    version = log.load(ACTION, id).version
    log.append(
        [fact(action_course.confirm(log.load(ACTION, id))[0], stream=id, version=version + 1)], Conditions(at=NOW)
    )


def test_an_act_is_decided_again_when_its_object_moved_meanwhile(log: EventLog) -> None:
    id = propose(log)
    tries = []

    def work(unit: Unit) -> Target:
        state = unit.get(ACTION, id)
        tries.append(state.version)
        if len(tries) == 1:
            behind_its_back(log, id)
        return Target(ACTION, unit.record(ACTION, id, action_course.plan(state)))

    outcome = Recorder(log).execute(WITHIN, work)
    assert tries == [1, 2]
    assert outcome.version == 3


def test_an_act_is_decided_again_when_what_it_relied_on_moved(log: EventLog) -> None:
    id, other = propose(log), propose(log, "Autre")
    tries = []

    def work(unit: Unit) -> Target:
        tries.append(unit.get(ACTION, other).version)
        if len(tries) == 1:
            behind_its_back(log, other)
        return Target(ACTION, unit.record(ACTION, id, action_course.plan(unit.get(ACTION, id))))

    Recorder(log).execute(WITHIN, work)
    assert tries == [1, 2]


def test_a_state_adopted_from_a_read_model_is_checked_at_the_append(log: EventLog) -> None:
    id, other = propose(log), propose(log, "Autre")
    stale = log.load(ACTION, other)
    behind_its_back(log, other)

    def work(unit: Unit) -> Target:
        unit.adopt(ACTION, stale)
        return Target(ACTION, unit.record(ACTION, id, action_course.plan(unit.get(ACTION, id))))

    with pytest.raises(TooBusy):
        Recorder(log).execute(WITHIN, work)
    assert log.load(ACTION, id).status == "proposed"


def test_who_never_finds_a_quiet_moment_is_told_so(log: EventLog) -> None:
    id = propose(log)
    tries = []

    def work(unit: Unit) -> Target:
        state = unit.get(ACTION, id)
        tries.append(state.version)
        behind_its_back(log, id)
        return Target(ACTION, unit.record(ACTION, id, action_course.plan(state)))

    with pytest.raises(TooBusy):
        Recorder(log).execute(WITHIN, work)
    assert len(tries) == MAX_TRIES


def test_an_act_over_several_objects_is_one_commit_with_one_correlation(log: EventLog) -> None:
    one, two = propose(log), propose(log, "Deux")

    def work(unit: Unit) -> Target:
        for id in (one, two):
            unit.record(
                ACTION, id, [*action_course.plan(unit.get(ACTION, id)), *action_course.start(unit.get(ACTION, id))]
            )
        return Target(ACTION, unit.get(ACTION, two))

    facts = Recorder(log).execute(WITHIN, work).facts
    assert [f.originator_version for f in facts] == [2, 3, 2, 3]
    assert len({f.envelope.correlation_id for f in facts}) == 1
    assert len({f.envelope.event_id for f in facts}) == 4
    assert len({f.recorded_at for f in facts}) == 1


def test_of_an_act_over_several_objects_nothing_is_recorded_when_one_of_them_moved(log: EventLog) -> None:
    one, two = propose(log), propose(log, "Deux")
    tries = []

    def work(unit: Unit) -> Target:
        states = [unit.get(ACTION, id) for id in (one, two)]
        tries.append([state.version for state in states])
        if len(tries) == 1:
            behind_its_back(log, two)
        for state in states:
            unit.record(ACTION, state.id, action_course.plan(state))
        return Target(ACTION, unit.get(ACTION, two))

    facts = Recorder(log).execute(WITHIN, work).facts
    assert tries == [[1, 1], [1, 2]], "the first object did not move although the second had"
    assert [f.originator_version for f in facts] == [2, 3]
    assert facts[0].position is not None
    assert facts[1].position == facts[0].position + 1


def test_a_refused_act_leaves_nothing_even_of_its_legal_part(log: EventLog) -> None:
    one, two = propose(log), propose(log, "Deux")
    head = log.head()

    def work(unit: Unit) -> Target:
        unit.record(ACTION, one, action_course.plan(unit.get(ACTION, one)))
        return Target(ACTION, unit.record(ACTION, two, action_course.resume(unit.get(ACTION, two))))

    with pytest.raises(Exception, match="A-"):
        Recorder(log).execute(WITHIN, work)
    assert log.head() == head


def test_what_is_unique_is_taken_once_and_free_again_when_withdrawn(log: EventLog) -> None:
    def take(unit: Unit) -> Target:
        made = unit.create(ACTION, action_course.propose(ref=1, title="Unique"))
        unit.claim("code:UNIQUE")
        return Target(ACTION, made)

    id = Recorder(log).execute(WITHIN, take).id
    with pytest.raises(AlreadyTaken) as taken:
        Recorder(log).execute(WITHIN, take)
    assert taken.value.facts == {"claim": "UNIQUE"}
    creation = log.history(id)[0].envelope.event_id
    Recorder(log).execute(WITHIN, lambda unit: Target(ACTION, unit.withdraw(ACTION, id, creation)))
    assert Recorder(log).execute(WITHIN, take).id != id


def test_nothing_more_is_recorded_on_a_withdrawn_object(log: EventLog) -> None:
    id = propose(log)
    creation = log.history(id)[0].envelope.event_id
    Recorder(log).execute(WITHIN, lambda unit: Target(ACTION, unit.withdraw(ACTION, id, creation)))
    with pytest.raises(ObjectWithdrawn):
        Recorder(log).execute(
            WITHIN, lambda unit: Target(ACTION, unit.record(ACTION, id, action_course.plan(unit.get(ACTION, id))))
        )


def test_references_count_up_per_transformation_and_letter(log: EventLog) -> None:
    unit = Unit(log, WITHIN)
    first = unit.reference(ACTION, TRANSFORMATION)
    assert unit.reference(ACTION, TRANSFORMATION) == first + 1
    assert unit.reference(MILESTONE, TRANSFORMATION) == 1
    assert unit.reference(ACTION, new_id()) == 1


def test_an_object_of_another_kind_is_not_found(log: EventLog) -> None:
    id = propose(log)
    for unknown in (id, new_id()):
        with pytest.raises(NotFound):
            Unit(log, WITHIN).get(MILESTONE, unknown)
    unit = Unit(log, WITHIN)
    unit.get(ACTION, id)
    with pytest.raises(NotFound):
        unit.get(MILESTONE, id)


def test_a_version_that_was_not_read_is_stale(log: EventLog) -> None:
    state = log.load(ACTION, propose(log))
    expect(state, None)
    expect(state, [7, 1])
    for held in ([], [2]):
        with pytest.raises(StaleVersion):
            expect(state, held)


def test_a_correction_cannot_say_that_a_fact_will_be_true(log: EventLog) -> None:
    id = propose(log)
    creation = log.history(id)[0].envelope.event_id
    tomorrow = (WITHIN.today + timedelta(days=1)).isoformat()
    with pytest.raises(TrueOnInFuture):
        Recorder(log).execute(
            WITHIN, lambda unit: Target(ACTION, unit.correct(ACTION, id, creation, {"occurred_on": tomorrow}))
        )


def test_the_rules_hold_within_one_unit_too(log: EventLog) -> None:
    subject = MilestoneSubject(kind="phase", id=new_id())

    def work(unit: Unit) -> Target:
        due = date(2026, 6, 1)
        made: Any = unit.create(
            MILESTONE, milestone.plan(ref=1, subject=subject, title="J", due_on=due, baselined=False)
        )
        unit.record(MILESTONE, made.id, milestone.reach(made))
        return Target(MILESTONE, unit.record(MILESTONE, made.id, milestone.reach(made)))

    with pytest.raises(MilestoneNotPlanned):
        Recorder(log).execute(WITHIN, work)
