"""Versions of the plan over HTTP: submitted as the plan stood, validated by a decision, shown again, compared."""

from typing import Any
from uuid import UUID

import pytest
from psycopg.sql import SQL

from service.projections.as_of import AsOf
from service.projections.submissions import find_awaiting
from tests.api.registers import DECISION, Place, launched
from tests.api.steps import do, event_ids, refused, submit_plan
from tests.running import Running

VALIDATION = {**DECISION, "kind": "plan_validation", "title": "Plan validé"}
REPLAN = {**DECISION, "kind": "replan", "title": "Nouveau calendrier"}


@pytest.fixture
def place(running: Running) -> Place:
    return launched(running)


def reschedule(place: Place, milestone: dict[str, Any], due_on: str) -> None:
    do(place.running, f"/milestones/{milestone['id']}", "reschedule", due_on=due_on, reason="Salle prise")


def baselines(place: Place) -> dict[str, Any]:
    """The baseline of each milestone and action, by title."""
    return {item["title"]: item["baseline_on"] for name in ("milestones", "actions") for item in place.items(name)}


def test_a_plan_is_validated_only_once_a_version_was_submitted(place: Place) -> None:
    running = place.running
    problem = refused(running.post(place.path("decisions"), VALIDATION, "sponsor"), 409, "plan-not-submitted")
    assert "soumettez-la" in problem["detail"]
    version = place.make("plan-versions", {"title": "Plan d’action", "summary": "Trois chantiers"})
    path = f"/plan-versions/{version['id']}"
    assert (version["number"], version["status"]) == (1, "drafted")
    refused(running.post(place.path("decisions"), VALIDATION, "sponsor"), 409, "plan-not-submitted")
    refused(running.post(place.path("plan-versions"), {"title": "Un autre"}), 409, "plan-version-underway")
    waiting = do(running, path, "submit")
    assert [item["id"] for item in place.items("plan-versions", status="submitted")] == [version["id"]]
    taken = place.make("decisions", {**VALIDATION, "plan_version_id": waiting["id"]}, "governance")
    done = running.get(path).json()
    assert (done["status"], done["decision_id"]) == ("validated", taken["id"])
    assert done["submissions"][0]["answered_by"] == running.people["governance"]


def test_the_baselines_are_the_dates_that_were_submitted(place: Place) -> None:
    moved = place.milestone(title="Restitution", due_on="2026-05-04")
    place.action(title="Relire", end_on="2026-05-29")
    submit_plan(place.running, place.id)
    reschedule(place, moved, "2026-05-11")
    late = place.milestone(title="Ajouté ensuite", due_on="2026-06-01")
    reschedule(place, late, "2026-06-08")
    place.make("decisions", VALIDATION, "governance")
    assert baselines(place) == {"Restitution": "2026-05-04", "Relire": "2026-05-29", "Ajouté ensuite": "2026-06-01"}
    shown = place.running.get(f"/milestones/{moved['id']}").json()
    assert (shown["late"], shown["slippage"]["calendar_days"]) == (True, 7)


def test_what_was_submitted_is_shown_again_exactly(place: Place) -> None:
    running = place.running
    moved = place.milestone()
    path = f"/plan-versions/{submit_plan(running, place.id)['id']}"
    address = running.get(path).json()["content"].removeprefix("/api/v1")
    then = running.get(address).content
    timeline = f"/transformations/{place.id}/milestone-timeline"
    position = running.get(path).json()["content_position"]
    dates = running.get(timeline, params={"as_of_position": position}).content
    running.advance(days=3)
    reschedule(place, moved, "2026-06-15")
    place.make("decisions", VALIDATION, "governance")
    place.action(title="Plus tard")
    assert running.get(path).json()["content"] == f"/api/v1{address}"
    assert running.get(address).content == then
    assert running.get(timeline, params={"as_of_position": position}).content == dates


def test_who_submitted_the_plan_does_not_validate_it(place: Place) -> None:
    running = place.running
    version = place.make("plan-versions", {"title": "Plan d’action"})
    do(running, f"/plan-versions/{version['id']}", "submit", on_behalf_of=place.behalf("sponsor"))
    refused(running.post(place.path("decisions"), VALIDATION, "sponsor"), 409, "own-submission")
    refused(running.post(place.path("decisions"), VALIDATION, "lead"), 403, "not-allowed")
    told = {**VALIDATION, "on_behalf_of": place.behalf("sponsor")}
    refused(running.post(place.path("decisions"), told, "lead"), 409, "own-submission")
    assert place.items("decisions") == []
    place.make("decisions", {**VALIDATION, "on_behalf_of": place.behalf("governance")})


def test_a_version_sent_back_is_submitted_again_as_the_plan_then_stands(place: Place) -> None:
    running = place.running
    first = submit_plan(running, place.id)
    path = f"/plan-versions/{first['id']}"
    back = do(running, path, "return", "sponsor", to_adjust="Dater chaque action")
    assert (back["status"], back["content_position"], "as_of" in back["content"]) == ("returned", None, False)
    place.milestone()
    again = do(running, path, "submit")
    assert again["content_position"] > first["content_position"]
    assert [s["to_adjust"] for s in again["submissions"]] == ["Dater chaque action", None]
    other = {**VALIDATION, "plan_version_id": place.id}
    refused(running.post(place.path("decisions"), other, "sponsor"), 409, "another-version-submitted")


