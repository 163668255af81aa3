"""Action: proposed, planned, done; its dates, its words, its sub-actions, and the word of the workbook."""

from datetime import date
from decimal import Decimal
from itertools import product
from typing import get_args

import pytest

from service.domain.action import (
    ACTION,
    Action,
    ActionEndsBeforeItStarts,
    ActionNotInStatus,
    AmountNegative,
    CompletedBeforeStarted,
    PercentOutOfRange,
)
from service.domain.action_course import (
    SubActionOfSubAction,
    abandon,
    become,
    complete,
    confirm,
    declare_progress,
    pause,
    plan,
    propose,
    put_back,
    reopen,
    resume,
    revise,
    set_baseline,
    start,
    warnings,
)
from service.domain.action_events import (
    REVISIONS,
    ActionAbandoned,
    ActionBaselineSet,
    ActionBudgeted,
    ActionCompleted,
    ActionConfirmed,
    ActionDescribed,
    ActionLabelled,
    ActionPaused,
    ActionPlaced,
    ActionPlanned,
    ActionPrioritised,
    ActionProgressDeclared,
    ActionProposed,
    ActionPutBack,
    ActionReassigned,
    ActionReopened,
    ActionRescheduled,
    ActionResumed,
    ActionStarted,
    ActionStatus,
    ActionStatusImported,
    Funder,
)
from service.domain.concept import NothingToChange, ObjectWithdrawn, ReasonRequired
from service.domain.event import new_id
from service.domain.mending import CorrectionInvalid
from service.domain.number import NumberNotExact, WeightNegative
from service.domain.phase import PHASE, PhaseOpened, PhasePlanned
from tests.domain.given import CONTRIBUTOR, OTHER, TODAY, act, because, given, refusal_of, state_of

PROPOSED = ActionProposed(
    ref=3,
    title="Former les relecteurs",
    lead=CONTRIBUTOR,
    start_on=date(2026, 3, 9),
    end_on=date(2026, 6, 30),
)
PLANNED, STARTED, COMPLETED = ActionPlanned(), ActionStarted(), ActionCompleted()
PAUSED, RESUMED, ABANDONED, REOPENED = ActionPaused(), ActionResumed(), ActionAbandoned(), ActionReopened()
DECISION = new_id()
BASELINE = ActionBaselineSet(decision_id=DECISION, date=date(2026, 6, 30))

HISTORIES: dict[str, tuple] = {
    "proposed": (PROPOSED,),
    "planned": (PROPOSED, PLANNED),
    "in_progress": (PROPOSED, PLANNED, STARTED),
    "done": (PROPOSED, PLANNED, STARTED, COMPLETED),
    "paused": (PROPOSED, PLANNED, STARTED, PAUSED),
    "abandoned": (PROPOSED, ABANDONED),
}
MORE_HISTORIES = {
    "paused": (PROPOSED, PLANNED, PAUSED),
    "abandoned": (PROPOSED, PLANNED, STARTED, PAUSED, ABANDONED),
}


# Proposing


def test_an_action_is_proposed():
    state = (
        given(ACTION)
        .when(
            lambda: propose(
                ref=3,
                title="Former les relecteurs",
                lead=CONTRIBUTOR,
                start_on=date(2026, 3, 9),
                end_on=date(2026, 6, 30),
            )
        )
        .then(PROPOSED)
    )
    assert (state.status, state.status_on, ACTION.reference(state)) == ("proposed", TODAY, "A-3")
    assert (state.baseline_on, state.reschedule_count, len(state.forecasts)) == (None, 0, 1)
    assert ACTION.owners(state) == (CONTRIBUTOR,)


def test_once_the_plan_is_validated_the_first_end_date_is_the_baseline():
    state = given(ACTION).when(lambda: propose(ref=3, title="X", end_on=TODAY, baselined=True)).unrefused()
    assert state.baseline_on == state.original_baseline_on == TODAY
    late = given(ACTION).when(lambda: propose(ref=3, title="X", baselined=True)).unrefused()
    assert late.baseline_on is None
    state = (
        given(ACTION, ActionProposed(ref=3, title="X"))
        .when(lambda a: revise(a, baselined=True, end_on=TODAY))
        .then(ActionRescheduled(end_on=TODAY, baseline_on=TODAY))
    )
    assert (state.baseline_on, state.original_baseline_on, state.reschedule_count) == (TODAY, TODAY, 0)


def test_an_action_does_not_end_before_it_starts():
    refusal = (
        given(ACTION)
        .when(lambda: propose(ref=1, title="X", start_on=date(2026, 3, 2), end_on=date(2026, 3, 1)))
        .refused(ActionEndsBeforeItStarts)
    )
    assert refusal.pointer == "/end_on"
    assert refusal.message() == "L’action finirait le 1er mars 2026, avant de commencer le 2 mars 2026."
    given(ACTION, PROPOSED).when(lambda a: revise(a, end_on=date(2026, 3, 8))).refused(ActionEndsBeforeItStarts)
    given(ACTION, PROPOSED).when(lambda a: revise(a, start_on=date(2026, 7, 1))).refused(ActionEndsBeforeItStarts)


