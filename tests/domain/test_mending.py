"""Correct and withdraw: the effective state is the fold of the corrected history (SHAPES: Correct and withdraw).

The laws are checked on histories of actions and milestones drawn at random among all that their rules permit.
"""

from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, settings
from hypothesis import given as for_all
from hypothesis import strategies as st

from service.domain.act import TrueOnInFuture
from service.domain.action import ACTION
from service.domain.action_events import (
    ActionAbandoned,
    ActionBaselineSet,
    ActionCompleted,
    ActionConfirmed,
    ActionDescribed,
    ActionLabelled,
    ActionPaused,
    ActionPlanned,
    ActionPrioritised,
    ActionProgressDeclared,
    ActionProposed,
    ActionPutBack,
    ActionReopened,
    ActionRescheduled,
    ActionResumed,
    ActionStarted,
)
from service.domain.concept import (
    Concept,
    NothingToChange,
    ObjectWithdrawn,
    ReasonRequired,
    State,
    advance,
    correction,
    fold,
    verify,
)
from service.domain.event import Event, Fact, new_id
from service.domain.member import MEMBER, MemberGranted
from service.domain.mending import CorrectionInvalid, LaterFactsDepend, NotMendable, effective
from service.domain.milestone import (
    MILESTONE,
    MilestoneCancelled,
    MilestoneConfirmed,
    MilestoneDescribed,
    MilestonePlanned,
    MilestoneReached,
    MilestoneReopened,
    MilestoneRescheduled,
    MilestoneSubject,
)
from service.domain.refusal import Refusal
from tests.domain.given import CONTRIBUTOR, TODAY, World, act, because, given

PLANNED = MilestonePlanned(
    ref=7,
    subject=MilestoneSubject(kind="action", id=new_id()),
    title="Charte signée",
    description="Par les deux chefs de service",
    due_on=date(2026, 4, 1),
)
RESCHEDULED = MilestoneRescheduled(due_on=date(2026, 5, 1))
REACHED = MilestoneReached()


# By example


def test_a_withdrawn_slip_is_not_counted():
    world = given(MILESTONE, PLANNED, RESCHEDULED).withdraw(MilestoneRescheduled)
    state = world.unrefused()
    assert (state.due_on, state.reschedule_count, state.version) == (date(2026, 4, 1), 0, 3)
    assert not state.withdrawn


def test_a_withdrawn_reaching_is_not_a_reopening():
    state = given(MILESTONE, PLANNED, REACHED).withdraw(MilestoneReached).unrefused()
    assert (state.status, state.reached_on, state.reopen_count) == ("planned", None, 0)


def test_a_correction_counts_as_neither_and_keeps_the_old_wording_visible():
    world = given(MILESTONE, PLANNED, RESCHEDULED)
    state = world.correct(MilestoneRescheduled, because("Faute de frappe"), due_on="2026-04-15").unrefused()
    assert (state.due_on, state.reschedule_count) == (date(2026, 4, 15), 1)
    (mended,) = state.corrections
    assert (mended.topic, mended.before, mended.after) == (
        "milestone.rescheduled",
        {"due_on": "2026-05-01"},
        {"due_on": "2026-04-15"},
    )
    assert mended.reason == "Faute de frappe"


def test_the_date_on_which_a_fact_was_true_can_be_corrected_but_not_into_the_future():
    world = given(MILESTONE, PLANNED, REACHED).correct(MilestoneReached, occurred_on="2026-02-27")
    assert world.unrefused().reached_on == date(2026, 2, 27)
    world = given(MILESTONE, PLANNED, REACHED).correct(MilestoneReached, occurred_on="2026-03-03")
    assert world.refused(TrueOnInFuture).pointer == "/changes/occurred_on"
    given(MILESTONE, PLANNED, REACHED).correct(MilestoneReached, occurred_on="hier").refused(CorrectionInvalid)


def test_a_second_correction_mends_the_first():
    world = given(MILESTONE, PLANNED)
    world.correct(MilestonePlanned, title="Charte relue").unrefused()
    state = world.correct(MilestonePlanned, title="Charte publiée").unrefused()
    assert state.title == "Charte publiée"
    assert [(c.before["title"], c.after["title"]) for c in state.corrections] == [
        ("Charte signée", "Charte relue"),
        ("Charte relue", "Charte publiée"),
    ]


def test_a_withdrawn_creation_takes_the_whole_object_with_it():
    world = given(MILESTONE, PLANNED, RESCHEDULED).withdraw(MilestonePlanned)
    state = world.unrefused()
    assert (state.status, state.withdrawn) == ("withdrawn", True)
    world.when([REACHED]).refused(ObjectWithdrawn, ref="J-7")


def test_what_later_facts_stand_on_cannot_be_taken_away():
    world = given(MILESTONE, PLANNED, REACHED, MilestoneReopened()).withdraw(MilestoneReached)
    refusal = world.refused(LaterFactsDepend)
    assert refusal.facts["dependents"] == ["milestone.reopened"]
    assert "toujours prévu" in refusal.message()


