"""Gates that belong to a body: a held review is the only source of the verdict; criteria, waivers, conditions."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from tests.api.governed import Governed, governed
from tests.api.registers import DECISION
from tests.api.steps import refused
from tests.running import Running


@pytest.fixture
def here(running: Running) -> Governed:
    return governed(running)


def test_the_sponsor_alone_no_longer_passes_the_gate_of_a_body(here: Governed) -> None:
    problem = refused(here.place.verdict("go", 0), 409, "gate-needs-review")
    assert problem["facts"] == {"ordinal": 1, "body": "Comité de pilotage"}
    with_conditions = here.place.verdict("go_with_conditions", 0)
    assert refused(with_conditions, 409, "gate-needs-review")
    # given back, it is the sponsor's again
    path = f"/phases/{here.place.phases[0]}"
    assert here.running.act(path, "configure-gate", {"body_id": None}, "governance").status_code == 403
    assert here.running.act(path, "configure-gate", {"body_id": None}, "sponsor").json()["gate_body_id"] is None
    assert refused(here.place.verdict("go_with_conditions", 0), 422, "conditions-need-review")
    assert here.place.verdict("go", 0).status_code == 201
    late = here.running.act(path, "configure-gate", {"body_id": here.body}, "sponsor")
    assert refused(late, 409, "phase-over")


def test_a_held_review_opens_the_next_phase(here: Governed) -> None:
    review = here.ready()
    given = here.verdict(review, "go")
    assert given.status_code == 200, given.text
    verdict = given.json()["verdict"]
    assert (verdict["verdict"], verdict["required"], verdict["present"]) == ("go", 2, 3)
    assert here.place.statuses() == ["completed", "open", "planned", "planned"]
    decision = here.running.get(f"/decisions/{verdict['decision_id']}").json()
    assert (decision["kind"], decision["verdict"], decision["review_id"]) == ("gate_verdict", "go", review["id"])
    assert decision["authority"] == {"kind": "body", "id": here.body}
    assert here.running.get(f"/phases/{here.place.phases[1]}").json()["opened_by"] == decision["id"]
    again = refused(here.verdict(given.json(), "go"), 409, "verdict-given-already")
    assert again["facts"]["decision_id"] == decision["id"]
    other = here.ready(0)
    heard = refused(here.verdict(other, "stop"), 409, "gate-has-its-verdict")
    assert heard["facts"] == {"by": decision["ref"]}


def test_go_waits_for_each_mandatory_criterion_or_a_waiver_with_a_name(here: Governed) -> None:
    running = here.running
    phase = f"/phases/{here.place.phases[0]}"
    assert running.act(phase, "configure-gate", {"body_id": here.body, "optional": [9]}, "sponsor").status_code == 422
    running.act(phase, "configure-gate", {"body_id": here.body, "optional": [2]}, "sponsor")
    review = here.ready(met=False)
    assert [c["mandatory"] for c in review["criteria"]] == [True, False, True]
    problem = refused(here.verdict(review, "go"), 409, "mandatory-criteria-unmet")
    assert problem["facts"]["criteria"] == [1, 3]
    with_conditions = here.verdict(review, "go_with_conditions", conditions=[here.condition()])
    assert refused(with_conditions, 409, "mandatory-criteria-unmet")
    assert refused(here.act(review, "waive-criterion", {"number": 1}, "sponsor"), 422, "reason-required")
    assert here.act(review, "waive-criterion", {"number": 1, "reason": "X"}).status_code == 403
    here.done(review, "waive-criterion", {"number": 1, "reason": "Fait en mars"}, "sponsor")
    here.done(review, "assess-criterion", {"number": 3, "met": True})
    assert refused(
        here.act(review, "waive-criterion", {"number": 3, "reason": "Inutile"}, "sponsor"), 409, "criterion-is-met"
    )
    given = here.verdict(review, "go")
    assert given.status_code == 200, given.text
    waiver = given.json()["criteria"][0]["waiver"]
    assert waiver["by"] == {"kind": "person", "id": running.people["sponsor"]}
    assert waiver["reason"] == "Fait en mars"
    after = here.act(review, "assess-criterion", {"number": 1, "met": False})
    assert refused(after, 409, "verdict-given-already")


def test_who_does_not_sit_does_not_judge(here: Governed) -> None:
    running = here.running
    review = here.ready()
    running.act(f"/bodies/{here.body}", "leave", {"person_id": running.people["governance"]})
    assert refused(here.verdict(review, "go", "governance"), 409, "not-seated")
    assert here.verdict(review, "go", "lead").status_code == 403
    behalf = {"kind": "body", "id": here.body, "basis": {"kind": "review", "id": review["id"]}}
    (tools,) = here.place.items("bodies", kind="tools")
    document = {"kind": "document", "document": {"title": "Relevé"}}
    other = {"kind": "body", "id": tools["id"], "basis": document}
    assert refused(here.verdict(review, "go", "lead", on_behalf_of=other), 422, "decided-by-somebody-else")
    given = here.verdict(review, "go", "lead", on_behalf_of=behalf)
    assert given.status_code == 200, given.text
    decision = running.get(f"/decisions/{given.json()['verdict']['decision_id']}").json()
    assert decision["recorded_for"] == {"kind": "body", "id": here.body}
    assert running.post(f"/decisions/{decision['id']}/contest", {"text": "Non"}, "second").status_code == 200


def test_conditions_have_an_owner_a_day_and_an_end(here: Governed) -> None:
    running = here.running
    review = here.ready()
    assert refused(here.verdict(review, "go_with_conditions"), 422, "conditions-missing")
    assert refused(here.verdict(review, "go", conditions=[here.condition()]), 422, "conditions-misplaced")
    past = [here.condition(due_on="2026-01-05")]
    assert refused(here.verdict(review, "go_with_conditions", conditions=past), 422, "condition-due-before")
    wanted = [here.condition(blocking=True), here.condition(statement="Écrire le bilan")]
    given = here.verdict(review, "go_with_conditions", conditions=wanted)
    assert given.status_code == 200, given.text
    assert [(c["number"], c["blocking"]) for c in given.json()["conditions"]] == [(1, True), (2, False)]
    assert here.place.statuses()[:2] == ["completed", "open"]
    # the next gate waits for the blocking one
    second = here.ready(1)
    problem = refused(here.verdict(second, "go"), 409, "blocking-conditions-open")
    assert problem["facts"]["conditions"] == [f"{review['ref']} / 1"]
    somebody = here.act(review, "meet-condition", {"number": 1}, "governance")
    assert refused(somebody, 409, "condition-of-somebody-else")
    met = here.done(review, "meet-condition", {"number": 1, "comment": "Fini"}, "contributor")
    assert met["conditions"][0]["met_on"] == here.today()
    assert refused(here.act(review, "meet-condition", {"number": 1}), 409, "condition-settled")
    assert refused(here.act(review, "meet-condition", {"number": 7}), 404, "condition-unknown")
    assert refused(here.act(review, "lift-condition", {"number": 2}, "sponsor"), 422, "reason-required")
    lifted = here.done(review, "lift-condition", {"number": 2, "reason": "Plus utile"}, "sponsor")
    assert lifted["conditions"][1]["lifted_because"] == "Plus utile"
    assert here.verdict(second, "go").status_code == 200
    pack = running.get(f"/reviews/{here.ready(2)['id']}/pack").json()
    assert [(c["number"], c["met_on"] is not None, c["lifted_on"] is not None) for c in pack["earlier_conditions"]] == [
        (1, True, False),
        (2, False, True),
    ]


def test_a_blocking_condition_unmet_at_its_date_goes_up_to_governance(here: Governed) -> None:
    running, review = here.running, here.ready()
    due = (running.now + timedelta(days=5)).date().isoformat()
    wanted = [here.condition(blocking=True, due_on=due), here.condition(statement="Le bilan", due_on=due)]
    assert here.verdict(review, "go_with_conditions", conditions=wanted).status_code == 200
    early = refused(here.act(review, "escalate-condition", {"number": 1}), 409, "condition-not-overdue")
    assert early["facts"] == {"ref": review["ref"], "number": 1, "due_on": due}
    running.advance(days=6)
    assert refused(here.act(review, "escalate-condition", {"number": 2}), 409, "condition-not-blocking")
    raised = here.done(review, "escalate-condition", {"number": 1}, "facilitator")
    assert [c["escalated_on"] for c in raised["conditions"]] == [here.today(), None]
    again = refused(here.act(review, "escalate-condition", {"number": 1}), 409, "condition-escalated-already")
    assert again["facts"] == {"ref": review["ref"], "number": 1, "on": here.today()}
    agenda = running.get(here.place.path("agenda"), "sponsor", params={"person": running.people["sponsor"]}).json()
    assert "condition_escalated" in agenda["counts"]
    changed = running.get(here.place.path("changes"), params={"from": str(running.service.log.head() - 1)}).json()
    assert [item["sentence"] for item in changed["items"]] == [
        f"Le point d’étape {review['ref']} «\u202fPoint d’étape\u202f»\u202f: la condition 1, bloquante et non remplie "
        "à sa date, est portée à la gouvernance."
    ]


def test_replan_and_hold_leave_the_gate_to_come_back_to_and_stop_ends(here: Governed) -> None:
    assert here.verdict(here.ready(), "hold").status_code == 200
    assert here.place.statuses()[0] == "held"
    assert refused(here.verdict(here.ready(), "go"), 409, "phase-not-open")
    assert here.verdict(here.ready(), "replan").status_code == 200
    assert here.place.statuses()[0] == "open"
    assert here.verdict(here.ready(), "stop").status_code == 200
    assert here.place.statuses()[0] == "stopped"
    assert here.running.get(f"/transformations/{here.place.id}").json()["status"] == "closing"


def test_a_gate_is_judged_by_its_own_body_only_and_in_its_turn(here: Governed) -> None:
    place = here.place
    (tools,) = place.items("bodies", kind="tools")
    body = {"body_id": tools["id"], "title": "X", "planned_on": here.today(), "phase_id": place.phases[0]}
    assert refused(here.running.post(place.path("reviews"), body), 409, "gate-of-another-body")
    here.running.act(f"/phases/{place.phases[3]}", "configure-gate", {"body_id": None}, "sponsor")
    last = {**body, "body_id": here.body, "phase_id": place.phases[3]}
    assert refused(here.running.post(place.path("reviews"), last), 409, "gate-without-body")
    assert refused(here.verdict(here.ready(1), "go"), 409, "phase-not-open")
    assert refused(here.verdict(here.ready(None), "hold"), 409, "review-is-no-gate")
    review = here.ready()
    assert refused(here.act(review, "close"), 409, "verdict-missing")
    moved = here.running.act(f"/phases/{place.phases[0]}", "configure-gate", {"body_id": tools["id"]}, "sponsor")
    assert moved.status_code == 200
    assert refused(here.verdict(review, "go"), 409, "gate-of-another-body")


def test_a_verdict_given_by_mistake_is_taken_back_step_by_step(here: Governed) -> None:
    review = here.ready()
    decision = here.verdict(review, "hold").json()["verdict"]["decision_id"]
    (taken,) = here.place.events(decision, "decision.taken")
    refusal = here.place.withdraw(f"/decisions/{decision}", taken, "governance")
    assert refused(refusal, 409, "decision-had-effects")
    (held,) = here.place.events(here.place.phases[0], "phase.held")
    alone = here.place.withdraw(f"/phases/{here.place.phases[0]}", held, "lead")
    assert refused(alone, 403, "not-allowed")["facts"]["act"] == "review.give_verdict"
    assert here.place.withdraw(f"/phases/{here.place.phases[0]}", held, "lead", "governance").status_code == 200
    (given,) = here.place.events(review["id"], "review.verdict_given")
    path, body = f"/reviews/{review['id']}", {"reason": "Saisi par erreur"}
    alone = here.running.act(path, f"events/{given}/withdraw", body, "lead")
    assert refused(alone, 403, "not-allowed")
    minutes = {"kind": "document", "document": {"title": "Relevé rectifié"}}
    behalf = {"on_behalf_of": {"kind": "body", "id": here.body, "basis": minutes}}
    assert here.running.act(path, f"events/{given}/withdraw", {**body, **behalf}, "lead").status_code == 200
    assert here.place.withdraw(f"/decisions/{decision}", taken, "governance").status_code == 200
    assert here.verdict(review, "go").status_code == 200


def test_a_passage_is_taken_back_from_its_last_effect_on(here: Governed) -> None:
    """Two phases are never open, whatever is withdrawn."""
    first, second = here.place.phases[:2]
    assert here.verdict(here.ready(), "go").status_code == 200
    (completed,) = here.place.events(first, "phase.completed")
    problem = refused(here.place.withdraw(f"/phases/{first}", completed, "lead", "sponsor"), 409, "verdict-still-acts")
    assert problem["facts"] == {"ordinal": 1, "begun": ["phase 2"]}
    (opened,) = here.place.events(second, "phase.opened")
    assert here.place.withdraw(f"/phases/{second}", opened, "lead", "sponsor").status_code == 200
    assert here.place.withdraw(f"/phases/{first}", completed, "lead", "sponsor").status_code == 200
    assert here.place.statuses() == ["open", "planned", "planned", "planned"]


def at_once(*acts: Callable[[], Any]) -> list[int]:
    """The statuses of several acts done at the same instant, in order of size."""
    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(answer.status_code for answer in pool.map(lambda act: act(), acts))


def test_of_two_people_at_once_one_is_heard(here: Governed) -> None:
    """Two reviews of one gate judged together; one pack frozen again while its review is recorded as held."""
    one, other = here.ready(), here.ready()
    assert at_once(lambda: here.verdict(one, "go"), lambda: here.verdict(other, "go", "governance")) == [200, 409]
    assert here.place.statuses() == ["completed", "open", "planned", "planned"]
    heard = [here.running.get(f"/reviews/{each['id']}").json()["verdict"] for each in (one, other)]
    assert [each is None for each in sorted(heard, key=bool)] == [True, False]
    review = here.review(1)
    etag = here.running.get(f"/reviews/{review['id']}").headers["ETag"]
    frozen = here.running.post(f"/reviews/{review['id']}/freeze-pack", {}, etag=etag)
    etag, path = frozen.headers["ETag"], f"/reviews/{review['id']}"
    came = {"attended": [here.running.people["sponsor"]]}
    statuses = at_once(
        lambda: here.running.post(f"{path}/freeze-pack", {"reason": "Chiffres relus"}, etag=etag),
        lambda: here.running.post(f"{path}/hold", came, "facilitator", etag=etag),
    )
    assert statuses in ([200, 409], [200, 412])


def test_in_a_transformation_without_bodies_at_its_gates_nothing_changed(running: Running) -> None:
    here = governed(running, ())
    assert here.place.verdict("go", 0).status_code == 201
    assert here.place.make("decisions", DECISION, "sponsor")["review_id"] is None


def test_no_correction_opens_a_gate_by_the_side(here: Governed) -> None:
    review = here.ready(met=False)
    path = f"/reviews/{review['id']}"

    def corrected(topic: str, subject: str = review["id"], **changes: Any) -> Any:
        (event, *_) = here.place.events(subject, topic)
        where = f"/phases/{subject}" if topic.startswith("phase.") else f"/reviews/{subject}"
        return here.running.act(where, f"events/{event}/correct", {"reason": "Erreur", "changes": changes})

    assert refused(corrected("review.scheduled", optional=[1, 2, 3]), 422, "correction-invalid")
    assert refused(corrected("review.held", present=9), 422, "correction-invalid")
    assert corrected("review.scheduled", title="Passage du diagnostic").json()["title"] == "Passage du diagnostic"
    assert corrected("review.held", minutes="Relu").json()["minutes"] == "Relu"
    phase = here.place.phases[0]
    assert refused(corrected("phase.gate_configured", phase, optional=[1, 2, 3]), 409, "not-mendable")
    (given,) = here.place.events(phase, "phase.gate_configured")
    assert refused(here.place.withdraw(f"/phases/{phase}", given, "lead"), 409, "not-mendable")
    ready = here.ready()
    conditional = here.verdict(ready, "go_with_conditions", conditions=[here.condition(blocking=True)])
    assert conditional.status_code == 200
    assert refused(corrected("review.condition_set", ready["id"], blocking=False), 422, "correction-invalid")
    assert corrected("review.condition_set", ready["id"], statement="Finir tous les entretiens").status_code == 200
    (condition,) = here.place.events(ready["id"], "review.condition_set")
    assert refused(here.place.withdraw(f"/reviews/{ready['id']}", condition, "lead"), 409, "not-seated")
    assert here.running.get(path).json()["verdict"] is None
