"""Evaluation and closing over HTTP: what closing takes; a closed transformation is only read."""

from typing import Any
from uuid import UUID

import pytest

from service.acts.milestones import plan_milestone
from service.domain import workstream
from service.domain.act import Act
from service.domain.milestone import MILESTONE, MilestoneSubject
from service.domain.transformation import TRANSFORMATION, TransformationClosed
from service.domain.workstream import WORKSTREAM
from service.store.unit import Target, Unit
from tests.api.governed import Governed, appoint
from tests.api.registers import Place, launched
from tests.api.steps import do, event_ids, refused
from tests.running import Running


def whole(running: Running) -> dict[str, Any]:
    return {
        "title": "Impacts à un an",
        "baseline": "Trois relectures",
        "result": "Deux relectures",
        "narrative": "Les équipes ont tenu l’essai",
        "carried_on_by": running.people["contributor"],
        "follow_up_on": "2027-03-01",
    }


@pytest.fixture
def place(running: Running) -> Place:
    return launched(running)


def finally_reviewed(place: Place) -> None:
    """The steering committee, of one seat filled, looks at the end."""
    running = place.running
    (steering,) = place.items("bodies", kind="steering")
    appoint(running, steering["id"], "governance", 1)
    here = Governed(place, steering["id"])
    review = here.review(None, title="Revue finale")
    here.done(review, "freeze-pack")
    here.done(review, "hold", {"attended": [running.people["governance"]]})


def evaluated(place: Place) -> str:
    """The path of a transformation that was stopped, reviewed and evaluated: all that closing takes."""
    assert place.verdict("stop", 0).status_code == 201
    finally_reviewed(place)
    made = place.make("evaluations", whole(place.running))
    do(place.running, f"/evaluations/{made['id']}", "validate", "sponsor")
    return f"/transformations/{place.id}"


def closed(place: Place) -> str:
    """The path of a transformation that was stopped, evaluated and closed."""
    path = evaluated(place)
    assert do(place.running, path, "close", "sponsor")["status"] == "closed"
    return path


def test_an_evaluation_is_completed_then_validated_by_who_did_not_write_it(place: Place) -> None:
    running = place.running
    made = place.make("evaluations", {"title": "Impacts à un an", "baseline": "Trois relectures"})
    path = f"/evaluations/{made['id']}"
    missing = refused(running.act(path, "validate", {}, "sponsor"), 409, "evaluation-incomplete")
    assert missing["facts"]["missing"] == ["result", "narrative", "carried_on_by", "follow_up_on"]
    rest = {name: value for name, value in whole(running).items() if name not in ("title", "baseline")}
    do(running, path, "revise", **{**rest, "on_behalf_of": place.behalf("governance")})
    refused(running.act(path, "validate", {}, "lead"), 403, "not-allowed")
    refused(running.act(path, "validate", {}, "governance"), 409, "author-cannot-validate")
    decision = place.decision("sponsor")["id"]
    done = do(running, path, "validate", "sponsor", comment="Juste", decision_id=decision)
    assert (done["status"], done["validated_by"], done["decision_id"]) == (
        "validated", running.people["sponsor"], decision,
    )  # fmt: skip
    refused(running.act(path, "revise", {"result": "Une seule"}), 409, "evaluation-settled")
    drafted = event_ids(running, path)[0]
    changes = {"reason": "Mieux dit", "changes": {"baseline": "Quatre relectures"}}
    refused(running.act(path, f"events/{drafted}/correct", changes), 409, "submitted-is-fixed")
    nobody = {**whole(running), "carried_on_by": "p_" + "0" * 32}
    assert running.post(place.path("evaluations"), nobody).status_code == 404


