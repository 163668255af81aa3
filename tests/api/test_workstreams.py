"""Workstreams over HTTP: opened under an axis or another workstream, moved with all that stands in them."""

import pytest

from tests.api.steps import do, event_ids, events, listed, make, refused
from tests.running import Running


@pytest.fixture(scope="module")
def transformation(running: Running) -> str:
    return running.transformation()


@pytest.fixture(scope="module")
def axes(running: Running, transformation: str) -> list[str]:
    return [a["id"] for a in listed(running, transformation, "axes", sort="position")]


def test_a_workstream_is_read_back_as_it_was_answered(running: Running, transformation: str, axes: list[str]) -> None:
    made = make(
        running, transformation, "workstreams", title="Accueil", axis_id=axes[0], objectives=["Répondre en 2 jours"]
    )
    assert running.get(f"/workstreams/{made['id']}").json() == made
    assert made["ref"].startswith("X-")
    assert made["objectives"] == ["Répondre en 2 jours"]
    assert listed(running, transformation, "workstreams", ref=made["ref"])[0]["id"] == made["id"]


def test_a_workstream_under_another_takes_its_axis(running: Running, transformation: str, axes: list[str]) -> None:
    parent = make(running, transformation, "workstreams", title="Parent", axis_id=axes[1])
    assert make(running, transformation, "workstreams", title="Partie", parent_id=parent["id"])["axis_id"] == axes[1]
    body = {"title": "Ailleurs", "parent_id": parent["id"], "axis_id": axes[0]}
    answered = running.post(f"/transformations/{transformation}/workstreams", body)
    refused(answered, 409, "workstream-of-another-axis")


def test_a_workstream_does_not_stand_under_an_axis_of_another_transformation(
    running: Running, transformation: str
) -> None:
    foreign = listed(running, running.transformation(), "axes")[0]["id"]
    answered = running.post(f"/transformations/{transformation}/workstreams", {"title": "X", "axis_id": foreign})
    refused(answered, 404, "not-found")


def test_a_moved_workstream_takes_its_parts_and_its_actions_along(
    running: Running, transformation: str, axes: list[str]
) -> None:
    top = make(running, transformation, "workstreams", title="Haut", axis_id=axes[0])
    part = make(running, transformation, "workstreams", title="Partie", parent_id=top["id"])
    inside = make(running, transformation, "actions", title="Dans la partie", workstream_id=part["id"])
    outside = make(running, transformation, "actions", title="Ailleurs", axis_id=axes[0])
    after = do(running, f"/workstreams/{top['id']}", "place", axis_id=axes[2])
    assert after["axis_id"] == axes[2]
    assert running.get(f"/workstreams/{part['id']}").json()["axis_id"] == axes[2]
    assert running.get(f"/actions/{inside['id']}").json()["axis_id"] == axes[2]
    assert events(running, f"/actions/{inside['id']}") == ["action.proposed", "action.placed"]
    assert running.get(f"/actions/{outside['id']}").json()["axis_id"] == axes[0]


def test_a_workstream_moved_under_another_follows_its_axis(
    running: Running, transformation: str, axes: list[str]
) -> None:
    parent = make(running, transformation, "workstreams", title="Parent", axis_id=axes[3])
    moved = make(running, transformation, "workstreams", title="Déplacé")
    after = do(running, f"/workstreams/{moved['id']}", "place", parent_id=parent["id"])
    assert (after["axis_id"], after["parent_id"]) == (axes[3], parent["id"])


def test_a_workstream_does_not_stand_under_one_of_its_own_parts(running: Running, transformation: str) -> None:
    top = make(running, transformation, "workstreams", title="Haut")
    part = make(running, transformation, "workstreams", title="Partie", parent_id=top["id"])
    deeper = make(running, transformation, "workstreams", title="Plus bas", parent_id=part["id"])
    for target in (top, part, deeper):
        answered = running.act(f"/workstreams/{top['id']}", "place", {"parent_id": target["id"]})
        refused(answered, 409, "workstream-inside-itself")


def test_a_priority_says_which_workshop_gave_it(running: Running, transformation: str) -> None:
    path = f"/workstreams/{make(running, transformation, 'workstreams', title='X')['id']}"
    after = do(running, path, "prioritise", priority=2, source="Atelier du comité de direction")
    assert (after["priority"], after["priority_source"]) == (2, "Atelier du comité de direction")


def test_closing_and_reopening_take_a_reason(running: Running, transformation: str) -> None:
    workstream = make(running, transformation, "workstreams", title="X")
    path = f"/workstreams/{workstream['id']}"
    refused(running.act(path, "close"), 422, "reason-required")
    assert do(running, path, "close", reason="Terminé")["closing_reason"] == "Terminé"
    body = {"title": "Trop tard", "workstream_id": workstream["id"]}
    refused(running.post(f"/transformations/{transformation}/actions", body), 409, "workstream-not-open")
    refused(running.act(path, "reopen"), 422, "reason-required")
    after = do(running, path, "reopen", reason="Il en reste")
    assert (after["status"], after["reopen_count"]) == ("open", 1)


def test_an_edit_changes_only_what_is_sent(running: Running, transformation: str) -> None:
    path = f"/workstreams/{make(running, transformation, 'workstreams', title='X', description='D')['id']}"
    after = do(running, path, "revise", objectives=["Un"])
    assert (after["title"], after["description"], after["objectives"]) == ("X", "D", ["Un"])
    assert do(running, path, "revise", description=None)["description"] is None
    assert running.post(f"{path}/confirm").json()["confirmed_on"] == running.now.date().isoformat()


def test_a_workstream_that_something_stands_on_is_not_withdrawn(running: Running, transformation: str) -> None:
    workstream = make(running, transformation, "workstreams", title="X")
    path = f"/workstreams/{workstream['id']}"
    action = make(running, transformation, "actions", title="Dessus", workstream_id=workstream["id"])
    withdraw = f"events/{event_ids(running, path)[0]}/withdraw"
    problem = refused(running.act(path, withdraw, {"reason": "Erreur"}), 409, "later-facts-depend")
    assert action["ref"] in problem["detail"]
    do(running, f"/actions/{action['id']}", "revise", workstream_id=None)
    assert do(running, path, withdraw, reason="Erreur")["withdrawn"]


def test_a_correction_keeps_the_old_wording_visible(running: Running, transformation: str) -> None:
    path = f"/workstreams/{make(running, transformation, 'workstreams', title='Acueil')['id']}"
    after = do(
        running, path, f"events/{event_ids(running, path)[0]}/correct", reason="Coquille", changes={"title": "Accueil"}
    )
    assert after["title"] == "Accueil"
    assert after["corrections"][0]["before"] == {"title": "Acueil"}


def test_no_withdrawal_closes_a_circle(running: Running, transformation: str) -> None:
    one, other = (f"/workstreams/{make(running, transformation, 'workstreams', title=t)['id']}" for t in ("Un", "Deux"))
    do(running, one, "place", parent_id=other.rsplit("/")[-1])
    do(running, one, "place", parent_id=None)
    do(running, other, "place", parent_id=one.rsplit("/")[-1])
    outside = event_ids(running, one)[-1]
    answer = running.act(one, f"events/{outside}/withdraw", {"reason": "Erreur"})
    assert refused(answer, 409, "workstream-inside-itself")
