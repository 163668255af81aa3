"""Rules 12 to 14: two edits on one version have one winner, and nobody downloads what they already hold."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.contract.world import World, is_problem


def test_an_etag_is_strong_and_the_same_on_every_way_to_the_object(world: World) -> None:
    made = world.milestone()
    read = world.running.get(f"/milestones/{made['id']}")
    assert made["etag"] == read.headers["ETag"]
    assert made["etag"].startswith('"')


def test_who_holds_the_bytes_gets_304_without_a_body(world: World) -> None:
    path = f"/milestones/{world.milestone()['id']}"
    etag = world.running.get(path).headers["ETag"]
    for given in (etag, f"W/{etag}", f'"x", {etag}', "*"):
        answer = world.running.get(path, headers={"If-None-Match": given})
        assert answer.status_code == 304, given
        assert answer.content == b""
        assert answer.headers["ETag"] == etag
    assert world.running.get(path, headers={"If-None-Match": '"x"'}).status_code == 200


def test_304_stops_as_soon_as_the_bytes_would_differ(world: World) -> None:
    path = f"/milestones/{world.milestone(due_on=world.in_days(2))['id']}"
    etag = world.running.get(path).headers["ETag"]
    world.running.advance(days=400)  # the same version, but now it is late
    late = world.running.get(path, headers={"If-None-Match": etag})
    assert late.status_code == 200
    assert late.json()["late"] is True
    world.running.act(path, "revise", {"title": "Autre titre"})
    assert world.running.get(path, headers={"If-None-Match": late.headers["ETag"]}).status_code == 200


def test_a_list_that_did_not_change_is_304_and_one_that_did_is_not(world: World) -> None:
    etag = world.running.get(world.milestones).headers["ETag"]
    assert world.running.get(world.milestones, headers={"If-None-Match": etag}).status_code == 304
    world.milestone()
    assert world.running.get(world.milestones, headers={"If-None-Match": etag}).status_code == 200


def test_answers_say_on_what_they_depend(world: World) -> None:
    answer = world.running.get(f"/milestones/{world.milestone()['id']}")
    assert {"Authorization", "Accept-Language"} <= {part.strip() for part in answer.headers["Vary"].split(",")}
    assert answer.headers["Cache-Control"] == "private, no-cache"


def test_acting_without_if_match_is_428_and_does_nothing(world: World) -> None:
    made = world.milestone()
    before = world.events()
    is_problem(world.running.post(f"/milestones/{made['id']}/reach", {}), 428, "precondition-required")
    assert world.events() == before


@pytest.mark.parametrize(
    "held", ['"0"', '"7.abc"', "W/{etag}", "{bare}", '"', "nonsense", '"-1"', '"999999999999999999999"']
)
def test_a_stale_or_weak_etag_is_412_with_the_current_one_and_does_nothing(world: World, held: str) -> None:
    made = world.milestone()
    before = world.events()
    given = held.format(etag=made["etag"], bare=made["etag"].strip('"'))
    answer = world.running.post(f"/milestones/{made['id']}/reach", {}, etag=given)
    assert is_problem(answer, 412, "stale-version")["facts"]["current"] == 1
    assert answer.headers["ETag"] == made["etag"]
    assert world.events() == before


def test_the_etag_of_a_412_is_the_one_to_act_with(world: World) -> None:
    made = world.milestone()
    path = f"/milestones/{made['id']}"
    world.running.act(path, "revise", {"title": "Entre-temps"})
    refused = world.running.post(f"{path}/reach", {}, etag=made["etag"])
    assert world.running.post(f"{path}/reach", {}, etag=refused.headers["ETag"]).status_code == 200


def test_one_good_etag_in_a_list_suffices(world: World) -> None:
    made = world.milestone()
    answer = world.running.post(f"/milestones/{made['id']}/reach", {}, etag=f'"9.x", {made["etag"]}')
    assert answer.status_code == 200


def test_only_the_version_part_counts_for_an_act(world: World) -> None:
    path = f"/milestones/{world.milestone(due_on=world.in_days(2))['id']}"
    etag = world.running.get(path).headers["ETag"]
    world.running.advance(days=400)  # other bytes, the same version
    assert world.running.get(path).headers["ETag"] != etag
    assert world.running.post(f"{path}/reach", {}, etag=etag).status_code == 200


def test_an_act_that_only_adds_a_dated_fact_asks_for_no_version(world: World) -> None:
    assert world.running.post(f"/milestones/{world.milestone()['id']}/confirm", {}).status_code == 200


def test_of_fifty_concurrent_acts_on_one_etag_exactly_one_wins(world: World) -> None:
    made = world.milestone()
    path = f"/milestones/{made['id']}"

    def act(number: int) -> int:
        return int(world.running.post(f"{path}/revise", {"title": f"Titre {number}"}, etag=made["etag"]).status_code)

    with ThreadPoolExecutor(16) as pool:
        statuses = sorted(pool.map(act, range(50)))
    assert statuses == [200, *[412] * 49]
    assert world.running.get(path).json()["version"] == 2
