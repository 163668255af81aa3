"""The demonstration, told on a fresh database and read back through the API: what it promises to show is there."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from service.bootstrap import Service
from service.demonstration import tell
from service.demonstration.stage import typeset
from service.demonstration.story import told_in_order
from service.domain.concept import concept_of
from service.domain.event import Fact
from service.domain.plan_version import PlanVersionSubmitted
from service.settings import Settings
from tests.running import Running

ANCHOR = date(2026, 3, 16)
LONG_BEFORE = datetime(2024, 1, 1, tzinfo=UTC)
PATH = "/transformations/DIR-CR"


@pytest.fixture(scope="module")
def told(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The service in the evening of the anchor, once the story is told; each role acts with its key."""
    running = Running(database, tmp_path_factory.mktemp("demonstration"))
    running.now = LONG_BEFORE
    with running:
        keys = tell(running.service, ANCHOR)
        running.now = datetime(2026, 3, 16, 18, tzinfo=ZoneInfo("Europe/Paris"))
        assert running.service.gate.wait(running.service.log.head(), 30)
        running.keys.update({role: key for role, (_, key) in keys.items()})
        yield running


def everything(told: Running, collection: str, who: str = "lead", **query: str) -> list[dict[str, Any]]:
    """All pages of a list."""
    answer = told.get(f"{PATH}/{collection}", who, params={"limit": "200", **query})
    assert answer.status_code == 200, answer.text
    page = answer.json()
    assert page["next"] is None
    return list(page["items"])


def titled(told: Running, collection: str, title: str) -> dict[str, Any]:
    """The one object that bears a title."""
    (found,) = [each for each in everything(told, collection) if each["title"] == typeset(title)]
    return found


def trail(told: Running, topic: str) -> list[dict[str, Any]]:
    """The audit events of a topic."""
    answer = told.get("/audit/events", "auditor", params={"transformation": "DIR-CR", "type": topic, "limit": "200"})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


def test_the_whole_case_is_there(told: Running) -> None:
    assert [phase["status"] for phase in everything(told, "phases")] == ["completed"] * 3 + ["open"]
    assert [axis["status"] for axis in everything(told, "axes")] == ["confirmed"] * 4
    actions = everything(told, "actions")
    assert len([action for action in actions if action["parent_id"] is None]) == 45
    assert len([action for action in actions if action["parent_id"]]) == 6
    assert {action["focus"] for action in actions} == {"doing", "being"}
    workstreams = everything(told, "workstreams")
    assert sorted(workstream["priority"] for workstream in workstreams) == [1, 2, 3, 4, 4, 5, 6, 7, 9, 10, 11]
    assert all(workstream["objectives"] for workstream in workstreams)
    counts = {"members": 21, "indicators": 12, "obstacles": 9, "decisions": 18, "status-reports": 35, "notes": 16}
    assert {name: len(everything(told, name)) for name in counts} == counts


def test_what_was_put_before_the_governance_was_adjusted_before_it_was_validated(told: Running) -> None:
    shown = {item["ref"]: item for item in everything(told, "deliverables")}
    assert {ref: item["status"] for ref, item in shown.items()} == {
        **dict.fromkeys(("L-1", "L-2", "L-3", "L-4"), "validated"),
        "L-5": "drafted",
    }
    assert [said["answer"] for said in shown["L-1"]["submissions"]] == ["returned", "validated"]
    versions = everything(told, "plan-versions")
    assert [(version["number"], version["status"]) for version in versions] == [(1, "validated"), (2, "validated")]
    compared = told.get(f"{PATH}/plan-comparison", params={"from": 1, "to": 2}).json()
    assert compared["actions"]["added"]
    assert compared["actions"]["changed"]
    assert any(moved["calendar_days"] > 0 for moved in compared["moved"])
    [project] = everything(told, "direction-projects")
    assert [said["answer"] for said in project["submissions"]] == ["adjusted", "adjusted", "validated"]
    [evaluation] = everything(told, "evaluations")
    assert (evaluation["status"], evaluation["narrative"]) == ("drafted", None)
    roadmap = told.get(f"{PATH}/roadmap").json()
    assert [[said["verdict"] for said in phase["gate"]["verdicts"]] for phase in roadmap["phases"]] == [
        ["go"],
        ["go"],
        ["hold", "replan", "go_with_conditions"],
        ["replan"],
    ]
    assert roadmap["peaks"]


