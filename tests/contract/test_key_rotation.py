"""Rule 31: a key gets a new secret, the old one overlaps as long as was asked; each is shown once and kept nowhere."""

from datetime import timedelta
from typing import Any

import pytest

from service.acts.principals import renew_secret, rotate_key
from service.domain.act import Act
from service.domain.event import new_id
from service.domain.key import KEY, Key
from service.store.unit import Target
from tests.contract.world import World, is_problem


def issued(world: World, owner: str = "lead", **more: Any) -> dict[str, Any]:
    body = {"name": "essai", "owner": world.running.people[owner], **more}
    made: dict[str, Any] = world.running.post("/keys", body, who="Administratrice").json()
    return made


def rotated(world: World, id: str, who: str = "Administratrice", **body: Any) -> dict[str, Any]:
    answer = world.running.act(f"/keys/{id}", "rotate", body, who)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def opens(world: World, key: str) -> bool:
    """Whether a key opens, at both places that ask: the door of requests and the command line's."""
    answer = world.running.client.get("/api/v1/me", headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code in (200, 401)
    authenticated = world.running.service.directory.authenticate(key, world.running.now)
    assert (authenticated is not None) == (answer.status_code == 200)
    return authenticated is not None


def listed(world: World, id: str) -> dict[str, Any]:
    items = world.running.get("/keys?limit=200", who="Administratrice").json()["items"]
    (found,) = [item for item in items if item["id"] == id]
    return dict(found)


def test_both_secrets_open_during_the_overlap_then_only_the_new_one(world: World) -> None:
    made = issued(world)
    answer = rotated(world, made["id"], overlap_hours=2)
    old, new = made["key"], answer["key"]
    assert new != old
    assert new.rpartition("_")[0] == old.rpartition("_")[0]
    until = (world.running.now + timedelta(hours=2)).isoformat()
    assert (answer["status"], answer["old_secret_until"]) == ("issued", until)
    assert listed(world, made["id"])["old_secret_until"] == until
    assert (opens(world, old), opens(world, new)) == (True, True)
    world.running.advance(hours=1, minutes=59)
    assert (opens(world, old), opens(world, new)) == (True, True)
    world.running.advance(minutes=1)
    assert (opens(world, old), opens(world, new)) == (False, True)
    assert listed(world, made["id"])["old_secret_until"] is None


def test_the_overlap_is_a_day_unless_told_and_may_be_none(world: World) -> None:
    made = issued(world)
    day = rotated(world, made["id"])
    assert day["old_secret_until"] == (world.running.now + timedelta(days=1)).isoformat()
    at_once = rotated(world, made["id"], overlap_hours=0)
    assert at_once["old_secret_until"] is None
    assert [opens(world, found["key"]) for found in (made, day, at_once)] == [False, False, True]
    for hours in (-1, 721, 1.5, None):
        sent = {"overlap_hours": hours}
        is_problem(world.running.act(f"/keys/{made['id']}", "rotate", sent, "Administratrice"), 422)


def test_a_second_rotation_closes_the_older_secret_at_once(world: World) -> None:
    made = issued(world)
    first = rotated(world, made["id"], overlap_hours=720)
    second = rotated(world, made["id"], overlap_hours=1)
    assert [opens(world, found["key"]) for found in (made, first, second)] == [False, True, True]
    world.running.advance(hours=1)
    assert [opens(world, found["key"]) for found in (made, first, second)] == [False, False, True]


def test_rotations_that_tell_their_secrets_in_the_other_order_end_the_same(world: World) -> None:
    made, directory = issued(world), world.running.service.directory
    until = world.running.now + timedelta(hours=1)
    base = {"id": new_id(), "key_id": made["id"], "owner": made["owner"], "scopes": ("read",)}
    first, second = (Key(**base, old_secret_until=until, rotation_count=number) for number in (1, 2))
    later = renew_secret(directory, second, "test")
    earlier = renew_secret(directory, first, "test")
    assert [opens(world, key) for key in (made["key"], earlier, later)] == [False, True, True]


def test_a_rotation_cut_before_its_secret_leaves_the_key_as_it_was_until_the_next(world: World) -> None:
    made, service = issued(world), world.running.service
    row = service.database.one("SELECT id FROM keys WHERE key_id = %s AND valid_to IS NULL", (made["id"],))
    assert row is not None
    act = Act(actor=world.running.people["Administratrice"], now=world.running.now)
    service.recorder.execute(
        act, lambda unit: Target(KEY, rotate_key(unit, unit.get(KEY, row["id"]), overlap=timedelta(hours=1)))
    )
    world.running.advance(hours=2)
    assert opens(world, made["key"])
    new = rotated(world, made["id"], overlap_hours=1)["key"]
    assert (opens(world, made["key"]), opens(world, new)) == (True, True)
    world.running.advance(hours=1)
    assert (opens(world, made["key"]), opens(world, new)) == (False, True)


def test_revoking_closes_both_and_a_revoked_key_is_not_rotated(world: World) -> None:
    made = issued(world)
    new = rotated(world, made["id"])["key"]
    revoked = world.running.act(f"/keys/{made['id']}", "revoke", {}, "Administratrice").json()
    assert (revoked["status"], revoked["old_secret_until"]) == ("revoked", None)
    assert (opens(world, made["key"]), opens(world, new)) == (False, False)
    refused = world.running.act(f"/keys/{made['id']}", "rotate", {}, "Administratrice")
    assert made["id"] in is_problem(refused, 409, "key-already-revoked")["detail"]
    assert listed(world, made["id"])["old_secret_until"] is None


def test_a_replay_shows_no_second_secret_and_makes_none(world: World) -> None:
    made, key = issued(world), str(new_id())
    path, held = f"/keys/{made['id']}/rotate", world.running.version(f"/keys/{made['id']}", "Administratrice")
    first = world.running.post(path, {}, who="Administratrice", key=key, etag=held)
    again = world.running.post(path, {}, who="Administratrice", key=key, etag=held)
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (200, "true")
    secret = first.json().pop("key")
    assert again.json() == {name: value for name, value in first.json().items() if name != "key"}
    assert again.json()["secret_shown"]
    assert (opens(world, made["key"]), opens(world, secret)) == (True, True)


def test_people_rotate_their_own_keys_and_nobody_elses(world: World) -> None:
    mine = issued(world, scopes=["read", "admin"])
    is_problem(world.running.act(f"/keys/{mine['id']}", "rotate", {}, "contributor"), 403)
    assert opens(world, rotated(world, mine["id"], who="lead")["key"])
    is_problem(world.running.post(f"/keys/{'0' * 12}/rotate", {}, who="Administratrice"), 404)


def test_a_key_expires_as_before_unless_told(world: World) -> None:
    ends = world.running.now + timedelta(hours=3)
    made = issued(world, expires_at=ends.isoformat())
    same = rotated(world, made["id"])
    assert (same["expires_at"], same["old_secret_until"]) == (ends.isoformat(), ends.isoformat())
    longer = rotated(world, made["id"], expires_at=(ends + timedelta(days=9)).isoformat())
    world.running.advance(hours=3)
    assert [opens(world, found["key"]) for found in (made, same, longer)] == [False, False, True]
    is_problem(world.running.act(f"/keys/{made['id']}", "rotate", {"expires_at": None}, "Administratrice"), 422)


def test_an_owner_does_not_move_the_end_of_a_key(world: World) -> None:
    ends = world.running.now + timedelta(hours=3)
    mine = issued(world, expires_at=ends.isoformat(), scopes=["read", "admin"])
    later = {"expires_at": (ends + timedelta(days=9)).isoformat()}
    is_problem(world.running.act(f"/keys/{mine['id']}", "rotate", later, "lead"), 403)
    world.running.advance(hours=3)
    is_problem(world.running.act(f"/keys/{mine['id']}", "rotate", {}, "lead"), 409, "key-expired")
    assert opens(world, rotated(world, mine["id"], expires_at=later["expires_at"])["key"])


def test_the_list_says_what_has_expired_and_when_a_key_was_last_used(world: World) -> None:
    made = issued(world, expires_at=(world.running.now + timedelta(hours=30)).isoformat())
    assert (listed(world, made["id"])["status"], listed(world, made["id"])["last_used_on"]) == ("issued", None)
    assert opens(world, made["key"])
    used = world.running.now.date().isoformat()
    assert listed(world, made["id"])["last_used_on"] == used
    world.running.advance(hours=30)
    assert not opens(world, made["key"])
    assert (listed(world, made["id"])["status"], listed(world, made["id"])["last_used_on"]) == ("expired", used)


def test_the_log_says_who_rotated(world: World) -> None:
    made = issued(world)
    rotated(world, made["id"], reason="Départ d’un prestataire", overlap_hours=1)
    service = world.running.service
    row = service.database.one("SELECT id FROM keys WHERE key_id = %s AND valid_to IS NULL", (made["id"],))
    assert row is not None
    fact = service.log.history(row["id"])[-1]
    assert (fact.topic, fact.envelope.actor) == ("key.rotated", world.running.people["Administratrice"])
    assert fact.envelope.reason == "Départ d’un prestataire"
    told = service.database.one("SELECT * FROM audit_events WHERE event_id = %s", (fact.envelope.event_id,))
    assert told is not None
    assert told["actor"] == world.running.people["Administratrice"]


def test_no_secret_is_kept_anywhere(world: World, capfd: pytest.CaptureFixture[str]) -> None:
    made = issued(world)
    new = rotated(world, made["id"])["key"]
    assert opens(world, made["key"])
    assert opens(world, new)
    logged = "".join(capfd.readouterr())
    assert "/rotate" in logged
    secrets = [key.rpartition("_")[2] for key in (made["key"], new)]
    tables = ("api_keys", "idempotency", "keys", "audit_events")
    queries = [f"SELECT t::text AS stored FROM {table} t" for table in tables]
    queries.append("SELECT convert_from(state, 'UTF8') AS stored FROM events")
    stored = "\n".join(str(row) for query in queries for row in world.running.service.database.all(query))
    for secret in secrets:
        assert secret not in stored + logged
