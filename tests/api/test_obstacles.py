"""Obstacles over HTTP: from raised to verified as lifted, with clocks that run and duties that stay apart."""

import pytest

from service.domain.event import new_id
from tests.api.registers import OBSTACLE, Place, launched
from tests.running import Running


@pytest.fixture(scope="module")
def place(running: Running) -> Place:
    return launched(running)


def test_a_raised_obstacle_is_read_back_with_its_severity(running: Running, place: Place) -> None:
    action = place.action()
    made = place.obstacle(blocks=[{"kind": "action", "id": action["id"]}] * 2, owner=running.people["contributor"])
    assert running.get(f"/obstacles/{made['id']}").json() == made
    assert (made["status"], made["severity"], made["level"]) == ("raised", "high", "lead")
    assert made["blocks"] == [{"kind": "action", "id": action["id"]}]
    assert made["people"][running.people["contributor"]] == "contributor"


def test_an_obstacle_blocks_what_stands_in_its_own_transformation(running: Running, place: Place) -> None:
    elsewhere = launched(running)
    for target in ({"kind": "phase", "id": elsewhere.phases[0]}, {"kind": "action", "id": place.phases[0]}):
        refused = running.post(place.path("obstacles"), {**OBSTACLE, "blocks": [target]})
        assert (refused.status_code, refused.json()["code"]) == (404, "not-found")
    made = place.obstacle()
    refused = running.act(f"/obstacles/{made['id']}", "revise", {"blocks": [{"kind": "axis", "id": elsewhere.axes[0]}]})
    assert refused.status_code == 404


def test_its_owner_is_somebody_known(running: Running, place: Place) -> None:
    nobody = f"p_{new_id().hex}"
    assert running.post(place.path("obstacles"), {**OBSTACLE, "owner": nobody}).status_code == 404
    made = place.obstacle()
    assert running.act(f"/obstacles/{made['id']}", "assign", {"owner": nobody}).status_code == 404
    raised = place.events(made["id"], "obstacle.raised")[0]
    mended = {"reason": "Autre personne", "changes": {"owner": nobody}}
    assert running.act(f"/obstacles/{made['id']}", f"events/{raised}/correct", mended).status_code == 404


def test_the_register_shows_the_clocks_of_the_day_it_is_read(running: Running, place: Place) -> None:
    made = place.obstacle(next_look_on="2026-03-05", owner=running.people["contributor"])
    before = running.now
    running.advance(days=10)
    [shown] = place.items("obstacles", ref=made["ref"])
    assert (shown["age_days"], shown["days_silent"], shown["overdue"]) == (10, 10, True)
    [past] = place.items("obstacles", ref=made["ref"], as_of=before.isoformat())
    assert (past["age_days"], past["overdue"]) == (0, False)
    spoken = running.post(f"/obstacles/{made['id']}/speak", {"text": "Relancé"}, "contributor")
    assert (spoken.json()["days_silent"], spoken.json()["last_word"]) == (0, "Relancé")


def test_only_its_owner_ends_the_silence(running: Running, place: Place) -> None:
    made = place.obstacle(owner=running.people["contributor"])
    refused = running.post(f"/obstacles/{made['id']}/speak", {"text": "Tout va bien"}, "lead")
    assert (refused.status_code, refused.json()["code"]) == (409, "only-the-owner-speaks")
    for_the_owner = {"text": "Il a relancé", "on_behalf_of": place.behalf("contributor")}
    assert running.post(f"/obstacles/{made['id']}/speak", for_the_owner, "lead").status_code == 200


def test_an_escalation_waits_for_its_answer(running: Running, place: Place) -> None:
    made = place.obstacle()
    path = f"/obstacles/{made['id']}"
    due = (running.now.date()).isoformat()
    ask = {"level": "direction", "ask": "Appeler le fournisseur", "answer_due_on": due}
    asked = running.act(path, "escalate", ask).json()
    assert (asked["level"], asked["pending"]["ask"], asked["answer_due_on"]) == ("direction", ask["ask"], due)
    again = running.act(path, "escalate", ask)
    assert (again.status_code, again.json()["facts"]["level"]) == (409, "direction")
    running.advance(days=1)
    assert running.get(path).json()["overdue"]
    answered = running.act(path, "answer", {"answer": "Appelé ce matin"}, "sponsor").json()
    assert (answered["pending"], answered["level"], answered["overdue"]) == (None, "direction", False)
    assert running.act(path, "answer", {"answer": "Encore"}, "sponsor").json()["code"] == "no-escalation-to-answer"


