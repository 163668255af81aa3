"""Deliverable: drafted, submitted by one authority, validated or returned by another."""

from datetime import date

from service.domain.concept import NothingToChange, ReasonRequired
from service.domain.deliverable import (
    DELIVERABLE,
    DeliverableNotOpen,
    DeliverableNotSubmitted,
    DeliverableNotValidated,
    DocumentHasNoCriteria,
    NothingToSubmit,
    OutcomeHasNoVersion,
    SameVersionAgain,
    add_version,
    draft,
    reopen,
    revise,
    send_back,
    submit,
    validate,
)
from service.domain.deliverable_events import (
    DeliverableDescribed,
    DeliverableDrafted,
    DeliverableReopened,
    DeliverableReturned,
    DeliverableSubmitted,
    DeliverableValidated,
    DeliverableVersionAdded,
)
from service.domain.event import new_id
from service.domain.mending import LaterFactsDepend
from service.domain.submission import AnsweredBeforeSubmitted, OwnSubmission
from tests.domain.given import CONTRIBUTOR, GOVERNOR, LEAD, SPONSOR, TODAY, act, because, given, in_the_name_of

PHASE = new_id()
DECISION = new_id()
REPORT = DeliverableDrafted(ref=1, kind="document", title="Diagnostic partagé", phase_id=PHASE, owner=CONTRIBUTOR)
OUTCOME = DeliverableDrafted(ref=5, kind="outcome", title="Transformation effective", criteria=("C’est stable",))
FIRST = DeliverableVersionAdded(number=1, title="Diagnostic, version 1", sha256="0" * 64)
SECOND = DeliverableVersionAdded(number=2, title="Diagnostic, version 2")
SUBMITTED = DeliverableSubmitted(number=1)
RETURNED = (DeliverableReturned(to_adjust="Citer les partenaires"), act(GOVERNOR))
VALIDATED = (DeliverableValidated(), act(GOVERNOR))


def test_a_deliverable_is_expected_of_a_phase_and_answered_for():
    state = (
        given(DELIVERABLE)
        .when(lambda: draft(ref=1, kind="document", title="Diagnostic partagé", phase_id=PHASE, owner=CONTRIBUTOR))
        .then(REPORT)
    )
    assert (state.status, DELIVERABLE.reference(state)) == ("drafted", "L-1")
    assert list(DELIVERABLE.owners(state)) == [CONTRIBUTOR]
    assert list(DELIVERABLE.links(state)) == [PHASE]
    assert list(DELIVERABLE.owners(given(DELIVERABLE, OUTCOME).now)) == []


def test_criteria_and_indicators_belong_to_an_outcome():
    for wrong, pointer in (({"criteria": ("C’est lu",)}, "/criteria"), ({"indicators": (new_id(),)}, "/indicators")):
        drafted = given(DELIVERABLE).when(lambda wrong=wrong: draft(ref=1, kind="document", title="Note", **wrong))
        assert drafted.refused(DocumentHasNoCriteria).pointer == pointer
        revised = given(DELIVERABLE, REPORT).when(lambda d, wrong=wrong: revise(d, **wrong))
        assert revised.refused(DocumentHasNoCriteria).pointer == pointer
    given(DELIVERABLE, OUTCOME).when(lambda d: add_version(d, title="Note")).refused(OutcomeHasNoVersion, ref="L-5")


def test_a_revision_carries_what_changed_only():
    world = given(DELIVERABLE, REPORT)
    state = world.when(lambda d: revise(d, title="Diagnostic partagé", due_on=date(2026, 5, 4))).then(
        DeliverableDescribed(due_on=date(2026, 5, 4))
    )
    assert (state.title, state.due_on) == ("Diagnostic partagé", date(2026, 5, 4))
    given(DELIVERABLE, REPORT).when(lambda d: revise(d, owner=CONTRIBUTOR)).refused(NothingToChange)


def test_the_versions_of_a_document_are_numbered_and_tell_who_added_them():
    state = (
        given(DELIVERABLE, REPORT, (FIRST, act(CONTRIBUTOR, on="2026-03-01")))
        .when(lambda d: add_version(d, title="Diagnostic, version 2"))
        .then(SECOND)
    )
    assert [(v.number, v.added_by, v.added_on) for v in state.versions] == [
        (1, CONTRIBUTOR, date(2026, 3, 1)),
        (2, LEAD, TODAY),
    ]


def test_the_last_version_is_what_is_submitted():
    state = given(DELIVERABLE, REPORT, FIRST, SECOND).when(submit).then(DeliverableSubmitted(number=2))
    assert (state.status, state.submitted_on) == ("submitted", TODAY)
    assert [(s.version, s.by, s.answer) for s in state.submissions] == [(2, LEAD, None)]


def test_a_document_without_version_and_an_outcome_without_criteria_have_nothing_to_submit():
    given(DELIVERABLE, REPORT).when(submit).refused(NothingToSubmit, ref="L-1")
    given(DELIVERABLE, REPORT, FIRST).when(DeliverableSubmitted(number=7)).refused(NothingToSubmit)
    bare = OUTCOME.model_copy(update={"criteria": ()})
    given(DELIVERABLE, bare).when(submit).refused(NothingToSubmit)
    assert given(DELIVERABLE, OUTCOME).when(submit).then(DeliverableSubmitted()).status == "submitted"


