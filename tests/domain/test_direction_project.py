"""Direction project: written, submitted, adjusted, validated by another authority; every version stays."""

from service.domain.concept import NothingToChange
from service.domain.direction_project import (
    DIRECTION_PROJECT,
    DirectionProjectAdjusted,
    DirectionProjectDrafted,
    DirectionProjectRewritten,
    DirectionProjectSubmitted,
    DirectionProjectValidated,
    DirectionProjectVersionBegun,
    ProjectIncomplete,
    ProjectNotDrafted,
    ProjectNotSubmitted,
    ProjectVersionUnderway,
    adjust,
    draft,
    revise,
    submit,
    validate,
    version_of,
)
from service.domain.event import new_id
from service.domain.submission import OwnSubmission
from tests.domain.given import GOVERNOR, LEAD, SPONSOR, TODAY, act, given, in_the_name_of

WHOLE = {"why": "Le sens", "how": "Ensemble", "vision": "Un métier", "missions": ("Écrire",), "ambitions": ("Durer",)}
DRAFTED = DirectionProjectDrafted(title="Projet de direction", **WHOLE)
SUBMITTED = DirectionProjectSubmitted(number=1)
ADJUSTED = (DirectionProjectAdjusted(to_adjust="Dire ce qu’on cesse"), act(GOVERNOR))
VALIDATED = (DirectionProjectValidated(), act(GOVERNOR))


def test_a_project_is_begun_with_what_is_known():
    state = given(DIRECTION_PROJECT).when(lambda: draft(title="Projet de direction", **WHOLE)).then(DRAFTED)
    assert (state.status, state.number, state.missions) == ("drafted", 1, ("Écrire",))


def test_what_is_submitted_says_why_how_and_all_the_rest():
    bare = DirectionProjectDrafted(title="Projet de direction", why="Le sens", missions=("Écrire",))
    given(DIRECTION_PROJECT, bare).when(submit).refused(ProjectIncomplete, missing=["how", "vision", "ambitions"])
    written = DirectionProjectRewritten(how="Ensemble", vision="Un métier", ambitions=("Durer",))
    state = given(DIRECTION_PROJECT, bare, written).when(submit).then(SUBMITTED)
    assert (state.status, state.submitted_on, state.submissions[0].version) == ("submitted", TODAY, 1)


def test_it_is_rewritten_while_it_is_drafted():
    world = given(DIRECTION_PROJECT, DRAFTED)
    state = world.when(lambda p: revise(p, how="À plusieurs", why="Le sens")).then(
        DirectionProjectRewritten(how="À plusieurs")
    )
    assert state.how == "À plusieurs"
    given(DIRECTION_PROJECT, DRAFTED).when(lambda p: revise(p, why="Le sens")).refused(NothingToChange)
    submitted = given(DIRECTION_PROJECT, DRAFTED, SUBMITTED)
    submitted.when(lambda p: revise(p, how="Autrement")).refused(ProjectNotDrafted, number=1, status="submitted")


def test_adjustments_are_made_in_the_next_version_and_the_first_stays():
    world = given(DIRECTION_PROJECT, DRAFTED, SUBMITTED)
    state = world.when(lambda p: adjust(p, "Dire ce qu’on cesse"), act(GOVERNOR)).then(ADJUSTED[0])
    assert (state.status, state.submissions[0].to_adjust) == ("adjusted", "Dire ce qu’on cesse")
    given(DIRECTION_PROJECT, DRAFTED, SUBMITTED, ADJUSTED).when(submit).refused(ProjectNotDrafted, status="adjusted")
    world = given(DIRECTION_PROJECT, DRAFTED, SUBMITTED, ADJUSTED)
    state = world.when(lambda p: revise(p, how="À plusieurs")).then(
        DirectionProjectVersionBegun(number=2), DirectionProjectRewritten(how="À plusieurs")
    )
    assert (state.status, state.number) == ("drafted", 2)
    first, second = version_of(state, 1), version_of(state, 2)
    assert first is not None
    assert second is not None
    assert version_of(state, 3) is None
    assert (first.how, first.status, second.how, second.why) == ("Ensemble", "adjusted", "À plusieurs", "Le sens")


def test_another_version_is_begun_only_once_the_last_has_its_answer():
    for history, status in (((), "drafted"), ((SUBMITTED,), "submitted")):
        world = given(DIRECTION_PROJECT, DRAFTED, *history).when(DirectionProjectVersionBegun(number=2))
        world.refused(ProjectVersionUnderway, number=1, status=status)
    validated = given(DIRECTION_PROJECT, DRAFTED, SUBMITTED, VALIDATED).when(lambda p: revise(p, vision="Plus loin"))
    state = validated.unrefused()
    assert (state.number, state.status, state.validated_version) == (2, "drafted", 1)


def test_another_authority_validates():
    decision = new_id()
    state = (
        given(DIRECTION_PROJECT, DRAFTED, SUBMITTED)
        .when(lambda p: validate(p, comment="Court et clair", decision_id=decision), act(GOVERNOR))
        .then(DirectionProjectValidated(comment="Court et clair", decision_id=decision))
    )
    assert (state.status, state.validated_on, state.validated_version) == ("validated", TODAY, 1)
    assert list(DIRECTION_PROJECT.links(state)) == [decision]
    given(DIRECTION_PROJECT, DRAFTED, SUBMITTED).when(validate, act(LEAD)).refused(OwnSubmission)
    for_the_sponsor = act(LEAD, for_whom=in_the_name_of(SPONSOR))
    given(DIRECTION_PROJECT, DRAFTED, SUBMITTED).when(validate, for_the_sponsor).unrefused()


def test_only_a_submitted_version_is_validated_or_adjusted():
    for decision in (validate, lambda p: adjust(p, "Tout")):
        given(DIRECTION_PROJECT, DRAFTED).when(decision, act(GOVERNOR)).refused(ProjectNotSubmitted, status="drafted")
        again = given(DIRECTION_PROJECT, DRAFTED, SUBMITTED, VALIDATED).when(decision, act(GOVERNOR))
        again.refused(ProjectNotSubmitted, status="validated")
