"""Member: a role given, changed, taken away and given back, all in one stream."""

from service.domain.concept import NothingToChange
from service.domain.member import (
    MEMBER,
    LastLead,
    MemberAlreadyGranted,
    MemberChanged,
    MemberGranted,
    MemberIsSomebodyElse,
    MemberRevoked,
    MembershipRevoked,
    change,
    grant,
    revoke,
)
from tests.domain.given import CONTRIBUTOR, OTHER, given

GRANTED = MemberGranted(person_id=CONTRIBUTOR, role="contributor")


def test_a_role_is_given():
    state = given(MEMBER).when(lambda: grant(None, person_id=CONTRIBUTOR, role="contributor")).then(GRANTED)
    assert (state.status, state.role) == ("granted", "contributor")
    assert MEMBER.owners(state) == (CONTRIBUTOR,)


def test_a_role_is_changed_to_another_one_only():
    state = given(MEMBER, GRANTED).when(lambda m: change(m, "lead", other_leads=1)).then(MemberChanged(role="lead"))
    assert state.role == "lead"
    given(MEMBER, GRANTED).when(lambda m: change(m, "contributor", other_leads=1)).refused(NothingToChange)


def test_who_is_a_member_is_not_granted_again():
    world = given(MEMBER, GRANTED).when(lambda m: grant(m, person_id=CONTRIBUTOR, role="lead"))
    world.refused(MemberAlreadyGranted, role="contributor")


def test_a_revoked_member_has_no_role_until_granted_again_on_the_same_stream():
    state = given(MEMBER, GRANTED).when(lambda m: revoke(m, other_leads=1)).then(MemberRevoked())
    assert state.status == "revoked"
    gone = given(MEMBER, GRANTED, MemberRevoked())
    gone.when(lambda m: change(m, "lead", other_leads=1)).refused(MembershipRevoked)
    given(MEMBER, GRANTED, MemberRevoked()).when(lambda m: revoke(m, other_leads=1)).refused(MembershipRevoked)
    back = MemberGranted(person_id=CONTRIBUTOR, role="facilitator")
    state = (
        given(MEMBER, GRANTED, MemberRevoked())
        .when(lambda m: grant(m, person_id=CONTRIBUTOR, role="facilitator"))
        .then(back)
    )
    assert (state.status, state.role, state.version) == ("granted", "facilitator", 3)


def test_a_membership_is_never_handed_to_somebody_else():
    world = given(MEMBER, GRANTED, MemberRevoked())
    world.when(lambda m: grant(m, person_id=OTHER, role="lead")).refused(MemberIsSomebodyElse)


def test_the_last_lead_neither_leaves_nor_changes_role():
    leading = MemberGranted(person_id=CONTRIBUTOR, role="lead")
    given(MEMBER, leading).when(lambda m: revoke(m, other_leads=0)).refused(LastLead)
    given(MEMBER, leading).when(lambda m: change(m, "auditor", other_leads=0)).refused(LastLead)
    given(MEMBER, leading).when(lambda m: revoke(m, other_leads=1)).then(MemberRevoked())
