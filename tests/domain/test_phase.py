"""Phase: opened by the launch or by a verdict, in order, and never otherwise."""

from datetime import date

import pytest

from service.domain.concept import NothingToChange
from service.domain.event import new_id
from service.domain.gate import NoPhaseToOpen, PhaseOutOfOrder, apply_verdict, next_of, open_first
from service.domain.phase import (
    PHASE,
    PhaseCompleted,
    PhaseConfirmed,
    PhaseDescribed,
    PhaseEndsBeforeItStarts,
    PhaseGateConfigured,
    PhaseHasNoSuchCriterion,
    PhaseHeld,
    PhaseNotHeld,
    PhaseNotOpen,
    PhaseNotOpenYet,
    PhaseNotPlanned,
    PhaseOpened,
    PhaseOver,
    PhasePlanned,
    PhaseRescheduled,
    PhaseResumed,
    PhaseStopped,
    configure_gate,
    confirm,
    plan,
    revise,
)
from service.domain.transformation import TRANSFORMATION
from service.domain.transformation_events import TransformationLaunched
from tests.domain.given import TODAY, act, given, refusal_of, state_of
from tests.domain.test_transformation import LAUNCHED, PREPARED

DECISION = new_id()
FIRST = PhasePlanned(ordinal=1, title="Diagnostic", planned_from=date(2026, 3, 1), planned_to=date(2026, 5, 31))
SECOND = PhasePlanned(ordinal=2, title="Clarification")
THIRD = PhasePlanned(ordinal=3, title="Structuration")
OPENED = PhaseOpened()
HELD = PhaseHeld(decision_id=DECISION)
COMPLETED = PhaseCompleted(decision_id=DECISION)
STOPPED = PhaseStopped(decision_id=DECISION)


def test_a_phase_is_planned():
    state = (
        given(PHASE)
        .when(
            lambda: plan(
                ordinal=1,
                title="Diagnostic",
                planned_from=date(2026, 3, 1),
                planned_to=date(2026, 5, 31),
            )
        )
        .then(FIRST)
    )
    assert state.status == "planned"


def test_a_revision_says_one_thing_per_meaning():
    state = (
        given(PHASE, FIRST)
        .when(lambda p: revise(p, title="Immersion", planned_to=date(2026, 6, 30), objective=None))
        .then(PhaseRescheduled(planned_to=date(2026, 6, 30)), PhaseDescribed(title="Immersion"))
    )
    assert (state.title, state.planned_from, state.planned_to) == (
        "Immersion",
        date(2026, 3, 1),
        date(2026, 6, 30),
    )
    given(PHASE, FIRST).when(lambda p: revise(p, title="Diagnostic")).refused(NothingToChange)


def test_a_phase_does_not_end_before_it_starts():
    world = given(PHASE, FIRST).when(lambda p: revise(p, planned_to=date(2026, 2, 1)))
    assert world.refused(PhaseEndsBeforeItStarts).pointer == "/planned_to"
    given(PHASE).when(
        lambda: plan(ordinal=1, title="X", planned_from=date(2026, 3, 2), planned_to=date(2026, 3, 1))
    ).refused(PhaseEndsBeforeItStarts)


def test_the_launch_opens_the_first_phase():
    transformation = state_of(TRANSFORMATION, PREPARED)
    first, second = state_of(PHASE, FIRST), state_of(PHASE, SECOND)
    assert open_first(transformation, [second, first]) == [
        (transformation, [TransformationLaunched()]),
        (first, [PhaseOpened()]),
    ]
    state = given(PHASE, FIRST).when([PhaseOpened()]).then(PhaseOpened())
    assert (state.status, state.opened_on, state.opened_by) == ("open", TODAY, None)


def test_a_launch_without_a_phase_is_refused():
    transformation = state_of(TRANSFORMATION, PREPARED)
    gone = given(PHASE, FIRST).withdraw(PhasePlanned).now
    refusal_of(NoPhaseToOpen, lambda: open_first(transformation, [gone]))


def test_a_second_launch_is_left_to_the_rule_of_the_transformation():
    launched = state_of(TRANSFORMATION, PREPARED, LAUNCHED)
    (transformation, _) = open_first(launched, [state_of(PHASE, FIRST, OPENED)])[0]
    assert transformation is launched


def test_a_phase_opens_only_by_a_verdict_that_completes_the_one_before():
    first, second = state_of(PHASE, FIRST, OPENED), state_of(PHASE, SECOND)
    assert apply_verdict("go", first, second, DECISION) == [
        (first, [COMPLETED]),
        (second, [PhaseOpened(decision_id=DECISION)]),
    ]
    state = given(PHASE, FIRST, OPENED).when([COMPLETED]).then(COMPLETED)
    assert (state.status, state.ended_on, state.verdict_id) == ("completed", TODAY, DECISION)


def test_after_the_last_phase_a_go_opens_nothing():
    last = state_of(PHASE, THIRD, OPENED)
    assert apply_verdict("go", last, None, DECISION) == [(last, [COMPLETED])]