def test_a_correction_obeys_the_rules_of_the_fact_itself():
    dated = ActionProposed(ref=1, title="X", start_on=date(2026, 3, 1), end_on=date(2026, 4, 1))
    given(ACTION, dated).correct(ActionProposed, end_on="2026-02-01").refused(Refusal)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"titel": "X"}, "unknown_field"),
        ({"ref": 8}, "fixed_field"),
        ({"subject": {"kind": "phase", "id": str(new_id())}}, "fixed_field"),
        ({"due_on": "31/02/2026"}, "wrong_shape"),
        ({"weight": "lourd"}, "wrong_shape"),
        ({"description": 12}, "wrong_shape"),
    ],
)
def test_a_correction_of_the_wrong_shape_names_the_field(changes, problem):
    world = given(MILESTONE, PLANNED).correct(MilestonePlanned, **changes)
    refusal = world.refused(CorrectionInvalid, problem=problem)
    assert refusal.pointer == f"/changes/{next(iter(changes))}"


def test_who_a_member_is_and_where_a_sub_action_belongs_cannot_be_corrected():
    sub_action = ActionProposed(ref=2, title="X", parent_id=new_id())
    given(ACTION, sub_action).correct(ActionProposed, parent_id=str(new_id())).refused(CorrectionInvalid)
    granted = MemberGranted(person_id=CONTRIBUTOR, role="contributor")
    given(MEMBER, granted).correct(MemberGranted, person_id=f"p_{'9' * 32}").refused(CorrectionInvalid)


def test_mending_needs_a_reason_a_change_and_something_to_mend():
    given(MILESTONE, PLANNED, REACHED).withdraw(MilestoneReached, act()).refused(ReasonRequired)
    given(MILESTONE, PLANNED).correct(MilestonePlanned).refused(NothingToChange)
    same = {"title": "Charte signée", "due_on": "2026-04-01", "occurred_on": TODAY.isoformat()}
    given(MILESTONE, PLANNED).correct(MilestonePlanned, **same).refused(NothingToChange)
    world = given(MILESTONE, PLANNED, REACHED)
    target = world.event_id(MilestoneReached)
    world.withdraw(MilestoneReached).unrefused()
    again = MILESTONE.withdrawn(target_event_id=target)
    assert world.when(again, because("Encore")).refused(NotMendable).facts["why"] == "already_mended"
    elsewhere = MILESTONE.withdrawn(target_event_id=new_id())
    world = given(MILESTONE, PLANNED).when(elsewhere, because("Encore"))
    assert world.refused(NotMendable).facts["why"] == "of_another_object"


def test_a_mending_itself_cannot_be_mended():
    world = given(MILESTONE, PLANNED, REACHED).withdraw(MilestoneReached)
    target = world.event_id(MILESTONE.withdrawn)
    world.when(MILESTONE.withdrawn(target_event_id=target), because("Non")).refused(NotMendable)


def test_a_corrected_personal_text_stays_personal_in_lists_and_maps_too():
    world = given(ACTION, ActionProposed(ref=1, title="X", attributes={"Remarque": "voir Paul"}))
    changes = {"attributes": {"Remarque": "voir le chef"}, "description": "De Paul", "title": "Y", "origin": None}
    event = correction(ACTION, world.facts, world.event_id(ActionProposed), changes)
    assert event.changes == {"title": "Y", "origin": None}
    assert event.texts == {"attributes": {"Remarque": "voir le chef"}, "description": "De Paul"}
    state = world.when(event, because("Nom à ôter")).unrefused()
    assert (state.attributes, state.description) == ({"Remarque": "voir le chef"}, "De Paul")


# By law

DAYS = st.dates(date(2026, 1, 1), date(2026, 12, 31))
ACTION_EVENTS = st.one_of(
    st.builds(ActionDescribed, title=st.sampled_from(["A", "B"])),
    st.builds(ActionPrioritised, weight=st.sampled_from([Decimal(1), Decimal(2)])),
    st.builds(ActionRescheduled, end_on=st.none() | DAYS),
    st.builds(ActionLabelled, attributes=st.dictionaries(st.sampled_from("xy"), st.text(max_size=3))),
    st.builds(ActionProgressDeclared, percent=st.decimals(0, 100, places=1)),
    st.builds(ActionBaselineSet, decision_id=st.uuids(), date=DAYS),
    *(
        st.builds(kind)
        for kind in (
            ActionPlanned,
            ActionStarted,
            ActionCompleted,
            ActionPaused,
            ActionResumed,
            ActionAbandoned,
            ActionReopened,
            ActionPutBack,
            ActionConfirmed,
        )
    ),
)
MILESTONE_EVENTS = st.one_of(
    st.builds(MilestoneRescheduled, due_on=DAYS),
    st.builds(MilestoneDescribed, title=st.sampled_from(["A", "B"])),
    *(st.builds(kind) for kind in (MilestoneReached, MilestoneCancelled, MilestoneReopened, MilestoneConfirmed)),
)
ACTION_BORN = st.builds(ActionProposed, ref=st.just(1), title=st.just("X"), end_on=st.none() | DAYS)


