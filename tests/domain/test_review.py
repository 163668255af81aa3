"""Stage reviews: every event of their life, and every rule that refuses one."""

from datetime import date

import pytest

from service.domain import review_course as course
from service.domain import review_refusals as no
from service.domain.body import BODY, BodyIsDissolved, NotSeated
from service.domain.body_events import BodyConstituted, BodyDissolved, BodyMemberAppointed
from service.domain.concept import NothingToChange, ReasonRequired
from service.domain.decision_events import Authority
from service.domain.event import Document, new_id
from service.domain.mending import LaterFactsDepend
from service.domain.phase import PHASE, PhaseGateConfigured, PhasePlanned
from service.domain.review import REVIEW
from service.domain.review_course import ConditionTerms
from service.domain.review_events import (
    AgendaItem,
    EvidenceLink,
    ReviewAcknowledged,
    ReviewCancelled,
    ReviewClosed,
    ReviewConditionEscalated,
    ReviewConditionLifted,
    ReviewConditionMet,
    ReviewConditionSet,
    ReviewContestationAnswered,
    ReviewContested,
    ReviewCriterionAssessed,
    ReviewCriterionWaived,
    ReviewDescribed,
    ReviewHeld,
    ReviewMemberRecused,
    ReviewPackFrozen,
    ReviewRescheduled,
    ReviewScheduled,
    ReviewVerdictGiven,
)
from tests.domain.given import (
    CONTRIBUTOR,
    GOVERNOR,
    LEAD,
    OTHER,
    SPONSOR,
    TODAY,
    World,
    act,
    because,
    given,
    refusal_of,
    state_of,
)

COMMITTEE = state_of(
    BODY,
    BodyConstituted(name="Comité", seats=("Un", "Deux", "Trois")),
    *(BodyMemberAppointed(person_id=who, seat=seat) for seat, who in enumerate((SPONSOR, GOVERNOR, OTHER), start=1)),
)
CRITERIA = ("Tous entendus", "Axes confirmés")
PLANNED = PhasePlanned(ordinal=1, title="Diagnostic", exit_criteria=CRITERIA)
GATE = state_of(PHASE, PLANNED, PhaseGateConfigured(body_id=COMMITTEE.id, optional=(2,)))
SCHEDULED = ReviewScheduled(
    ref=3, body_id=COMMITTEE.id, phase_id=GATE.id, title="Passage", planned_on=TODAY, criteria=CRITERIA, optional=(2,)
)
BETWEEN = ReviewScheduled(ref=4, body_id=COMMITTEE.id, title="Point", planned_on=TODAY)
FROZEN = ReviewPackFrozen(number=1, position=9, sha256="0" * 64, canonical="{}", texts={})
HELD = ReviewHeld(attended=(SPONSOR, GOVERNOR), seated=(SPONSOR, GOVERNOR, OTHER), required=2, present=2, filled=3)
ALONE = ReviewHeld(attended=(SPONSOR,), seated=(SPONSOR, GOVERNOR, OTHER), required=2, present=1, filled=3)
MET = ReviewCriterionAssessed(number=1, met=True)
DECISION = new_id()
VERDICT = ReviewVerdictGiven(verdict="go", decision_id=DECISION, required=2, present=2)
CONDITIONAL = VERDICT.model_copy(update={"verdict": "go_with_conditions"})
CONDITION = ReviewConditionSet(number=1, statement="Finir", owner=CONTRIBUTOR, due_on=TODAY, blocking=True)
BY = Authority(kind="person", id=SPONSOR)


def held() -> World:
    return given(REVIEW, SCHEDULED, MET, FROZEN, HELD)


# Before


def test_it_is_scheduled_at_a_gate_with_the_criteria_of_its_phase():
    agenda = (AgendaItem(title="Le passage", owner=LEAD, expected="verdict"),)
    review = (
        given(REVIEW)
        .when(
            lambda: course.schedule(
                ref=3, body=COMMITTEE, title="Passage", planned_on=TODAY, phase=GATE, criteria=("Autre",), agenda=agenda
            )
        )
        .then(SCHEDULED.model_copy(update={"agenda": agenda}))
    )
    assert [(c.number, c.statement, c.mandatory) for c in review.criteria] == [
        (1, "Tous entendus", True),
        (2, "Axes confirmés", False),
    ]
    assert set(REVIEW.links(review)) == {COMMITTEE.id, GATE.id}
    assert set(REVIEW.owners(review)) == {LEAD}


