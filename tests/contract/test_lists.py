"""Rules 15 to 18: pages that lose nothing and repeat nothing, filters that mean what they say."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.contract.world import World, is_problem
from tests.running import Running


@pytest.fixture(scope="module")
def plan(running: Running, world: World) -> World:
    """Twelve milestones, three of them reached, each with its own date."""
    for number in range(12):
        made = world.milestone(title=f"Jalon {number:02}", due_on=f"2026-{number % 6 + 4:02}-{number + 1:02}")
        if number % 4 == 0:
            assert running.post(f"/milestones/{made['id']}/reach", {}, etag=made["etag"]).status_code == 200
    return world


def pages(world: World, query: str) -> list[list[dict[str, Any]]]:
    """Every page from the first, by following `next`."""
    found, address = [], f"/api/v1{world.milestones}?{query}"
    while address:
        answer = world.running.client.get(address, headers=world.running.headers("lead", {}))
        assert answer.status_code == 200, answer.text
        body = answer.json()
        link = answer.headers.get("Link")
        assert link == (f'<{body["next"]}>; rel="next"' if body["next"] else None)
        found.append(body["items"])
        address = body["next"]
    return found


def titles(world: World, query: str) -> list[str]:
    return [item["title"] for page in pages(world, query) for item in page]


@pytest.mark.parametrize("limit", ["0", "201", "-1", "x", "1.5", ""])
def test_limit_is_from_1_to_200(plan: World, limit: str) -> None:
    is_problem(plan.running.get(f"{plan.milestones}?limit={limit}"), 422)


def test_following_next_gives_each_item_once(plan: World) -> None:
    whole = titles(plan, "limit=200")
    for size in (1, 5, 7):
        found = pages(plan, f"limit={size}")
        assert [item["title"] for page in found for item in page] == whole
        assert [len(page) for page in found[:-1]] == [size] * (len(found) - 1)


@pytest.mark.parametrize("sort", ["", "sort=due_on", "sort=-due_on", "sort=status", "sort=-ref", "sort=-baseline_on"])
def test_each_item_comes_once_while_others_are_inserted_and_moved(plan: World, sort: str) -> None:
    expected = sorted(titles(plan, "limit=200"))
    address, found = f"/api/v1{plan.milestones}?limit=4&{sort}", []
    while address:
        body = plan.running.client.get(address, headers=plan.running.headers("lead", {})).json()
        found += [item["title"] for item in body["items"]]
        made = plan.milestone(title="Survenu entre deux pages", due_on="2026-04-01")
        plan.running.post(f"/milestones/{made['id']}/cancel", {"reason": "essai"}, etag=made["etag"])
        address = body["next"]
    assert sorted(found) == expected


def test_sorting_is_by_the_field_and_both_ways(plan: World) -> None:
    up = [item["due_on"] for item in pages(plan, "sort=due_on")[0]]
    down = [item["due_on"] for item in pages(plan, "sort=-due_on")[0]]
    assert up == sorted(up)
    assert down == sorted(up, reverse=True)


@pytest.mark.parametrize("harm", ["x{}", "{}x", "", "AAAA", "{}é", "....", "{:.20}"])
def test_a_tampered_cursor_is_400(plan: World, harm: str) -> None:
    following = plan.running.get(f"{plan.milestones}?limit=2").json()["next"]
    cursor = parse_qs(urlsplit(following).query)["cursor"][0]
    answer = plan.running.get(plan.milestones, params={"limit": "2", "cursor": harm.format(cursor)})
    is_problem(answer, 400, "cursor-invalid")


@pytest.mark.parametrize("other", ["status=planned", "sort=due_on", "q=Jalon", "fields=title", "as_of_position=30"])
def test_a_cursor_of_other_filters_is_400(plan: World, other: str) -> None:
    following = plan.running.get(f"{plan.milestones}?limit=2").json()["next"]
    is_problem(plan.running.get(f"{following.removeprefix('/api/v1')}&{other}"), 400, "cursor-invalid")


def test_a_cursor_of_another_list_is_400(plan: World) -> None:
    following = plan.running.get(f"{plan.milestones}?limit=2").json()["next"]
    cursor = parse_qs(urlsplit(following).query)["cursor"][0]
    other = f"/transformations/{plan.transformation}/members"
    is_problem(plan.running.get(other, params={"limit": "2", "cursor": cursor}), 400, "cursor-invalid")


def test_another_page_size_is_no_other_filter(plan: World) -> None:
    following = plan.running.get(f"{plan.milestones}?limit=2").json()["next"]
    assert plan.running.get(following.removeprefix("/api/v1").replace("limit=2", "limit=5")).status_code == 200


def test_filters_keep_what_they_name(plan: World) -> None:
    every = [item for page in pages(plan, "limit=200") for item in page]
    for query, keeps in (
        ("status=reached", lambda item: item["status"] == "reached"),
        ("status=reached,planned", lambda item: item["status"] in ("reached", "planned")),
        ("due_on[gte]=2026-06-01", lambda item: item["due_on"] >= "2026-06-01"),
        (
            "due_on[lte]=2026-06-01&status=planned",
            lambda item: item["due_on"] <= "2026-06-01" and item["status"] == "planned",
        ),
        (f"ref={every[3]['ref']}", lambda item: item["ref"] == every[3]["ref"]),
        ("q=jalon%200", lambda item: "Jalon 0" in item["title"]),
        ("q=%25", lambda item: False),
        ("q=_", lambda item: False),
    ):
        assert titles(plan, f"limit=200&{query}") == [item["title"] for item in every if keeps(item)], query


def test_fields_gives_these_and_the_id(plan: World) -> None:
    (item, *_) = plan.running.get(f"{plan.milestones}?fields=title,due_on").json()["items"]
    assert item.keys() == {"id", "title", "due_on"}


@pytest.mark.parametrize(
    "query",
    [
        "colour=red",
        "sort=colour",
        "sort=",
        "sort=--due_on",
        "sort=state",
        "fields=colour",
        "status=reachd",
        "due_on[gt]=2026-01-01",
        "ref=7",
        "ref=O-1",
        "due_on=tomorrow",
    ],
)
def test_unknown_names_are_422(plan: World, query: str) -> None:
    is_problem(plan.running.get(f"{plan.milestones}?{query}"), 422)


@pytest.mark.parametrize("quote", ["'", '"', ";--", "\\", "%27)", "due_on;DROP TABLE milestones"])
def test_sql_in_a_parameter_stays_text(plan: World, quote: str) -> None:
    assert plan.running.get(plan.milestones, params={"q": quote}).json()["items"] == []
    is_problem(plan.running.get(plan.milestones, params={"sort": quote}), 422)


@pytest.mark.parametrize("wanted", ["election", "ÉLECTION", "election d'ete", "D’ÉTÉ : OEUVRE", "œuvre", "a-b"])
def test_q_finds_words_however_they_are_spelt(plan: World, wanted: str) -> None:
    made = plan.milestone(title="L’Élection d’été\u202f: œuvre a\u2011b")
    answer = plan.running.get(plan.milestones, params={"q": wanted, "limit": "200"})
    assert made["id"] in [item["id"] for item in answer.json()["items"]]
    assert "Jalon 00" not in [item["title"] for item in answer.json()["items"]]


def test_q_takes_what_is_written_and_no_pattern(plan: World) -> None:
    made = plan.milestone(title="(a.b)* [c] \\d+ ^fin$")
    for wanted, found in (("(A.B)*", [made["id"]]), ("[c] \\d+ ^fin$", [made["id"]]), ("a.*fin", []), ("\\w", [])):
        answer = plan.running.get(plan.milestones, params={"q": wanted})
        assert [item["id"] for item in answer.json()["items"]] == found, wanted


def test_titles_are_sorted_as_in_a_french_dictionary_page_after_page(running: Running) -> None:
    transformation = running.transformation()
    groups = f"/transformations/{transformation}/groups"
    wanted = ["accueil", "Écoute", "école", "Église", "OEuvre 1", "œuvre 2", "Œuvre 3", "or", "zèle"]
    for name in (wanted[number] for number in (4, 0, 8, 3, 1, 6, 7, 2, 5)):
        assert running.post(groups, {"name": name, "kind": "staff"}).status_code == 201
    expected = [*wanted[:1], "école", "Écoute", *wanted[3:]]
    for sort, names in (("name", expected), ("-name", expected[::-1])):
        address, found = f"/api/v1{groups}?sort={sort}&limit=2&fields=name", []
        while address:
            body = running.client.get(address, headers=running.headers("lead", {})).json()
            found += [item["name"] for item in body["items"]]
            address = body["next"]
        assert found == names
    axes = f"/transformations/{transformation}/axes"
    found = [item["title"] for item in running.get(f"{axes}?sort=title").json()["items"]]
    assert found == sorted(found, key=lambda title: title.replace("É", "E").replace("é", "e").lower())


def test_members_are_found_by_their_names(running: Running) -> None:
    transformation = running.transformation()
    helene = running.person("Hélène Œstreich")
    members = f"/transformations/{transformation}/members"
    assert running.post(members, {"person_id": helene, "role": "contributor"}).status_code == 201
    for wanted in ("helene", "HÉLÈNE oestreich"):
        body = running.get(members, params={"q": wanted}).json()
        assert [item["person_id"] for item in body["items"]] == [helene]
        assert body["people"] == {helene: "Hélène Œstreich"}