@st.composite
def worlds(draw: st.DrawFn) -> World[Any]:
    """An object with as many random events as its rules let pass, each on its own day."""
    concept: Concept[Any]
    concept, born, events = draw(
        st.sampled_from([(ACTION, ACTION_BORN, ACTION_EVENTS), (MILESTONE, st.just(PLANNED), MILESTONE_EVENTS)])
    )
    world: World[Any] = World(concept)
    world.record(draw(born), because("Motif"))
    for index, event in enumerate(draw(st.lists(events, max_size=12)), start=1):
        attempt(world, event, index)
    return world


def attempt(world: World[Any], event: Event, index: int) -> None:
    with suppress(Refusal):
        world.record(event, because("Motif", on=TODAY + timedelta(days=index)))


def without(facts: list[Fact], index: int) -> list[Fact]:
    return [fact for number, fact in enumerate(facts) if number != index]


def bare(state: State) -> dict[str, Any]:
    """The state without what mending itself writes."""
    return state.model_dump(exclude={"version", "corrections"})


def legal(concept: Concept[Any], facts: list[Fact]) -> bool:
    state = None
    for fact in facts:
        try:
            state = verify(concept, state, fact, list)
        except Refusal:
            return False
    return True


@for_all(worlds())
def test_evolve_accepts_all_that_the_rules_let_pass_and_each_step_equals_the_fold(world):
    state = None
    for number, fact in enumerate(world.facts):
        state = advance(world.concept, state, fact, lambda n=number: world.facts[:n])
        assert state == fold(world.concept, world.facts[: number + 1])
    assert state == world.state
    assert effective(world.facts) == world.facts


@settings(max_examples=200)
@for_all(worlds(), st.data())
def test_a_withdrawn_fact_leaves_the_state_of_the_history_without_it(world, data):
    assume(len(world.facts) > 1)
    index = data.draw(st.integers(1, len(world.facts) - 1))
    shorter = without(world.facts, index)
    event = world.concept.withdrawn(target_event_id=world.facts[index].envelope.event_id)
    world.when(event, because("Saisi par erreur", on="2026-12-31"))
    if legal(world.concept, shorter):
        assert bare(world.unrefused()) == bare(fold(world.concept, shorter))
        assert effective(world.facts) == shorter
    else:
        world.refused(LaterFactsDepend)


@settings(max_examples=200)
@for_all(worlds(), st.data())
def test_a_correction_equals_the_history_with_the_corrected_value(world, data):
    index = data.draw(st.integers(0, len(world.facts) - 1))
    target = world.facts[index]
    changes: dict[str, Any] = {"occurred_on": data.draw(DAYS.filter(lambda day: day <= TODAY)).isoformat()}
    for name, values in (("end_on", DAYS), ("due_on", DAYS), ("title", st.sampled_from(["C", "D"]))):
        if name in type(target.event).model_fields and data.draw(st.booleans()):
            value = data.draw(values)
            changes[name] = value if isinstance(value, str) else value.isoformat()
    assume(len(changes) > 1 or changes["occurred_on"] != target.occurred_on.isoformat())
    rewritten = list(world.facts)
    fields = {name: value for name, value in changes.items() if name != "occurred_on"}
    data_then = target.event.model_dump(exclude_unset=True)
    rewritten[index] = Fact(
        target.originator_id,
        target.originator_version,
        type(target.event).model_validate({**data_then, **fields}),
        target.envelope.model_copy(
            update={"occurred_on": date.fromisoformat(changes["occurred_on"]), "occurred_on_basis": "stated"}
        ),
        target.position,
        target.recorded_at,
    )
    world.when(
        lambda _: [correction(world.concept, world.facts, target.envelope.event_id, changes)],
        because("Erreur de saisie", on="2026-12-31"),
    )
    if legal(world.concept, rewritten):
        assert bare(world.unrefused()) == bare(fold(world.concept, rewritten))
    else:
        assert world.refusal is not None


@settings(max_examples=200)
@for_all(worlds(), st.data())
def test_mended_histories_go_on_as_if_they_had_always_been_so(world, data):
    """After a mending, the next fact meets the rules of the mended state, and the steps equal the fold."""
    concept = world.concept
    for _ in range(data.draw(st.integers(1, 3))):
        target = data.draw(st.sampled_from(world.facts[1:])) if len(world.facts) > 1 else None
        if target is None or isinstance(target.event, concept.withdrawn):
            continue
        mend = concept.withdrawn(target_event_id=target.envelope.event_id)
        attempt(world, mend, 200)
        event = data.draw(ACTION_EVENTS if concept is ACTION else MILESTONE_EVENTS)
        before, plain = list(world.facts), effective(world.facts)
        attempt(world, event, 250)
        if len(world.facts) > len(before):
            plain.append(world.facts[-1])
            assert legal(concept, plain)
        assert world.state == fold(concept, world.facts)
        assert bare(world.now) == bare(fold(concept, plain))
