"""What is restricted does not exist for who may not see it: in reads, lists, counts, searches, acts and the past."""

from typing import Any

import pytest

from service.domain.event import new_id
from tests.api.registers import DECISION, OBSTACLE, Json, Place, launched
from tests.api.steps import submit_plan
from tests.running import ROLES, Running

SEERS = {"lead", "governance", "sponsor", "auditor"}
SECRET = "confidentiel-zèbre"


@pytest.fixture(scope="module")
def place(running: Running) -> Place:
    return launched(running)


@pytest.fixture(scope="module")
def hidden(place: Place) -> Json:
    """A restricted obstacle, owned by a facilitator; with an open one beside it."""
    place.obstacle()
    owner = place.running.people["facilitator"]
    return place.obstacle(title=f"Un départ {SECRET}", visibility="restricted", owner=owner)


@pytest.fixture(scope="module")
def hidden_decision(place: Place) -> Json:
    place.decision("sponsor")
    return place.decision("sponsor", title=f"Une mobilité {SECRET}", visibility="restricted")


def can(found: Any) -> bool:
    return bool(found.status_code == 200)


@pytest.mark.parametrize("who", ROLES)
def test_a_restricted_obstacle_is_seen_by_its_readers_and_its_owner(place: Place, hidden: Json, who: str) -> None:
    sees = who in SEERS | {"facilitator"}
    assert can(place.running.get(f"/obstacles/{hidden['id']}", who)) is sees
    now = {"as_of": place.running.now.isoformat()}
    for params in ({}, now, {"q": SECRET}, {"ref": hidden["ref"]}, {"visibility": "restricted"}, {"q": SECRET, **now}):
        listed = [item["id"] for item in place.items("obstacles", who, **params)]
        assert (hidden["id"] in listed) is sees, params
        assert listed or params.keys() & {"q", "ref", "visibility"}, "the open one is there for all"


@pytest.mark.parametrize("who", ROLES)
def test_a_restricted_decision_is_seen_by_its_readers_and_its_authority(
    place: Place, hidden_decision: Json, who: str
) -> None:
    sees = who in SEERS
    assert can(place.running.get(f"/decisions/{hidden_decision['id']}", who)) is sees
    for params in ({}, {"as_of": place.running.now.isoformat()}, {"q": SECRET}):
        listed = [item["id"] for item in place.items("decisions", who, **params)]
        assert (hidden_decision["id"] in listed) is sees, params


@pytest.mark.parametrize("who", ["contributor", "integration"])
def test_who_does_not_see_it_cannot_tell_it_from_nothing(place: Place, hidden: Json, who: str) -> None:
    running = place.running
    nothing = new_id()

    def told(path: str, body: Json | None = None) -> Json:
        answer = running.get(path, who) if body is None else running.post(path, body, who, etag='"1"')
        problem: Json = answer.json()
        problem["instance"] = ""
        return {"status": answer.status_code, **problem}

    for verb, body in (("", None), ("/assess", {"impact": 1, "urgency": 1}), ("/assign", {"owner": None})):
        secret, absent = told(f"/obstacles/{hidden['id']}{verb}", body), told(f"/obstacles/{nothing}{verb}", body)
        assert secret["status"] == 404
        assert str(secret).replace(hidden["id"], "") == str(absent).replace(str(nothing), "")


def test_its_owner_acts_on_it_until_somebody_else_owns_it(running: Running, place: Place) -> None:
    made = place.obstacle(visibility="restricted", owner=running.people["contributor"])
    path = f"/obstacles/{made['id']}"
    before = running.now.isoformat()
    assert running.act(path, "assess", {"impact": 1, "urgency": 1}, "contributor").status_code == 200
    running.advance(minutes=1)
    running.act(path, "assign", {"owner": running.people["facilitator"]}, "lead")
    assert running.get(path, "contributor").status_code == 404
    # today's rights hold for the past too
    assert running.get(path, "contributor", params={"as_of": before}).status_code == 404
    assert made["id"] not in [item["id"] for item in place.items("obstacles", "contributor", as_of=before)]
    assert running.get(path, "facilitator", params={"as_of": before}).status_code == 200


def test_restricting_hides_the_past_and_opening_shows_it(running: Running, place: Place) -> None:
    made = place.obstacle()
    path, before = f"/obstacles/{made['id']}", running.now.isoformat()
    running.advance(minutes=1)
    assert running.act(path, "revise", {"visibility": "restricted"}).status_code == 200
    assert running.get(path, "integration", params={"as_of": before}).status_code == 404
    running.act(path, "revise", {"visibility": "members"})
    assert running.get(path, "integration", params={"as_of": before}).status_code == 200


def test_who_raises_what_they_may_not_see_owns_it(running: Running, place: Place) -> None:
    made = running.post(place.path("obstacles"), {**OBSTACLE, "visibility": "restricted"}, "contributor")
    assert made.status_code == 201
    assert made.json()["owner"] == running.people["contributor"]
    assert running.get(f"/obstacles/{made.json()['id']}", "contributor").json() == made.json()


def test_pages_count_only_what_one_sees(running: Running) -> None:
    place = launched(running)
    for number in range(6):
        place.obstacle(title=f"Obstacle {number}", visibility="restricted" if number % 2 else "members")
    seen: list[str] = []
    path: str | None = f"{place.path('obstacles')}?limit=2"
    while path:
        page = running.get(path.removeprefix("/api/v1"), "contributor").json()
        assert page["items"], "no page is empty because of what it hides"
        seen += [item["title"] for item in page["items"]]
        path = page["next"]
    assert seen == ["Obstacle 0", "Obstacle 2", "Obstacle 4"]