def test_it_is_scheduled_for_a_body_that_stands_and_whose_gate_it_is():
    ended = state_of(BODY, BodyConstituted(name="C"), BodyDissolved())
    say = {"ref": 1, "title": "X", "planned_on": TODAY}
    refusal_of(BodyIsDissolved, lambda: course.schedule(body=ended, **say))
    other = state_of(BODY, BodyConstituted(name="Autre"))
    refusal_of(no.GateOfAnotherBody, lambda: course.schedule(body=other, phase=GATE, **say))
    free = state_of(PHASE, PLANNED)
    refusal_of(no.GateWithoutBody, lambda: course.schedule(body=COMMITTEE, phase=free, **say))
    given(REVIEW).when(lambda: course.schedule(body=COMMITTEE, optional=(1,), **say)).refused(no.CriterionUnknown)


def test_a_second_convening_follows_one_that_missed_its_quorum():
    first = state_of(REVIEW, SCHEDULED, FROZEN, ALONE)
    say = {"ref": 5, "title": "Encore", "planned_on": TODAY, "body": COMMITTEE}
    (event,) = course.schedule(phase=GATE, second_of=first, **say)
    assert isinstance(event, ReviewScheduled)
    assert event.second_of == first.id
    reached = state_of(REVIEW, SCHEDULED, FROZEN, HELD)
    for missed, phase in ((reached, GATE), (first, None), (state_of(REVIEW, SCHEDULED), GATE)):
        refusal_of(no.SecondConveningUnfounded, lambda m=missed, p=phase: course.schedule(phase=p, second_of=m, **say))


def test_a_second_convening_keeps_the_agenda_of_the_first():
    second = BETWEEN.model_copy(update={"second_of": new_id()})
    agenda = (AgendaItem(title="Tout autre chose"),)
    given(REVIEW, second).when(lambda r: course.revise(r, agenda=agenda)).refused(no.SecondConveningKeepsAgenda)
    given(REVIEW, second).when(lambda r: course.revise(r, title="Seconde convocation")).unrefused()


def test_its_words_and_its_day_change():
    review = (
        given(REVIEW, BETWEEN)
        .when(lambda r: course.revise(r, title="Point d’avril", mode="written"))
        .then(ReviewDescribed(title="Point d’avril", mode="written"))
    )
    assert review.mode == "written"
    given(REVIEW, BETWEEN).when(lambda r: course.revise(r, title="Point")).refused(NothingToChange)
    later = date(2026, 3, 9)
    moved = (
        given(REVIEW, BETWEEN)
        .when(lambda r: course.reschedule(r, later), because("Grève"))
        .then(ReviewRescheduled(planned_on=later))
    )
    assert [(f.due_on, f.reason) for f in moved.forecasts] == [(TODAY, None), (later, "Grève")]
    given(REVIEW, BETWEEN).when(lambda r: course.reschedule(r, later)).refused(ReasonRequired)
    given(REVIEW, BETWEEN).when(lambda r: course.reschedule(r, TODAY)).refused(NothingToChange)


def test_a_cancelled_review_does_nothing_more():
    given(REVIEW, BETWEEN).when(lambda r: course.cancel(r)).refused(ReasonRequired)
    world = given(REVIEW, SCHEDULED)
    assert world.when(lambda r: course.cancel(r), because("Vacance")).then(ReviewCancelled()).status == "cancelled"
    for event in (FROZEN, HELD, VERDICT, MET, ReviewClosed(), ReviewAcknowledged()):
        given(REVIEW, SCHEDULED, ReviewCancelled()).when(event, because("X")).refused(no.ReviewIsCancelled, ref="R-3")


