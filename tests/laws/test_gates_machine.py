"""Reviews and gates under any sequence of acts: a machine that knows the rules of DOMAIN section 2 and nothing else."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from service.acts.decisions import take_decision
from service.acts.reviews import authority_of, freeze_pack, hold_review, recuse_member, schedule_review
from service.acts.transformations import launch_transformation
from service.acts.verdicts import give_verdict
from service.domain import body, phase
from service.domain import review_course as course
from service.domain.body import BODY
from service.domain.decision import DECISION
from service.domain.event import new_id
from service.domain.phase import PHASE
from service.domain.refusal import Refusal
from service.domain.review import REVIEW, Review
from service.domain.review_course import ConditionTerms
from service.domain.review_events import ReviewPackFrozen
from service.domain.transformation import TRANSFORMATION
from service.projections import all_tables
from service.projections.as_of import AsOf
from service.store.unit import Target, Unit
from tests.laws.history import House, Life

TABLES = {table.concept.name: table for table in all_tables.TABLES}
VERDICTS = ("go", "go_with_conditions", "replan", "hold", "stop")
PASSES = ("go", "go_with_conditions")
FINAL = (*PASSES, "stop")
SEATS = st.sets(st.integers(0, 2))


class Gates(RuleBasedStateMachine):
    """One transformation whose gates belong to a committee of three."""

    house: House
    heard: Counter[str]

    @initialize(optional=st.booleans(), first=st.sampled_from(VERDICTS), then=st.sampled_from(VERDICTS))
    def prepare(self, optional: bool, first: str, then: str) -> None:
        self.life = Life(self.house, f"G{new_id().hex[-12:].upper()}")
        self.people = self.house.people
        self.reviews: list[UUID] = []
        self.lifted: set[tuple[UUID, int]] = set()
        for seat, person in enumerate(self.people, start=1):
            self.does(lambda u, p=person, s=seat: self.on(u, BODY, self.life.body.id, body.appoint, p, seat=s))
        for id in self.life.phases:
            waived = (1,) if optional else ()
            self.does(lambda u, i=id, w=waived: self.on(u, PHASE, i, phase.configure_gate, self.life.body.id, w))
        self.does(self.launch)
        # No history is without a verdict, nor without a go that its criteria forbid.
        self.a_whole_review(1, 0, {0, 1}, "go" if optional else "go_with_conditions", True)
        for number, verdict in enumerate((first, then)):
            self.a_whole_review(1, 1, {0, 1}, verdict, bool(number))

    def launch(self, unit: Unit) -> Target:
        with self.house.database.connection() as connection:
            return Target(TRANSFORMATION, launch_transformation(unit, connection, self.life.id))

    @staticmethod
    def on(unit: Unit, concept: Any, id: UUID, decide: Callable[..., Any], *args: Any, **fields: Any) -> Target:
        return Target(concept, unit.record(concept, id, decide(unit.get(concept, id), *args, **fields)))

    def does(self, work: Callable[[Unit], Target]) -> Any:
        """The state after the act, or None where it was refused; a refusal leaves no trace."""
        self.house.projector.catch_up()
        head = self.house.log.head()
        act = self.house.act(1, transformation_id=self.life.id, reason="Il le faut", role="sponsor")
        try:
            return self.house.recorder.execute(act, work)
        except Refusal:
            assert self.house.log.head() == head
            return None

    def review(self, which: int) -> Review:
        return self.house.log.load(REVIEW, self.reviews[which % len(self.reviews)])

    def phases(self) -> list[Any]:
        return [self.house.log.load(PHASE, id) for id in self.life.phases]

    @property
    def today(self) -> date:
        return self.house.now.date()

    # What people do

    @rule(gate=st.integers(0, 1), later=st.integers(0, 1))
    def schedule(self, gate: int, later: int) -> None:
        def work(unit: Unit) -> Target:
            made = schedule_review(
                unit,
                unit.get(TRANSFORMATION, self.life.id),
                body_id=self.life.body.id,
                phase_id=self.life.phases[gate],
                title="Passage",
                planned_on=self.today + timedelta(days=later),
            )
            return Target(REVIEW, made, created=True)

        made = self.does(work)
        assert made is not None
        self.reviews.append(made.id)

    def a_whole_review(self, ahead: int, met: int, came: set[int], verdict: str, blocking: bool) -> None:
        """The straight way, so that verdicts are often at hand: at the gate of the phase that runs, mostly."""
        running = next((n for n, each in enumerate(self.phases()) if each.status in ("open", "held")), 0)
        self.schedule(running if ahead else 1, 0)
        last = len(self.reviews) - 1
        self.assess_all(last, bool(met))
        self.freeze(last)
        self.hold(last, came)
        self.judge(0, verdict, blocking)

    @rule(
        ahead=st.integers(0, 4),
        met=st.integers(0, 3),
        came=st.sampled_from([{0, 1}, {0, 1, 2}, {0}]),
        verdict=st.sampled_from(VERDICTS),
        blocking=st.booleans(),
    )
    def one_more_review(self, ahead: int, met: int, came: set[int], verdict: str, blocking: bool) -> None:
        self.a_whole_review(ahead, met, came, verdict, blocking)

    @precondition(lambda self: self.reviews)
    @rule(which=st.integers(0, 9), met=st.booleans())
    def assess_all(self, which: int, met: bool) -> None:
        review = self.review(which)
        for criterion in review.criteria:
            self.does(lambda u, n=criterion.number: self.on(u, REVIEW, review.id, course.assess_criterion, n, met=met))

    @precondition(lambda self: self.reviews)
    @rule(which=st.integers(0, 9), number=st.integers(1, 3))
    def waive(self, which: int, number: int) -> None:
        id = self.review(which).id
        self.does(lambda u: self.on(u, REVIEW, id, course.waive_criterion, number, authority_of(u.act)))

    @precondition(lambda self: self.reviews)
    @rule(which=st.integers(0, 9))
    def freeze(self, which: int) -> None:
        review = self.review(which)

        def work(unit: Unit) -> Target:
            now = unit.get(REVIEW, review.id)
            whole = unit.get(TRANSFORMATION, self.life.id)
            with self.house.database.connection() as connection:
                events = freeze_pack(unit, connection, TABLES, whole, now, self.house.log.head())
            return Target(REVIEW, unit.record(REVIEW, review.id, events))

        assert (self.does(work) is not None) == (review.status in ("scheduled", "pack_frozen"))

    @precondition(lambda self: self.reviews)
    @rule(which=st.integers(0, 9), seat=st.integers(0, 2))
    def recuse(self, which: int, seat: int) -> None:
        id = self.review(which).id
        self.does(
            lambda u: Target(REVIEW, u.record(REVIEW, id, recuse_member(u, u.get(REVIEW, id), self.people[seat])))
        )

    @precondition(lambda self: self.reviews)
    @rule(which=st.integers(0, 9), came=SEATS)
    def hold(self, which: int, came: set[int]) -> None:
        review = self.review(which)
        attended = tuple(self.people[seat] for seat in sorted(came))
        recused = {each.person_id for each in review.recusals}
        done = self.does(
            lambda u: Target(
                REVIEW, u.record(REVIEW, review.id, hold_review(u, u.get(REVIEW, review.id), attended=attended))
            )
        )
        allowed = review.status == "pack_frozen" and review.planned_on <= self.today and not recused & set(attended)
        assert (done is not None) == allowed
        if done:
            quorum = self.review(which).attendance
            assert quorum is not None
            staying = len(self.people) - len(recused)
            assert quorum.quorum.required == staying // 2 + 1
            assert quorum.quorum.present == len(attended)

    @precondition(lambda self: self.reviews)
    @rule(back=st.integers(0, 2), verdict=st.sampled_from(VERDICTS), blocking=st.booleans())
    def judge(self, back: int, verdict: Any, blocking: bool) -> None:
        review = self.review(len(self.reviews) - 1 - min(back, len(self.reviews) - 1))
        terms = ConditionTerms(
            statement="Finir", owner=self.people[2], due_on=self.today + timedelta(days=1), blocking=blocking
        )

        def work(unit: Unit) -> Target:
            with self.house.database.connection() as connection:
                after = give_verdict(
                    unit,
                    connection,
                    unit.get(TRANSFORMATION, self.life.id),
                    unit.get(REVIEW, review.id),
                    position=self.house.log.head(),
                    verdict=verdict,
                    conditions=(terms,) if verdict == "go_with_conditions" else (),
                    title="Verdict",
                    chosen="Ainsi",
                )
            return Target(REVIEW, after)

        allowed = self.may_judge(review, verdict)
        assert (self.does(work) is not None) == allowed
        self.heard[f"{verdict} {'given' if allowed else 'refused'}"] += 1

    def may_judge(self, review: Review, verdict: str) -> bool:
        """The rules of gates, told once more in plain words."""
        gate = next(each for each in self.phases() if each.id == review.phase_id)
        open_blocking = [
            condition
            for id in self.reviews
            if id != review.id
            for condition in self.house.log.load(REVIEW, id).conditions
            if condition.blocking and condition.met_on is None and condition.lifted_on is None
        ]
        unmet = [c for c in review.criteria if c.mandatory and c.met is not True and c.waiver is None]
        ready = review.status == "held" and review.verdict is None and review.attendance is not None
        turn = gate.status == "open" or (gate.status == "held" and verdict in ("replan", "stop"))
        passes = verdict not in PASSES or (not unmet and not open_blocking)
        return bool(ready and review.attendance and review.attendance.quorum.reached and turn and passes)

    @precondition(lambda self: self.reviews)
    @rule(which=st.integers(0, 9))
    def meet(self, which: int) -> None:
        review = self.review(which)
        for condition in review.conditions:
            self.does(
                lambda u, n=condition.number: self.on(
                    u, REVIEW, review.id, course.lift_condition, n, authority_of(u.act)
                )
            )

    @precondition(lambda self: self.reviews)
    @rule(which=st.integers(0, 9))
    def escalate(self, which: int) -> None:
        """A blocking condition goes up once its date has passed, once, and never otherwise."""
        review = self.review(which)
        for condition in review.conditions:
            waiting = condition.met_on is None and condition.lifted_on is None and condition.escalated_on is None
            allowed = condition.blocking and waiting and condition.due_on < self.today
            number = condition.number
            done = self.does(lambda u, n=number: self.on(u, REVIEW, review.id, course.escalate_condition, n))
            assert (done is not None) == allowed

    @precondition(lambda self: self.reviews)
    @rule(which=st.integers(0, 9), verb=st.sampled_from([course.cancel, course.close]))
    def end(self, which: int, verb: Any) -> None:
        id = self.review(which).id
        self.does(lambda u: self.on(u, REVIEW, id, verb))

    @rule(gate=st.integers(0, 3), verdict=st.sampled_from(("go", "replan", "stop")))
    def pass_by_the_side(self, gate: int, verdict: Any) -> None:
        """A decision alone never moves a gate that belongs to a body."""

        def work(unit: Unit) -> Target:
            with self.house.database.connection() as connection:
                taken = take_decision(
                    unit,
                    connection,
                    unit.get(TRANSFORMATION, self.life.id),
                    position=self.house.log.head(),
                    kind="gate_verdict",
                    phase_id=self.life.phases[gate],
                    verdict=verdict,
                    title="Sans instance",
                    chosen="Quand même",
                )
            return Target(DECISION, taken, created=True)

        assert self.does(work) is None

    @rule()
    def sleep(self) -> None:
        self.house.now += timedelta(days=1)

    # What always holds

    @invariant()
    def phases_follow_one_another(self) -> None:
        if not hasattr(self, "life"):
            return
        statuses = [each.status for each in self.phases()]
        passed = statuses.index(next((s for s in statuses if s != "completed"), statuses[-1]))
        assert all(status == "completed" for status in statuses[:passed])
        assert all(status == "planned" for status in statuses[passed + 1 :])

    @invariant()
    def each_gate_heard_one_final_verdict_from_a_held_review(self) -> None:
        if not hasattr(self, "life"):
            return
        final: set[UUID] = set()
        for id in self.reviews:
            review = self.house.log.load(REVIEW, id)
            if review.attendance:
                counted = review.attendance.quorum.counted
                assert not {each.person_id for each in review.recusals} & set(counted)
                assert review.packs
            if review.verdict is None:
                continue
            assert review.verdict.present >= review.verdict.required
            decision = self.house.log.load(DECISION, review.verdict.decision_id)
            assert (decision.review_id, decision.phase_id) == (review.id, review.phase_id)
            if review.verdict.verdict in PASSES:
                assert not review.unmet_mandatory
            if review.verdict.verdict in FINAL:
                assert review.phase_id not in final
                assert review.phase_id is not None
                final.add(review.phase_id)
        ended = {each.id for each in self.phases() if each.status in ("completed", "stopped")}
        assert ended == final

    def teardown(self) -> None:
        """The tables tell what the log tells, and every pack still has its hash."""
        if not hasattr(self, "life"):
            return
        self.house.projector.catch_up()
        with self.house.database.connection() as connection:
            for id in self.reviews:
                loaded = self.house.log.load(REVIEW, id)
                assert TABLES["review"].find(connection, id, AsOf(self.house.now)) == loaded
                facts = self.house.log.history(id)
                frozen = [fact.event for fact in facts if isinstance(fact.event, ReviewPackFrozen)]
                assert [pack.sha256 for pack in loaded.packs] == [
                    hashlib.sha256(event.canonical.encode()).hexdigest() for event in frozen
                ]


QUICK = settings(
    max_examples=10,
    stateful_step_count=10,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def house(database: str) -> Iterator[House]:
    house = House(database)
    yield house
    house.close()


def machine_in(house: House) -> type[Gates]:
    return type("GatesHere", (Gates,), {"house": house, "heard": Counter()})


def test_reviews_and_gates_under_any_sequence_of_acts(house: House) -> None:
    machine = machine_in(house)
    run_state_machine_as_test(machine, settings=QUICK)
    # it would prove little over histories in which no gate ever hears anything
    assert len([verdict for verdict in VERDICTS if machine.heard[f"{verdict} given"]]) >= 4, machine.heard
    assert all(machine.heard[f"{verdict} refused"] for verdict in PASSES), machine.heard


@pytest.mark.prove
def test_the_same_for_many_more_sequences(house: House) -> None:
    many = settings(QUICK, max_examples=300, stateful_step_count=50, derandomize=False, phases=list(Phase))
    run_state_machine_as_test(machine_in(house), settings=many)
