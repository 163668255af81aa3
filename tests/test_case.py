"""The founding case, entered phase by phase through the API alone, as its people would; every view is checked at each
gate, and afterwards asked again for that moment. The packs are the same bytes after a rebuild, an upgrade and a clock.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from service.domain.milestone import MilestonePlanned
from service.projections.all_tables import TABLES
from tests.api.governed import Governed, governed
from tests.api.registers import Json
from tests.api.steps import submit_plan
from tests.api.test_closing import whole as evaluated
from tests.api.test_direction_projects import WHOLE
from tests.running import Running

VIEWS = (
    "action-plan",
    "milestone-timeline",
    "obstacle-register",
    "indicator-board",
    "decision-register",
    "agenda",
    "roadmap",
)
LISTS = (
    "phases",
    "bodies",
    "reviews",
    "decisions",
    "milestones",
    "groups",
    "deliverables",
    "plan-versions",
    "direction-projects",
    "evaluations",
)


@dataclass
class Moment:
    """What was read at a gate: every view and list, and the position they were read at."""

    position: int
    views: dict[str, Json]
    pack: bytes
    review: str


@dataclass
class Case:
    """The case as its people enter it."""

    here: Governed
    moments: list[Moment] = field(default_factory=list)

    @property
    def running(self) -> Running:
        return self.here.running

    def on(self, day: str) -> None:
        self.running.now = datetime.fromisoformat(f"{day}T09:00:00").replace(tzinfo=UTC)

    def act(self, path: str, verb: str, who: str = "lead", **body: Any) -> Json:
        answer = self.running.act(path, verb, body, who)
        assert answer.status_code == 200, answer.text
        shown: Json = answer.json()
        return shown

    def read(self, name: str, **params: Any) -> Json:
        answer = self.running.get(self.here.place.path(name), "governance", params=params)
        assert answer.status_code == 200, answer.text
        shown: Json = answer.json()
        return shown

    def hand_over(self, deliverable: Json, *returned: str) -> None:
        """Submitted by the lead, sent back once for each thing to adjust, and validated by governance."""
        path = f"/deliverables/{deliverable['id']}"
        for number, to_adjust in enumerate((*returned, None), start=1):
            if deliverable["kind"] == "document":
                self.act(path, "add-version", title=f"Version {number}", sha256=str(number) * 64)
            self.act(path, "submit")
            assert "deliverable_to_validate" in self.read("agenda", person=self.running.people["sponsor"])["counts"]
            if to_adjust is not None:
                assert self.act(path, "return", "sponsor", to_adjust=to_adjust)["status"] == "returned"
        assert self.act(path, "validate", "governance")["status"] == "validated"

    def gate(self, phase: int, day: str, verdict: str, unmet: tuple[int, ...] = (), **more: Any) -> Json:
        """A point d'étape at a gate: prepared by the lead, judged by the committee, read by its members."""
        here, people = self.here, self.running.people
        agenda = [{"title": "Le passage", "owner": people["lead"], "expected": "verdict"}]
        review = here.review(phase, planned_on=day, title=f"Passage {phase + 1}", agenda=agenda)
        self.on(day)
        waiting = {each["kind"] for each in self.read("agenda")["items"] if each["subject"]["id"] == review["id"]}
        assert {"review_to_prepare", "review_to_attend"} <= waiting
        for criterion in review["criteria"]:
            here.done(
                review, "assess-criterion", {"number": criterion["number"], "met": criterion["number"] not in unmet}
            )
        here.done(review, "freeze-pack", who="facilitator")
        here.done(review, "hold", {"attended": [people["sponsor"], people["governance"]]}, "facilitator")
        assert "verdict_to_give" in self.read("agenda")["counts"]
        for number in unmet:
            if verdict in ("go", "go_with_conditions"):
                assert here.verdict(review, verdict, "governance", **more).status_code == 409
                here.done(review, "waive-criterion", {"number": number, "reason": "Assumé par le comité"}, "sponsor")
        given = here.verdict(review, verdict, "governance", **more)
        assert given.status_code == 200, given.text
        here.done(review, "close", {"conclusions": "Dit"})
        decision = given.json()["verdict"]["decision_id"]
        self.act(f"/decisions/{decision}", "communicate", audience="Toute la direction")
        self.act(f"/decisions/{decision}", "apply")
        for who in ("sponsor", "governance", "second"):
            assert self.running.post(f"/reviews/{review['id']}/acknowledge", {}, who).status_code == 200
        self.remember(review["id"])
        shown: Json = given.json()
        return shown

    def remember(self, review: str) -> None:
        """Read everything, so that it can be asked again for this moment."""
        position = self.running.service.log.head()
        views = {name: self.read(name, as_of_position=position) for name in (*VIEWS, *LISTS)}
        pack = self.running.get(f"/reviews/{review}/pack").content
        self.moments.append(Moment(position, views, pack, review))