def test_a_member_of_the_body_recuses_for_a_reason_and_once():
    world = given(REVIEW, SCHEDULED)
    world.when(lambda r: course.recuse(r, COMMITTEE, GOVERNOR), because("Concerné")).then(
        ReviewMemberRecused(person_id=GOVERNOR)
    )
    world.when(lambda r: course.recuse(r, COMMITTEE, GOVERNOR), because("X")).refused(no.RecusedAlready)
    given(REVIEW, SCHEDULED).when(lambda r: course.recuse(r, COMMITTEE, LEAD), because("X")).refused(NotSeated)
    given(REVIEW, SCHEDULED).when(lambda r: course.recuse(r, COMMITTEE, OTHER)).refused(ReasonRequired)


def test_the_pack_is_frozen_and_refrozen_with_a_reason_until_it_is_held():
    world = given(REVIEW, SCHEDULED)
    review = world.when(lambda r: course.freeze_pack(r, position=9, canonical='{"a":1}', texts={"a": "b"})).unrefused()
    assert (review.status, review.packs[0].number, review.packs[0].size) == ("pack_frozen", 1, 7)
    assert review.packs[0].sha256 == "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862"
    again = given(REVIEW, SCHEDULED, FROZEN)
    again.when(lambda r: course.freeze_pack(r, position=12, canonical="{}", texts={})).refused(ReasonRequired)
    more = given(REVIEW, SCHEDULED, FROZEN)
    review = more.when(
        lambda r: course.freeze_pack(r, position=12, canonical="{}", texts={}), because("Complété")
    ).unrefused()
    assert [(p.number, p.reason) for p in review.packs] == [(1, "Motif donné"), (2, "Complété")]
    held().when(lambda r: course.freeze_pack(r, position=12, canonical="{}", texts={}), because("X")).refused(
        no.ReviewHeldAlready
    )


# The day


def test_it_is_held_on_its_day_with_a_pack_and_its_quorum_is_stored():
    review = (
        given(REVIEW, SCHEDULED, FROZEN)
        .when(
            lambda r: course.hold(r, COMMITTEE, TODAY, attended=(SPONSOR, GOVERNOR), guests=("Cabinet",), minutes="Dit")
        )
        .then(HELD.model_copy(update={"guests": ("Cabinet",), "minutes": "Dit", "counted": (SPONSOR, GOVERNOR)}))
    )
    assert (review.status, review.held_on) == ("held", TODAY)
    assert review.attendance.quorum.reached
    assert review.awaiting == [SPONSOR, GOVERNOR, OTHER]
    given(REVIEW, SCHEDULED).when(HELD).refused(no.ReviewWithoutPack)
    early = (ReviewRescheduled(planned_on=date(2026, 4, 1)), FROZEN)
    given(REVIEW, SCHEDULED, *early).when(HELD).refused(no.ReviewBeforeItsDate, planned_on=date(2026, 4, 1))
    held().when(HELD).refused(no.ReviewHeldAlready)


def test_nobody_judges_by_a_pack_that_was_frozen_afterwards():
    frozen = (FROZEN, act(on="2026-03-10"))
    meant = act(on="2026-03-10", occurred_on=TODAY)
    given(REVIEW, SCHEDULED, frozen).when(HELD, meant).refused(
        no.PackFrozenLater, frozen_on=date(2026, 3, 10), on=TODAY
    )
    again = (FROZEN.model_copy(update={"number": 2}), act(on="2026-03-10", reason="Chiffres relus"))
    refrozen = given(REVIEW, SCHEDULED, FROZEN, again)
    refrozen.when(HELD, meant).refused(no.PackFrozenLater)
    refrozen.refusal = None
    refrozen.withdraw(ReviewPackFrozen).when(HELD, meant).unrefused()


def test_somebody_who_came_counts_once():
    world = given(REVIEW, SCHEDULED, FROZEN)
    review = world.when(lambda r: course.hold(r, COMMITTEE, TODAY, attended=(SPONSOR,) * 3)).unrefused()
    assert (review.attendance.attended, review.attendance.quorum.present) == ((SPONSOR,), 1)


