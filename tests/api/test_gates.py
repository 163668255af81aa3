"""Gates and baselines over HTTP: phases move only by a verdict, and dates become promises only by a decision."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from service.acts.decisions import take_decision
from service.acts.milestones import plan_milestone
from service.domain.act import Act
from service.domain.decision import DECISION as DECISIONS
from service.domain.milestone import MILESTONE, MilestoneSubject
from service.domain.transformation import TRANSFORMATION
from service.store.unit import Outcome, Target, Unit
from tests.api.registers import DECISION, Place, launched, prepared
from tests.api.steps import submit_plan
from tests.running import Running

VALIDATION = {**DECISION, "kind": "plan_validation", "title": "Plan validé"}
REPLAN = {**DECISION, "kind": "replan", "title": "Nouveau calendrier"}


@pytest.fixture
def place(running: Running) -> Place:
    return launched(running)


def decide(place: Place, body: dict[str, Any], who: str = "governance") -> dict[str, Any]:
    if body is VALIDATION:
        submit_plan(place.running, place.id)
    made = place.running.post(place.path("decisions"), body, who)
    assert made.status_code == 201, made.text
    answer: dict[str, Any] = made.json()
    return answer


def test_a_phase_opens_only_by_a_verdict(place: Place) -> None:
    assert place.statuses() == ["open", "planned", "planned", "planned"]
    taken = place.verdict("go", 0).json()
    assert place.statuses() == ["completed", "open", "planned", "planned"]
    opened = place.running.get(f"/phases/{place.phases[1]}").json()
    assert opened["opened_by"] == taken["id"]
    # the decision and its effects are one commit
    rows = place.running.service.database.all(
        "SELECT DISTINCT correlation_id, recorded_at FROM audit_events WHERE causation_id = "
        "(SELECT event_id FROM audit_events WHERE subject_id = %s)",
        (taken["id"],),
    )
    assert len(rows) == 1


def test_the_lead_records_the_verdict_of_the_sponsor_with_a_document(place: Place) -> None:
    alone = place.verdict("go", 0, "lead")
    assert (alone.status_code, alone.json()["code"]) == (403, "not-allowed")
    groundless = {"kind": "person", "id": place.running.people["sponsor"], "basis": {"kind": "document"}}
    refused = place.verdict("go", 0, "lead", on_behalf_of=groundless)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/on_behalf_of/basis")
    assert place.verdict("go", 0, "lead", on_behalf_of=place.behalf("governance")).status_code == 403
    assert place.verdict("go", 0, "contributor", on_behalf_of=place.behalf("sponsor")).status_code == 403
    assert place.statuses()[0] == "open"
    taken = place.verdict("go", 0, "lead", on_behalf_of=place.behalf("sponsor"))
    assert taken.status_code == 201, taken.text
    sponsor = {"kind": "person", "id": place.running.people["sponsor"]}
    assert (taken.json()["recorded_for"], taken.json()["authority"]) == (sponsor, sponsor)
    assert place.statuses()[:2] == ["completed", "open"]


def test_a_gate_hears_its_verdict_in_its_turn_and_once(place: Place) -> None:
    early = place.verdict("go", 1)
    assert (early.status_code, early.json()["code"], early.json()["facts"]) == (
        409,
        "phase-not-open",
        {"ordinal": 2, "status": "planned"},
    )
    passed = place.verdict("go", 0).json()
    for verdict in ("go", "stop"):
        refused = place.verdict(verdict, 0)
        assert (refused.status_code, refused.json()["code"]) == (409, "gate-has-its-verdict")
        assert f"par la décision {passed['ref']}." in refused.json()["detail"]
    assert place.verdict("hold", 0).json()["code"] == "phase-not-open"
    assert len(place.items("decisions")) == 1


def test_of_two_verdicts_at_once_one_passes_the_gate(place: Place) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: place.verdict("go", 0), range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert place.statuses() == ["completed", "open", "planned", "planned"]


def test_a_held_phase_is_taken_up_again_by_a_verdict(place: Place) -> None:
    assert place.verdict("hold", 0).status_code == 201
    assert place.statuses()[0] == "held"
    refused = place.verdict("go", 0)
    assert "suspendu" in refused.json()["detail"]
    assert place.verdict("replan", 0).status_code == 201
    assert place.statuses()[0] == "open"


def test_stop_begins_the_closing_and_so_does_the_last_go(place: Place) -> None:
    running = place.running
    stopped = place.verdict("stop", 0).json()
    assert place.statuses()[0] == "stopped"
    whole = running.get(f"/transformations/{place.id}").json()
    assert (whole["status"], whole["closing_decision_id"]) == ("closing", stopped["id"])
    other = launched(running)
    for phase in range(3):
        assert other.verdict("go", phase).status_code == 201
    assert running.get(f"/transformations/{other.id}").json()["status"] == "running"
    assert other.verdict("go", 3).status_code == 201
    assert running.get(f"/transformations/{other.id}").json()["status"] == "closing"


def test_a_verdict_names_a_gate_of_its_transformation(place: Place) -> None:
    running = place.running
    incomplete = running.post(place.path("decisions"), {**DECISION, "kind": "gate_verdict", "verdict": "go"}, "sponsor")
    assert (incomplete.status_code, incomplete.json()["code"]) == (422, "verdict-incomplete")
    misplaced = running.post(place.path("decisions"), {**DECISION, "verdict": "go"}, "sponsor")
    assert (misplaced.status_code, misplaced.json()["code"]) == (422, "verdict-misplaced")
    elsewhere = launched(running)
    assert place.verdict("go", 0, phase_id=elsewhere.phases[0]).status_code == 404


def test_dates_slip_only_once_the_plan_is_validated(place: Place) -> None:
    running = place.running
    milestone, action = place.milestone(), place.action()
    path = f"/milestones/{milestone['id']}"
    draft = running.act(path, "reschedule", {"due_on": "2026-05-06", "reason": "Salle prise"}).json()
    assert (draft["slippage"], draft["late"]) == (None, False)
    assert running.post(place.path("decisions"), VALIDATION, "lead").status_code == 403
    validated = decide(place, VALIDATION)
    assert running.get(f"/transformations/{place.id}").json()["plan_decision_id"] == validated["id"]
    assert running.get(path).json()["baseline_on"] == "2026-05-06"
    assert running.get(f"/actions/{action['id']}").json()["baseline_on"] == "2026-05-29"
    running.act(path, "reschedule", {"due_on": "2026-05-11", "reason": "Grève"})
    slipped = running.get(path).json()
    assert slipped["late"]
    # from Wednesday 6 May to Monday 11 May, Friday 8 May being a public holiday
    assert (slipped["slippage"]["calendar_days"], slipped["slippage"]["working_days"]) == (5, 2)
    later = place.milestone(title="Ajouté ensuite", due_on="2026-06-01")
    assert later["baseline_on"] == "2026-06-01"


def test_a_replan_sets_new_baselines_and_keeps_the_original(place: Place) -> None:
    running = place.running
    path = f"/milestones/{place.milestone()['id']}"
    early = running.post(place.path("decisions"), REPLAN, "sponsor")
    assert (early.status_code, early.json()["code"]) == (409, "plan-not-validated")
    decide(place, VALIDATION)
    again = running.post(place.path("decisions"), VALIDATION, "sponsor")
    assert (again.status_code, again.json()["code"]) == (409, "plan-already-validated")
    assert "2 mars 2026" in again.json()["detail"]
    running.act(path, "reschedule", {"due_on": "2026-05-18", "reason": "Grève"})
    before = running.service.log.head()
    decide(place, REPLAN)
    shown = running.get(path).json()
    assert (shown["baseline_on"], shown["original_baseline_on"]) == ("2026-05-18", "2026-05-04")
    assert (shown["slippage"]["calendar_days"], shown["original_slippage"]["calendar_days"]) == (0, 14)
    past = running.get(path, params={"as_of_position": before}).json()
    assert (past["baseline_on"], past["slippage"]["calendar_days"]) == ("2026-05-04", 14)


def test_what_is_promised_while_the_plan_is_validated_has_its_baseline(place: Place) -> None:
    promised: list[str] = []
    submit_plan(place.running, place.id)

    def validate(unit: Unit) -> Target:
        with place.running.service.database.snapshot() as connection:
            row = connection.execute("SELECT position FROM projection_head").fetchone()
            fields = {"kind": "plan_validation", "title": "Plan validé", "chosen": "Le plan"}
            whole = unit.get(TRANSFORMATION, UUID(place.id))
            taken = take_decision(unit, connection, whole, position=row["position"], **fields)
        if not promised:
            promised.append(place.milestone(title="Promis au même instant")["id"])
        return Target(DECISIONS, taken)

    record(place, validate)
    assert len(place.items("decisions")) == 1
    assert baseline_of(place, promised[0]) == "2026-05-04"


def test_what_is_promised_as_the_plan_was_just_validated_has_its_baseline(place: Place) -> None:
    validated: list[Any] = []
    whole = place.running.service.log.load(TRANSFORMATION, UUID(place.id))

    def promise(unit: Unit) -> Target:
        subject = MilestoneSubject(kind="phase", id=UUID(place.phases[0]))
        planned = plan_milestone(unit, whole, subject=subject, title="À mi-course", due_on=date(2026, 5, 4))
        if not validated:
            validated.append(decide(place, VALIDATION))
        return Target(MILESTONE, planned)

    outcome = record(place, promise)
    assert baseline_of(place, str(outcome.id)) == "2026-05-04"


def record(place: Place, work: Callable[[Unit], Target]) -> Outcome:
    """Write through the one way to record, as who governs."""
    running = place.running
    act = Act(actor=running.people["governance"], now=running.now, transformation_id=UUID(place.id))
    outcome: Outcome = running.service.recorder.execute(act, work)
    assert running.service.gate.wait(outcome.position, 10)
    return outcome


def baseline_of(place: Place, milestone: str) -> Any:
    return place.running.get(f"/milestones/{milestone}").json()["baseline_on"]


def test_only_a_launched_transformation_has_its_plan_validated(running: Running) -> None:
    place = prepared(running)
    refused = running.post(place.path("decisions"), VALIDATION, "sponsor")
    assert (refused.status_code, refused.json()["code"]) == (409, "transformation-not-running")
    assert place.items("decisions") == []


def test_a_verdict_that_had_effects_is_not_withdrawn_before_them(place: Place) -> None:
    running = place.running
    taken = place.verdict("go", 0).json()
    path = f"/decisions/{taken['id']}"
    [decision_taken] = place.events(taken["id"], "decision.taken")
    refused = place.withdraw(path, decision_taken, "sponsor")
    titles = [running.get(f"/phases/{id}").json()["title"] for id in place.phases[:2]]
    assert (refused.status_code, refused.json()["code"]) == (409, "decision-had-effects")
    assert refused.json()["facts"]["on"] == titles
    for phase, topic in ((place.phases[1], "phase.opened"), (place.phases[0], "phase.completed")):
        [fact] = place.events(phase, topic)
        alone = place.withdraw(f"/phases/{phase}", fact, "lead")
        assert (alone.status_code, alone.json()["facts"]["act"]) == (403, "decision.take_gate_verdict")
        gone = place.withdraw(f"/phases/{phase}", fact, "lead", "sponsor")
        assert gone.status_code == 200, gone.text
    # nothing stands on it any more, but while it stands it is the one final verdict of its gate
    second = place.verdict("go", 0)
    assert (second.status_code, second.json()["code"], second.json()["facts"]["by"]) == (
        409,
        "gate-has-its-verdict",
        taken["ref"],
    )
    assert place.withdraw(path, decision_taken, "sponsor").status_code == 200
    assert place.statuses()[:2] == ["open", "planned"]
    assert place.verdict("go", 0).status_code == 201, "the gate is free again"


def test_who_leads_does_not_undo_what_a_validation_did(place: Place) -> None:
    milestone = place.milestone()
    decide(place, VALIDATION)
    before, promised = place.running.service.log.head(), baseline_of(place, milestone["id"])
    done = (
        (f"/milestones/{milestone['id']}", "milestone.baseline_set"),
        (f"/transformations/{place.id}", "transformation.plan_validated"),
    )
    for path, topic in done:
        [fact] = place.events(path.rpartition("/")[2], topic)
        for verb, more in (("withdraw", {}), ("correct", {"changes": {"occurred_on": "2026-03-01"}})):
            body = {"reason": "Erreur", **more}
            alone = place.running.act(path, f"events/{fact}/{verb}", body, "lead")
            assert (alone.status_code, alone.json()["facts"]["act"]) == (403, "decision.take_plan_validation")
    assert (place.running.service.log.head(), baseline_of(place, milestone["id"])) == (before, promised)
    [fact] = place.events(milestone["id"], "milestone.baseline_set")
    undone = place.withdraw(f"/milestones/{milestone['id']}", fact, "lead", "governance")
    assert (undone.status_code, undone.json()["baseline_on"]) == (200, None)


def test_a_validation_that_set_baselines_is_not_withdrawn_even_after_a_replan(place: Place) -> None:
    milestone = place.milestone()
    validated = decide(place, VALIDATION)
    decide(place, REPLAN)
    [taken] = place.events(validated["id"], "decision.taken")
    refused = place.withdraw(f"/decisions/{validated['id']}", taken, "governance")
    assert (refused.status_code, refused.json()["code"]) == (409, "decision-had-effects")
    assert milestone["ref"] in refused.json()["facts"]["on"]
    body = {"reason": "Autre verdict", "changes": {"kind": "ordinary"}}
    reworded = place.running.act(f"/decisions/{validated['id']}", f"events/{taken}/correct", body, "governance")
    assert (reworded.status_code, reworded.json()["code"]) == (422, "correction-invalid")
