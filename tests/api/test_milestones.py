"""Milestones over HTTP, from the promise to the withdrawal of a mistake."""

import pytest

from tests.running import Running


@pytest.fixture(scope="module")
def plan(running: Running) -> dict[str, str]:
    transformation = running.transformation()
    phases = running.get(f"/transformations/{transformation}/phases").json()["items"]
    return {"transformation": transformation, "phase": phases[0]["id"]}


def promise(running: Running, plan: dict[str, str], **more: object) -> dict:
    body = {"subject": {"kind": "phase", "id": plan["phase"]}, "title": "Restitution", "due_on": "2026-06-01", **more}
    made = running.post(f"/transformations/{plan['transformation']}/milestones", body)
    assert made.status_code == 201, made.text
    return made.json()


def test_a_promised_milestone_is_read_back_as_it_was_answered(running: Running, plan: dict[str, str]) -> None:
    made = promise(running, plan, description="Devant toute la direction")
    read = running.get(f"/milestones/{made['id']}")
    assert read.json() == made
    assert made["ref"].startswith("J-")
    assert made["status"] == "planned"