def test_a_recused_member_does_not_count():
    recused = ReviewMemberRecused(person_id=GOVERNOR)
    world = given(REVIEW, SCHEDULED, FROZEN, recused)
    refusal_of(no.RecusedMemberCounted, lambda: course.hold(world.now, COMMITTEE, TODAY, attended=(SPONSOR, GOVERNOR)))
    world.when(HELD).refused(no.RecusedMemberCounted, person=GOVERNOR)
    review = world.now
    (event,) = course.hold(review, COMMITTEE, TODAY, attended=(SPONSOR, OTHER))
    assert (event.required, event.present, event.filled) == (2, 2, 2)
    refusal_of(NotSeated, lambda: course.hold(review, COMMITTEE, TODAY, attended=(LEAD,)))


# Criteria and the verdict


def test_a_criterion_is_judged_and_judged_again():
    evidence = (EvidenceLink(kind="document", document=Document(title="Synthèse")),)
    review = (
        given(REVIEW, SCHEDULED)
        .when(lambda r: course.assess_criterion(r, 1, met=False, evidence=evidence, comment="Il en manque"))
        .then(ReviewCriterionAssessed(number=1, met=False, evidence=evidence, comment="Il en manque"))
    )
    assert review.unmet_mandatory == [1]
    assert given(REVIEW, SCHEDULED, MET).now.unmet_mandatory == []
    given(REVIEW, SCHEDULED).when(ReviewCriterionAssessed(number=9, met=True)).refused(no.CriterionUnknown)
    bare = ReviewCriterionAssessed(number=1, met=True, evidence=(EvidenceLink(kind="milestone"),))
    given(REVIEW, SCHEDULED).when(bare).refused(no.EvidenceIncomplete)
    held().when(VERDICT).when(MET).refused(no.VerdictGivenAlready)


def test_an_unmet_criterion_is_waived_in_somebodys_name_for_a_reason():
    world = given(REVIEW, SCHEDULED)
    review = world.when(lambda r: course.waive_criterion(r, 1, BY), because("Assumé")).then(
        ReviewCriterionWaived(number=1, by=BY)
    )
    assert (review.unmet_mandatory, review.criteria[0].waiver.reason) == ([], "Assumé")
    given(REVIEW, SCHEDULED).when(lambda r: course.waive_criterion(r, 1, BY)).refused(ReasonRequired)
    given(REVIEW, SCHEDULED, MET).when(lambda r: course.waive_criterion(r, 1, BY), because("X")).refused(
        no.CriterionIsMet
    )
    judged_again = given(
        REVIEW, SCHEDULED, ReviewCriterionWaived(number=1, by=BY), MET.model_copy(update={"met": False})
    )
    assert judged_again.now.unmet_mandatory == [1], "a new word on a criterion ends its waiver"


def test_a_verdict_needs_a_pack_a_held_review_a_quorum_and_its_criteria():
    give = lambda r: course.give_verdict(r, DECISION, verdict="go")  # noqa: E731  # read aloud below
    review = held().when(give).then(VERDICT)
    assert (review.verdict.verdict, review.verdict.required, review.verdict.present) == ("go", 2, 2)
    assert DECISION in set(REVIEW.links(review))
    given(REVIEW, BETWEEN, FROZEN, HELD).when(give).refused(no.ReviewIsNoGate)
    given(REVIEW, SCHEDULED, MET).when(give).refused(no.ReviewWithoutPack)
    given(REVIEW, SCHEDULED, MET, FROZEN).when(give).refused(no.ReviewNotHeld)
    given(REVIEW, SCHEDULED, MET, FROZEN, ALONE).when(give).refused(no.QuorumNotReached, present=1, required=2)
    given(REVIEW, SCHEDULED, FROZEN, HELD).when(give).refused(no.MandatoryCriteriaUnmet, criteria=[1])
    held().when(give).when(give).refused(no.VerdictGivenAlready)
    closed = given(REVIEW, SCHEDULED, MET, FROZEN, ALONE, ReviewClosed())
    closed.when(give).refused(no.ReviewIsClosed)


