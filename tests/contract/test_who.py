"""Rules 31 to 33: keys open exactly what they say; what one may not see does not exist."""

from datetime import timedelta
from typing import Any

import pytest

from service.domain.event import new_id
from tests.contract.world import World, is_problem


def issue(world: World, owner: str, **more: Any) -> dict[str, Any]:
    """A new key for somebody, with its secret."""
    body = {"name": "essai", "owner": world.running.people[owner], **more}
    made = world.running.post("/keys", body, who="Administratrice")
    assert made.status_code == 201, made.text
    found: dict[str, Any] = made.json()
    return found


def me(world: World, key: str) -> Any:
    return world.running.client.get("/api/v1/me", headers={"Authorization": f"Bearer {key}"})


@pytest.mark.parametrize(
    "sent",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer x",
        "Basic bGVhZDpsZWFk",
        "Bearer trj_test_000000000000_" + "0" * 48,
        "Bearer trj_test_%00_x",
        "Bearer trj_test_' OR 1=1 --_x",
        "trj_test_a_b",
    ],
)
def test_no_key_or_a_bad_one_is_401_and_says_how_to_authenticate(world: World, sent: str | None) -> None:
    for method, path in (("GET", "/me"), ("GET", world.milestones), ("POST", world.milestones)):
        headers = {"Authorization": sent} if sent is not None else {}
        answer = world.running.client.request(method, f"/api/v1{path}", headers=headers, json=world.promise())
        is_problem(answer, 401, "unauthenticated")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_the_right_id_with_another_secret_is_401(world: World) -> None:
    key = world.running.keys["lead"]
    assert me(world, key).status_code == 200
    for wrong in (key[:-1] + ("0" if key[-1] != "0" else "1"), key + "0", key[:-1]):
        is_problem(me(world, wrong), 401)


def test_a_key_looks_as_promised_and_is_stored_as_a_hash(world: World) -> None:
    key = issue(world, "lead")["key"]
    prefix, environment, id, secret = key.split("_")
    assert (prefix, environment) == ("trj", "test")
    row = world.running.service.database.one("SELECT k::text AS stored FROM api_keys k WHERE id = %s", (id,))
    assert row is not None
    assert secret not in row["stored"]


def test_a_secret_is_shown_once(world: World) -> None:
    body = {"name": "essai", "owner": world.running.people["lead"]}
    idempotency = str(new_id())
    first = world.running.post("/keys", body, who="Administratrice", key=idempotency)
    again = world.running.post("/keys", body, who="Administratrice", key=idempotency)
    secret = first.json()["key"]
    assert again.status_code == 201
    assert again.json()["id"] == first.json()["id"]
    assert "key" not in again.json()
    assert again.json()["secret_shown"]
    listed = world.running.get("/keys", who="Administratrice")
    assert secret.rpartition("_")[2] not in listed.text + again.text


def test_a_revoked_key_opens_nothing(world: World) -> None:
    made = issue(world, "lead")
    assert me(world, made["key"]).status_code == 200
    revoked = world.running.act(f"/keys/{made['id']}", "revoke", {}, "Administratrice")
    assert revoked.json()["status"] == "revoked"
    is_problem(me(world, made["key"]), 401)


def test_people_revoke_their_own_keys_and_nobody_elses(world: World) -> None:
    mine = issue(world, "lead", scopes=["read", "admin"])
    is_problem(world.running.act(f"/keys/{mine['id']}", "revoke", {}, "contributor"), 403)
    assert world.running.act(f"/keys/{mine['id']}", "revoke", {}, "lead").status_code == 200


def test_an_expired_key_opens_nothing(world: World) -> None:
    expires = world.running.now + timedelta(hours=1)
    key = issue(world, "lead", expires_at=expires.isoformat())["key"]
    assert me(world, key).status_code == 200
    world.running.advance(minutes=59)
    assert me(world, key).status_code == 200
    world.running.advance(minutes=1)
    is_problem(me(world, key), 401)


def test_a_key_does_not_begin_expired_and_carries_a_scope_once(world: World) -> None:
    past = (world.running.now - timedelta(seconds=1)).isoformat()
    body = {"name": "essai", "owner": world.running.people["lead"], "expires_at": past}
    before = world.running.service.log.head()
    (error,) = is_problem(world.running.post("/keys", body, who="Administratrice"), 422, "expiry-in-past")["errors"]
    assert (error["pointer"], world.running.service.log.head()) == ("/expires_at", before)
    assert issue(world, "lead", scopes=["read", "write", "read"])["scopes"] == ["read", "write"]


def test_nobody_acts_on_behalf_of_themselves(world: World) -> None:
    basis = {"kind": "document", "document": {"title": "Note"}}
    behalf = {"kind": "person", "id": world.running.people["lead"], "basis": basis}
    refused = world.running.post(world.milestones, {**world.promise(), "on_behalf_of": behalf})
    assert is_problem(refused, 422, "on-behalf-of-oneself")["errors"][0]["pointer"] == "/on_behalf_of/id"


@pytest.mark.parametrize("scopes", [[], ["root"], ["read", "root"], "read"])
def test_scopes_are_of_the_five(world: World, scopes: Any) -> None:
    body = {"name": "essai", "owner": world.running.people["lead"], "scopes": scopes}
    is_problem(world.running.post("/keys", body, who="Administratrice"), 422)


