"""Impact evaluation and the closing of a transformation."""

from datetime import date

from service.domain.concept import NothingToChange
from service.domain.evaluation import (
    EVALUATION,
    AuthorCannotValidate,
    EvaluationDescribed,
    EvaluationDrafted,
    EvaluationIncomplete,
    EvaluationSettled,
    EvaluationValidated,
    draft,
    revise,
    validate,
)
from service.domain.event import new_id
from service.domain.transformation import TRANSFORMATION, TransformationClosed, TransformationNotClosing, close, confirm
from service.domain.transformation_events import TransformationClosingStarted, TransformationEnded
from tests.domain.given import CONTRIBUTOR, GOVERNOR, LEAD, SPONSOR, TODAY, act, given, in_the_name_of
from tests.domain.test_transformation import LAUNCHED, PREPARED

WHOLE = {
    "baseline": "Trois relectures par compte rendu",
    "result": "Deux relectures",
    "narrative": "Les équipes ont tenu l’essai",
    "carried_on_by": CONTRIBUTOR,
    "follow_up_on": date(2027, 3, 1),
}
DRAFTED = EvaluationDrafted(title="Impacts à un an", **WHOLE)
VALIDATED = (EvaluationValidated(), act(GOVERNOR))
CLOSING = TransformationClosingStarted(decision_id=new_id())


def test_an_evaluation_says_where_we_started_and_what_came_of_it():
    state = given(EVALUATION).when(lambda: draft(title="Impacts à un an", **WHOLE)).then(DRAFTED)
    assert (state.status, state.authors, state.carried_on_by) == ("drafted", (LEAD,), CONTRIBUTOR)


def test_it_is_completed_until_it_is_validated():
    world = given(EVALUATION, EvaluationDrafted(title="Impacts à un an"))
    state = world.when(lambda e: revise(e, result="Deux relectures"), act(SPONSOR)).then(
        EvaluationDescribed(result="Deux relectures")
    )
    assert state.authors == (LEAD, SPONSOR)
    given(EVALUATION, DRAFTED).when(lambda e: revise(e, result="Deux relectures")).refused(NothingToChange)
    settled = given(EVALUATION, DRAFTED, VALIDATED)
    settled.when(lambda e: revise(e, result="Une seule")).refused(EvaluationSettled, validated_on=TODAY)
    given(EVALUATION, DRAFTED, VALIDATED).when(validate, act(SPONSOR)).refused(EvaluationSettled)


def test_nothing_is_missing_from_a_validated_evaluation():
    bare = EvaluationDrafted(title="Impacts à un an", baseline="Trois relectures")
    refusal = given(EVALUATION, bare).when(validate, act(GOVERNOR)).refused(EvaluationIncomplete)
    assert refusal.facts["missing"] == ["result", "narrative", "carried_on_by", "follow_up_on"]
    assert "qui prend la suite" in refusal.message("fr")


def test_who_wrote_it_does_not_validate_it_whoever_types():
    decision = new_id()
    state = (
        given(EVALUATION, DRAFTED)
        .when(lambda e: validate(e, comment="Juste", decision_id=decision), act(GOVERNOR))
        .then(EvaluationValidated(comment="Juste", decision_id=decision))
    )
    assert (state.status, state.validated_by, state.validated_on) == ("validated", GOVERNOR, TODAY)
    assert list(EVALUATION.links(state)) == [decision]
    given(EVALUATION, DRAFTED).when(validate, act(LEAD)).refused(AuthorCannotValidate)
    for_the_sponsor = act(LEAD, for_whom=in_the_name_of(SPONSOR))
    given(EVALUATION, (DRAFTED, for_the_sponsor)).when(validate, act(SPONSOR)).refused(AuthorCannotValidate)
    given(EVALUATION, DRAFTED).when(validate, for_the_sponsor).unrefused()


def test_a_closing_transformation_is_closed_with_its_evaluation():
    evaluation = new_id()
    world = given(TRANSFORMATION, PREPARED, LAUNCHED, CLOSING)
    state = world.when(lambda t: close(t, evaluation)).then(TransformationEnded(evaluation_id=evaluation))
    assert (state.status, state.closed_on, state.evaluation_id) == ("closed", TODAY, evaluation)
    assert evaluation in TRANSFORMATION.links(state)
    running = given(TRANSFORMATION, PREPARED, LAUNCHED).when(lambda t: close(t, evaluation))
    running.refused(TransformationNotClosing, status="running")


def test_a_closed_transformation_is_read_no_longer_changed():
    ended = TransformationEnded(evaluation_id=new_id())
    given(TRANSFORMATION, PREPARED, LAUNCHED, CLOSING, ended).when(confirm).refused(TransformationClosed)
    opened = given(TRANSFORMATION, PREPARED, LAUNCHED, CLOSING, ended).withdraw(TransformationEnded).unrefused()
    assert (opened.status, opened.closed_on) == ("closing", None)