@pytest.mark.parametrize("verdict", ["replan", "hold", "stop"])
def test_only_a_go_waits_for_criteria(verdict):
    given(REVIEW, SCHEDULED, FROZEN, HELD).when(lambda r: course.give_verdict(r, DECISION, verdict=verdict)).then(
        VERDICT.model_copy(update={"verdict": verdict})
    )


# Conditions


def test_a_go_with_conditions_sets_them_and_no_other_verdict_does():
    terms = ConditionTerms(statement="Finir", owner=CONTRIBUTOR, due_on=TODAY, blocking=True)
    world = held()
    review = world.when(
        lambda r: course.give_verdict(r, DECISION, verdict="go_with_conditions", conditions=[terms])
    ).then(CONDITIONAL, CONDITION)
    assert course.blocking_conditions([review]) == ["R-3 / 1"]
    assert course.escalated(review, TODAY) == []
    assert course.escalated(review, date(2026, 3, 3)) == [1]
    refusal_of(no.ConditionsMissing, lambda: course.give_verdict(review, DECISION, verdict="go_with_conditions"))
    refusal_of(no.ConditionsMisplaced, lambda: course.give_verdict(review, DECISION, verdict="go", conditions=[terms]))
    held().when(CONDITION).refused(no.ConditionsMisplaced)
    given(REVIEW, SCHEDULED).when(CONDITION).refused(no.ReviewNotHeld)
    past = CONDITION.model_copy(update={"due_on": date(2026, 2, 1)})
    held().when(CONDITIONAL).when(past).refused(no.ConditionDueBefore)
    # the gates that follow wait for what blocks
    refusal_of(
        no.BlockingConditionsOpen,
        lambda: course.give_verdict(held().now, DECISION, verdict="go", earlier=[review]),
    )
    course.give_verdict(held().now, DECISION, verdict="hold", earlier=[review])


def conditional() -> World:
    return given(REVIEW, SCHEDULED, MET, FROZEN, HELD, CONDITIONAL, CONDITION)


def test_a_condition_is_met_by_its_owner_or_the_lead():
    evidence = (EvidenceLink(kind="document", document=Document(title="Bilan")),)
    owner = act(CONTRIBUTOR, role="contributor")
    review = (
        conditional()
        .when(lambda r: course.meet_condition(r, owner, 1, evidence=evidence, comment="Fini"), owner)
        .then(ReviewConditionMet(number=1, evidence=evidence, comment="Fini"))
    )
    assert (review.conditions[0].met_on, course.blocking_conditions([review])) == (TODAY, [])
    conditional().when(lambda r: course.meet_condition(r, act(), 1)).unrefused()
    somebody = act(OTHER, role="governance")
    refusal_of(no.ConditionOfSomebodyElse, lambda: course.meet_condition(conditional().now, somebody, 1))
    refusal_of(no.ConditionSettled, lambda: course.meet_condition(review, act(), 1))
    refusal_of(no.ConditionUnknown, lambda: course.meet_condition(review, act(), 2))
    given(REVIEW, SCHEDULED, MET, FROZEN, HELD).when(ReviewConditionMet(number=1)).refused(no.ConditionUnknown)


def test_a_condition_is_lifted_for_a_reason():
    review = (
        conditional()
        .when(lambda r: course.lift_condition(r, 1, BY), because("Sans objet"))
        .then(ReviewConditionLifted(number=1, by=BY))
    )
    assert (review.conditions[0].lifted_because, review.conditions[0].settled_on) == ("Sans objet", TODAY)
    conditional().when(lambda r: course.lift_condition(r, 1, BY)).refused(ReasonRequired)


