"""The roadmap over HTTP: phases with their gates, workstreams, milestones, deliverables, peaks; and any past one."""

import pytest

from tests.api.registers import DECISION, Place, prepared
from tests.api.steps import do, submit_plan
from tests.running import Running

PEAKS = [
    {"label": "Session budgétaire", "from_on": "2026-10-06", "to_on": "2026-12-18", "level": "peak"},
    {"label": "Intersession d’été", "from_on": "2026-07-27", "to_on": "2026-09-12", "level": "low"},
    {"label": "Fin de session", "from_on": "2026-06-01", "to_on": "2026-07-13", "level": "peak"},
    {"label": "Trop loin", "from_on": "2030-06-01", "to_on": "2030-07-13", "level": "peak"},
]


@pytest.fixture
def place(running: Running) -> Place:
    """A plan with two workstreams, launched and validated, whose dates then moved."""
    place = prepared(running)
    path = f"/transformations/{place.id}"
    do(running, path, "set-calendar", activity_periods=PEAKS)
    do(running, f"/phases/{place.phases[0]}", "revise", planned_from="2026-03-02", planned_to="2026-05-29")
    do(running, f"/phases/{place.phases[1]}", "revise", planned_from="2026-06-01", planned_to="2026-10-30")
    do(running, path, "launch", "sponsor")
    return place


def roadmap(place: Place, who: str = "lead", **params: object) -> dict[str, object]:
    answer = place.running.get(f"/transformations/{place.id}/roadmap", who, params=params)
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


def test_phases_stand_with_their_gates_and_what_each_has_heard(place: Place) -> None:
    held = place.verdict("hold", 0).json()
    place.verdict("replan", 0)
    place.running.advance(days=1)
    passed = place.verdict("go", 0).json()
    first, second, *_ = roadmap(place)["phases"]
    assert [(v["ref"], v["verdict"]) for v in first["gate"]["verdicts"]] == [
        (held["ref"], "hold"),
        (f"D-{int(held['ref'][2:]) + 1}", "replan"),
        (passed["ref"], "go"),
    ]
    assert (first["gate"]["expected_on"], first["gate"]["passed_on"]) == ("2026-05-29", passed["taken_on"])
    assert (first["status"], second["status"]) == ("completed", "open")
    assert (second["opened_on"], second["gate"]["passed_on"], second["overdue"]) == (passed["taken_on"], None, False)
    assert [period["label"] for period in roadmap(place)["peaks"]] == ["Fin de session", "Session budgétaire"]


def test_a_verdict_that_one_may_not_see_is_not_on_the_roadmap(place: Place) -> None:
    place.verdict("hold", 0, visibility="restricted")
    assert len(roadmap(place)["phases"][0]["gate"]["verdicts"]) == 1
    assert roadmap(place, "contributor")["phases"][0]["gate"]["verdicts"] == []


def test_the_baseline_stands_beside_the_forecast_and_the_past_is_shown_again(place: Place) -> None:
    running = place.running
    outer = place.make("workstreams", {"title": "Relire", "axis_id": place.axes[0]})
    inner = place.make("workstreams", {"title": "Relire à deux", "parent_id": outer["id"]})
    action = place.action(title="Essayer", workstream_id=inner["id"], start_on="2026-03-09", end_on="2026-05-29")
    gone = place.action(title="Traduire", workstream_id=outer["id"], end_on="2028-01-03")
    subject = {"kind": "action", "id": action["id"]}
    milestone = place.milestone(title="Premier bilan", subject=subject, due_on="2026-05-04")
    submit_plan(running, place.id)
    place.make("decisions", {**DECISION, "kind": "plan_validation"}, "governance")
    do(running, f"/actions/{gone['id']}", "abandon", reason="Inutile")
    before = roadmap(place)
    do(running, f"/actions/{action['id']}", "revise", end_on="2026-06-12", reason="Plus long")
    do(running, f"/milestones/{milestone['id']}", "reschedule", due_on="2026-05-11", reason="Salle prise")
    after = roadmap(place)
    for bar in after["workstreams"]:  # the outer one holds what is in the inner one
        assert (bar["starts_on"], bar["ends_on"], bar["baseline_on"]) == ("2026-03-09", "2026-06-12", "2026-05-29")
        assert (bar["actions"], bar["late"], bar["done"]) == (1, 1, 0)
    [shown] = after["milestones"]
    assert (shown["due_on"], shown["baseline_on"], shown["late"]) == ("2026-05-11", "2026-05-04", True)
    assert (shown["slippage"]["calendar_days"], shown["workstreams"]) == (7, [outer["id"], inner["id"]])
    assert shown["subject"]["ref"] == action["ref"]
    assert (after["from_on"], after["to_on"]) == ("2026-03-02", "2026-10-30")
    again = roadmap(place, as_of_position=before["position"])
    assert {**again, "as_of": None} == before
    assert before["workstreams"][0]["ends_on"] == "2026-05-29"


def test_a_deliverable_is_due_on_its_own_date_or_at_the_end_of_its_phase(place: Place) -> None:
    running = place.running
    first = place.items("deliverables")[0]
    path = f"/deliverables/{first['id']}"
    do(running, path, "revise", due_on="2026-03-02")
    running.advance(days=1)
    shown = {each["ref"]: each for each in roadmap(place)["deliverables"]}
    assert (shown["L-1"]["due_on"], shown["L-1"]["due_on_basis"], shown["L-1"]["overdue"]) == (
        "2026-03-02",
        "own",
        True,
    )
    assert (shown["L-2"]["due_on"], shown["L-2"]["due_on_basis"], shown["L-2"]["overdue"]) == (
        "2026-05-29",
        "phase",
        False,
    )
    assert (shown["L-5"]["due_on"], shown["L-5"]["due_on_basis"]) == (None, None)
    do(running, path, "add-version", title="Diagnostic")
    do(running, path, "submit")
    do(running, path, "validate", "sponsor")
    assert not roadmap(place)["deliverables"][0]["overdue"]