@pytest.fixture(scope="module")
def case(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    with Running(database, tmp_path_factory.mktemp("case")) as running:
        lived = Case(governed(running))
        live(lived)
        yield lived


def live(case: Case) -> None:
    """The four phases, entered as its people would; every step is checked as it is taken."""
    here, place, running = case.here, case.here.place, case.running
    assert place.statuses() == ["open", "planned", "planned", "planned"]
    # 1. diagnosis and immersion: who is met, what is found, the four axes
    staff = place.make("groups", {"name": "Agents"})
    running.post(f"/groups/{staff['id']}/count", {"headcount": 80})
    case.on("2026-03-16")
    confirmed = {"title": "Quatre axes", "chosen": "Les quatre axes", "confirms_axes": place.axes}
    place.make("decisions", confirmed, "governance")
    restitution = place.milestone(title="Restitution", due_on="2026-04-03")
    diagnosis, itinerary, plan, project, outcome = place.items("deliverables")
    case.on("2026-04-03")
    case.act(f"/milestones/{restitution['id']}", "reach")
    case.hand_over(diagnosis, "Entendre aussi les partenaires")
    case.hand_over(itinerary)
    first = case.gate(0, "2026-04-07", "go", unmet=(1,))
    assert first["criteria"][0]["waiver"]["by"]["id"] == running.people["sponsor"]
    assert place.statuses() == ["completed", "open", "planned", "planned"]

    # 2. the target in the short term: priorities, a plan, its validation; a go with a condition that blocks
    axis = place.axes[1]
    workstream = place.make("workstreams", {"title": "Outils partagés", "axis_id": axis})
    case.act(f"/workstreams/{workstream['id']}", "prioritise", priority=1)
    action = place.action(workstream_id=workstream["id"], end_on="2026-09-30")
    pilot = place.milestone(subject={"kind": "action", "id": action["id"]}, title="Essai", due_on="2026-07-01")
    submit_plan(running, place.id)
    assert "plan_to_validate" in case.read("agenda", person=running.people["sponsor"])["counts"]
    place.make("decisions", {"kind": "plan_validation", "title": "Plan validé", "chosen": "Oui"}, "governance")
    case.hand_over(plan)
    condition = here.condition(statement="Chiffrer les postes", due_on="2026-06-30", blocking=True)
    second = case.gate(1, "2026-05-18", "go_with_conditions", conditions=[condition])
    assert place.statuses() == ["completed", "completed", "open", "planned"]
    assert "condition_due" in case.read("agenda", person=running.people["contributor"])["counts"]

    # 3. the direction project: not ready (replan), then validated; the blocking condition is met in between
    case.on("2026-06-22")
    case.act(f"/milestones/{pilot['id']}", "reschedule", due_on="2026-09-01", reason="Postes livrés tard")
    written = f"/direction-projects/{place.make('direction-projects', WHOLE)['id']}"
    case.act(written, "submit")
    assert case.act(written, "adjust", "sponsor", to_adjust="Dire ce que l’on cesse")["status"] == "adjusted"
    case.gate(2, "2026-06-29", "replan", unmet=(1,))
    assert place.statuses() == ["completed", "completed", "open", "planned"]
    submit_plan(running, place.id, "Plan d’action, version 2")
    place.make("decisions", {"kind": "replan", "title": "Nouvelles dates", "chosen": "Une fois"}, "governance")
    moved = case.read("plan-comparison", **{"from": 1, "to": 2})["moved"]
    assert [(each["before"], each["after"]) for each in moved] == [("2026-07-01", "2026-09-01")]
    case.on("2026-07-06")
    assert "condition_escalated" in case.read("agenda", person=running.people["sponsor"])["counts"]
    raised = here.done(second, "escalate-condition", {"number": 1}, "facilitator")
    assert raised["conditions"][0]["escalated_on"] == "2026-07-06"
    here.done(second, "meet-condition", {"number": 1, "comment": "Chiffré"}, "contributor")
    assert "condition_escalated" not in case.read("agenda")["counts"]
    case.act(written, "revise", how="En équipe, sans les relectures d’habitude")
    case.act(written, "submit")
    validated = case.act(written, "validate", "sponsor")
    assert (validated["status"], validated["validated_version"]) == ("validated", 2)
    case.hand_over(project)
    case.gate(2, "2026-09-14", "go")
    assert place.statuses() == ["completed", "completed", "completed", "open"]

    # 4. steering: an obstacle goes up and is answered; the last gate begins the closing
    obstacle = place.obstacle(blocks=[{"kind": "action", "id": action["id"]}])
    case.act(f"/obstacles/{obstacle['id']}", "escalate", level="governance", ask="Un poste", answer_due_on="2026-10-01")
    assert "escalation_to_answer" in case.read("agenda", person=running.people["governance"])["counts"]
    case.act(f"/obstacles/{obstacle['id']}", "answer", "governance", answer="Accordé")
    case.act(f"/obstacles/{obstacle['id']}", "resolve", resolution="Poste pourvu", resolved_by={"kind": "other"})
    case.act(f"/obstacles/{obstacle['id']}", "verify", "governance")
    case.on("2026-11-30")
    case.act(f"/milestones/{pilot['id']}", "reach")
    case.gate(3, "2026-12-14", "go", unmet=(1, 2))
    assert place.statuses() == ["completed"] * 4
    whole = f"/transformations/{place.id}"
    assert running.get(whole).json()["status"] == "closing"

    # the end: the outcome, the evaluation of the impacts, the closing; the last gate was the final review
    case.hand_over(outcome)
    assert "evaluation_to_write" in case.read("agenda", person=running.people["lead"])["counts"]
    assert running.act(whole, "close", {}, "sponsor").json()["code"] == "evaluation-missing"
    evaluation = place.make("evaluations", evaluated(running))
    case.act(f"/evaluations/{evaluation['id']}", "validate", "governance")
    assert "transformation_to_close" in case.read("agenda", person=running.people["sponsor"])["counts"]
    case.on("2027-01-11")
    assert case.act(whole, "close", "sponsor")["closed_on"] == "2027-01-11"
    assert running.post(place.path("actions"), {"title": "Relire"}).json()["code"] == "transformation-closed"


def test_the_four_phases_run_under_their_governance(case: Case) -> None:
    assert len(case.moments) == 5
    assert case.here.place.statuses() == ["completed"] * 4


def test_each_gate_is_asked_again_for_its_moment(case: Case) -> None:
    for moment in case.moments:
        for name, seen in moment.views.items():
            assert case.read(name, as_of_position=moment.position) == seen, name
        assert case.running.get(f"/reviews/{moment.review}/pack").content == moment.pack
    statuses = [
        [phase["status"] for phase in sorted(moment.views["phases"]["items"], key=lambda p: p["ordinal"])]
        for moment in case.moments
    ]
    assert [line.count("completed") for line in statuses] == [1, 2, 2, 3, 4]


def test_a_pack_tells_what_changed_since_the_last_review(case: Case) -> None:
    readable = case.running.get(f"/reviews/{case.moments[1].review}/pack", params={"form": "readable"}).json()
    since = readable["pack"]["since_last_review"]
    assert since["review"]["id"] == case.moments[0].review
    topics = {event["topic"] for event in since["events"]}
    assert {"phase.completed", "transformation.plan_validated", "milestone.baseline_set"} <= topics
    third = case.running.get(f"/reviews/{case.moments[2].review}/pack", params={"form": "readable"}).json()
    (condition,) = third["pack"]["earlier_conditions"]
    assert (condition["statement"], condition["blocking"], condition["met_on"]) == ("Chiffrer les postes", True, None)


def test_the_packs_outlive_a_rebuild_an_upgrade_and_another_clock(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    def upcast(version: int, data: dict[str, Any]) -> dict[str, Any]:
        return {**data, "title": f"{data['title']} (v2)"}

    running = case.running
    case.on("2031-05-05")
    monkeypatch.setattr(MilestonePlanned, "VERSION", 2)
    monkeypatch.setattr(MilestonePlanned, "upcast", staticmethod(upcast))
    rebuild(running)
    milestone = case.here.place.items("milestones")[0]
    assert milestone["title"].endswith("(v2)"), "the upgrade is seen by what is computed"
    for moment in case.moments:
        assert running.get(f"/reviews/{moment.review}/pack").content == moment.pack
        shown = running.get(f"/reviews/{moment.review}").json()
        assert running.get(f"/reviews/{moment.review}/pack").headers["ETag"] == f'"{shown["packs"][-1]["sha256"]}"'
    monkeypatch.undo()
    rebuild(running)
    for moment in case.moments:
        assert case.read("decision-register", as_of_position=moment.position) == moment.views["decision-register"]


def rebuild(running: Running) -> None:
    """All read models from nothing, while the worker runs."""
    names = [*(table.name for table in TABLES), "restricted_objects", "object_links", "audit_events"]
    database, head = running.service.database, running.service.log.head()
    with database.connection() as connection, connection.transaction():
        connection.execute("SELECT position FROM projection_head FOR UPDATE")
        connection.execute(f"TRUNCATE {', '.join(names)}")
        connection.execute("UPDATE projection_head SET position = 0")
        connection.execute("NOTIFY events")
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        row = database.one("SELECT position FROM projection_head")
        if row and row["position"] >= head:
            return
        time.sleep(0.05)
    raise AssertionError("the read models did not come back")