def test_an_open_decision_does_not_lift_a_restricted_obstacle(running: Running, place: Place) -> None:
    secret = place.obstacle(visibility="restricted")
    openly = {**DECISION, "resolves": [secret["id"]]}
    refused = running.post(place.path("decisions"), openly, "sponsor")
    assert (refused.status_code, refused.json()["code"]) == (409, "restricted-obstacle-named-openly")
    made = place.decision("sponsor", resolves=[secret["id"]], visibility="restricted")
    assert made["resolves"] == [secret["id"]]
    shown = running.act(f"/decisions/{made['id']}", "revise", {"visibility": "members"}, "sponsor")
    assert (shown.status_code, shown.json()["facts"]["ref"]) == (409, secret["ref"])
    [taken] = place.events(made["id"], "decision.taken")
    body = {"reason": "Erreur", "changes": {"visibility": "members"}}
    assert running.act(f"/decisions/{made['id']}", f"events/{taken}/correct", body, "sponsor").status_code == 409


def test_no_view_names_what_its_reader_may_not_see(running: Running, place: Place) -> None:
    obstacle = place.obstacle()
    old = place.decision("sponsor", resolves=[obstacle["id"]])
    new = place.decision("sponsor", supersedes=old["id"], visibility="restricted")
    running.act(f"/obstacles/{obstacle['id']}", "revise", {"visibility": "restricted"})
    assert running.get(f"/decisions/{old['id']}", "auditor").json()["superseded_by"] == new["id"]
    read = running.get(f"/decisions/{old['id']}", "contributor")
    assert (read.json()["status"], read.json()["superseded_by"], read.json()["resolves"]) == ("superseded", None, [])
    secret = place.decision("sponsor", visibility="restricted", resolves=[(other := place.obstacle())["id"]])
    lifted = running.get(f"/obstacles/{other['id']}", "contributor")
    assert lifted.json()["resolved_by"] == {"kind": "decision", "id": None}
    for text in (read.text, lifted.text):
        assert not any(named in text for named in (new["id"], secret["id"], f'"{obstacle["id"]}"'))


def test_one_does_not_decide_about_what_one_may_not_see(running: Running, place: Place) -> None:
    secret = place.obstacle(visibility="restricted")
    behalf = {"on_behalf_of": place.behalf("sponsor"), "visibility": "restricted"}
    for named in (
        {"resolves": [secret["id"]]},
        {"supersedes": place.decision("sponsor", visibility="restricted")["id"]},
    ):
        refused = running.post(place.path("decisions"), {**DECISION, **behalf, **named}, "facilitator")
        assert refused.status_code == 404, named


def test_who_is_no_member_sees_nothing_at_all(running: Running, place: Place) -> None:
    stranger = f"Étrangère {new_id().hex[-6:]}"
    running.person(stranger)
    made = place.obstacle()
    assert running.get(f"/obstacles/{made['id']}", stranger).status_code == 404
    assert running.get(place.path("obstacles"), stranger).status_code == 404
    assert running.get(f"/obstacles/{made['id']}", "Administratrice").status_code in (403, 404)


@pytest.mark.parametrize("shape", ["json", "jsonl", "csv"])
def test_the_trail_of_what_one_sees_names_nothing_that_one_does_not(place: Place, shape: str) -> None:
    running = place.running
    replaced, lifted = place.decision("sponsor"), place.obstacle()
    hidden = place.decision("sponsor", visibility="restricted", supersedes=replaced["id"])
    by = {"resolution": "Levé", "resolved_by": {"kind": "decision", "id": hidden["id"]}}
    basis = {"kind": "decision", "id": hidden["id"]}
    by["on_behalf_of"] = {"kind": "person", "id": running.people["sponsor"], "basis": basis}
    assert running.act(f"/obstacles/{lifted['id']}", "resolve", by).status_code == 200
    trail = {"transformation": place.id, "limit": 200, "format": shape}
    for who in ROLES:
        told = running.get("/audit/events", who, params=trail)
        assert told.status_code == 200, told.text
        assert replaced["id"] in told.text
        assert (hidden["id"] in told.text) is (who in SEERS), who
        (event,) = place.events(lifted["id"], "obstacle.resolved")
        assert (hidden["id"] in running.get(f"/audit/events/{event}", who).text) is (who in SEERS), who


def test_what_a_restricted_decision_did_does_not_name_it(running: Running) -> None:
    place = launched(running)
    submit_plan(running, place.id)
    taken = [
        place.decision("sponsor", visibility="restricted", confirms_axes=place.axes[:1])["id"],
        place.decision("governance", visibility="restricted", kind="plan_validation")["id"],
        place.verdict("go", 0, visibility="restricted").json()["id"],
    ]
    told = [f"/transformations/{place.id}", place.path("axes"), place.path("phases"), f"/axes/{place.axes[0]}"]
    told += [
        f"/phases/{place.phases[0]}",
        f"/phases/{place.phases[1]}",
        place.path("roadmap"),
        place.path("action-plan"),
    ]
    for who in ROLES:
        text = "".join(running.get(path, who).text for path in told)
        assert [id in text for id in taken] == [who in SEERS] * 3, who
