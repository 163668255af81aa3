"""Phases over HTTP: planned in their order, revised, opened by the launch and by verdicts only."""

import pytest

from tests.api.steps import do, event_ids, events, listed, make, refused
from tests.running import Running


@pytest.fixture(scope="module")
def transformation(running: Running) -> str:
    return running.transformation(template=None)


def test_a_planned_phase_is_read_back_in_its_order(running: Running, transformation: str) -> None:
    second = make(running, transformation, "phases", ordinal=2, title="Clarification", objective="Rendre lisible")
    first = make(running, transformation, "phases", ordinal=1, title="Diagnostic", exit_criteria=["Restitué"])
    assert running.get(f"/phases/{first['id']}").json() == first
    assert first["status"] == "planned"
    assert first["exit_criteria"] == ["Restitué"]
    assert [p["id"] for p in listed(running, transformation, "phases", sort="ordinal")] == [first["id"], second["id"]]


def test_two_phases_never_share_a_place(running: Running, transformation: str) -> None:
    make(running, transformation, "phases", ordinal=30, title="Une")
    again = running.post(f"/transformations/{transformation}/phases", {"ordinal": 30, "title": "Autre"})
    problem = refused(again, 409, "already-taken")
    assert "phase 30" in problem["detail"]


def test_the_place_of_a_phase_of_the_template_is_taken_too(running: Running) -> None:
    from_template = running.transformation()
    again = running.post(f"/transformations/{from_template}/phases", {"ordinal": 4, "title": "Autre"})
    refused(again, 409, "already-taken")


def test_a_withdrawn_phase_gives_its_place_back(running: Running, transformation: str) -> None:
    mistake = make(running, transformation, "phases", ordinal=31, title="Erreur")
    path = f"/phases/{mistake['id']}"
    gone = do(running, path, f"events/{event_ids(running, path)[0]}/withdraw", reason="Saisie deux fois")
    assert gone["withdrawn"]
    make(running, transformation, "phases", ordinal=31, title="La bonne")


def test_the_place_of_a_phase_is_not_corrected(running: Running, transformation: str) -> None:
    path = f"/phases/{make(running, transformation, 'phases', ordinal=32, title='P')['id']}"
    first = event_ids(running, path)[0]
    moved = running.act(path, f"events/{first}/correct", {"reason": "Non", "changes": {"ordinal": 1}})
    refused(moved, 422, "correction-invalid")


def test_an_edit_records_one_event_per_meaning(running: Running, transformation: str) -> None:
    path = f"/phases/{make(running, transformation, 'phases', ordinal=33, title='P')['id']}"
    after = do(running, path, "revise", title="Structuration", planned_from="2026-04-01", planned_to="2026-06-30")
    assert (after["title"], after["planned_from"], after["planned_to"]) == (
        "Structuration",
        "2026-04-01",
        "2026-06-30",
    )
    assert events(running, path) == ["phase.planned", "phase.rescheduled", "phase.described"]


def test_a_phase_does_not_end_before_it_starts(running: Running, transformation: str) -> None:
    body = {"ordinal": 34, "title": "P", "planned_from": "2026-04-02", "planned_to": "2026-04-01"}
    answered = running.post(f"/transformations/{transformation}/phases", body)
    problem = refused(answered, 422, "phase-ends-before-it-starts")
    assert problem["errors"][0]["pointer"] == "/planned_to"


def test_a_title_is_not_cleared(running: Running, transformation: str) -> None:
    path = f"/phases/{make(running, transformation, 'phases', ordinal=35, title='P')['id']}"
    answered = running.act(path, "revise", {"title": None})
    assert answered.status_code == 422
    assert answered.json()["errors"][0]["pointer"] == "/title"


def test_an_edit_of_nothing_is_refused(running: Running, transformation: str) -> None:
    path = f"/phases/{make(running, transformation, 'phases', ordinal=36, title='P')['id']}"
    refused(running.act(path, "revise", {"title": "P"}), 422, "nothing-to-change")


def test_confirming_needs_no_version_and_says_when(running: Running, transformation: str) -> None:
    path = f"/phases/{make(running, transformation, 'phases', ordinal=37, title='P')['id']}"
    confirmed = running.post(f"{path}/confirm")
    assert confirmed.status_code == 200, confirmed.text
    assert confirmed.json()["confirmed_on"] == running.now.date().isoformat()


@pytest.mark.parametrize("verb", ["open", "complete", "hold", "resume", "stop"])
def test_no_route_opens_or_ends_a_phase(running: Running, transformation: str, verb: str) -> None:
    phase = listed(running, transformation, "phases")[0]
    assert running.post(f"/phases/{phase['id']}/{verb}", etag='"1"').status_code == 404


def test_only_the_lead_plans_phases(running: Running, transformation: str) -> None:
    for role in ("contributor", "facilitator", "governance", "sponsor", "auditor"):
        answered = running.post(f"/transformations/{transformation}/phases", {"ordinal": 90, "title": "P"}, role)
        refused(answered, 403, "not-allowed")
