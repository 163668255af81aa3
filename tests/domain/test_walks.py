"""Random lives: whatever is decided is either refused by a named rule or folds to the same state, and survives JSON."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from hypothesis import given as drawn
from hypothesis import strategies as st

from service.domain import (
    decision_course,
    deliverable,
    direction_project,
    evaluation,
    indicator_course,
    obstacle_course,
    plan_version,
)
from service.domain.concept import Concept, fold
from service.domain.decision import DECISION
from service.domain.decision_events import Authority
from service.domain.deliverable import DELIVERABLE
from service.domain.direction_project import DIRECTION_PROJECT
from service.domain.evaluation import EVALUATION
from service.domain.event import Event, new_id
from service.domain.indicator import INDICATOR
from service.domain.mending import Withdrawn
from service.domain.obstacle import OBSTACLE
from service.domain.obstacle_events import ResolvedBy
from service.domain.plan_version import PLAN_VERSION
from service.domain.refusal import Refusal
from tests.domain.given import CONTRIBUTOR, LEAD, SPONSOR, World, act, day, given
from tests.domain.test_decision import taken
from tests.domain.test_deliverable import REPORT
from tests.domain.test_direction_project import DRAFTED as DRAFTED_PROJECT
from tests.domain.test_evaluation import DRAFTED as DRAFTED_EVALUATION
from tests.domain.test_indicator import defined
from tests.domain.test_obstacle import raised
from tests.domain.test_plan_version import DRAFTED as DRAFTED_PLAN

Step = Callable[[World[Any]], Sequence[Event]]
FAR = day("2026-12-31")

OBSTACLE_STEPS: tuple[Step, ...] = (
    lambda w: obstacle_course.activate(w.now),
    lambda w: obstacle_course.assess(w.now, impact=3, urgency=1),
    lambda w: obstacle_course.assign(w.now, LEAD),
    lambda w: obstacle_course.speak(w.now, text="On avance", next_look_on=FAR),
    lambda w: obstacle_course.escalate(w.now, level="direction", ask="Un avis", answer_due_on=FAR),
    lambda w: obstacle_course.escalate(w.now, level="governance", ask="Un avis", answer_due_on=FAR),
    lambda w: obstacle_course.answer(w.now, answer="Oui"),
    lambda w: obstacle_course.rise(w.now, day("2027-06-01")),
    lambda w: obstacle_course.resolve(w.now, resolution="Levé", resolved_by=ResolvedBy(kind="other")),
    lambda w: obstacle_course.close(w.now),
    lambda w: obstacle_course.postpone(w.now, FAR),
    lambda w: obstacle_course.resume(w.now),
    lambda w: obstacle_course.reject(w.now),
    lambda w: obstacle_course.reopen(w.now),
    lambda w: obstacle_course.change_visibility(w.now, "restricted"),
)
INDICATOR_STEPS: tuple[Step, ...] = (
    lambda w: indicator_course.measure(w.now, value=Decimal(25)),
    lambda w: indicator_course.propose_value(w.now, value=Decimal("25.5")),
    lambda w: indicator_course.accept_value(w.now, w.now.proposals[-1].event_id if w.now.proposals else new_id()),
    lambda w: indicator_course.refuse_value(w.now, w.now.proposals[0].event_id if w.now.proposals else new_id()),
    lambda w: indicator_course.revise(w.now, title="Autre titre", weight=Decimal(3)),
    lambda w: indicator_course.retarget(w.now, ()),
    lambda w: indicator_course.rebaseline(w.now, None),
    lambda w: indicator_course.revise(w.now, direction="hold"),
    lambda w: indicator_course.reassign(w.now, owner=None),
    lambda w: indicator_course.retire(w.now),
    lambda w: indicator_course.confirm(w.now),
)
DECISION_STEPS: tuple[Step, ...] = (
    lambda w: decision_course.communicate(w.now, "Les équipes"),
    lambda w: decision_course.apply(w.now),
    lambda w: decision_course.supersede(w.now, new_id()),
    lambda w: decision_course.revoke(w.now),
    lambda w: decision_course.contest(w.now, act(SPONSOR), text="Non"),
    lambda w: decision_course.answer_contestation(
        w.now, w.now.contestations[0].event_id if w.now.contestations else new_id(), answer="Si"
    ),
    lambda w: decision_course.change_visibility(w.now, "restricted"),
)

DELIVERABLE_STEPS: tuple[Step, ...] = (
    lambda w: deliverable.add_version(w.now, title="Une version"),
    lambda w: deliverable.revise(w.now, title="Autre titre", owner=CONTRIBUTOR),
    lambda w: deliverable.submit(w.now),
    lambda w: deliverable.send_back(w.now, "À compléter"),
    lambda w: deliverable.validate(w.now, decision_id=new_id()),
    lambda w: deliverable.reopen(w.now),
)
PLAN_VERSION_STEPS: tuple[Step, ...] = (
    lambda w: plan_version.revise(w.now, summary="Ce qui change"),
    lambda w: plan_version.submit(w.now, 42),
    lambda w: plan_version.send_back(w.now, "Dater chaque action"),
    lambda w: plan_version.validate(w.now, new_id()),
)
PROJECT_STEPS: tuple[Step, ...] = (
    lambda w: direction_project.revise(w.now, how=f"Ensemble {w.now.version}"),
    lambda w: direction_project.submit(w.now),
    lambda w: direction_project.adjust(w.now, "Dire ce qu’on cesse"),
    lambda w: direction_project.validate(w.now, decision_id=new_id()),
)
EVALUATION_STEPS: tuple[Step, ...] = (
    lambda w: evaluation.revise(w.now, narrative=f"Le récit {w.now.version}"),
    lambda w: evaluation.validate(w.now, decision_id=new_id()),
)


def walk(
    concept: Concept[Any], creation: Event, steps: tuple[Step, ...], path: list[tuple[int, str, int, bool]]
) -> None:
    """Take the steps of a path, or mend an earlier fact, each by some person on some day."""
    world = given(concept, creation)
    for choice, who, later, mending in path:
        how = act(who, on=day("2027-06-01"), occurred_on=day(f"2026-03-{2 + later:02}"), reason="Il le faut")
        target = world.facts[choice % len(world.facts)]
        refused = None
        try:
            if mending:
                events: Sequence[Event] = [concept.withdrawn(target_event_id=target.envelope.event_id)]
            else:
                events = steps[choice % len(steps)](world)
            for event in events:
                assert type(event).model_validate_json(event.model_dump_json()) == event
                world.record(event, how)
        except Refusal as refusal:
            refused = refusal
        assert refused is None or refused.message("fr") != refused.message("en")
        assert fold(concept, world.facts) == world.state
        assert world.now.version == len(world.facts)
        assert type(world.now).model_validate(world.now.model_dump()) == world.now
        assert all(concept.links(world.now))
        assert all(concept.owners(world.now))
    assert world.now.withdrawn == any(
        isinstance(f.event, Withdrawn) and f.event.target_event_id == world.facts[0].envelope.event_id
        for f in world.facts
    )


people = st.sampled_from([LEAD, CONTRIBUTOR, SPONSOR])
paths = st.lists(
    st.tuples(st.integers(0, 30), people, st.integers(0, 20), st.integers(0, 9).map(lambda n: n == 0)), max_size=25
)


@drawn(paths)
def test_every_life_of_an_obstacle(path: list[tuple[int, str, int, bool]]) -> None:
    walk(OBSTACLE, raised(), OBSTACLE_STEPS, path)


@drawn(paths)
def test_every_life_of_an_indicator(path: list[tuple[int, str, int, bool]]) -> None:
    walk(INDICATOR, defined(), INDICATOR_STEPS, path)


@drawn(paths)
def test_every_life_of_a_decision(path: list[tuple[int, str, int, bool]]) -> None:
    walk(DECISION, taken(authority=Authority(kind="person", id=SPONSOR)), DECISION_STEPS, path)


@drawn(paths)
def test_every_life_of_a_deliverable(path: list[tuple[int, str, int, bool]]) -> None:
    walk(DELIVERABLE, REPORT, DELIVERABLE_STEPS, path)


@drawn(paths)
def test_every_life_of_a_plan_version(path: list[tuple[int, str, int, bool]]) -> None:
    walk(PLAN_VERSION, DRAFTED_PLAN, PLAN_VERSION_STEPS, path)


@drawn(paths)
def test_every_life_of_a_direction_project(path: list[tuple[int, str, int, bool]]) -> None:
    walk(DIRECTION_PROJECT, DRAFTED_PROJECT, PROJECT_STEPS, path)


@drawn(paths)
def test_every_life_of_an_evaluation(path: list[tuple[int, str, int, bool]]) -> None:
    walk(EVALUATION, DRAFTED_EVALUATION, EVALUATION_STEPS, path)