def test_who_owns_it_cannot_verify_that_it_is_lifted(running: Running, place: Place) -> None:
    made = place.obstacle(owner=running.people["lead"])
    path = f"/obstacles/{made['id']}"
    lifted = {"resolution": "Contrat signé", "resolved_by": {"kind": "other"}}
    assert running.act(path, "resolve", lifted).json()["status"] == "resolved"
    refused = running.act(path, "verify", {}, "lead")
    assert (refused.status_code, refused.json()["code"]) == (409, "owner-cannot-verify")
    assert refused.json()["detail"].startswith(f"Qui porte l’obstacle {made['ref']} ne peut pas vérifier")
    assert running.act(path, "verify", {}, "governance").json()["status"] == "closed"


def test_it_is_lifted_by_something_that_exists(running: Running, place: Place) -> None:
    made = place.obstacle()
    for lifter, status in (({"kind": "decision", "id": str(new_id())}, 404), ({"kind": "action"}, 422)):
        refused = running.act(f"/obstacles/{made['id']}", "resolve", {"resolution": "Levé", "resolved_by": lifter})
        assert refused.status_code == status


def test_postponed_rejected_and_reopened_with_their_reasons(running: Running, place: Place) -> None:
    path = f"/obstacles/{place.obstacle()['id']}"
    assert running.act(path, "activate").json()["status"] == "active"
    until = running.now.date().replace(day=28).isoformat()
    without = running.act(path, "postpone", {"until": until})
    assert (without.status_code, without.json()["errors"][0]["pointer"]) == (422, "/reason")
    later = running.act(path, "postpone", {"until": until, "reason": "Après la paie"}).json()
    assert (later["status"], later["look_on"], later["status_reason"]) == ("postponed", until, "Après la paie")
    assert running.act(path, "resume").json()["status"] == "active"
    assert running.act(path, "reject", {"reason": "Sans objet"}).json()["status"] == "rejected"
    still = running.act(path, "escalate", {"level": "direction", "ask": "Aide", "answer_due_on": until})
    assert (still.status_code, still.json()["code"]) == (409, "obstacle-not-open")
    assert "écarté" in still.json()["detail"]
    assert running.act(path, "reopen", {"reason": "Revenu"}).json()["reopen_count"] == 1


def test_a_revision_is_one_event_per_meaning(running: Running, place: Place) -> None:
    made = place.obstacle()
    path = f"/obstacles/{made['id']}"
    revised = running.act(path, "revise", {"impact": 3, "urgency": 3, "title": "Le fournisseur a disparu"}).json()
    assert (revised["severity"], revised["version"]) == ("critical", made["version"] + 2)
    assert place.events(made["id"], "obstacle.assessed")
    assert running.act(path, "revise", {"title": None}).status_code == 422
    assert running.act(path, "assess", {"impact": 1, "urgency": 1}).json()["severity"] == "low"


@pytest.mark.parametrize("wrong", [True, 0, 4, 1.5, "1", None])
def test_impact_and_urgency_are_1_2_or_3(running: Running, place: Place, wrong: object) -> None:
    refused = running.post(place.path("obstacles"), {**OBSTACLE, "impact": wrong})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/impact")


def test_a_contributor_acts_on_what_is_their_own(running: Running, place: Place) -> None:
    own, other = place.obstacle(owner=running.people["contributor"]), place.obstacle()
    body = {"impact": 1, "urgency": 1}
    assert running.act(f"/obstacles/{own['id']}", "assess", body, "contributor").status_code == 200
    assert running.act(f"/obstacles/{other['id']}", "assess", body, "contributor").status_code == 403
    assert running.act(f"/obstacles/{own['id']}", "assign", {"owner": None}, "contributor").status_code == 403


def test_the_same_request_twice_raises_one_obstacle(running: Running, place: Place) -> None:
    key = str(new_id())
    first, second = (running.post(place.path("obstacles"), OBSTACLE, key=key) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert second.headers["Idempotent-Replayed"] == "true"
    assert len(place.events(first.json()["id"], "obstacle.raised")) == 1


def test_an_act_asks_for_the_version_it_was_decided_on(running: Running, place: Place) -> None:
    made = place.obstacle()
    path = f"/obstacles/{made['id']}"
    etag = running.get(path).headers["ETag"]
    assert running.post(f"{path}/activate").status_code == 428
    assert running.post(f"{path}/activate", etag=etag).status_code == 200
    stale = running.post(f"{path}/assess", {"impact": 1, "urgency": 1}, etag=etag)
    assert (stale.status_code, stale.headers["ETag"]) == (412, running.get(path).headers["ETag"])
