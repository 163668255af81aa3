"""A decision: taken, told, applied, replaced; and contested by the authority that it was recorded for."""

from typing import Any
from uuid import UUID

import pytest

from service.domain import decision_course as course
from service.domain.concept import NothingToChange, ReasonRequired
from service.domain.decision import (
    DECISION,
    AlreadyApplied,
    BeforeTheDecision,
    ConditionsNeedReview,
    ContestationSettled,
    ContestationUnknown,
    ContesterCannotAnswer,
    Decision,
    DecisionNotInForce,
    NotYoursToContest,
    SupersededAlready,
    SupersedesItself,
    VerdictIncomplete,
    VerdictMisplaced,
)
from service.domain.decision_events import (
    Authority,
    ContestationAnswered,
    DecisionApplied,
    DecisionCommunicated,
    DecisionContested,
    DecisionRevoked,
    DecisionSuperseded,
    DecisionTaken,
    DecisionVisibilityChanged,
)
from service.domain.event import Basis, Document, OnBehalfOf, new_id
from tests.domain.given import (
    GOVERNOR,
    LEAD,
    OTHER,
    SPONSOR,
    TODAY,
    World,
    act,
    because,
    day,
    given,
    in_the_name_of,
    refusal_of,
    state_of,
)

PHASE_ID = UUID("01980000-0000-7000-8000-0000000000f2")
BODY_ID = "01980000-0000-7000-8000-0000000000b0"
CONTESTED = DecisionContested(text="Ce n’est pas ce que nous avons décidé")


def taken(**more: Any) -> DecisionTaken:
    return DecisionTaken(**{"ref": 3, "title": "Outil retenu", "chosen": "L’outil B"} | more)


def decision(*history: Any, **more: Any) -> World[Decision]:
    return given(DECISION, taken(**more), *history)


def for_the_sponsor(**more: Any) -> World[Decision]:
    return given(DECISION, (taken(**more), act(LEAD, for_whom=in_the_name_of(SPONSOR))))


def for_a_body() -> World[Decision]:
    basis = Basis(kind="document", document=Document(title="Compte rendu"))
    return given(DECISION, (taken(), act(LEAD, for_whom=OnBehalfOf(kind="body", id=BODY_ID, basis=basis))))


def test_a_decision_is_taken_on_its_true_date_with_its_question_and_reasons() -> None:
    fields: dict[str, Any] = {
        "question": "Quel outil\u202f?",
        "options": ("L’outil A", "L’outil B"),
        "rationale": "Plus simple",
        "dissent": "Une voix pour A",
        "authority": Authority(kind="person", id=SPONSOR),
        "applies_from": day("2026-04-01"),
        "creates_actions": (new_id(),),
    }
    state = (
        given(DECISION)
        .when(
            lambda: course.take(ref=3, title="Outil retenu", chosen="L’outil B", **fields),
            act(SPONSOR, occurred_on="2026-02-26"),
        )
        .then(taken(**fields))
    )
    assert (state.status, state.taken_on, state.recorded_by) == ("taken", day("2026-02-26"), SPONSOR)
    assert (state.options, state.recorded_for) == (("L’outil A", "L’outil B"), None)
    assert DECISION.reference(state) == "D-3"
    assert list(DECISION.owners(state)) == [SPONSOR]


def test_a_gate_verdict_names_its_phase_and_its_verdict_and_no_other_kind_has_one() -> None:
    given(DECISION).when([taken(kind="gate_verdict", verdict="go")]).refused(VerdictIncomplete)
    given(DECISION).when([taken(kind="gate_verdict", phase_id=PHASE_ID)]).refused(VerdictIncomplete)
    conditional = taken(kind="gate_verdict", phase_id=PHASE_ID, verdict="go_with_conditions")
    given(DECISION).when([conditional]).refused(ConditionsNeedReview)
    review_id = new_id()
    from_a_review = conditional.model_copy(update={"review_id": review_id})
    assert review_id in set(DECISION.links(given(DECISION).when([from_a_review]).unrefused()))
    given(DECISION).when([taken(verdict="go", phase_id=PHASE_ID)]).refused(VerdictMisplaced)
    decision(kind="gate_verdict", verdict="hold", phase_id=PHASE_ID).unrefused()


