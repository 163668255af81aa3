"""The direction project over HTTP: three versions, compared field by field."""

import pytest

from tests.api.registers import Place, launched
from tests.api.steps import do, event_ids, refused
from tests.running import Running

WHOLE = {
    "title": "Projet de direction",
    "why": "Rendre le débat lisible",
    "how": "En équipe",
    "vision": "Un métier d’auteur",
    "missions": ["Établir le compte rendu"],
    "ambitions": ["Publier le soir même"],
}


@pytest.fixture
def place(running: Running) -> Place:
    return launched(running)


def test_three_versions_from_the_first_words_to_the_validation(place: Place) -> None:
    running = place.running
    made = place.make("direction-projects", {"title": "Projet de direction", "why": "Rendre le débat lisible"})
    path = f"/direction-projects/{made['id']}"
    missing = refused(running.act(path, "submit"), 409, "project-incomplete")
    assert missing["facts"]["missing"] == ["how", "vision", "missions", "ambitions"]
    do(running, path, "revise", **{name: WHOLE[name] for name in ("how", "vision", "missions", "ambitions")})
    do(running, path, "submit")
    refused(running.act(path, "revise", {"how": "Seuls"}), 409, "project-not-drafted")
    assert do(running, path, "adjust", "sponsor", to_adjust="Dire ce qu’on cesse")["status"] == "adjusted"
    assert do(running, path, "revise", how="En équipe, sans trois relectures")["number"] == 2
    do(running, path, "submit")
    do(running, path, "adjust", "governance", to_adjust="Une ambition de plus")
    do(running, path, "revise", ambitions=[*WHOLE["ambitions"], "Former chacun"])
    last = do(running, path, "submit")
    assert [item["id"] for item in place.items("direction-projects", status="submitted")] == [made["id"]]
    position = running.get(f"/transformations/{place.id}/action-plan").json()["position"]
    done = do(running, path, "validate", "sponsor", comment="C’est nous")
    assert (done["status"], done["validated_version"]) == ("validated", 3)
    assert [s["to_adjust"] for s in done["submissions"]] == ["Dire ce qu’on cesse", "Une ambition de plus", None]
    assert [version["how"] for version in done["earlier"]] == ["En équipe", "En équipe, sans trois relectures"]
    assert running.get(path, params={"as_of_position": position}).json()["submissions"] == last["submissions"]
    compared = running.get(f"{path}/comparison", params={"from": 1}).json()
    assert (compared["before"], compared["after"]) == (1, 3)
    assert [f["word"] for f in compared["fields"] if f["changed"]] == ["comment", "ambitions"]
    assert compared["fields"][-1]["after"] == ["Publier le soir même", "Former chacun"]
    refused(running.get(f"{path}/comparison", params={"from": 9}), 404, "not-found")


def test_a_transformation_has_one_project(place: Place) -> None:
    made = place.make("direction-projects", WHOLE)
    refused(place.running.post(place.path("direction-projects"), WHOLE), 409, "already-taken")
    path = f"/direction-projects/{made['id']}"
    [drafted] = event_ids(place.running, path)
    assert place.withdraw(path, drafted, "lead").status_code == 200
    place.make("direction-projects", WHOLE)


def test_who_submitted_does_not_validate_and_nothing_submitted_is_reworded(place: Place) -> None:
    running = place.running
    path = f"/direction-projects/{place.make('direction-projects', WHOLE)['id']}"
    do(running, path, "submit", on_behalf_of=place.behalf("sponsor"))
    refused(running.act(path, "validate", {}, "sponsor"), 409, "own-submission")
    refused(running.act(path, "validate", {}, "lead"), 403, "not-allowed")
    drafted = event_ids(running, path)[0]
    changes = {"reason": "Mieux dit", "changes": {"vision": "Un autre métier"}}
    refused(running.act(path, f"events/{drafted}/correct", changes), 409, "submitted-is-fixed")
    assert do(running, path, "validate", on_behalf_of=place.behalf("governance"))["status"] == "validated"


def test_who_leads_does_not_take_back_a_validation_whatever_decision_it_names(place: Place) -> None:
    path = f"/direction-projects/{place.make('direction-projects', WHOLE)['id']}"
    do(place.running, path, "submit")
    decision = place.decision("governance")["id"]
    assert place.running.act(path, "validate", {"decision_id": decision}, "governance").status_code == 200
    *_, validated = event_ids(place.running, path)
    alone = refused(place.withdraw(path, validated, "lead"), 403, "not-allowed")
    assert alone["facts"]["act"] == "direction_project.validate"
    assert place.withdraw(path, validated, "lead", "governance").json()["status"] == "submitted"


def test_the_words_of_the_project_are_stored_as_personal_text(place: Place) -> None:
    made = place.make("direction-projects", {**WHOLE, "vision": "Une phrase que le journal ne montre pas"})
    rows = place.running.service.database.all("SELECT state FROM events WHERE originator_id = %s", (made["id"],))
    assert b"Projet de direction" in rows[0]["state"]
    assert b"Une phrase" not in rows[0]["state"]