def test_every_role_has_a_key_that_opens(told: Running) -> None:
    for role in ("lead", "contributor", "facilitator", "governance", "sponsor", "auditor", "integration"):
        me = told.get("/me", role).json()
        assert [membership["role"] for membership in me["memberships"]] == [role]
    assert told.get("/me", "administrator").json()["administrator"]


def test_a_milestone_slips(told: Running) -> None:
    late = titled(told, "milestones", "Deuxième vague : les équipes de commission")
    assert late["late"]
    assert late["overdue"]
    assert late["reschedule_count"] == 1
    assert late["slippage"]["working_days"] > 10
    assert [forecast["reason"] for forecast in late["forecasts"]] == [
        None,
        "Les postes attendus ne sont pas livrés.",
    ]


def test_a_replanning_keeps_the_original_dates(told: Running) -> None:
    project = titled(told, "actions", "Écrire le projet de direction")
    assert project["original_baseline_on"] < project["baseline_on"]
    assert project["original_slippage"]["calendar_days"] > project["slippage"]["calendar_days"]


def test_what_was_done_is_reopened(told: Running) -> None:
    glossary = titled(told, "actions", "Tenir un glossaire commun des noms, des titres et des sigles")
    assert (glossary["status"], glossary["reopen_count"]) == ("done", 1)
    readings = titled(told, "milestones", "Deux relectures partout")
    assert (readings["status"], readings["reopen_count"]) == ("reached", 1)
    nights = titled(told, "obstacles", "Des nuits que l’on apprend la veille")
    assert (nights["status"], nights["reopen_count"]) == ("active", 1)


def test_a_measure_and_a_date_are_put_right(told: Running) -> None:
    readings = titled(told, "indicators", "Relectures par compte rendu")
    assert [measure["value"] for measure in readings["measures"]][7] == 2.8
    assert readings["corrections"][0]["before"]["value"] == 2.6
    quarter = titled(told, "milestones", "Un trimestre entier en équipes mêlées")
    assert quarter["reached_on"] == quarter["corrections"][0]["after"]["occurred_on"]
    assert quarter["reached_on"] < quarter["corrections"][0]["before"]["occurred_on"]


def test_what_was_recorded_by_mistake_is_taken_back_and_stays_in_the_trail(told: Running) -> None:
    assert titled(told, "milestones", "Première vague : trois équipes")["status"] == "reached"
    assert len(trail(told, "milestone.withdrawn")) == 1
    assert [event["reason"] for event in trail(told, "obstacle.withdrawn")] == [
        typeset("Rémi l'avait déjà signalé : c'est le même obstacle.")
    ]
    hours = titled(told, "indicators", "Heures supplémentaires par agent et par mois")
    assert 3.5 not in [measure["value"] for measure in hours["measures"]]


def test_the_declared_weather_disagrees_with_the_computed_one(told: Running) -> None:
    plan = told.get(f"{PATH}/action-plan").json()
    (tools,) = [axis for axis in plan["axes"] if axis["title"] == "Outils"]
    assert tools["weather"]["declared"]["confidence"] == "secured"
    assert tools["weather"]["computed"]["value"] == "support_needed"
    assert tools["weather"]["disagreement"]["steps"] == 2
    (people,) = [axis for axis in plan["axes"] if axis["title"] == "Gestion des ressources humaines"]
    assert people["weather"]["disagreement"] is None


