"""Decisions over HTTP: taken with all that they do, told, applied, replaced, and contested by who did not decide so."""

import pytest

from service.domain.event import new_id
from tests.api.registers import DECISION, Place, launched
from tests.running import Running


@pytest.fixture(scope="module")
def place(running: Running) -> Place:
    return launched(running)


def test_a_decision_is_read_back_as_it_was_taken(running: Running, place: Place) -> None:
    action = place.action()
    made = place.decision("sponsor", question="Quel outil\u202f?", options=["A", "B"], creates_actions=[action["id"]])
    assert running.get(f"/decisions/{made['id']}").json() == made
    assert made["ref"].startswith("D-")
    assert made["authority"] == {"kind": "person", "id": running.people["sponsor"]}
    assert made["recorded_for"] is None
    assert (made["not_communicated"], made["not_applied"], made["contested"]) == (True, True, False)


def test_communicated_and_applied_are_facts_of_their_own_days(running: Running, place: Place) -> None:
    path = f"/decisions/{place.decision(applies_from='2026-04-01', occurred_on='2026-02-26')['id']}"
    assert not running.get(path).json()["not_applied"]
    running.act(path, "communicate", {"audience": "Toute la direction", "occurred_on": "2026-02-27"})
    told = running.act(path, "communicate", {"audience": "Les partenaires"}).json()
    assert [told["communications"][0]["on"], told["not_communicated"]] == ["2026-02-27", False]
    assert running.act(path, "apply").json()["applied_on"] == running.now.date().isoformat()
    again = running.act(path, "apply")
    assert (again.status_code, again.json()["code"]) == (409, "already-applied")
    assert "2 mars 2026" in again.json()["detail"]


def test_it_confirms_axes_and_lifts_obstacles_in_one_commit(running: Running, place: Place) -> None:
    obstacle = place.obstacle()
    made = place.decision("governance", confirms_axes=place.axes[:1], resolves=[obstacle["id"]])
    axis = running.get(f"/axes/{place.axes[0]}").json()
    assert (axis["status"], axis["decision_id"]) == ("confirmed", made["id"])
    lifted = running.get(f"/obstacles/{obstacle['id']}").json()
    assert (lifted["status"], lifted["resolution"]) == ("resolved", made["title"])
    assert lifted["resolved_by"] == {"kind": "decision", "id": made["id"]}


def test_what_cannot_be_done_leaves_nothing_behind(running: Running, place: Place) -> None:
    open_one, rejected = place.obstacle(), place.obstacle()
    running.act(f"/obstacles/{rejected['id']}", "reject", {"reason": "Sans objet"})
    before = running.service.log.head()
    body = {**DECISION, "resolves": [open_one["id"], rejected["id"]]}
    refused = running.post(place.path("decisions"), body, "sponsor")
    assert (refused.status_code, refused.json()["code"]) == (409, "obstacle-not-open")
    assert refused.json()["facts"] == {"ref": rejected["ref"], "status": "rejected"}
    assert running.service.log.head() == before
    assert running.get(f"/obstacles/{open_one['id']}").json()["status"] == "raised"


@pytest.mark.parametrize("name", ["resolves", "creates_actions", "confirms_axes", "supersedes", "phase_id"])
def test_a_decision_reaches_objects_of_its_transformation_only(running: Running, place: Place, name: str) -> None:
    elsewhere = launched(running)
    other = {
        "resolves": [elsewhere.obstacle()["id"]],
        "creates_actions": [elsewhere.action()["id"]],
        "confirms_axes": [elsewhere.axes[0]],
        "supersedes": elsewhere.decision("sponsor")["id"],
        "phase_id": elsewhere.phases[0],
    }[name]
    assert running.post(place.path("decisions"), {**DECISION, name: other}, "sponsor").status_code == 404


