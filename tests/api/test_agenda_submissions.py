"""What waits around what is submitted, from the first draft to the closing of the transformation."""

from datetime import timedelta
from typing import Any

import pytest

from tests.api.registers import Place, launched
from tests.api.steps import do
from tests.api.test_closing import finally_reviewed, whole
from tests.api.test_deliverables import NOTE
from tests.api.test_direction_projects import WHOLE
from tests.running import Running


@pytest.fixture
def place(running: Running) -> Place:
    return launched(running)


def waits(place: Place, who: str, of: dict[str, Any]) -> list[str]:
    """The kinds of what an object asks of somebody."""
    params = {"person": place.running.people[who]}
    items = place.running.get(place.path("agenda"), params=params).json()["items"]
    return [item["kind"] for item in items if item["subject"]["id"] == of["id"]]


def test_a_deliverable_waits_for_its_owner_then_for_who_did_not_submit_it(place: Place) -> None:
    running = place.running
    soon, late = (running.now.date() + timedelta(days=days) for days in (10, 90))
    owner = {"kind": "document", "owner": running.people["contributor"]}
    one = place.make("deliverables", {**owner, "title": "Diagnostic", "due_on": soon.isoformat()})
    far = place.make("deliverables", {**owner, "title": "Bilan", "due_on": late.isoformat()})
    assert waits(place, "contributor", one) == ["deliverable_to_submit"]
    assert waits(place, "contributor", far) == []
    path = f"/deliverables/{one['id']}"
    do(running, path, "add-version", **NOTE)
    do(running, path, "submit", on_behalf_of=place.behalf("governance"))
    assert waits(place, "sponsor", one) == ["deliverable_to_validate"]
    assert waits(place, "governance", one) == waits(place, "contributor", one) == []
    do(running, path, "return", "sponsor", to_adjust="Citer les partenaires")
    assert waits(place, "contributor", one) == ["deliverable_to_take_up"]
    do(running, path, "add-version", **NOTE)
    do(running, path, "submit")
    do(running, path, "validate", "sponsor")
    assert [waits(place, who, one) for who in ("contributor", "lead", "sponsor", "governance")] == [[]] * 4


def test_a_plan_waits_for_its_validation_and_a_returned_one_for_the_lead(place: Place) -> None:
    running = place.running
    version = place.make("plan-versions", {"title": "Plan d’action"})
    path = f"/plan-versions/{version['id']}"
    assert waits(place, "sponsor", version) == []
    do(running, path, "submit")
    assert waits(place, "sponsor", version) == ["plan_to_validate"]
    do(running, path, "return", "governance", to_adjust="Chiffrer")
    assert waits(place, "sponsor", version) == []
    assert waits(place, "lead", version) == ["plan_to_take_up"]


def test_a_project_waits_for_its_validation_and_its_adjusting(place: Place) -> None:
    running = place.running
    project = place.make("direction-projects", WHOLE)
    path = f"/direction-projects/{project['id']}"
    do(running, path, "submit")
    assert waits(place, "governance", project) == ["project_to_validate"]
    do(running, path, "adjust", "sponsor", to_adjust="Dire ce qu’on cesse")
    assert waits(place, "governance", project) == []
    assert waits(place, "lead", project) == ["project_to_adjust"]


def test_the_end_waits_for_its_evaluation_then_for_the_sponsor(place: Place) -> None:
    running, transformation = place.running, {"id": place.id}
    assert waits(place, "lead", transformation) == []
    assert place.verdict("stop", 0).status_code == 201
    assert "final_review_to_hold" in waits(place, "lead", transformation)
    assert "evaluation_to_write" in waits(place, "lead", transformation)
    finally_reviewed(place)
    assert waits(place, "lead", transformation) == ["evaluation_to_write"]
    draft = place.make("evaluations", {"title": "Impacts à un an"})
    assert waits(place, "lead", transformation) == waits(place, "sponsor", draft) == []
    do(running, f"/evaluations/{draft['id']}", "revise", **{k: v for k, v in whole(running).items() if k != "title"})
    assert waits(place, "sponsor", draft) == ["evaluation_to_validate"]
    do(running, f"/evaluations/{draft['id']}", "validate", "sponsor")
    assert waits(place, "sponsor", transformation) == ["transformation_to_close"]
    assert waits(place, "contributor", draft) == []
    do(running, f"/transformations/{place.id}", "close", "sponsor")
    assert waits(place, "sponsor", transformation) == []
    running.advance(days=365)
    try:
        assert waits(place, "contributor", draft) == ["impacts_to_follow_up"]
    finally:
        running.advance(days=-365)