def test_another_authority_validates():
    state = (
        given(DELIVERABLE, REPORT, FIRST, SUBMITTED)
        .when(lambda d: validate(d, comment="Utile à tous", decision_id=DECISION), act(GOVERNOR))
        .then(DeliverableValidated(comment="Utile à tous", decision_id=DECISION))
    )
    assert (state.status, state.validated_on, state.validated_version, state.comment) == (
        "validated", TODAY, 1, "Utile à tous",
    )  # fmt: skip
    assert (state.submissions[-1].answer, state.submissions[-1].answered_by) == ("validated", GOVERNOR)
    assert state.submitted_on is None
    assert list(DELIVERABLE.links(state)) == [PHASE, DECISION]


def test_who_submits_cannot_validate_whoever_types_it():
    own = given(DELIVERABLE, REPORT, FIRST, SUBMITTED).when(validate, act(LEAD))
    own.refused(OwnSubmission, ref="L-1", submitted_on=TODAY)
    for_the_sponsor = act(LEAD, for_whom=in_the_name_of(SPONSOR))
    # the lead typed both, but it is the sponsor's submission
    world = given(DELIVERABLE, REPORT, FIRST, (SUBMITTED, for_the_sponsor))
    world.when(validate, act(SPONSOR)).refused(OwnSubmission)
    # the lead typed both, and each is of another authority
    given(DELIVERABLE, REPORT, FIRST, SUBMITTED).when(validate, for_the_sponsor).unrefused()


def test_a_returned_document_comes_back_in_another_version():
    world = given(DELIVERABLE, REPORT, FIRST, SUBMITTED)
    state = world.when(lambda d: send_back(d, "Citer les partenaires"), act(GOVERNOR)).then(RETURNED[0])
    assert (state.status, state.submissions[-1].to_adjust) == ("returned", "Citer les partenaires")
    world.when(submit).refused(SameVersionAgain, ref="L-1", number=1)
    again = given(DELIVERABLE, REPORT, FIRST, SUBMITTED, RETURNED, SECOND).when(submit).unrefused()
    assert [s.version for s in again.submissions] == [1, 2]
    outcome = given(DELIVERABLE, OUTCOME, DeliverableSubmitted(), RETURNED).when(submit)
    assert outcome.unrefused().status == "submitted"


def test_nothing_changes_while_the_authority_looks_at_it_or_once_it_is_validated():
    for history, status in (
        ((REPORT, FIRST, SUBMITTED), "submitted"),
        ((REPORT, FIRST, SUBMITTED, VALIDATED), "validated"),
    ):
        for decision in (submit, lambda d: revise(d, title="Autre"), lambda d: add_version(d, title="Autre")):
            given(DELIVERABLE, *history).when(decision).refused(DeliverableNotOpen, status=status)


def test_only_what_is_submitted_is_validated_or_returned():
    for decision in (validate, lambda d: send_back(d, "Tout")):
        given(DELIVERABLE, REPORT).when(decision, act(GOVERNOR)).refused(DeliverableNotSubmitted, status="drafted")
        again = given(DELIVERABLE, REPORT, FIRST, SUBMITTED, VALIDATED).when(decision, act(SPONSOR))
        again.refused(DeliverableNotSubmitted, status="validated")


def test_a_validated_deliverable_is_taken_up_again_for_a_reason():
    world = given(DELIVERABLE, REPORT, FIRST, SUBMITTED, VALIDATED)
    world.when(reopen, act()).refused(ReasonRequired)
    state = given(DELIVERABLE, REPORT, FIRST, SUBMITTED, VALIDATED).when(reopen, because("Il a vieilli"))
    reopened = state.then(DeliverableReopened())
    assert (reopened.status, reopened.validated_on, reopened.reopen_count) == ("drafted", None, 1)
    given(DELIVERABLE, REPORT).when(reopen, because("Non")).refused(DeliverableNotValidated)


def test_a_submission_made_by_mistake_is_withdrawn_unless_it_was_answered():
    state = given(DELIVERABLE, REPORT, FIRST, SUBMITTED).withdraw(DeliverableSubmitted).unrefused()
    assert (state.status, state.submissions) == ("drafted", ())
    world = given(DELIVERABLE, REPORT, FIRST, SUBMITTED, VALIDATED).withdraw(DeliverableSubmitted)
    world.refused(LaterFactsDepend, dependents=["deliverable.validated"])


def test_an_answer_does_not_date_from_before_what_it_answers():
    eve = act(SPONSOR, role="sponsor", occurred_on="2026-03-01")
    submitted = given(DELIVERABLE, REPORT, FIRST, DeliverableSubmitted(number=1))
    submitted.when(lambda d: validate(d), eve).refused(AnsweredBeforeSubmitted, submitted_on=TODAY)
    submitted.when(lambda d: send_back(d, "À compléter"), eve).refused(AnsweredBeforeSubmitted)