def test_a_transformation_is_closed_in_its_turn_and_with_an_evaluation(place: Place) -> None:
    running, path = place.running, f"/transformations/{place.id}"
    assert refused(running.act(path, "close", {}, "sponsor"), 409, "transformation-not-closing")["facts"] == {
        "code": running.get(path).json()["code"],
        "status": "running",
    }
    assert place.verdict("stop", 0).status_code == 201
    refused(running.act(path, "close", {}, "sponsor"), 409, "final-review-missing")
    finally_reviewed(place)
    refused(running.act(path, "close", {}, "sponsor"), 409, "evaluation-missing")
    made = place.make("evaluations", whole(running))
    refused(running.act(path, "close", {}, "sponsor"), 409, "evaluation-missing")
    do(running, f"/evaluations/{made['id']}", "validate", "governance")
    refused(running.act(path, "close", {}, "lead"), 403, "not-allowed")
    done = do(running, path, "close", "sponsor")
    assert (done["status"], done["closed_on"], done["evaluation_id"]) == ("closed", "2026-03-02", made["id"])


def test_nothing_is_done_in_a_closed_transformation(place: Place) -> None:
    running = place.running
    milestone = f"/milestones/{place.milestone()['id']}"
    path = closed(place)
    before = running.service.log.head()
    fact = event_ids(running, milestone)[0]
    prepared = event_ids(running, path)[0]
    subject = {"kind": "milestone", "id": milestone.rpartition("/")[2]}
    answers = (
        running.post(place.path("actions"), {"title": "Relire"}),
        running.act(milestone, "reach"),
        running.post(f"{milestone}/confirm"),
        running.post(place.path("notes"), {"subject": subject, "text": "Encore un mot"}),
        running.post(place.path("decisions"), {"title": "Non", "chosen": "Non"}, "sponsor"),
        running.post(place.path("members"), {"person_id": running.person("recrue"), "role": "auditor"}),
        running.act(milestone, f"events/{fact}/correct", {"reason": "Faux", "changes": {"title": "Autre"}}),
        running.act(path, f"events/{prepared}/correct", {"reason": "Faux", "changes": {"name": "Autre"}}),
        running.act(path, "revise", {"name": "Autre"}),
        running.post(f"{path}/confirm"),
    )
    assert [answer.json()["code"] for answer in answers] == ["transformation-closed"] * len(answers)
    assert "ne se modifie plus" in answers[0].json()["detail"]
    # the person that the test enrolled is no fact of the transformation
    last = running.get(f"{path}/action-plan").json()["position"]
    assert last <= before
    assert running.get("/audit/events", "auditor", params={"transformation": place.id}).status_code == 200


def test_every_way_to_record_is_closed_not_only_the_api(place: Place) -> None:
    """Imports, jobs and commands record through the same unit, which is where the rule stands."""
    running = place.running
    milestone_of = MilestoneSubject.model_validate({"kind": "phase", "id": place.phases[0]})
    closed(place)

    def work(unit: Unit) -> Target:
        of = running.service.log.load(TRANSFORMATION, UUID(place.id))
        planned = plan_milestone(unit, of, subject=milestone_of, title="Bilan", due_on=running.now.date())
        return Target(MILESTONE, planned)

    act = Act(actor=running.people["lead"], now=running.now, channel="job", transformation_id=UUID(place.id))
    with pytest.raises(TransformationClosed):
        running.service.recorder.execute(act, work)


def test_an_act_decided_before_the_closing_is_not_recorded_after_it(place: Place) -> None:
    """The unit relies on the transformation being open, and the append checks it under its lock."""
    running = place.running
    path = evaluated(place)
    tries: list[str] = []

    def work(unit: Unit) -> Target:
        opened = unit.create(
            WORKSTREAM, workstream.open_(ref=unit.reference(WORKSTREAM, UUID(place.id)), title="Relire")
        )
        if not tries:
            tries.append(do(running, path, "close", "sponsor")["status"])
        return Target(WORKSTREAM, opened)

    act = Act(actor=running.people["lead"], now=running.now, channel="job", transformation_id=UUID(place.id))
    with pytest.raises(TransformationClosed):
        running.service.recorder.execute(act, work)
    assert tries == ["closed"]
    assert place.items("workstreams") == []


def test_a_closing_recorded_by_mistake_is_withdrawn(place: Place) -> None:
    running = place.running
    path = closed(place)
    *_, ended = event_ids(running, path)
    assert place.withdraw(path, ended, "lead").json()["status"] == "closing"
    place.milestone()
    assert do(running, path, "close", "sponsor")["status"] == "closed"