def test_a_sub_action_belongs_to_an_action_of_the_top_level():
    parent = state_of(ACTION, PROPOSED)
    child = given(ACTION).when(lambda: propose(ref=4, title="Choisir les dates", parent=parent)).unrefused()
    assert child.parent_id == parent.id
    assert parent.id in ACTION.links(child)
    refusal = refusal_of(SubActionOfSubAction, lambda: propose(ref=5, title="X", parent=child))
    assert refusal.facts["parent"] == "A-4"
    gone = given(ACTION, PROPOSED).withdraw(ActionProposed).now
    refusal_of(ObjectWithdrawn, lambda: propose(ref=5, title="X", parent=gone))


# Editing


def test_a_revision_says_one_thing_per_meaning():
    axis, body = new_id(), new_id()
    funders = (Funder(name="Budget de fonctionnement", amount=Decimal(4000)),)
    state = (
        given(ACTION, PROPOSED)
        .when(
            lambda a: revise(
                a,
                title="Former tous les relecteurs",
                body_id=body,
                lead=OTHER,
                contributors=(CONTRIBUTOR,),
                end_on=date(2026, 7, 31),
                start_on=date(2026, 3, 9),
                axis_id=axis,
                priority="high",
                weight=Decimal(2),
                budget=Decimal("4000.50"),
                funders=funders,
                attributes={"Remarque": "à revoir"},
            )
        )
        .then(
            ActionDescribed(title="Former tous les relecteurs", body_id=body),
            ActionReassigned(lead=OTHER, contributors=(CONTRIBUTOR,)),
            ActionRescheduled(end_on=date(2026, 7, 31)),
            ActionPlaced(axis_id=axis),
            ActionPrioritised(priority="high", weight=Decimal(2)),
            ActionBudgeted(budget=Decimal("4000.50"), funders=funders),
            ActionLabelled(attributes={"Remarque": "à revoir"}),
        )
    )
    assert (state.title, state.lead, state.end_on) == ("Former tous les relecteurs", OTHER, date(2026, 7, 31))
    assert (state.budget, state.attributes) == (Decimal("4000.50"), {"Remarque": "à revoir"})
    given(ACTION, PROPOSED).when(lambda a: revise(a, lead=CONTRIBUTOR)).refused(NothingToChange)


def test_every_field_that_can_be_proposed_can_be_revised_except_what_is_fixed_for_ever():
    fixed = {"ref", "parent_id", "baseline_on", "row", "imported_status"}
    for name in ActionProposed.model_fields.keys() - fixed:
        assert any(name in kind.model_fields for kind in REVISIONS), name
        assert name in Action.model_fields


def test_money_and_weights_are_exact_and_never_negative():
    for field, amount, refusal in (
        ("budget", Decimal("-1"), AmountNegative),
        ("budget", Decimal("1234567890123456"), NumberNotExact),
        ("weight", Decimal("-1"), WeightNegative),
    ):
        world = given(ACTION).when(lambda f=field, a=amount: propose(ref=1, title="X", **{f: a}))
        assert world.refused(refusal).pointer == f"/{field}"
    funders = (Funder(name="État"), Funder(name="Région", amount=Decimal("-5")))
    world = given(ACTION, PROPOSED).when(lambda a: revise(a, funders=funders))
    assert world.refused(AmountNegative).pointer == "/funders/1/amount"


def test_drafts_move_freely_and_each_move_is_kept():
    state = given(ACTION, PROPOSED).when(lambda a: revise(a, end_on=date(2026, 7, 31))).unrefused()
    assert (state.reschedule_count, [f.due_on for f in state.forecasts]) == (
        1,
        [date(2026, 6, 30), date(2026, 7, 31)],
    )


def test_once_baselined_a_new_date_needs_a_reason_and_leaves_the_baseline():
    given(ACTION, PROPOSED, BASELINE).when(lambda a: revise(a, end_on=date(2026, 9, 1))).refused(ReasonRequired)
    state = (
        given(ACTION, PROPOSED, BASELINE)
        .when(lambda a: revise(a, end_on=date(2026, 9, 1)), because("Salle indisponible"))
        .unrefused()
    )
    assert (state.baseline_on, state.end_on) == (date(2026, 6, 30), date(2026, 9, 1))
    assert state.forecasts[-1].reason == "Salle indisponible"


def test_a_moved_start_is_no_new_forecast():
    state = given(ACTION, PROPOSED).when(lambda a: revise(a, start_on=TODAY)).unrefused()
    assert (state.start_on, state.reschedule_count, len(state.forecasts)) == (TODAY, 0, 1)