def test_a_later_version_gives_dates_to_what_is_new_and_a_replan_to_all(place: Place) -> None:
    running = place.running
    first = place.milestone(title="Restitution", due_on="2026-05-04")
    submit_plan(running, place.id)
    taken = place.make("decisions", VALIDATION, "governance")
    reschedule(place, first, "2026-05-18")
    place.milestone(title="Bilan", due_on="2026-09-01")
    submit_plan(running, place.id, "Version 2")
    place.make("decisions", VALIDATION, "governance")
    assert [(v["number"], v["status"]) for v in place.items("plan-versions")] == [(1, "validated"), (2, "validated")]
    assert baselines(place) == {"Restitution": "2026-05-04", "Bilan": "2026-09-01"}
    assert running.get(f"/transformations/{place.id}").json()["plan_decision_id"] == taken["id"]
    submit_plan(running, place.id, "Version 3")
    reschedule(place, first, "2026-05-25")
    taken = place.make("decisions", REPLAN, "governance")
    assert baselines(place) == {"Restitution": "2026-05-18", "Bilan": "2026-09-01"}
    assert place.items("plan-versions")[2]["decision_id"] == taken["id"]


def test_two_versions_are_compared_field_by_field_with_every_moved_date(place: Place) -> None:
    running = place.running
    stays = place.action(title="Relire")
    moved = place.action(title="Écrire", lead=running.people["lead"])
    gone = place.action(title="Traduire")
    date = place.milestone(title="Restitution", due_on="2026-05-04")
    submit_plan(running, place.id)
    place.make("decisions", VALIDATION, "governance")
    axis = place.axes[0]
    do(running, f"/actions/{moved['id']}", "revise", end_on="2026-06-05", axis_id=axis, reason="Plus long")
    do(running, f"/actions/{gone['id']}", "abandon", reason="Personne ne le demande")
    reschedule(place, date, "2026-05-11")
    new = place.action(title="Former")
    submit_plan(running, place.id, "Version 2")
    do(running, f"/actions/{stays['id']}", "revise", title="Relire à deux")
    seen = running.get(f"/transformations/{place.id}/plan-comparison", params={"from": 1, "to": 2}).json()
    actions = seen["actions"]
    assert [part["ref"] for part in actions["added"]] == [new["ref"]]
    assert [(part["ref"], part["status"]) for part in actions["removed"]] == [(gone["ref"], "abandoned")]
    [changed] = actions["changed"]
    assert [(f["field"], f["word"], f["before"]) for f in changed["fields"]] == [
        ("end_on", "fin prévue", "2026-05-29"),
        ("axis_id", "axe", None),
    ]
    assert changed["fields"][1]["after"]["title"] == "Objectif opérationnel"
    assert actions["unchanged"] == 1
    assert [(m["ref"], m["before"], m["after"], m["calendar_days"], m["working_days"]) for m in seen["moved"]] == [
        (moved["ref"], "2026-05-29", "2026-06-05", 7, 5),
        (date["ref"], "2026-05-04", "2026-05-11", 7, 4),  # Friday 8 May is a public holiday
    ]
    assert (seen["before"]["number"], seen["after"]["number"]) == (1, 2)
    present = running.get(f"/transformations/{place.id}/plan-comparison", params={"from": 2}).json()
    assert [f["after"] for f in present["actions"]["changed"][0]["fields"]] == ["Relire à deux"]
    assert (present["after"]["number"], present["actions"]["added"]) == (None, [])
    then = running.get(f"/transformations/{place.id}/plan-comparison", params={"from": 1, "to": 2})
    again = {"from": 1, "to": 2, "as_of_position": then.json()["position"]}
    assert running.get(f"/transformations/{place.id}/plan-comparison", params=again).json()["actions"] == actions
    unknown = running.get(f"/transformations/{place.id}/plan-comparison", params={"from": 1, "to": 9})
    refused(unknown, 404, "not-found")


def test_what_awaits_validation_is_known_as_of_any_moment(place: Place) -> None:
    running = place.running
    path = f"/deliverables/{place.items('deliverables')[0]['id']}"
    do(running, path, "add-version", title="Diagnostic")
    do(running, path, "submit", on_behalf_of=place.behalf("sponsor"))
    running.advance(days=1)
    version = submit_plan(running, place.id)
    position = running.get(f"/transformations/{place.id}/action-plan").json()["position"]
    place.make("decisions", VALIDATION, "governance")
    with running.service.database.connection() as connection:
        found = [
            find_awaiting(connection, UUID(place.id), AsOf(running.now, at), SQL("TRUE")) for at in (position, None)
        ]
    before, now = ([(each.kind, each.ref, each.submitted_by) for each in awaiting] for awaiting in found)
    diagnosis = ("deliverable", "L-1", running.people["sponsor"])
    assert before == [diagnosis, ("plan_version", None, running.people["lead"])]
    assert now == [diagnosis]
    assert str(found[0][1].id) == version["id"]


def test_the_decision_is_withdrawn_after_what_it_did(place: Place) -> None:
    running = place.running
    version = f"/plan-versions/{submit_plan(running, place.id)['id']}"
    taken = place.make("decisions", VALIDATION, "governance")
    [fact] = place.events(taken["id"], "decision.taken")
    answer = place.withdraw(f"/decisions/{taken['id']}", fact, "governance")
    assert "Plan d’action" in refused(answer, 409, "decision-had-effects")["facts"]["on"]
    *_, validated = event_ids(running, version)
    alone = refused(place.withdraw(version, validated, "lead"), 403, "not-allowed")
    assert alone["facts"]["act"] == "decision.take_plan_validation"
    assert place.withdraw(version, validated, "lead", "governance").json()["status"] == "submitted"
