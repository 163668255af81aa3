"""Declared weather over HTTP: who says how confident, and who has taken note."""

from typing import Any

import pytest

from tests.running import Running


@pytest.fixture(scope="module")
def place(running: Running) -> dict[str, str]:
    transformation = running.transformation()
    phases = running.get(f"/transformations/{transformation}/phases").json()["items"]
    return {"transformation": transformation, "other": running.transformation(), "phase": phases[0]["id"]}


def report(running: Running, place: dict[str, str], who: str = "lead", **more: Any) -> Any:
    body = {
        "subject": {"kind": "phase", "id": place["phase"]},
        "confidence": "attainable",
        "narrative": "Deux entretiens restent à tenir.",
        **more,
    }
    return running.post(f"/transformations/{place['transformation']}/status-reports", body, who)


def test_a_declared_weather_is_read_back_with_who_declared_it(running: Running, place: dict[str, str]) -> None:
    made = report(running, place, occurred_on="2026-02-27")
    assert made.status_code == 201, made.text
    read = running.get(f"/status-reports/{made.json()['id']}").json()
    assert read == made.json()
    assert (read["reported_by"], read["reported_on"]) == (running.people["lead"], "2026-02-27")
    assert read["people"] == {running.people["lead"]: "lead"}


def test_the_whole_transformation_has_its_weather_too(running: Running, place: dict[str, str]) -> None:
    subject = {"kind": "transformation", "id": place["transformation"]}
    assert report(running, place, subject=subject, confidence="compromised").status_code == 201
    listed = running.get(
        f"/transformations/{place['transformation']}/status-reports", params={"subject_id": subject["id"]}
    ).json()
    assert [item["confidence"] for item in listed["items"]] == ["compromised"]


def test_a_weather_needs_a_narrative_and_a_subject_of_this_transformation(
    running: Running, place: dict[str, str]
) -> None:
    assert report(running, place, narrative="  ").status_code == 422
    assert report(running, place, confidence="sunny").status_code == 422
    assert report(running, place, subject={"kind": "transformation", "id": place["other"]}).status_code == 404
    assert report(running, place, subject={"kind": "axis", "id": place["phase"]}).status_code == 404


def test_governance_takes_note_once_each_without_holding_a_version(running: Running, place: dict[str, str]) -> None:
    path = f"/status-reports/{report(running, place).json()['id']}/acknowledge"
    assert running.post(path, {}, "lead").status_code == 403
    assert running.post(path, {}, "governance").json()["status"] == "acknowledged"
    both = running.post(path, {}, "sponsor").json()
    assert [taken["by"] for taken in both["acknowledgements"]] == [
        running.people["governance"],
        running.people["sponsor"],
    ]
    again = running.post(path, {}, "sponsor")
    assert (again.status_code, again.json()["code"]) == (409, "already-acknowledged")


def test_a_correction_keeps_what_was_declared(running: Running, place: dict[str, str]) -> None:
    made = report(running, place).json()
    event = running.get(
        "/audit/events", params={"transformation": place["transformation"], "subject": made["id"]}
    ).json()["items"][0]["event_id"]
    position = running.get(f"/transformations/{place['transformation']}/status-reports").json()["position"]
    sent = {"changes": {"confidence": "support_needed"}, "reason": "Mauvaise case"}
    mended = running.act(f"/status-reports/{made['id']}", f"events/{event}/correct", sent).json()
    assert mended["confidence"] == "support_needed"
    assert [c["before"] for c in mended["corrections"]] == [{"confidence": "attainable"}]
    then = running.get(f"/status-reports/{made['id']}", params={"as_of_position": position}).json()
    assert (then["confidence"], then["corrections"]) == ("attainable", [])