def test_a_replan_keeps_the_phase_open_a_hold_pauses_it_a_stop_ends_it():
    phase, following = state_of(PHASE, FIRST, OPENED), state_of(PHASE, SECOND)
    assert apply_verdict("replan", phase, following, DECISION) == []
    assert apply_verdict("hold", phase, following, DECISION) == [(phase, [HELD])]
    assert apply_verdict("stop", phase, following, DECISION) == [(phase, [STOPPED])]
    assert state_of(PHASE, FIRST, OPENED, HELD).status == "held"
    assert state_of(PHASE, FIRST, OPENED, STOPPED).status == "stopped"


def test_a_held_phase_is_taken_up_again_by_a_replan_or_stopped():
    held = state_of(PHASE, FIRST, OPENED, HELD)
    assert apply_verdict("replan", held, None, DECISION) == [(held, [PhaseResumed(decision_id=DECISION)])]
    assert apply_verdict("stop", held, None, DECISION) == [(held, [STOPPED])]
    resumed = PhaseResumed(decision_id=DECISION)
    assert given(PHASE, FIRST, OPENED, HELD).when([resumed]).then(resumed).status == "open"
    assert given(PHASE, FIRST, OPENED, HELD).when([STOPPED]).then(STOPPED).status == "stopped"
    for verdict in ("go", "hold"):
        refusal_of(PhaseNotOpen, lambda verdict=verdict: apply_verdict(verdict, held, None, DECISION))


@pytest.mark.parametrize("verdict", ["go", "replan", "hold", "stop"])
@pytest.mark.parametrize("history", [(), (OPENED, COMPLETED), (OPENED, STOPPED)])
def test_a_verdict_needs_an_open_phase(verdict, history):
    phase, following = state_of(PHASE, FIRST, *history), state_of(PHASE, SECOND)
    refusal_of(PhaseNotOpen, lambda: apply_verdict(verdict, phase, following, DECISION))


def test_phases_open_in_their_order_and_once():
    second = state_of(PHASE, SECOND, OPENED)
    refusal_of(PhaseOutOfOrder, lambda: apply_verdict("go", second, state_of(PHASE, FIRST), DECISION))
    opened = state_of(PHASE, THIRD, OPENED)
    refusal_of(PhaseNotPlanned, lambda: apply_verdict("go", second, opened, DECISION))


def test_the_next_phase_skips_a_withdrawn_one():
    first, third = state_of(PHASE, FIRST), state_of(PHASE, THIRD)
    second = state_of(PHASE, SECOND)
    gone = given(PHASE, SECOND).withdraw(PhasePlanned).now
    assert next_of(first, [third, second, first]) is second
    assert next_of(first, [third, gone, first]) is third
    assert next_of(third, [first, second, third]) is None


@pytest.mark.parametrize(
    ("history", "event", "refusal"),
    [
        ((OPENED,), OPENED, PhaseNotPlanned),
        ((), COMPLETED, PhaseNotOpen),
        ((), HELD, PhaseNotOpen),
        ((), STOPPED, PhaseNotOpen),
        ((OPENED,), PhaseResumed(decision_id=DECISION), PhaseNotHeld),
        ((OPENED, COMPLETED), PhaseRescheduled(planned_to=date(2026, 9, 1)), PhaseOver),
    ],
)
def test_the_log_itself_refuses_what_is_out_of_order(history, event, refusal):
    given(PHASE, FIRST, *history).when([event]).refused(refusal)


def test_nothing_changed_is_one_click():
    assert given(PHASE, FIRST).when(confirm).then(PhaseConfirmed()).confirmed_on == TODAY


def test_a_verdict_does_not_date_from_before_the_phase_opened():
    eve = act(on="2026-03-09", occurred_on="2026-03-01")
    for event in (COMPLETED, HELD, STOPPED):
        given(PHASE, FIRST, OPENED).when([event], eve).refused(PhaseNotOpenYet, opened_on=TODAY, on=date(2026, 3, 1))


# The gate of a body


def test_a_gate_is_given_to_a_body_and_given_back():
    body_id = new_id()
    planned = FIRST.model_copy(update={"exit_criteria": ("Un", "Deux")})
    world = given(PHASE, planned)
    phase = world.when(lambda p: configure_gate(p, body_id, (2,))).then(
        PhaseGateConfigured(body_id=body_id, optional=(2,))
    )
    assert (phase.gate_body_id, phase.gate_optional) == (body_id, (2,))
    assert body_id in PHASE.links(phase)
    world.when(lambda p: configure_gate(p, None)).then(PhaseGateConfigured())
    given(PHASE, planned).when(lambda p: configure_gate(p, None)).refused(NothingToChange)
    given(PHASE, planned).when(lambda p: configure_gate(p, body_id, (3,))).refused(
        PhaseHasNoSuchCriterion, criteria=2, number=3
    )
    given(PHASE, planned, OPENED, COMPLETED).when(lambda p: configure_gate(p, body_id)).refused(PhaseOver)


def test_a_go_with_conditions_opens_the_next_phase_too():
    first, second = state_of(PHASE, FIRST, OPENED), state_of(PHASE, SECOND)
    assert apply_verdict("go_with_conditions", first, second, DECISION) == apply_verdict("go", first, second, DECISION)
