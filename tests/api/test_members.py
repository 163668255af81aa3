"""Members over HTTP: every right is a fact, and holds from the next request on."""

import pytest

from service.domain.event import new_id
from tests.api.steps import do, events, listed, make, refused
from tests.running import Running


@pytest.fixture(scope="module")
def transformation(running: Running) -> str:
    return running.transformation()


def newcomer(running: Running) -> tuple[str, str]:
    """A person's name and id."""
    name = f"Personne {new_id().hex}"
    return name, running.person(name)


def test_a_granted_role_opens_the_transformation_and_a_revoked_one_closes_it(
    running: Running, transformation: str
) -> None:
    name, person = newcomer(running)
    path = f"/transformations/{transformation}"
    refused(running.get(path, name), 404, "not-found")
    member = make(running, transformation, "members", person_id=person, role="auditor")
    assert (member["role"], member["status"]) == ("auditor", "granted")
    assert member["people"] == {person: name}
    assert running.get(path, name).status_code == 200
    refused(running.act(path, "confirm", None, name), 403, "not-allowed")
    assert do(running, f"/members/{member['id']}", "revoke", reason="Mutation")["status"] == "revoked"
    refused(running.get(path, name), 404, "not-found")


def test_another_role_permits_other_acts_at_once(running: Running, transformation: str) -> None:
    name, person = newcomer(running)
    member = make(running, transformation, "members", person_id=person, role="auditor")
    body = {"title": "Axe"}
    refused(running.post(f"/transformations/{transformation}/axes", body, name), 403, "not-allowed")
    assert do(running, f"/members/{member['id']}", "change", role="lead")["role"] == "lead"
    assert running.post(f"/transformations/{transformation}/axes", body, name).status_code == 201
    refused(running.act(f"/members/{member['id']}", "change", {"role": "lead"}), 422, "nothing-to-change")
    assert events(running, f"/members/{member['id']}") == ["member.granted", "member.changed"]


def test_a_person_is_a_member_once(running: Running, transformation: str) -> None:
    _, person = newcomer(running)
    make(running, transformation, "members", person_id=person, role="facilitator")
    again = running.post(f"/transformations/{transformation}/members", {"person_id": person, "role": "lead"})
    refused(again, 409, "already-taken")
    assert [m["role"] for m in listed(running, transformation, "members", person_id=person)] == ["facilitator"]


def test_a_former_member_is_granted_a_role_again(running: Running, transformation: str) -> None:
    name, person = newcomer(running)
    member = make(running, transformation, "members", person_id=person, role="auditor")
    path = f"/members/{member['id']}"
    refused(running.act(path, "grant", {"role": "lead"}), 409, "member-already-granted")
    do(running, path, "revoke")
    refused(running.act(path, "change", {"role": "lead"}), 409, "membership-revoked")
    again = do(running, path, "grant", role="contributor")
    assert (again["role"], again["status"], again["person_id"]) == ("contributor", "granted", person)
    assert running.get(f"/transformations/{transformation}", name).status_code == 200


def test_a_member_is_a_person_of_the_directory(running: Running, transformation: str) -> None:
    unknown = {"person_id": "p_" + "0" * 32, "role": "lead"}
    refused(running.post(f"/transformations/{transformation}/members", unknown), 404, "not-found")
    for body in ({"person_id": "moi", "role": "lead"}, {"person_id": "p_" + "0" * 32, "role": "chef"}):
        assert running.post(f"/transformations/{transformation}/members", body).status_code == 422


@pytest.mark.parametrize("role", ["contributor", "facilitator", "governance", "sponsor", "auditor", "integration"])
def test_only_leads_and_administrators_change_rights(running: Running, transformation: str, role: str) -> None:
    _, person = newcomer(running)
    body = {"person_id": person, "role": "lead"}
    refused(running.post(f"/transformations/{transformation}/members", body, role), 403, "not-allowed")


def test_an_administrator_gives_rights_without_seeing_the_content(running: Running, transformation: str) -> None:
    _, person = newcomer(running)
    body = {"person_id": person, "role": "lead"}
    granted = running.post(f"/transformations/{transformation}/members", body, "Administratrice")
    assert granted.status_code == 201, granted.text
    refused(running.get(f"/transformations/{transformation}/phases", "Administratrice"), 404, "not-found")


def test_what_a_member_may_see_is_judged_by_the_rights_of_today(running: Running, transformation: str) -> None:
    name, person = newcomer(running)
    member = make(running, transformation, "members", person_id=person, role="auditor")
    then = running.service.log.head()
    assert running.get(f"/transformations/{transformation}", name, params={"as_of_position": then}).status_code == 200
    do(running, f"/members/{member['id']}", "revoke")
    past = running.get(f"/transformations/{transformation}", name, params={"as_of_position": then})
    refused(past, 404, "not-found")
