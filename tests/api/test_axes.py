"""Axes over HTTP: proposed by the template or the lead, confirmed by a decision, closed."""

from uuid import uuid4

import pytest

from tests.api.steps import do, events, listed, make, refused
from tests.running import Running


@pytest.fixture(scope="module")
def transformation(running: Running) -> str:
    return running.transformation()


@pytest.fixture(scope="module")
def decision(running: Running, transformation: str) -> str:
    taken = make(running, transformation, "decisions", "governance", title="Axes", chosen="Les quatre axes")
    return str(taken["id"])


def test_the_template_proposes_the_four_axes_of_the_founding_case(running: Running, transformation: str) -> None:
    axes = listed(running, transformation, "axes", sort="position")
    assert [(a["position"], a["status"]) for a in axes[:4]] == [(n, "proposed") for n in (1, 2, 3, 4)]


def test_an_axis_without_a_position_comes_after_the_others(running: Running, transformation: str) -> None:
    last = max(a["position"] for a in listed(running, transformation, "axes"))
    assert make(running, transformation, "axes", title="Partenaires")["position"] == last + 1


def test_an_axis_is_revised(running: Running, transformation: str) -> None:
    path = f"/axes/{make(running, transformation, 'axes', title='Axe')['id']}"
    after = do(running, path, "revise", title="Nouvel axe", position=7, description="Pourquoi")
    assert (after["title"], after["position"], after["description"]) == ("Nouvel axe", 7, "Pourquoi")
    assert events(running, path) == ["axis.proposed", "axis.described"]


def test_a_decision_of_the_transformation_confirms_an_axis(
    running: Running, transformation: str, decision: str
) -> None:
    path = f"/axes/{make(running, transformation, 'axes', title='Axe')['id']}"
    after = do(running, path, "confirm", "governance", decision_id=decision)
    assert (after["status"], after["decision_id"]) == ("confirmed", decision)
    assert after["axis_confirmed_on"] == running.now.date().isoformat()
    refused(running.act(path, "confirm", {"decision_id": decision}), 409, "axis-already-confirmed")


def test_an_axis_is_not_confirmed_by_a_decision_that_is_not_there(running: Running, transformation: str) -> None:
    path = f"/axes/{make(running, transformation, 'axes', title='Axe')['id']}"
    refused(running.act(path, "confirm", {"decision_id": str(uuid4())}), 404, "not-found")
    phase = listed(running, transformation, "phases")[0]
    refused(running.act(path, "confirm", {"decision_id": phase["id"]}), 404, "not-found")


def test_an_axis_is_not_confirmed_by_a_decision_of_another_transformation(
    running: Running, transformation: str
) -> None:
    elsewhere = make(running, running.transformation(), "decisions", "governance", title="D", chosen="Oui")
    path = f"/axes/{make(running, transformation, 'axes', title='Axe')['id']}"
    refused(running.act(path, "confirm", {"decision_id": elsewhere["id"]}), 404, "not-found")
    assert running.get(path).json()["status"] == "proposed"


def test_an_axis_is_not_confirmed_by_a_revoked_decision(running: Running, transformation: str) -> None:
    taken = make(running, transformation, "decisions", "governance", title="D", chosen="Oui")
    do(running, f"/decisions/{taken['id']}", "revoke", "governance", reason="Erreur d’appréciation")
    path = f"/axes/{make(running, transformation, 'axes', title='Axe')['id']}"
    refused(running.act(path, "confirm", {"decision_id": taken["id"]}), 409, "decision-not-in-force")


def test_nothing_is_attached_to_a_closed_axis(running: Running, transformation: str) -> None:
    axis = make(running, transformation, "axes", title="Axe")
    path = f"/axes/{axis['id']}"
    assert do(running, path, "close")["status"] == "closed"
    for collection in ("workstreams", "actions"):
        body = {"title": "Trop tard", "axis_id": axis["id"]}
        refused(running.post(f"/transformations/{transformation}/{collection}", body), 409, "axis-not-open")
    refused(running.act(path, "revise", {"title": "Autre"}), 409, "axis-not-open")


def test_looking_at_an_axis_needs_no_version(running: Running, transformation: str) -> None:
    axis = make(running, transformation, "axes", title="Axe")
    seen = running.post(f"/axes/{axis['id']}/look-at")
    assert seen.status_code == 200, seen.text
    assert seen.json()["confirmed_on"] == running.now.date().isoformat()
    assert seen.json()["status"] == "proposed"