def test_superseding_links_both_ways_and_happens_once(running: Running, place: Place) -> None:
    old = place.decision("governance")
    new = place.decision("governance", title="Retenir l’outil C", supersedes=old["id"])
    replaced = running.get(f"/decisions/{old['id']}").json()
    assert (new["supersedes"], replaced["superseded_by"], replaced["status"]) == (old["id"], new["id"], "superseded")
    assert not replaced["not_communicated"]
    twice = running.post(place.path("decisions"), {**DECISION, "supersedes": old["id"]}, "governance")
    assert (twice.status_code, twice.json()["facts"]["by"]) == (409, new["id"])
    [taken] = place.events(new["id"], "decision.taken")
    [superseded] = place.events(old["id"], "decision.superseded")
    alone = place.withdraw(f"/decisions/{old['id']}", superseded, "governance")
    assert (alone.status_code, alone.json()["code"], alone.json()["facts"]["by"]) == (
        409,
        "superseded-by-another",
        new["ref"],
    )
    assert place.withdraw(f"/decisions/{new['id']}", taken, "governance").json()["status"] == "withdrawn"
    again = running.get(f"/decisions/{old['id']}").json()
    assert (again["status"], again["superseded_by"]) == ("taken", None)
    assert place.decision("governance", supersedes=old["id"])["supersedes"] == old["id"]


def test_the_lead_replaces_only_what_the_lead_decided(running: Running, place: Place) -> None:
    own, governed = place.decision("lead"), place.decision("governance")
    assert place.decision("lead", supersedes=own["id"])["supersedes"] == own["id"]
    refused = running.post(place.path("decisions"), {**DECISION, "supersedes": governed["id"]}, "lead")
    assert (refused.status_code, refused.json()["facts"]["act"]) == (403, "decision.supersede")


def test_what_another_decided_is_recorded_in_their_name(running: Running, place: Place) -> None:
    body = {**DECISION, "authority": {"kind": "person", "id": running.people["sponsor"]}}
    refused = running.post(place.path("decisions"), body, "lead")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/authority")
    accepted = running.post(place.path("decisions"), {**body, "on_behalf_of": place.behalf("sponsor")}, "facilitator")
    assert accepted.status_code == 201
    assert accepted.json()["recorded_by"] == running.people["facilitator"]


def test_what_grounds_an_act_is_there_and_seen(running: Running, place: Place) -> None:
    grounds = place.decision("sponsor")
    secret = place.decision("sponsor", visibility="restricted")

    def recorded(basis: dict[str, str]) -> int:
        behalf = {**place.behalf("sponsor"), "basis": basis}
        return int(
            running.post(place.path("decisions"), {**DECISION, "on_behalf_of": behalf}, "facilitator").status_code
        )

    assert recorded({"kind": "decision", "id": grounds["id"]}) == 201
    assert recorded({"kind": "decision", "id": secret["id"]}) == 404
    assert recorded({"kind": "decision", "id": str(new_id())}) == 404
    assert recorded({"kind": "review", "id": str(new_id())}) == 404


def test_the_authority_contests_what_was_recorded_for_it(running: Running, place: Place) -> None:
    made = place.decision("lead", on_behalf_of=place.behalf("sponsor"))
    path = f"/decisions/{made['id']}"
    text = {"text": "Je n’ai pas décidé cela"}
    assert running.post(f"{path}/contest", text, "governance").json()["code"] == "not-yours-to-contest"
    assert running.post(f"{path}/contest", text, "lead").status_code == 403
    contested = running.post(f"{path}/contest", text, "sponsor")
    assert (contested.status_code, contested.json()["contested"]) == (200, True)
    [contestation] = contested.json()["contestations"]
    assert contestation["event_id"] == str(place.events(made["id"], "decision.contested")[0])
    answer = {"contested_event_id": contestation["event_id"], "answer": "Le compte rendu est corrigé"}
    assert running.act(path, "answer-contestation", {**answer, "contested_event_id": str(new_id())}).status_code == 404
    answered = running.act(path, "answer-contestation", answer)
    assert (answered.json()["contested"], answered.json()["contestations"][0]["answer"]) == (False, answer["answer"])
    settled = running.act(path, "answer-contestation", answer)
    assert (settled.status_code, settled.json()["code"]) == (409, "contestation-settled")
    assert place.decision("sponsor")["recorded_for"] is None