def test_a_key_acts_as_its_owner_within_its_scopes(world: World) -> None:
    reading = {"Authorization": f"Bearer {issue(world, 'lead', scopes=['read'])['key']}"}
    writing = {"Authorization": f"Bearer {issue(world, 'lead', scopes=['write'])['key']}"}
    client, address = world.running.client, f"/api/v1{world.milestones}"
    assert client.get(address, headers=reading).status_code == 200
    refused = client.post(address, headers={**reading, "Idempotency-Key": str(new_id())}, json=world.promise())
    assert "write" in is_problem(refused, 403, "scope-missing")["detail"]
    is_problem(client.get(address, headers=writing), 403, "scope-missing")
    made = client.post(address, headers={**writing, "Idempotency-Key": str(new_id())}, json=world.promise())
    assert made.status_code == 201
    is_problem(client.get("/api/v1/keys", headers=writing), 403, "scope-missing")
    is_problem(client.get("/api/v1/people?q=lead", headers=writing), 403, "scope-missing")
    audit = f"/api/v1/audit/events?transformation={world.transformation}"
    is_problem(client.get(audit, headers=reading), 403, "scope-missing")


def test_a_missing_role_is_403_and_says_which_it_takes(world: World) -> None:
    refused = is_problem(world.running.post(world.milestones, world.promise(), who="auditor"), 403, "not-allowed")
    assert "lead" in refused["facts"]["needed"]
    assert refused["facts"]["role"] == "auditor"


def test_what_one_is_no_member_of_does_not_exist(world: World) -> None:
    if "Étrangère" not in world.running.people:
        world.running.person("Étrangère")
    made = world.milestone()
    nothing = world.running.get(f"/transformations/{new_id()}/milestones", who="Étrangère")
    for path in (f"/transformations/{world.transformation}", world.milestones, f"/milestones/{made['id']}"):
        answer = is_problem(world.running.get(path, who="Étrangère"), 404, "not-found")
        assert answer["title"] == nothing.json()["title"]
    for path, body in (
        (world.milestones, world.promise()),
        (f"/milestones/{made['id']}/reach", {}),
        (f"/milestones/{made['id']}/confirm", {}),
    ):
        is_problem(world.running.post(path, body, who="Étrangère", etag=made["etag"]), 404, "not-found")


def test_existing_and_not_existing_look_the_same_to_strangers(world: World) -> None:
    if "Étrangère" not in world.running.people:
        world.running.person("Étrangère")
    made = world.milestone()
    there = world.running.post(f"/milestones/{made['id']}/reach", {}, who="Étrangère").json()
    absent = world.running.post(f"/milestones/{new_id()}/reach", {}, who="Étrangère").json()
    for answer in (there, absent):
        answer.pop("instance")
        answer["facts"].pop("id")
        answer.pop("detail")
    assert there == absent


def test_an_administrator_sees_code_and_name_and_no_content(world: World) -> None:
    entries = world.running.get("/transformations", who="Administratrice").json()["items"]
    (entry,) = [entry for entry in entries if entry["id"] == world.transformation]
    assert entry.keys() == {"id", "code", "name", "status", "role"}
    made = world.milestone()
    for path in (world.milestones, f"/milestones/{made['id']}", f"/transformations/{world.transformation}"):
        is_problem(world.running.get(path, who="Administratrice"), 404)
    is_problem(world.running.post(world.milestones, world.promise(), who="Administratrice"), 404)


def test_nobody_else_sees_the_directory(world: World) -> None:
    for path in ("/people", "/people?q=lead", f"/people/{world.running.people['sponsor']}"):
        is_problem(world.running.get(path, who="contributor"), 403)
    is_problem(world.running.get(f"/people/{world.running.people['sponsor']}"), 403)
    assert world.running.get(f"/people/{world.running.people['lead']}").status_code == 200


def test_a_lead_finds_by_name_whom_to_give_a_part_and_learns_no_more_of_them(world: World) -> None:
    person = world.running.person("Élodie Garçon")
    found = world.running.get("/people?q=elodie garcon").json()["items"]
    assert found == [{"id": person, "display_name": "Élodie Garçon", "has_account": True}]
    named = world.running.post(world.milestones.replace("milestones", "actions"), {"title": "Accueil", "lead": person})
    assert named.json()["people"][person] == "Élodie Garçon"
    for query in ("", "?q=e", "?q=%20e%20"):
        is_problem(world.running.get(f"/people{query}"), 422, "name-too-short")
    seen = world.running.get("/people?q=garcon", who="Administratrice").json()["items"]
    assert seen[0].keys() == {"id", "display_name", "email", "language", "has_account", "administrator", "version"}


def test_the_last_administrator_stays(world: World) -> None:
    path = f"/people/{world.running.people['Administratrice']}"
    is_problem(world.running.act(path, "revoke-administrator", {}, "Administratrice"), 409)


def test_a_role_that_is_taken_away_is_gone_with_the_next_request_and_told_by_the_trail(world: World) -> None:
    person = world.running.person("De passage")
    made = world.running.post(
        f"/transformations/{world.transformation}/members", {"person_id": person, "role": "auditor"}
    )
    assert world.running.get(world.milestones, who="De passage").status_code == 200
    revoked = world.running.act(f"/members/{made.json()['id']}", "revoke", {"reason": "Fin de mission"})
    assert revoked.status_code == 200
    is_problem(world.running.get(world.milestones, who="De passage"), 404)
    trail = world.running.get(f"/audit/events?transformation={world.transformation}&limit=200", who="auditor").json()
    told = {(item["type"], item["subject"]["id"]) for item in trail["items"]}
    assert {("member.granted", made.json()["id"]), ("member.revoked", made.json()["id"])} <= told