def test_the_steering_committee_meets_every_six_weeks_and_judges_the_gates(told: Running) -> None:
    reviews = sorted(everything(told, "reviews"), key=lambda review: review["planned_on"])
    assert len(reviews) == 14
    assert [review["status"] for review in reviews] == ["closed"] * 12 + ["scheduled"] * 2
    verdicts = [review["verdict"]["verdict"] for review in reviews if review["verdict"]]
    assert verdicts == ["go", "go", "hold", "replan", "go_with_conditions", "replan"]
    assert all(review["packs"] for review in reviews[:12])
    last = next(review for review in reviews if review["conditions"])
    assert [(c["met_on"] is None, c["blocking"]) for c in last["conditions"]] == [
        (False, False),
        (True, True),
        (True, False),
    ]
    assert last["escalated"] == [2]
    assert [c["escalated_on"] is not None for c in last["conditions"]] == [False, True, False]
    shown = {link["kind"] for review in reviews for criterion in review["criteria"] for link in criterion["evidence"]}
    assert shown == {"milestone", "deliverable", "decision", "document", "indicator"}
    waived = [c for review in reviews for c in review["criteria"] if c["waiver"]]
    assert [c["waiver"]["reason"][:22] for c in waived] == ["Un seul chantier n’a p"]
    pack = told.get(f"/reviews/{last['id']}/pack")
    assert pack.headers["ETag"] == f'"{last["packs"][-1]["sha256"]}"'
    assert len(pack.json()["since_last_review"]["events"]) > 10
    bodies = {body["kind"]: body for body in everything(told, "bodies")}
    assert (bodies["steering"]["filled"], bodies["steering"]["required"]) == (4, 3)
    groups = everything(told, "groups")
    assert [group["headcount"] for group in groups] == [93, 58, 22, 18]


def test_today_something_waits_for_each_role(told: Running) -> None:
    expected = {
        "lead": {"review_to_prepare"},
        "contributor": {"condition_due"},
        "facilitator": {"contestation_to_answer"},
        "governance": {"condition_escalated", "review_to_acknowledge"},
        "sponsor": {"condition_escalated", "review_to_attend"},
        "auditor": {"contestation_unanswered"},
        "integration": {"value_to_give"},
    }
    for role, kinds in expected.items():
        items = told.get("/me/agenda", role).json()["items"]
        assert kinds <= {item["kind"] for item in items}, role
    whole = told.get(f"{PATH}/agenda").json()
    assert "condition_escalated" in whole["counts"]


def test_the_weather_turned_through_all_its_words(told: Running) -> None:
    whole = [each for each in everything(told, "status-reports") if each["subject"]["kind"] == "transformation"]
    assert {report["confidence"] for report in whole} == {"secured", "attainable", "support_needed", "compromised"}
    assert any(report["acknowledgements"] for report in whole)


def test_a_decision_takes_the_place_of_another_and_lifts_an_obstacle(told: Running) -> None:
    old = titled(told, "decisions", "Installer l’assistant partout à la même date")
    new = titled(told, "decisions", "Déployer l’assistant par vagues, chez les volontaires")
    assert (old["status"], old["superseded_by"], new["supersedes"]) == ("superseded", new["id"], old["id"])
    security = titled(told, "obstacles", "L’assistant n’est pas homologué")
    assert security["status"] == "closed"
    assert security["resolved_by"] == {"kind": "decision", "id": new["id"]}
    assert [ask["level"] for ask in security["escalations"]] == ["direction", "governance"]


def test_what_was_recorded_for_the_committee_was_contested_and_answered(told: Running) -> None:
    signed = titled(told, "decisions", "Dire qui signe le compte rendu")
    assert signed["recorded_for"]["id"] == signed["authority"]["id"] != signed["recorded_by"]
    (contestation,) = signed["contestations"]
    assert contestation["answer"].startswith("C’est exact")
    assert signed["corrections"][0]["before"]["chosen"] == "Le relecteur signe seul le compte rendu."
    assert signed["chosen"] == "Le rédacteur et le relecteur signent ensemble le compte rendu."
    (recorded,) = [each for each in trail(told, "decision.taken") if each["subject"]["id"] == signed["id"]]
    assert recorded["on_behalf_of"]["basis"]["document"]["title"].startswith("Relevé de décisions")


def test_an_unanswered_escalation_rose_by_itself(told: Running) -> None:
    left = titled(told, "obstacles", "Deux départs sans remplaçant")
    assert [ask["level"] for ask in left["escalations"]] == ["direction", "governance"]
    assert left["level"] == "governance"
    assert "job" in {event["channel"] for event in trail(told, "obstacle.escalated")}


