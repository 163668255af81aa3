"""Notes over HTTP: beside any object, seen by whoever may see what they are about."""

from typing import Any
from uuid import UUID

import pytest

from tests.running import Running


@pytest.fixture(scope="module")
def place(running: Running) -> dict[str, str]:
    transformation = running.transformation()
    phases = running.get(f"/transformations/{transformation}/phases").json()["items"]
    return {"transformation": transformation, "other": running.transformation(), "phase": phases[0]["id"]}


def write(running: Running, place: dict[str, str], who: str = "lead", **more: Any) -> Any:
    body = {"subject": {"kind": "phase", "id": place["phase"]}, "text": "À relire avec l’équipe", **more}
    return running.post(f"/transformations/{place['transformation']}/notes", body, who)


def test_a_note_is_read_back_and_found_by_its_subject(running: Running, place: dict[str, str]) -> None:
    made = write(running, place, "facilitator")
    assert made.status_code == 201, made.text
    assert running.get(f"/notes/{made.json()['id']}").json() == made.json()
    path = f"/transformations/{place['transformation']}/notes"
    found = running.get(path, params={"subject_id": place["phase"]}).json()["items"]
    assert made.json()["id"] in [item["id"] for item in found]
    assert running.get(path, params={"subject_id": place["transformation"]}).json()["items"] == []
    assert running.get(path, params={"q": "relire avec"}).json()["items"]


def test_a_restricted_note_does_not_exist_for_others(running: Running, place: dict[str, str]) -> None:
    made = write(running, place, "facilitator", visibility="restricted").json()
    listed = {
        who: made["id"]
        in [n["id"] for n in running.get(f"/transformations/{place['transformation']}/notes", who).json()["items"]]
        for who in ("lead", "governance", "facilitator", "contributor")
    }
    assert listed == {"lead": True, "governance": True, "facilitator": True, "contributor": False}
    assert running.get(f"/notes/{made['id']}", "contributor").status_code == 404


def test_what_is_said_of_a_restricted_object_is_restricted(running: Running, place: dict[str, str]) -> None:
    hidden = write(running, place, visibility="restricted").json()
    about = {"subject": {"kind": "note", "id": hidden["id"]}}
    assert write(running, place, **about).json()["visibility"] == "restricted"
    for who in ("facilitator", "contributor"):
        refused = write(running, place, who, **about)
        assert (refused.status_code, refused.json()["code"]) == (404, "not-found"), who


def test_a_note_is_written_on_objects_of_this_transformation_only(running: Running, place: dict[str, str]) -> None:
    assert write(running, place, subject={"kind": "transformation", "id": place["transformation"]}).status_code == 201
    assert write(running, place, subject={"kind": "transformation", "id": place["other"]}).status_code == 404
    assert write(running, place, subject={"kind": "person", "id": place["phase"]}).status_code == 422


def test_contributors_write_on_what_is_their_own(running: Running, place: dict[str, str]) -> None:
    indicator = {
        "title": "Appels perdus",
        "family": "doing",
        "unit": "appels",
        "direction": "down",
        "cadence": "weekly",
        "owner": running.people["contributor"],
    }
    own = running.post(f"/transformations/{place['transformation']}/indicators", indicator).json()
    assert write(running, place, "contributor", subject={"kind": "indicator", "id": own["id"]}).status_code == 201
    assert write(running, place, "contributor").status_code == 403


def test_the_author_withdraws_a_note_written_by_mistake(running: Running, place: dict[str, str]) -> None:
    made = write(running, place, "facilitator").json()
    event = running.get(
        "/audit/events", params={"transformation": place["transformation"], "subject": made["id"]}
    ).json()["items"][0]["event_id"]
    gone = running.act(f"/notes/{made['id']}", f"events/{event}/withdraw", {"reason": "Doublon"}, "facilitator")
    assert (gone.status_code, gone.json()["withdrawn"]) == (200, True)
    listed = running.get(f"/transformations/{place['transformation']}/notes").json()["items"]
    assert made["id"] not in [item["id"] for item in listed]


def test_a_note_written_before_its_object_was_restricted_is_hidden_with_it(running: Running) -> None:
    transformation = running.transformation()
    said = {"title": "Tension", "statement": "Une équipe se tait.", "nature": "obstacle", "impact": 2, "urgency": 2}
    obstacle = running.post(f"/transformations/{transformation}/obstacles", said).json()["id"]
    about = {"subject": {"kind": "obstacle", "id": obstacle}, "text": "Entretien prévu jeudi."}
    note = running.post(f"/transformations/{transformation}/notes", about).json()["id"]
    assert running.get(f"/notes/{note}", "contributor").status_code == 200

    assert running.act(f"/obstacles/{obstacle}", "revise", {"visibility": "restricted"}).status_code == 200
    assert running.get(f"/notes/{note}", "contributor").status_code == 404
    assert running.get(f"/transformations/{transformation}/notes", "contributor").json()["items"] == []
    assert running.get(f"/notes/{note}", "governance").status_code == 200

    assert running.act(f"/obstacles/{obstacle}", "revise", {"visibility": "members"}).status_code == 200
    assert running.get(f"/notes/{note}", "contributor").status_code == 200


