"""Transformation: prepared, launched, validated, replanned, brought to its close."""

from datetime import date

from service.domain.activity import ActivityPeriod, PeriodEndsBeforeItStarts
from service.domain.concept import NothingToChange
from service.domain.event import new_id
from service.domain.transformation import (
    TRANSFORMATION,
    PlanAlreadyValidated,
    PlanNotValidated,
    Transformation,
    TransformationAlreadyLaunched,
    TransformationClosed,
    TransformationNotRunning,
    confirm,
    launch,
    peak_on,
    plan_is_validated,
    prepare,
    replan,
    require_active,
    revise,
    set_calendar,
    start_closing,
    validate_plan,
)
from service.domain.transformation_events import (
    TransformationActivityCalendarSet,
    TransformationCalendarSet,
    TransformationClosingStarted,
    TransformationConfirmed,
    TransformationDescribed,
    TransformationLaunched,
    TransformationPlanValidated,
    TransformationPrepared,
    TransformationReplanned,
)
from service.domain.warning import peak_warnings
from tests.domain.given import LEAD, SPONSOR, TODAY, given, refusal_of, state_of

PREPARED = TransformationPrepared(code="DIR", name="Cap 2027", lead=LEAD, sponsor=SPONSOR)
LAUNCHED = TransformationLaunched()
DECISION = new_id()
VALIDATED = TransformationPlanValidated(decision_id=DECISION)
BUDGET = ActivityPeriod(label="Budget", from_on=date(2026, 10, 1), to_on=date(2026, 12, 20), level="peak")
SUMMER = ActivityPeriod(label="Été", from_on=date(2026, 7, 15), to_on=date(2026, 8, 31), level="low")


def test_a_transformation_is_prepared_with_its_lead_and_its_sponsor():
    state = (
        given(TRANSFORMATION)
        .when(lambda: prepare(code="DIR", name="Cap 2027", lead=LEAD, sponsor=SPONSOR))
        .then(PREPARED)
    )
    assert (state.status, state.code, state.lead, state.sponsor) == ("prepared", "DIR", LEAD, SPONSOR)
    assert state.transformation_id is not None


def test_it_is_described_by_what_really_changed_only():
    state = (
        given(TRANSFORMATION, PREPARED)
        .when(lambda t: revise(t, name="Cap 2028", description=None))
        .then(TransformationDescribed(name="Cap 2028"))
    )
    assert state.name == "Cap 2028"
    given(TRANSFORMATION, PREPARED).when(lambda t: revise(t, name="Cap 2027")).refused(NothingToChange)


def test_its_calendars_are_set_apart_or_together():
    days = (date(2026, 5, 15),)
    state = (
        given(TRANSFORMATION, PREPARED)
        .when(lambda t: set_calendar(t, closed_days=days, activity_periods=(BUDGET, SUMMER)))
        .then(
            TransformationCalendarSet(closed_days=days),
            TransformationActivityCalendarSet(periods=(BUDGET, SUMMER)),
        )
    )
    assert state.closed_days == days
    given(TRANSFORMATION, PREPARED).when(lambda t: set_calendar(t, closed_days=())).refused(NothingToChange)


def test_a_period_that_ends_before_it_starts_is_refused():
    upside_down = BUDGET.model_copy(update={"to_on": date(2026, 9, 1)})
    refusal = (
        given(TRANSFORMATION, PREPARED)
        .when(lambda t: set_calendar(t, activity_periods=(SUMMER, upside_down)))
        .refused(PeriodEndsBeforeItStarts)
    )
    assert refusal.pointer == "/activity_periods/1/to_on"


def test_a_day_in_a_peak_warns_and_a_day_in_a_low_does_not():
    state = state_of(TRANSFORMATION, PREPARED, TransformationActivityCalendarSet(periods=(SUMMER, BUDGET)))
    assert peak_on(state, date(2026, 10, 1)) == BUDGET
    assert peak_on(state, date(2026, 12, 21)) is None
    assert peak_on(state, date(2026, 8, 1)) is None
    (warning,) = peak_warnings(state, date(2026, 12, 20))
    assert warning.message() == "Le 20 décembre 2026 tombe dans un pic d’activité\u202f: «\u202fBudget\u202f»."
    assert peak_warnings(state, None) == peak_warnings(state, date(2026, 8, 1)) == []


def test_it_is_launched_once():
    state = given(TRANSFORMATION, PREPARED).when(launch).then(LAUNCHED)
    assert (state.status, state.launched_on) == ("running", TODAY)
    given(TRANSFORMATION, PREPARED, LAUNCHED).when(launch).refused(TransformationAlreadyLaunched)


def test_the_plan_is_validated_once_then_replanned():
    state = given(TRANSFORMATION, PREPARED, LAUNCHED).when(lambda t: validate_plan(t, DECISION)).then(VALIDATED)
    assert plan_is_validated(state)
    again = given(TRANSFORMATION, PREPARED, LAUNCHED, VALIDATED)
    again.when(lambda t: validate_plan(t, new_id())).refused(PlanAlreadyValidated, validated_on=TODAY)
    other = new_id()
    state = (
        given(TRANSFORMATION, PREPARED, LAUNCHED, VALIDATED)
        .when(lambda t: replan(t, other))
        .then(TransformationReplanned(decision_id=other))
    )
    assert (state.replan_count, state.plan_decision_id) == (1, other)


def test_a_plan_that_was_never_validated_is_not_replanned():
    given(TRANSFORMATION, PREPARED, LAUNCHED).when(lambda t: replan(t, DECISION)).refused(PlanNotValidated)


def test_a_plan_is_validated_only_in_a_running_transformation():
    given(TRANSFORMATION, PREPARED).when(lambda t: validate_plan(t, DECISION)).refused(TransformationNotRunning)


def test_closing_starts_from_a_running_transformation_by_a_decision():
    state = (
        given(TRANSFORMATION, PREPARED, LAUNCHED)
        .when(lambda t: start_closing(t, DECISION))
        .then(TransformationClosingStarted(decision_id=DECISION))
    )
    assert (state.status, state.closing_decision_id, state.closing_on) == ("closing", DECISION, TODAY)
    require_active(state)


def test_in_a_closed_transformation_nothing_is_active():
    closed: Transformation = state_of(TRANSFORMATION, PREPARED).model_copy(update={"status": "closed"})
    refusal = refusal_of(TransformationClosed, lambda: require_active(closed))
    assert "DIR est close" in refusal.message()


def test_nothing_changed_is_one_click():
    state = given(TRANSFORMATION, PREPARED).when(confirm).then(TransformationConfirmed())
    assert state.confirmed_on == TODAY
