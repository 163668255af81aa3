"""Deliverables over HTTP: those of the template, a document returned once, and who may validate."""

from typing import Any

import pytest

from tests.api.registers import Place, launched
from tests.api.steps import do, event_ids, refused
from tests.running import Running

NOTE = {"title": "Diagnostic, version 1", "uri": "https://documents.example/diagnostic-1.pdf", "sha256": "0" * 64}


@pytest.fixture(scope="module")
def place(running: Running) -> Place:
    return launched(running)


def document(place: Place, **more: Any) -> str:
    return f"/deliverables/{place.make('deliverables', {'kind': 'document', 'title': 'Diagnostic', **more})['id']}"


def submitted(place: Place) -> str:
    path = document(place)
    do(place.running, path, "add-version", **NOTE)
    do(place.running, path, "submit")
    return path


def test_the_template_brings_what_each_phase_hands_over(running: Running) -> None:
    fresh = launched(running)
    found = fresh.items("deliverables")
    assert [(item["ref"], item["kind"], fresh.phases.index(item["phase_id"])) for item in found] == [
        ("L-1", "document", 0),
        ("L-2", "document", 0),
        ("L-3", "document", 1),
        ("L-4", "document", 2),
        ("L-5", "outcome", 3),
    ]
    assert {item["status"] for item in found} == {"drafted"}
    assert fresh.items("deliverables", phase_id=fresh.phases[3])[0]["criteria"]
    # what stands on a phase keeps it from being withdrawn
    path = f"/phases/{fresh.phases[3]}"
    answer = fresh.withdraw(path, event_ids(running, path)[0], "lead")
    assert "livrable L-5" in refused(answer, 409, "later-facts-depend")["detail"]


def test_a_document_returned_once_and_validated(place: Place) -> None:
    running = place.running
    path = document(place, phase_id=place.phases[0], owner=running.people["contributor"])
    do(running, path, "add-version", "contributor", **NOTE)
    waiting = do(running, path, "submit", "contributor")
    assert place.items("deliverables", status="submitted") == [{k: v for k, v in waiting.items() if k != "people"}]
    back = do(running, path, "return", "sponsor", to_adjust="Citer les partenaires")
    assert (back["status"], back["submissions"][0]["to_adjust"]) == ("returned", "Citer les partenaires")
    refused(running.act(path, "submit"), 409, "same-version-again")
    do(running, path, "add-version", **{**NOTE, "title": "Diagnostic, version 2", "sha256": "1" * 64})
    do(running, path, "submit")
    before = running.get(path).json()
    position = running.get(f"/transformations/{place.id}/action-plan").json()["position"]
    decision = place.decision("sponsor")["id"]
    done = do(running, path, "validate", "governance", comment="Clair", decision_id=decision)
    assert (done["status"], done["validated_version"]) == ("validated", 2)
    assert [s["answer"] for s in done["submissions"]] == ["returned", "validated"]
    assert done["submissions"][1]["decision_id"] == decision
    assert running.get(path, params={"as_of_position": position}).json() == before


def test_who_submitted_does_not_validate_whoever_types(place: Place) -> None:
    running = place.running
    path = document(place)
    do(running, path, "add-version", **NOTE)
    do(running, path, "submit", on_behalf_of=place.behalf("sponsor"))
    problem = refused(running.act(path, "validate", {}, "sponsor"), 409, "own-submission")
    assert "ne valide pas" in problem["detail"]
    told = running.act(path, "validate", {"on_behalf_of": place.behalf("sponsor")}, "lead")
    refused(told, 409, "own-submission")
    refused(running.act(path, "validate", {}, "lead"), 403, "not-allowed")
    done = do(running, path, "validate", on_behalf_of=place.behalf("governance"))
    assert done["submissions"][0]["answered_by"] == running.people["governance"]


def test_what_was_submitted_is_not_reworded_afterwards(place: Place) -> None:
    running = place.running
    path = submitted(place)
    _, version, sent = event_ids(running, path)
    changes = {"reason": "Mauvaise empreinte", "changes": {"sha256": "2" * 64}}
    refused(running.act(path, f"events/{version}/correct", changes), 409, "submitted-is-fixed")
    refused(place.withdraw(path, version, "lead"), 409, "submitted-is-fixed")
    assert place.withdraw(path, sent, "lead").json()["status"] == "drafted"
    assert running.act(path, f"events/{version}/correct", changes).json()["versions"][0]["sha256"] == "2" * 64


def test_it_names_only_what_is_there_and_what_one_may_see(place: Place) -> None:
    running = place.running
    stranger = {"kind": "document", "title": "Note", "phase_id": place.id}
    assert running.post(place.path("deliverables"), stranger).status_code == 404
    foreign = launched(running).decision("sponsor")["id"]
    path = submitted(place)
    assert running.act(path, "validate", {"decision_id": foreign}, "sponsor").status_code == 404
    secret = place.decision("sponsor", visibility="restricted")["id"]
    do(running, path, "validate", "governance", decision_id=secret)
    assert running.get(path, "governance").json()["submissions"][0]["decision_id"] == secret
    assert running.get(path, "contributor").json()["submissions"][0]["decision_id"] is None


def test_its_life_is_told_in_sentences(place: Place) -> None:
    running = place.running
    start = running.get(f"/transformations/{place.id}/action-plan").json()["position"]
    path = submitted(place)
    middle = running.get(f"/transformations/{place.id}/action-plan").json()["position"]
    do(running, path, "validate", "sponsor")
    do(running, path, "reopen", reason="Il a vieilli")

    def told(**between: Any) -> list[str]:
        answer = running.get(f"/transformations/{place.id}/changes", params=between)
        return [item["sentence"] for item in answer.json()["items"] if item["subject"]["kind"] == "deliverable"]

    ref = running.get(path).json()["ref"]
    assert told(**{"from": start, "to": middle}) == [
        f"Le livrable {ref} «\u202fDiagnostic\u202f» a été ajouté.",
        f"Le livrable {ref} «\u202fDiagnostic\u202f» a été soumis le 2 mars 2026.",
    ]
    (topic,) = running.get("/audit/events", params={"transformation": place.id, "type": "deliverable.reopened"}).json()[
        "items"
    ]
    assert topic["reason"] == "Il a vieilli"
