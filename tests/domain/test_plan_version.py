"""Plan version: begun one at a time, submitted as the plan stands at one position, validated by a decision."""

from service.domain import action_course, milestone
from service.domain.action import ACTION
from service.domain.action_events import ActionBaselineSet, ActionProposed
from service.domain.concept import NothingToChange
from service.domain.event import new_id
from service.domain.milestone import MILESTONE, MilestoneBaselineSet, MilestonePlanned, MilestoneSubject
from service.domain.plan_version import (
    PLAN_VERSION,
    PlanVersionDescribed,
    PlanVersionDrafted,
    PlanVersionNotOpen,
    PlanVersionNotSubmitted,
    PlanVersionReturned,
    PlanVersionSubmitted,
    PlanVersionUnderway,
    PlanVersionValidated,
    draft,
    revise,
    send_back,
    submit,
    validate,
)
from service.domain.submission import OwnSubmission
from tests.domain.given import GOVERNOR, LEAD, SPONSOR, TODAY, act, day, given, in_the_name_of, refusal_of, state_of

DECISION = new_id()
DRAFTED = PlanVersionDrafted(number=1, title="Plan d’action, version 1")
SUBMITTED = PlanVersionSubmitted(content_position=42)
RETURNED = (PlanVersionReturned(to_adjust="Dater chaque action"), act(GOVERNOR))
VALIDATED = (PlanVersionValidated(decision_id=DECISION), act(GOVERNOR))


def test_a_version_is_begun_when_no_other_is_in_the_making():
    begun = given(PLAN_VERSION).when(lambda: draft((), number=1, title="Plan d’action, version 1"))
    assert begun.then(DRAFTED).status == "drafted"
    settled = state_of(PLAN_VERSION, DRAFTED, SUBMITTED, VALIDATED)
    given(PLAN_VERSION).when(lambda: draft((settled,), number=2, title="Version 2")).unrefused()
    for history, status in (
        ((DRAFTED,), "drafted"),
        ((DRAFTED, SUBMITTED), "submitted"),
        ((DRAFTED, SUBMITTED, RETURNED), "returned"),
    ):
        other = state_of(PLAN_VERSION, *history)
        refusal = refusal_of(PlanVersionUnderway, lambda other=other: draft((other,), number=2, title="Version 2"))
        assert refusal.facts == {"number": 1, "status": status}


def test_a_version_is_worded_while_it_is_in_the_making():
    world = given(PLAN_VERSION, DRAFTED)
    state = world.when(lambda v: revise(v, title=DRAFTED.title, summary="Trois chantiers")).then(
        PlanVersionDescribed(summary="Trois chantiers")
    )
    assert state.summary == "Trois chantiers"
    given(PLAN_VERSION, DRAFTED).when(lambda v: revise(v, title=DRAFTED.title)).refused(NothingToChange)
    for history, status in (((SUBMITTED,), "submitted"), ((SUBMITTED, VALIDATED), "validated")):
        for decision in (lambda v: revise(v, title="Autre"), lambda v: submit(v, 50)):
            given(PLAN_VERSION, DRAFTED, *history).when(decision).refused(PlanVersionNotOpen, number=1, status=status)


def test_a_submitted_version_pins_where_its_content_is_read():
    state = given(PLAN_VERSION, DRAFTED).when(lambda v: submit(v, 42)).then(SUBMITTED)
    assert (state.status, state.content_position, state.submitted_on) == ("submitted", 42, TODAY)


def test_a_returned_version_is_the_plan_as_it_is_until_it_is_submitted_again():
    world = given(PLAN_VERSION, DRAFTED, SUBMITTED)
    state = world.when(lambda v: send_back(v, "Dater chaque action"), act(GOVERNOR)).then(RETURNED[0])
    assert (state.status, state.content_position, state.submitted_on) == ("returned", None, None)
    again = given(PLAN_VERSION, DRAFTED, SUBMITTED, RETURNED).when(lambda v: submit(v, 60)).unrefused()
    assert (again.content_position, [s.answer for s in again.submissions]) == (60, ["returned", None])


def test_a_decision_of_another_authority_validates_it():
    state = (
        given(PLAN_VERSION, DRAFTED, SUBMITTED).when(lambda v: validate(v, DECISION), act(GOVERNOR)).then(VALIDATED[0])
    )
    assert (state.status, state.content_position, state.validated_on, state.decision_id) == (
        "validated", 42, TODAY, DECISION,
    )  # fmt: skip
    assert list(PLAN_VERSION.links(state)) == [DECISION]
    own = given(PLAN_VERSION, DRAFTED, SUBMITTED).when(lambda v: validate(v, DECISION), act(LEAD))
    own.refused(OwnSubmission, ref=DRAFTED.title)
    for_the_sponsor = act(LEAD, for_whom=in_the_name_of(SPONSOR))
    given(PLAN_VERSION, DRAFTED, SUBMITTED).when(lambda v: validate(v, DECISION), for_the_sponsor).unrefused()


def test_only_a_submitted_version_is_validated_or_returned():
    for decision in (lambda v: validate(v, DECISION), lambda v: send_back(v, "Tout")):
        given(PLAN_VERSION, DRAFTED).when(decision, act(GOVERNOR)).refused(PlanVersionNotSubmitted, status="drafted")
        again = given(PLAN_VERSION, DRAFTED, SUBMITTED, VALIDATED).when(decision, act(GOVERNOR))
        again.refused(PlanVersionNotSubmitted, status="validated")


def test_the_baseline_is_the_date_that_was_submitted_else_the_present_one():
    subject = MilestoneSubject(kind="phase", id=new_id())
    promised = MilestonePlanned(ref=1, subject=subject, title="Restitution", due_on=day("2026-05-11"))
    submitted = day("2026-05-04")
    world = given(MILESTONE, promised).when(lambda m: milestone.set_baseline(m, DECISION, submitted))
    world.then(MilestoneBaselineSet(decision_id=DECISION, date=submitted))
    world = given(MILESTONE, promised).when(lambda m: milestone.set_baseline(m, DECISION))
    world.then(MilestoneBaselineSet(decision_id=DECISION, date=day("2026-05-11")))
    undated = given(ACTION, ActionProposed(ref=1, title="Relire"))
    undated.when(lambda a: action_course.set_baseline(a, DECISION, submitted)).then(
        ActionBaselineSet(decision_id=DECISION, date=submitted)
    )