@pytest.mark.parametrize("verdict", ["go", "stop"])
def test_a_final_verdict_claims_its_gate(verdict: str) -> None:
    final = taken(kind="gate_verdict", verdict=verdict, phase_id=PHASE_ID)
    assert course.claims(final) == (f"verdict:{PHASE_ID}:final",) == course.claims(state_of(DECISION, final))


@pytest.mark.parametrize("verdict", ["hold", "replan"])
def test_a_verdict_that_leaves_the_gate_claims_nothing(verdict: str) -> None:
    assert course.claims(taken(kind="gate_verdict", verdict=verdict, phase_id=PHASE_ID)) == ()
    assert course.claims(taken()) == ()


def test_communicated_and_applied_are_independent() -> None:
    world = decision()
    assert course.not_communicated(world.now)
    assert course.not_applied(world.now, TODAY)
    state = world.when(course.apply, act(on="2026-03-05")).then(DecisionApplied())
    assert (state.applied_on, course.not_communicated(state)) == (day("2026-03-05"), True)
    assert not course.not_applied(state, day("2026-03-06"))
    state = world.when(lambda d: course.communicate(d, "Les équipes")).then(
        DecisionCommunicated(audience="Les équipes")
    )
    state = world.when(lambda d: course.communicate(d, "Les partenaires")).unrefused()
    assert [told.audience for told in state.communications] == ["Les équipes", "Les partenaires"]
    assert not course.not_communicated(state)


def test_a_decision_is_not_late_before_it_applies() -> None:
    state = decision(applies_from=day("2026-04-01")).now
    assert not course.not_applied(state, day("2026-03-31"))
    assert course.not_applied(state, day("2026-04-01"))


def test_a_decision_is_applied_once() -> None:
    decision(DecisionApplied()).when(course.apply).refused(AlreadyApplied, applied_on=TODAY)


def test_superseding_links_both_ways() -> None:
    old = decision()
    new = given(DECISION).when(lambda: course.take(ref=4, title="Autre outil", chosen="C", supersedes=old.now))
    assert new.then(taken(ref=4, title="Autre outil", chosen="C", supersedes=old.id)).supersedes == old.id
    state = old.when(lambda d: course.supersede(d, new.id)).then(DecisionSuperseded(by=new.id))
    assert (state.status, state.superseded_by) == ("superseded", new.id)
    assert old.id in DECISION.links(new.now)
    assert new.id not in DECISION.links(state), "its withdrawal puts this one in force again"
    assert not course.not_communicated(state)
    assert not course.not_applied(state, TODAY)


def test_a_decision_is_superseded_once() -> None:
    by = new_id()
    world = decision(DecisionSuperseded(by=by))
    refusal_of(SupersededAlready, lambda: course.take(ref=5, title="T", chosen="C", supersedes=world.now))
    world.when(lambda d: course.supersede(d, new_id())).refused(SupersededAlready, by=by)


def test_a_decision_does_not_supersede_itself() -> None:
    world = decision()
    world.when(lambda d: course.supersede(d, d.id)).refused(SupersedesItself)
    given(DECISION, id=world.id).when([taken(supersedes=world.id)]).refused(SupersedesItself)


def test_a_superseding_recorded_by_mistake_gives_the_old_decision_back() -> None:
    state = decision(DecisionSuperseded(by=new_id())).withdraw(DecisionSuperseded).unrefused()
    assert (state.status, state.superseded_by) == ("taken", None)


def test_revoking_takes_a_reason_and_ends_what_is_in_force() -> None:
    decision().when(course.revoke).refused(ReasonRequired)
    world = decision()
    state = world.when(course.revoke, because("Contraire au statut")).then(DecisionRevoked())
    assert (state.status, state.revoked_because) == ("revoked", "Contraire au statut")
    world.when(course.apply).refused(DecisionNotInForce, status="revoked")
    refusal_of(DecisionNotInForce, lambda: course.take(ref=5, title="T", chosen="C", supersedes=world.now))