def test_a_decision_sets_the_baseline_and_a_replan_keeps_the_original():
    state = given(ACTION, PROPOSED).when(lambda a: set_baseline(a, DECISION)).then(BASELINE)
    assert state.original_baseline_on == state.baseline_on == date(2026, 6, 30)
    moved = (PROPOSED, BASELINE, ActionRescheduled(end_on=date(2026, 9, 1)))
    state = given(ACTION, *moved).when(lambda a: set_baseline(a, new_id())).unrefused()
    assert (state.original_baseline_on, state.baseline_on) == (date(2026, 6, 30), date(2026, 9, 1))
    assert set_baseline(state_of(ACTION, ActionProposed(ref=1, title="X")), DECISION) == []


# Life


def test_the_way_from_proposal_to_done():
    world = given(ACTION, PROPOSED)
    assert world.when(plan).then(PLANNED).status == "planned"
    assert world.when(start, act(on="2026-03-10", occurred_on="2026-03-09")).then(STARTED).status == "in_progress"
    assert world.when(lambda a: declare_progress(a, Decimal(40))).then(
        ActionProgressDeclared(percent=Decimal(40))
    ).percent == Decimal(40)
    state = world.when(complete, act(on="2026-06-12")).then(COMPLETED)
    assert (state.status, state.started_on, state.completed_on) == ("done", date(2026, 3, 9), date(2026, 6, 12))


def test_an_action_is_not_completed_before_it_was_started():
    started = (PROPOSED, PLANNED, (STARTED, act(on="2026-05-31")))
    early = act(on="2026-07-01", occurred_on="2026-03-05")
    given(ACTION, *started).when(complete, early).refused(CompletedBeforeStarted, started_on=date(2026, 5, 31))


def test_a_pause_gives_back_what_was_there_before():
    given(ACTION, *HISTORIES["in_progress"]).when(pause).refused(ReasonRequired)
    state = given(ACTION, PROPOSED, PLANNED).when(pause, because("Pic d’activité")).then(PAUSED)
    assert (state.status, state.status_reason) == ("paused", "Pic d’activité")
    assert given(ACTION, PROPOSED, PLANNED, PAUSED).when(resume).then(RESUMED).status == "planned"
    assert given(ACTION, *HISTORIES["paused"]).when(resume).then(RESUMED).status == "in_progress"


def test_an_abandoned_or_done_action_is_reopened_for_a_reason_and_counted():
    given(ACTION, PROPOSED).when(abandon).refused(ReasonRequired)
    given(ACTION, *HISTORIES["done"]).when(reopen).refused(ReasonRequired)
    state = given(ACTION, *HISTORIES["done"]).when(reopen, because("Session à refaire")).then(REOPENED)
    assert (state.status, state.reopen_count, state.completed_on) == ("in_progress", 1, None)
    state = given(ACTION, *HISTORIES["abandoned"]).when(reopen, because("Repris")).then(REOPENED)
    assert state.status == "planned"


def test_what_was_planned_is_put_back_to_discussion():
    state = given(ACTION, *HISTORIES["in_progress"]).when(put_back).then(ActionPutBack())
    assert (state.status, state.started_on) == ("proposed", None)


LEGAL = {
    "planned": {plan: ("proposed",)},
    "started": {start: ("planned",)},
    "completed": {complete: ("in_progress",)},
    "paused": {pause: ("planned", "in_progress")},
    "resumed": {resume: ("paused",)},
    "abandoned": {abandon: ("proposed", "planned", "in_progress", "paused")},
    "reopened": {reopen: ("done", "abandoned")},
    "put_back": {put_back: ("planned", "in_progress")},
}


@pytest.mark.parametrize("status", HISTORIES)
@pytest.mark.parametrize("name", LEGAL)
def test_each_act_is_legal_in_its_statuses_only(name, status):
    ((decision, legal),) = LEGAL[name].items()
    world = given(ACTION, *HISTORIES[status]).when(decision, because("Motif"))
    if status in legal:
        world.unrefused()
    else:
        assert world.refused(ActionNotInStatus, ref="A-3", status=status).facts["needed"] == legal


def test_progress_is_a_percentage_of_work_that_began():
    given(ACTION, PROPOSED, PLANNED).when(lambda a: declare_progress(a, Decimal(5))).refused(ActionNotInStatus)
    started = HISTORIES["in_progress"]
    for percent in (Decimal("-0.1"), Decimal("100.1")):
        given(ACTION, *started).when(lambda a, p=percent: declare_progress(a, p)).refused(PercentOutOfRange)
    for percent in (Decimal(0), Decimal(100)):
        given(ACTION, *started).when(lambda a, p=percent: declare_progress(a, p)).unrefused()


