"""Principals: random ids, administrators, services."""

from uuid import UUID

import pytest

from service.domain.concept import concept_of
from service.domain.event import new_id
from service.domain.principal import (
    PERSON,
    SERVICE,
    AdministratorGranted,
    AdministratorRevoked,
    AlreadyAdministrator,
    LastAdministrator,
    NotAdministrator,
    PersonEnrolled,
    ServiceRegistered,
    enrol,
    grant_administrator,
    person_id,
    register,
    revoke_administrator,
    service_id,
    stream_of,
)
from service.domain.refusal import NotFound
from tests.domain.given import given, refusal_of


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