def about_an_obstacle(running: Running) -> tuple[str, str, dict[str, Any], dict[str, Any]]:
    """The collection of notes, the path of an obstacle, a note on it and a note on that note."""
    transformation = running.transformation()
    notes = f"/transformations/{transformation}/notes"
    body = {"title": "Un départ", "statement": "…", "nature": "risk", "impact": 1, "urgency": 1}
    obstacle = running.post(f"/transformations/{transformation}/obstacles", body).json()
    first = written(running, notes, {"kind": "obstacle", "id": obstacle["id"]})
    return notes, f"/obstacles/{obstacle['id']}", first, written(running, notes, {"kind": "note", "id": first["id"]})


def written(running: Running, notes: str, subject: dict[str, str], who: str = "facilitator") -> dict[str, Any]:
    made = running.post(notes, {"subject": subject, "text": "Dit à voix basse"}, who)
    assert made.status_code == 201, made.text
    answer: dict[str, Any] = made.json()
    return answer


def test_notes_on_notes_are_as_restricted_as_what_they_are_about(running: Running) -> None:
    notes, obstacle, first, second = about_an_obstacle(running)
    assert running.get(f"/notes/{second['id']}", "contributor").status_code == 200
    running.act(obstacle, "revise", {"visibility": "restricted"})
    later = written(running, notes, {"kind": "note", "id": first["id"]})
    assert later["visibility"] == "restricted"
    for note in (first, second, later):
        assert running.get(f"/notes/{note['id']}", "contributor").status_code == 404
        assert running.get(f"/notes/{note['id']}", "facilitator").status_code == 200, "who wrote it"
    assert running.get(notes, "contributor").json()["items"] == []
    unseen = {"subject": {"kind": "note", "id": first["id"]}, "text": "Moi aussi"}
    assert running.post(notes, unseen, "contributor").status_code == 404
    running.act(obstacle, "revise", {"visibility": "members"})
    assert running.get(f"/notes/{second['id']}", "contributor").status_code == 200
    assert running.get(f"/notes/{later['id']}", "contributor").status_code == 404, "written as restricted, it stays so"


def test_the_owner_of_a_restricted_object_sees_what_is_said_of_it(running: Running) -> None:
    notes, obstacle, first, second = about_an_obstacle(running)
    running.act(obstacle, "assign", {"owner": running.people["contributor"]})
    running.act(obstacle, "revise", {"visibility": "restricted"})
    later = written(running, notes, {"kind": "obstacle", "id": obstacle.rpartition("/")[2]}, "lead")
    below = written(running, notes, {"kind": "note", "id": later["id"]}, "lead")
    for note in (first, second, later, below):
        assert running.get(f"/notes/{note['id']}", "contributor").status_code == 200, "it is about what is their own"
        assert running.get(f"/notes/{note['id']}", "integration").status_code == 404
    assert running.get(f"/notes/{later['id']}", "facilitator").status_code == 404
    running.act(obstacle, "assign", {"owner": running.people["facilitator"]})
    assert running.get(f"/notes/{later['id']}", "contributor").status_code == 404
    assert running.get(f"/notes/{later['id']}", "facilitator").status_code == 200
    running.act(obstacle, "revise", {"visibility": "members"})
    assert running.get(f"/notes/{later['id']}", "facilitator").status_code == 404, "written as restricted, it stays so"
    assert running.get(f"/notes/{first['id']}", "integration").status_code == 200


def test_no_correction_shows_what_is_said_of_a_restricted_object(running: Running) -> None:
    notes, obstacle, _, _ = about_an_obstacle(running)
    running.act(obstacle, "revise", {"visibility": "restricted"})
    note = written(running, notes, {"kind": "obstacle", "id": obstacle.rpartition("/")[2]}, "lead")
    (fact,) = running.service.log.history(UUID(note["id"]))
    shown = {"reason": "Erreur", "changes": {"visibility": "members"}}
    refused = running.act(f"/notes/{note['id']}", f"events/{fact.envelope.event_id}/correct", shown)
    assert (refused.status_code, refused.json()["code"]) == (409, "note-of-restricted")
    assert running.get(f"/notes/{note['id']}", "contributor").status_code == 404
