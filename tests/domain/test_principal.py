"""Principals: random ids, administrators, services, keys."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from service.domain.concept import concept_of
from service.domain.event import new_id
from service.domain.principal import (
    KEY,
    PERSON,
    SERVICE,
    AdministratorGranted,
    AdministratorRevoked,
    AlreadyAdministrator,
    KeyAlreadyRevoked,
    KeyExpired,
    KeyIssued,
    KeyRevoked,
    KeyRotated,
    LastAdministrator,
    NotAdministrator,
    PersonEnrolled,
    ServiceRegistered,
    enrol,
    grant_administrator,
    issue,
    person_id,
    register,
    revoke,
    revoke_administrator,
    rotate,
    service_id,
    stream_of,
)
from service.domain.refusal import NotFound
from tests.domain.given import LEAD, given, refusal_of

ISSUED = KeyIssued(key_id="k1", owner=LEAD, scopes=("read", "write"))
NOW, LATER = datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)


def test_an_id_tells_the_stream_and_nothing_else():
    stream = new_id()
    assert stream_of(person_id(stream)) == stream_of(service_id(stream)) == stream
    assert person_id(UUID(int=1)) == "p_" + "0" * 31 + "1"


@pytest.mark.parametrize("name", ["", "p_", "p_12", f"x_{'0' * 32}", f"p_{'G' * 32}", f"p_{'0' * 33}", f"p_{'é' * 32}"])
def test_what_is_no_id_is_not_found(name):
    refusal_of(NotFound, lambda: stream_of(name))


def test_a_person_is_enrolled_without_a_name():
    assert not PersonEnrolled.model_fields
    state = given(PERSON).when(enrol).then(PersonEnrolled())
    assert (state.status, state.administrator) == ("enrolled", False)
    assert state.person_id == person_id(state.id)


def test_an_administrator_is_named_and_dismissed_in_the_stream_of_the_person():
    state = given(PERSON, PersonEnrolled()).when(grant_administrator).then(AdministratorGranted())
    assert state.administrator
    named = (PersonEnrolled(), AdministratorGranted())
    given(PERSON, *named).when(grant_administrator).refused(AlreadyAdministrator)
    world = given(PERSON, *named).when(lambda p: revoke_administrator(p, others=1))
    assert not world.then(AdministratorRevoked()).administrator
    given(PERSON, PersonEnrolled()).when(lambda p: revoke_administrator(p, others=0)).refused(NotAdministrator)
    assert concept_of("administrator.granted") is concept_of("person.enrolled") is PERSON


def test_the_last_administrator_stays():
    world = given(PERSON, PersonEnrolled(), AdministratorGranted())
    world.when(lambda p: revoke_administrator(p, others=0)).refused(LastAdministrator)


def test_a_service_is_registered():
    state = given(SERVICE).when(lambda: register("Portail")).then(ServiceRegistered(name="Portail"))
    assert state.service_id.startswith("s_")


def test_a_rotated_key_expires_as_before_unless_told_and_its_old_secret_no_later_than_by_itself():
    soon, day = datetime(2026, 3, 20, tzinfo=UTC), datetime(2026, 3, 10, tzinfo=UTC)
    dated = ISSUED.model_copy(update={"expires_at": soon})
    for until, opens_until in ((None, None), (day, day), (LATER, soon)):
        world = given(KEY, dated).when(lambda k, until=until: rotate(k, NOW, old_secret_until=until))
        assert world.then(KeyRotated(old_secret_until=opens_until, expires_at=soon)).expires_at == soon
    world = given(KEY, dated).when(lambda k: rotate(k, NOW, old_secret_until=day, expires_at=LATER))
    assert world.then(KeyRotated(old_secret_until=day, expires_at=LATER)).expires_at == LATER


def test_an_expired_key_is_not_rotated_without_another_expiry():
    ended = ISSUED.model_copy(update={"expires_at": NOW})
    given(KEY, ended).when(lambda k: rotate(k, NOW)).refused(KeyExpired, key_id="k1")
    assert given(KEY, ended).when(lambda k: rotate(k, NOW, expires_at=LATER)).then(KeyRotated(expires_at=LATER))


def test_a_key_is_issued_rotated_and_revoked_once():
    state = given(KEY).when(lambda: issue(key_id="k1", owner=LEAD, scopes=("read", "write"))).then(ISSUED)
    assert (state.status, state.owner, state.scopes) == ("issued", LEAD, ("read", "write"))
    world = given(KEY, ISSUED).when(lambda k: rotate(k, NOW, old_secret_until=LATER))
    state = world.then(KeyRotated(old_secret_until=LATER))
    assert (state.rotation_count, state.old_secret_until) == (1, LATER)
    assert given(KEY, ISSUED).when(revoke).then(KeyRevoked()).status == "revoked"
    for decision in (revoke, lambda k: rotate(k, NOW)):
        given(KEY, ISSUED, KeyRevoked()).when(decision).refused(KeyAlreadyRevoked, key_id="k1")