def test_the_authority_it_was_recorded_for_can_contest() -> None:
    world = for_the_sponsor()
    assert world.now.recorded_for == Authority(kind="person", id=SPONSOR)
    sponsor = act(SPONSOR)
    state = world.when(lambda d: course.contest(d, sponsor, text=CONTESTED.text), sponsor).then(CONTESTED)
    assert state.contested
    assert state.contestations[0].by == SPONSOR


def test_nobody_else_can_contest() -> None:
    world = for_the_sponsor()
    refusal_of(NotYoursToContest, lambda: course.contest(world.now, act(OTHER), text="Non"))
    world.when(CONTESTED, act(OTHER)).refused(NotYoursToContest, ref="D-3")
    own = decision()
    refusal_of(NotYoursToContest, lambda: course.contest(own.now, act(LEAD), text="Non"))
    own.when(CONTESTED).refused(NotYoursToContest)


def test_the_authority_that_it_names_can_contest_even_without_a_basis() -> None:
    world = decision(authority=Authority(kind="person", id=GOVERNOR))
    assert world.when(CONTESTED, act(GOVERNOR)).unrefused().contested


def test_a_member_of_the_body_can_contest() -> None:
    world = for_a_body()
    governor = act(GOVERNOR)
    refusal_of(NotYoursToContest, lambda: course.contest(world.now, governor, text="Non"))
    state = world.when(lambda d: course.contest(d, governor, text="Non", bodies=[BODY_ID]), governor).unrefused()
    assert state.contestations[0].by == GOVERNOR


def test_a_contestation_is_answered_once_by_somebody_else() -> None:
    world = for_the_sponsor().when(CONTESTED, act(SPONSOR))
    event_id = world.event_id(DecisionContested)
    answer = ContestationAnswered(contested_event_id=event_id, answer="Le relevé est corrigé")
    state = world.when(lambda d: course.answer_contestation(d, event_id, answer="Le relevé est corrigé")).then(answer)
    assert not state.contested
    assert (state.contestations[0].answered_by, state.contestations[0].answered_on) == (LEAD, TODAY)
    world.when(answer).refused(ContestationSettled)


def test_who_contests_does_not_answer() -> None:
    world = for_the_sponsor().when(CONTESTED, act(SPONSOR))
    answer = ContestationAnswered(contested_event_id=world.event_id(DecisionContested), answer="Soit")
    world.when(answer, act(SPONSOR)).refused(ContesterCannotAnswer)


def test_an_unknown_contestation_is_not_answered() -> None:
    decision().when(ContestationAnswered(contested_event_id=new_id(), answer="Soit")).refused(ContestationUnknown)


def test_a_correction_keeps_the_old_wording_visible() -> None:
    state = decision().correct(DecisionTaken, chosen="L’outil B, dès avril").unrefused()
    assert state.chosen == "L’outil B, dès avril"
    assert state.corrections[0].before == {"chosen": "L’outil B"}
    assert state.corrections[0].after == {"chosen": "L’outil B, dès avril"}


def test_a_decision_can_be_restricted() -> None:
    state = (
        decision()
        .when(lambda d: course.change_visibility(d, "restricted"))
        .then(DecisionVisibilityChanged(visibility="restricted"))
    )
    assert DECISION.restricted(state)
    refusal_of(NothingToChange, lambda: course.change_visibility(state, "restricted"))


@pytest.mark.parametrize(
    "event",
    [DecisionCommunicated(audience="Tous"), DecisionApplied(), DecisionRevoked(), DecisionSuperseded(by=new_id())],
)
def test_nothing_is_true_of_a_decision_before_it_was_taken(event: Any) -> None:
    early = because("Retard de saisie", occurred_on="2026-02-01")
    decision().when(event, early).refused(BeforeTheDecision, taken_on=TODAY, occurred_on=day("2026-02-01"))
    given(DECISION, (taken(), act(occurred_on="2026-02-01"))).when(event, early).then(event)