def test_a_contributor_does_not_see_what_is_restricted(told: Running) -> None:
    hidden = titled(told, "obstacles", "Une équipe en souffrance")
    assert told.get(f"/obstacles/{hidden['id']}", "sponsor").status_code == 200
    assert told.get(f"/obstacles/{hidden['id']}", "contributor").status_code == 404
    assert len(everything(told, "obstacles", "contributor")) == 8
    assert len(everything(told, "decisions", "contributor")) == 17
    assert len(everything(told, "notes", "contributor")) == 15


def test_three_months_ago_was_another_day(told: Running) -> None:
    then = (told.now - timedelta(days=91)).isoformat()
    past = told.get(f"{PATH}/action-plan", params={"as_of": then}).json()
    now = told.get(f"{PATH}/action-plan").json()
    assert past["position"] < now["position"]
    assert past["total"]["counts"] != now["total"]["counts"]
    assert past["total"]["counts"]["done"] < now["total"]["counts"]["done"]


def test_the_last_month_has_something_to_tell(told: Running) -> None:
    since = (told.now - timedelta(days=30)).isoformat()
    answer = told.get(f"{PATH}/changes", params={"from": since})
    assert answer.status_code == 200, answer.text
    counts = answer.json()["counts"]
    for group in ("decided", "weather", "slipped", "raised", "measured", "corrected"):
        assert counts[group] > 0, group


def test_some_facts_are_true_earlier_than_they_were_recorded(told: Running) -> None:
    quarter = trail(told, "milestone.reached")
    assert {event["occurred_on_basis"] for event in quarter} == {"stated", "recording"}


def facts(service: Service) -> list[Fact]:
    """The whole log."""
    recorder: Any = service.log.recorder
    mapper: Any = service.log.mapper
    with service.database.connection() as connection:
        return [mapper.to_domain_event(row) for row in recorder.select_after(connection, 0, 10_000)]


def test_nothing_is_dated_after_the_eve_of_the_anchor(told: Running) -> None:
    assert max(entry.day for entry in told_in_order()) == -1
    log = facts(told.service)
    assert len(log) > 600
    assert all(fact.recorded_at.astimezone(ZoneInfo("Europe/Paris")).date() < ANCHOR for fact in log)
    assert all(fact.occurred_on < ANCHOR for fact in log)


WRONG = re.compile(r"'| [;:!?»%]|« ")


def test_what_people_read_is_well_typeset(told: Running) -> None:
    def texts(value: Any) -> Iterator[str]:
        match value:
            case str():
                yield value
            case list():
                for each in value:
                    yield from texts(each)
            case dict():
                for each in value.values():
                    yield from texts(each)

    for fact in facts(told.service):
        for text in texts([fact.event.model_dump(mode="json"), fact.envelope.reason]):
            assert not WRONG.search(text), text


def test_another_anchor_changes_the_dates_and_nothing_else(told: Running, fresh_database: str, tmp_path: Path) -> None:
    service = Service(Settings(data_dir=tmp_path, environment="test"), fresh_database)
    service.start(worker=False)
    try:
        tell(service, ANCHOR + timedelta(days=223))
        other = outline(facts(service))
    finally:
        service.stop()
    assert outline(facts(told.service)) == other


HEX = re.compile(
    r"\b[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b|\b[ps]_[0-9a-f]{32}\b|\b[0-9a-f]{12}\b"
)
DAY = re.compile(r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}\b")


def outline(log: list[Fact]) -> list[str]:
    """The facts of the transformation and its people, every id by its first appearance and every date masked."""
    ids: dict[str, str] = {}
    first = next(n for n, fact in enumerate(log) if fact.topic == "transformation.prepared")
    lines = []
    for fact in log[first:]:
        assert concept_of(fact.topic) is not None
        said = fact.event.model_dump(
            mode="json", exclude={"canonical", "sha256", "position"}
        )  # a pack is all dates and days
        if isinstance(fact.event, PlanVersionSubmitted):  # positions count from the first event of the log
            said["content_position"] -= log[first].position
        line = f"{fact.topic} {said} {fact.envelope.actor} {fact.envelope.reason}"
        line = HEX.sub(lambda found: ids.setdefault(found[0], f"id-{len(ids)}"), line)
        lines.append(DAY.sub("date", line))
    return lines
