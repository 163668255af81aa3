"""People, keys and the list of transformations keep the rules that everything else keeps: 13, 15 to 17, 22."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.contract.world import World, is_problem

ADMIN = "Administratrice"


@pytest.fixture(scope="module")
def peopled(world: World) -> World:
    """Seven people of one name, seven keys, seven transformations."""
    for number in range(7):
        world.running.post("/people", {"display_name": f"Camille Feuillet {number}"}, ADMIN)
        key(world)
        world.running.transformation()
    return world


def key(world: World, owner: str = "lead", **more: Any) -> dict[str, Any]:
    body = {"name": "essai", "owner": world.running.people[owner], **more}
    made: dict[str, Any] = world.running.post("/keys", body, ADMIN).json()
    return made


def ids(world: World, path: str, who: str = ADMIN) -> list[str]:
    """The ids of a list, by following `next` to its end."""
    found, address = [], f"/api/v1{path}"
    while address:
        answer = world.running.client.get(address, headers=world.running.headers(who, {}))
        assert answer.status_code == 200, answer.text
        body = answer.json()
        assert answer.headers.get("Link") == (f'<{body["next"]}>; rel="next"' if body["next"] else None)
        found += [item["id"] for item in body["items"]]
        address = body["next"]
    return found


LISTS = ("/people?q=feuillet", "/people?", "/keys?", "/transformations?")


@pytest.mark.parametrize("path", LISTS)
def test_following_next_gives_each_item_once(peopled: World, path: str) -> None:
    whole = ids(peopled, f"{path}&limit=200")
    assert len(whole) == len({*whole}) >= 7
    for limit in (1, 3, 7):
        assert ids(peopled, f"{path}&limit={limit}") == whole


def test_each_item_comes_once_while_others_are_added(peopled: World) -> None:
    before = ids(peopled, "/keys?limit=200")
    address, found = "/api/v1/keys?limit=3", []
    while address and len(found) < 500:
        body = peopled.running.client.get(address, headers=peopled.running.headers(ADMIN, {})).json()
        found += [item["id"] for item in body["items"]]
        if len(found) < 20:
            key(peopled)
        address = body["next"]
    assert [id for id in found if id in before] == before
    assert len(found) == len({*found})


@pytest.mark.parametrize("path", [*LISTS, "/me/actions?"])
@pytest.mark.parametrize("limit", ["0", "201", "x"])
def test_limit_is_from_1_to_200(peopled: World, path: str, limit: str) -> None:
    is_problem(peopled.running.get(f"{path}&limit={limit}", ADMIN), 422)


@pytest.mark.parametrize("path", LISTS)
def test_a_cursor_that_was_altered_or_made_for_another_list_is_400(peopled: World, path: str) -> None:
    cursor = parse_qs(urlsplit(peopled.running.get(f"{path}&limit=2", ADMIN).json()["next"]).query)["cursor"][0]
    for wrong in ("", "AAAA", f"{cursor}x", f"x{cursor}", cursor[:-4]):
        answer = peopled.running.get(f"{path}&limit=2", ADMIN, params={"limit": 2, "cursor": wrong})
        is_problem(answer, 400, "cursor-invalid")
    for other in LISTS:
        if other != path:
            is_problem(peopled.running.get(f"{other}&limit=2&cursor={cursor}", ADMIN), 400, "cursor-invalid")


def test_my_actions_come_in_pages_that_read_one_moment(world: World) -> None:
    path = f"/transformations/{world.transformation}/actions"
    made = [
        world.running.post(path, {"title": f"Action {n}", "lead": world.running.people["contributor"]}).json()
        for n in range(5)
    ]
    whole = ids(world, "/me/actions?limit=200", "contributor")
    assert {action["id"] for action in made} <= {*whole}
    first = world.running.get("/me/actions?limit=3", "contributor").json()
    world.running.act(f"/actions/{made[4]['id']}", "revise", {"lead": world.running.people["lead"]})
    address, found = first["next"], [item["id"] for item in first["items"]]
    while address:
        page = world.running.client.get(address, headers=world.running.headers("contributor", {})).json()
        assert (page["position"], page["as_of"]) == (first["position"], None)
        found += [item["id"] for item in page["items"]]
        address = page["next"]
    assert found == whole


def acts(world: World) -> list[tuple[str, str]]:
    recruit = world.running.post("/people", {"display_name": "Recrue"}, ADMIN).json()["id"]
    chief = world.running.person("Cheffe", administrator=True)
    return [
        (f"/people/{recruit}", "grant-administrator"),
        (f"/people/{chief}", "revoke-administrator"),
        (f"/keys/{key(world)['id']}", "rotate"),
        (f"/keys/{key(world)['id']}", "revoke"),
    ]


def test_acting_on_people_and_keys_takes_the_version_that_one_saw(world: World) -> None:
    for path, verb in acts(world):
        seen = world.running.get(path, ADMIN)
        head = world.running.service.log.head()
        is_problem(world.running.post(f"{path}/{verb}", {}, ADMIN), 428, "precondition-required")
        for stale in ('"0"', f"W/{seen.headers['ETag']}", "x"):
            refused = world.running.post(f"{path}/{verb}", {}, ADMIN, etag=stale)
            facts = is_problem(refused, 412, "stale-version")["facts"]
            assert (facts["current"], refused.headers["ETag"]) == (seen.json()["version"], seen.headers["ETag"])
        assert world.running.service.log.head() == head
        assert world.running.get(path, ADMIN).content == seen.content
        done = world.running.post(f"{path}/{verb}", {}, ADMIN, etag=seen.headers["ETag"])
        assert done.status_code == 200, done.text
        assert done.json()["version"] == seen.json()["version"] + 1
        is_problem(world.running.post(f"{path}/{verb}", {}, ADMIN, etag=seen.headers["ETag"]), 412)


def test_the_version_stands_in_the_lists_too(world: World) -> None:
    made = key(world)
    assert world.running.act(f"/keys/{made['id']}", "rotate", {}, ADMIN).json()["version"] == 2
    listed = [item for item in world.running.get("/keys?limit=200", ADMIN).json()["items"] if item["id"] == made["id"]]
    assert [item["version"] for item in listed] == [2]
    chief = world.running.person("Directrice Adjointe", administrator=True)
    (found,) = world.running.get("/people?q=directrice adjointe", ADMIN).json()["items"]
    assert (found["id"], found["version"], found["administrator"]) == (chief, 2, True)


def test_a_person_is_the_same_on_every_way_to_them(world: World) -> None:
    for kind in ("person", "service"):
        made = world.running.post("/people", {"display_name": "Andrea", "kind": kind}, ADMIN)
        read = world.running.get(made.headers["Location"].removeprefix("/api/v1"), ADMIN)
        assert (made.content, made.headers["ETag"]) == (read.content, read.headers["ETag"])
        held = {"If-None-Match": made.headers["ETag"]}
        assert world.running.get(f"/people/{made.json()['id']}", ADMIN, headers=held).status_code == 304


@pytest.mark.parametrize("round", range(5))
def test_of_many_acts_on_one_version_of_a_key_exactly_one_wins(world: World, round: int) -> None:
    made = key(world)
    path, etag = f"/keys/{made['id']}", world.running.get(f"/keys/{made['id']}", ADMIN).headers["ETag"]

    def act(number: int) -> Any:
        return world.running.post(f"{path}/{('rotate', 'revoke')[number % 2]}", {}, ADMIN, etag=etag)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(act, range(16)))
    (won,) = [answer for answer in answers if answer.status_code == 200]
    assert {answer.status_code for answer in answers} <= {200, 409, 412}
    # What was refused has left nothing: a key that was rotated was not revoked on the way.
    assert world.running.get(path, ADMIN).json()["status"] == won.json()["status"]
    whole = won.json().get("key", made["key"])
    mine = world.running.client.get("/api/v1/me", headers={"Authorization": f"Bearer {whole}"})
    assert (mine.status_code == 200) == (won.json()["status"] == "issued")


def test_an_act_on_the_instance_says_how_far_reads_lag_behind(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(position: int, timeout: float = 1.0) -> bool:
        return False

    assert "Trajectoire-Lag" not in world.running.post("/people", {"display_name": "Avec"}, ADMIN).headers
    monkeypatch.setattr(world.running.service.gate, "reached", never)
    late = world.running.post("/people", {"display_name": "Tard"}, ADMIN)
    assert (late.status_code, late.json()["display_name"]) == (201, "Tard")
    assert int(late.headers["Trajectoire-Lag"]) >= 0


def test_who_does_not_wait_for_reads_is_answered_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def wait(*_: object) -> bool:
        raise AssertionError("it waited")

    for name in ("wait", "reached"):
        monkeypatch.setattr(world.running.service.gate, name, wait)
    made = world.running.post("/people", {"display_name": "Vite"}, ADMIN, headers={"Prefer": "respond-async"})
    assert (made.status_code, made.headers["Preference-Applied"]) == (201, "respond-async")
    assert made.json()["display_name"] == "Vite"