def test_work_before_the_phase_opens_is_a_warning_not_a_refusal():
    planned = PhasePlanned(ordinal=2, title="Clarification")
    started = given(ACTION, PROPOSED, PLANNED).when(start).unrefused()
    (warning,) = warnings(started, phase=state_of(PHASE, planned))
    assert warning.code == "action-before-its-phase"
    assert "A-3 a commencé avant l’ouverture de sa phase" in warning.message()
    assert warnings(started, phase=state_of(PHASE, planned, PhaseOpened())) == []
    assert warnings(started) == []
    assert warnings(state_of(ACTION, PROPOSED, PLANNED), phase=state_of(PHASE, planned)) == []


def test_nothing_changed_is_one_click():
    assert given(ACTION, PROPOSED).when(confirm).then(ActionConfirmed()).confirmed_on == TODAY


# Imports

STATUSES = get_args(ActionStatus)


@pytest.mark.parametrize(("status", "wanted"), list(product(STATUSES, STATUSES)))
@pytest.mark.parametrize("histories", [HISTORIES, {**HISTORIES, **MORE_HISTORIES}], ids=["short", "long"])
def test_an_import_leads_from_any_status_to_any_other_by_legal_events(histories, status, wanted):
    world = given(ACTION, *histories[status])
    assert world.now.status == status
    state = world.when(lambda a: become(a, wanted), because("repris de l’import")).unrefused()
    assert state.status == wanted
    assert bool(world.decided) == (status != wanted)


def test_the_way_is_the_shortest():
    assert become(state_of(ACTION, PROPOSED), "done") == [PLANNED, STARTED, COMPLETED]
    assert become(state_of(ACTION, *HISTORIES["paused"]), "done") == [RESUMED, COMPLETED]
    assert become(state_of(ACTION, *HISTORIES["paused"]), "abandoned") == [ABANDONED]
    assert become(state_of(ACTION, *HISTORIES["done"]), "in_progress") == [REOPENED]
    assert become(state_of(ACTION, *HISTORIES["in_progress"]), "planned") == [ActionPutBack(), PLANNED]
    assert become(state_of(ACTION, PROPOSED), "paused") == [PLANNED, PAUSED]


@pytest.mark.parametrize("word", ["Comme écrit", "", None])
@pytest.mark.parametrize("status", STATUSES)
def test_an_imported_action_is_born_in_its_status_with_the_word_of_the_workbook(status, word):
    world = given(ACTION).when(
        lambda: propose(ref=1, title="X", status=status, imported_status=word),
        because("repris de l’import"),
    )
    state = world.unrefused()
    assert (state.status, state.imported_status) == (status, word)


def test_the_word_of_the_workbook_is_kept_until_the_status_changes():
    blank = given(ACTION).when(lambda: propose(ref=1, title="X", imported_status="")).unrefused()
    assert blank.imported_status == ""
    late = ActionStatusImported(word="En retard")
    history = (*HISTORIES["in_progress"], late)
    assert state_of(ACTION, *history).imported_status == "En retard"
    assert state_of(ACTION, *history, ActionDescribed(title="Y")).imported_status == "En retard"
    assert state_of(ACTION, *history, COMPLETED).imported_status is None


def test_a_progress_declared_for_an_earlier_day_does_not_take_back_the_newer_one():
    newer = (ActionProgressDeclared(percent=Decimal(60)), act(occurred_on="2026-02-20"))
    older = ActionProgressDeclared(percent=Decimal(20))
    world = given(ACTION, *HISTORIES["in_progress"], newer).when(older, act(occurred_on="2026-02-10"))
    state = world.then(older)
    assert (state.percent, state.percent_on) == (Decimal(60), date(2026, 2, 20))


def test_a_corrected_first_end_date_is_no_slip():
    proposed = PROPOSED.model_copy(update={"baseline_on": PROPOSED.end_on})
    state = given(ACTION, proposed).correct(ActionProposed, end_on="2026-07-31").unrefused()
    assert state.end_on == state.baseline_on == state.original_baseline_on == date(2026, 7, 31)
    undated = PROPOSED.model_copy(update={"end_on": None})
    first = ActionRescheduled(end_on=date(2026, 6, 30), baseline_on=date(2026, 6, 30))
    state = given(ACTION, undated, first).correct(ActionRescheduled, end_on="2026-07-31").unrefused()
    assert state.end_on == state.baseline_on == state.original_baseline_on == date(2026, 7, 31)


def test_a_baseline_is_set_by_a_decision_and_by_no_correction():
    given(ACTION, PROPOSED).correct(ActionProposed, baseline_on="2026-03-10").refused(CorrectionInvalid)
    given(ACTION, PROPOSED, BASELINE).correct(ActionBaselineSet, date="2026-12-31").refused(CorrectionInvalid)