def test_governance_contests_what_was_recorded_for_a_body(running: Running, place: Place) -> None:
    steering = place.items("bodies", kind="steering")[0]["id"]
    for seat, who in enumerate(("governance", "contributor"), start=1):
        appointed = {"person_id": running.people[who], "seat": seat}
        assert running.act(f"/bodies/{steering}", "appoint", appointed).status_code == 200
    committee = {**place.behalf("sponsor"), "kind": "body", "id": steering}
    nowhere = running.post(
        place.path("decisions"), {**DECISION, "on_behalf_of": {**committee, "id": str(new_id())}}, "facilitator"
    )
    assert (nowhere.status_code, nowhere.json()["facts"]["what"]) == (404, "body")
    made = place.decision("facilitator", on_behalf_of=committee)
    path = f"/decisions/{made['id']}/contest"
    for_the_sponsor = {"text": "Pas dans ces termes", "on_behalf_of": place.behalf("sponsor")}
    assert running.post(path, for_the_sponsor, "lead").json()["code"] == "not-yours-to-contest"
    assert running.post(path, {"text": "Pas dans ces termes"}, "governance").status_code == 200
    assert running.post(path, {"text": "Ni dans ceux-ci"}, "contributor").status_code == 200
    assert running.post(path, {"text": "Pas dans ces termes"}, "auditor").status_code == 403
    outside = running.post(path, {"text": "Pas dans ces termes"}, "sponsor")
    assert (outside.status_code, outside.json()["code"]) == (409, "not-yours-to-contest")
    left = {"person_id": running.people["contributor"]}
    assert running.act(f"/bodies/{steering}", "leave", left).status_code == 200
    assert running.post(path, {"text": "Pas dans ces termes"}, "contributor").status_code == 403


def test_a_refusal_speaks_french_and_english_with_its_facts(running: Running, place: Place) -> None:
    path = f"/decisions/{place.decision('sponsor')['id']}"
    revoked = running.act(path, "revoke", {"reason": "Budget refusé"}, "sponsor").json()
    assert (revoked["status"], revoked["revoked_because"]) == ("revoked", "Budget refusé")
    etag = running.get(path).headers["ETag"]
    said = {
        language: running.post(f"{path}/apply", who="sponsor", etag=etag, headers={"Accept-Language": language}).json()
        for language in ("fr", "en")
    }
    assert said["fr"]["detail"] == f"La décision {revoked['ref']} est révoquée\u202f: elle n’est plus en vigueur."
    assert said["en"]["detail"] == f"Decision {revoked['ref']} is revoked: it is no longer in force."
    assert said["fr"]["facts"] == said["en"]["facts"] == {"ref": revoked["ref"], "status": "revoked"}


def test_the_same_request_twice_is_one_decision(running: Running, place: Place) -> None:
    obstacle, key = place.obstacle(), str(new_id())
    body = {**DECISION, "resolves": [obstacle["id"]]}
    first, second = (running.post(place.path("decisions"), body, "sponsor", key=key) for _ in range(2))
    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert second.headers["Idempotent-Replayed"] == "true"
    other = running.post(place.path("decisions"), DECISION, "sponsor", key=key)
    assert other.status_code == 422


def test_a_correction_keeps_the_old_wording_visible(running: Running, place: Place) -> None:
    made = place.decision("governance")
    [taken] = place.events(made["id"], "decision.taken")
    body = {"reason": "Faute de frappe", "changes": {"chosen": "L’outil B, pour trois ans"}}
    corrected = running.act(f"/decisions/{made['id']}", f"events/{taken}/correct", body, "governance").json()
    assert corrected["chosen"] == "L’outil B, pour trois ans"
    assert corrected["corrections"][0]["before"] == {"chosen": DECISION["chosen"]}


def test_the_register_is_filtered_by_kind_and_status(running: Running, place: Place) -> None:
    arbitrated = place.decision("governance", kind="arbitration")
    found = place.items("decisions", kind="arbitration", status="taken")
    assert [item["id"] for item in found] == [arbitrated["id"]]


def test_a_correction_names_only_what_stands_and_never_what_had_effects(running: Running, place: Place) -> None:
    made = place.decision("governance")
    [taken] = place.events(made["id"], "decision.taken")

    def corrected(changes: dict[str, object]) -> int:
        body = {"reason": "Oubli", "changes": changes}
        path = f"/decisions/{made['id']}"
        return int(running.act(path, f"events/{taken}/correct", body, "governance").status_code)

    assert corrected({"creates_actions": [place.phases[0]]}) == 404
    assert corrected({"creates_actions": "tout"}) == 422
    assert corrected({"resolves": [place.obstacle()["id"]]}) == 422
    assert corrected({"creates_actions": [place.action()["id"]]}) == 200