def test_a_blocking_condition_unmet_at_its_date_is_escalated_once():
    later = act(on="2026-03-03")
    world = conditional()
    world.when(lambda r: course.escalate_condition(r, 1)).refused(no.ConditionNotOverdue, due_on=TODAY)
    review = (
        conditional().when(lambda r: course.escalate_condition(r, 1), later).then(ReviewConditionEscalated(number=1))
    )
    assert review.conditions[0].escalated_on == date(2026, 3, 3)
    escalated = conditional().when(ReviewConditionEscalated(number=1), later)
    escalated.when(ReviewConditionEscalated(number=1), later).refused(no.ConditionEscalatedAlready, on=date(2026, 3, 3))
    conditional().when(ReviewConditionEscalated(number=2), later).refused(no.ConditionUnknown)
    lifted = conditional().when(lambda r: course.lift_condition(r, 1, BY), because("Sans objet"))
    lifted.when(ReviewConditionEscalated(number=1), later).refused(no.ConditionSettled)
    mild = CONDITION.model_copy(update={"blocking": False})
    given(REVIEW, SCHEDULED, MET, FROZEN, HELD, CONDITIONAL, mild).when(
        ReviewConditionEscalated(number=1), later
    ).refused(no.ConditionNotBlocking)


# After


def test_nothing_that_follows_dates_from_before_the_day():
    eve = act(SPONSOR, role="sponsor", occurred_on=date(2026, 3, 1))
    for event in (VERDICT, ReviewAcknowledged(), ReviewContested(text="Non"), ReviewClosed()):
        held().when(event, eve).refused(no.BeforeReviewHeld, held_on=TODAY, on=date(2026, 3, 1))


def test_a_closed_review_tells_the_verdict_that_it_gave():
    held().when(VERDICT).when(ReviewClosed()).when(VERDICT).refused(no.VerdictGivenAlready, decision_id=DECISION)


def test_it_is_closed_once_its_verdict_is_given():
    held().when(lambda r: course.close(r)).refused(no.VerdictMissing)
    review = (
        held().when(VERDICT).when(lambda r: course.close(r, conclusions="Dit")).then(ReviewClosed(conclusions="Dit"))
    )
    assert (review.status, review.closed_on) == ("closed", TODAY)
    given(REVIEW, SCHEDULED, FROZEN, ALONE).when(ReviewClosed()).unrefused()
    given(REVIEW, BETWEEN).when(ReviewClosed()).refused(no.ReviewNotHeld)
    given(REVIEW, BETWEEN, FROZEN, HELD, ReviewClosed()).when(ReviewClosed()).refused(no.ReviewIsClosed)


def test_who_sat_acknowledges_once():
    governor = act(GOVERNOR, role="governance")
    world = held()
    review = world.when(lambda r: course.acknowledge(r), governor).then(ReviewAcknowledged())
    assert review.awaiting == [SPONSOR, OTHER]
    world.when(ReviewAcknowledged(), governor).refused(no.ReviewAcknowledgedAlready)
    held().when(ReviewAcknowledged(), act(LEAD)).refused(no.ReviewNotYours)
    given(REVIEW, SCHEDULED).when(ReviewAcknowledged(), governor).refused(no.ReviewNotHeld)


def test_who_sat_contests_and_somebody_else_answers():
    governor = act(GOVERNOR, role="governance")
    world = held()
    review = world.when(lambda r: course.contest(r, "Je n’ai pas dit cela"), governor).then(
        ReviewContested(text="Je n’ai pas dit cela")
    )
    assert review.contested
    objection = review.contestations[0].event_id
    answer = ReviewContestationAnswered(contested_event_id=objection, answer="Corrigé")
    held().when(ReviewContested(text="Non"), act(LEAD)).refused(no.ReviewNotYours)
    world.when(answer, governor).refused(no.ReviewContesterCannotAnswer)
    world.refusal = None
    world.when(lambda r: course.answer_contestation(r, objection, "Corrigé")).then(answer)
    world.when(answer).refused(no.ReviewContestationSettled)
    other = ReviewContestationAnswered(contested_event_id=new_id(), answer="X")
    held().when(other).refused(no.ReviewContestationUnknown)


def test_what_the_verdict_rests_on_is_not_taken_away():
    held().when(VERDICT).withdraw(ReviewHeld).refused(LaterFactsDepend)
    held().when(VERDICT).withdraw(ReviewCriterionAssessed).refused(LaterFactsDepend)
    review = held().when(VERDICT).withdraw(ReviewVerdictGiven).unrefused()
    assert review.verdict is None
