"""Changes between two points, in the sentences that people would say."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from service.api.routers.changes import Changes
from service.domain import (
    action_course,
    indicator_course,
    member,
    milestone,
    obstacle_course,
    status_report,
    workstream,
)
from service.domain.act import Act
from service.domain.action import ACTION
from service.domain.all_concepts import ALL_CONCEPTS
from service.domain.concept import Concept
from service.domain.decision import DECISION
from service.domain.decision_course import communicate, take
from service.domain.event import Event
from service.domain.indicator import INDICATOR
from service.domain.member import MEMBER
from service.domain.milestone import MILESTONE, MilestoneSubject
from service.domain.obstacle import OBSTACLE
from service.domain.obstacle_events import ResolvedBy
from service.domain.phase import PHASE
from service.domain.status_report import STATUS_REPORT, ReportSubject
from service.domain.workstream import WORKSTREAM
from service.projections.change_words import ARTICLES, CONTENT_ONLY, STATUSES
from service.projections.changes import UNTOLD
from service.projections.field_words import FIELD_WORDS
from service.store.unit import Target, Unit
from tests.running import Running


class Story:
    """One transformation, and a short way to record in it; every step is an hour later."""

    def __init__(self, running: Running) -> None:
        self.running = running
        self.id = UUID(running.transformation())
        row = running.service.database.one(
            "SELECT id FROM phases WHERE transformation_id = %s AND valid_to IS NULL ORDER BY ordinal", (self.id,)
        )
        assert row
        self.phase: UUID = row["id"]
        self.position = running.service.log.head()

    def record(
        self,
        concept: Concept[Any],
        id: UUID | None,
        decide: Callable[..., Sequence[Event]],
        who: str = "lead",
        reason: str | None = "Il le faut",
        on: date | None = None,
    ) -> UUID:
        self.running.advance(hours=1)
        act = Act(
            actor=self.running.people[who],
            now=self.running.now,
            transformation_id=self.id,
            reason=reason,
            occurred_on=on,
        )

        def work(unit: Unit) -> Target:
            if id is None:
                ref = {"ref": unit.reference(concept, self.id)} if concept.letter else {}
                return Target(concept, unit.create(concept, decide(**ref)), created=True)
            return Target(concept, unit.record(concept, id, decide(unit.get(concept, id))))

        outcome = self.running.service.recorder.execute(act, work)
        assert self.running.service.gate.wait(outcome.position, 10)
        self.position = outcome.position
        return outcome.id

    def mend(self, concept: Concept[Any], id: UUID, topic: str, **changes: Any) -> None:
        """Correct the last fact of a kind, or withdraw it if no change is given."""
        self.running.advance(hours=1)
        history = self.running.service.log.history(id)
        target = next(f.envelope.event_id for f in reversed(history) if f.topic == topic)
        act = Act(actor=self.running.people["lead"], now=self.running.now, transformation_id=self.id, reason="Erreur")

        def work(unit: Unit) -> Target:
            if changes:
                return Target(concept, unit.correct(concept, id, target, changes))
            return Target(concept, unit.withdraw(concept, id, target))

        self.position = self.running.service.recorder.execute(act, work).position
        assert self.running.service.gate.wait(self.position, 10)

    def milestone(self, title: str = "Restitution", due_on: date = date(2026, 3, 1)) -> UUID:
        subject = MilestoneSubject(kind="phase", id=self.phase)
        return self.record(
            MILESTONE,
            None,
            lambda ref: milestone.plan(ref=ref, subject=subject, title=title, due_on=due_on, baselined=False),
        )

    def told(self, since: int, who: str = "lead", **asked: Any) -> list[tuple[str, str]]:
        answer = self.answer(since, who, **asked)
        return [(item["group"], item["sentence"].replace("\u202f", " ")) for item in answer["items"]]

    def answer(self, since: Any, who: str = "lead", headers: dict[str, str] | None = None, **asked: Any) -> Any:
        path = f"/transformations/{self.id}/changes"
        answer = self.running.get(path, who, params={"from": str(since), **asked}, headers=headers or {})
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
def story(running: Running) -> Story:
    return Story(running)


def test_every_word_of_a_sentence_is_french() -> None:
    for concept in ALL_CONCEPTS:
        if concept.name in UNTOLD:
            continue
        assert concept.name in ARTICLES
        for name in concept.state.model_fields.keys() - CONTENT_ONLY:
            if (concept.name, name) not in (("transformation", "code"), ("import", "file_name")):
                assert name in FIELD_WORDS or concept.name == "import", (concept.name, name)
    names = {concept.name: concept.state.model_fields["status"].annotation for concept in ALL_CONCEPTS}
    for kind, status in STATUSES:
        assert status in str(names[kind]), (kind, status)


def test_a_milestone_that_slipped_is_told_in_days_and_working_days(story: Story) -> None:
    id = story.milestone()
    since = story.position
    story.record(MILESTONE, id, lambda m: milestone.reschedule(m, date(2026, 3, 13)))
    assert story.told(since) == [
        (
            "slipped",
            "Le jalon J-1 « Restitution » a glissé de 12 jours (10 jours ouvrés) : du 1er mars au 13 mars 2026.",
        )
    ]
    answer = story.answer(since, headers={"Accept-Language": "en"})
    assert answer["items"][0]["sentence"] == (
        "Milestone J-1 “Restitution” slipped by 12 days (10 working days): from 1 March to 13 March 2026."
    )
    raw = story.answer(since)["items"][0]
    assert "«\u202fRestitution\u202f» a glissé" in raw["sentence"]
    assert "\u202f: du" in raw["sentence"]
    history = story.running.service.log.history(id)
    assert raw["event_ids"] == [str(history[-1].envelope.event_id)]
    assert raw["who"] == [story.running.people["lead"]]
    assert answer["people"][raw["who"][0]] == "lead"
    assert raw["subject"] == {"kind": "milestone", "id": str(id), "ref": "J-1", "title": "Restitution"}


def test_a_slip_that_came_back_is_none_and_a_corrected_date_is_a_correction(story: Story) -> None:
    id = story.milestone()
    since = story.position
    story.record(MILESTONE, id, lambda m: milestone.reschedule(m, date(2026, 3, 13)))
    story.record(MILESTONE, id, lambda m: milestone.reschedule(m, date(2026, 3, 1)))
    assert story.told(since) == []
    story.mend(MILESTONE, id, "milestone.planned", due_on="2026-02-27")
    groups = dict(story.told(since))
    assert groups["corrected"] == "Le jalon J-1 « Restitution » a été rectifié : date prévue."
    # Today we know that it was promised for the 27th, and that the new forecasts moved it to the 1st.
    assert " a glissé de 2 jours (0 jour ouvré) : du 27 février au 1er mars 2026." in groups["slipped"]


def test_a_forecast_that_took_the_place_of_one_recorded_by_mistake_is_a_slip(story: Story) -> None:
    id = story.milestone()
    story.record(MILESTONE, id, lambda m: milestone.reschedule(m, date(2026, 4, 30)))
    since = story.position
    story.mend(MILESTONE, id, "milestone.rescheduled")
    story.record(MILESTONE, id, lambda m: milestone.reschedule(m, date(2026, 3, 13)))
    told = dict(story.told(since))
    assert told.keys() == {"slipped", "withdrawn"}
    assert " a glissé de 12 jours (10 jours ouvrés) : du 1er mars au 13 mars 2026." in told["slipped"]


def test_a_first_end_date_is_told_and_so_is_one_that_was_taken_away(story: Story) -> None:
    id = story.record(ACTION, None, lambda ref: action_course.propose(ref=ref, title="Former"))
    since = story.position
    story.record(ACTION, id, lambda a: action_course.revise(a, end_on=date(2026, 5, 4)))
    assert story.told(since) == [("changed", "L’action A-1 « Former » a changé : fin prévue (4 mai 2026).")]
    later = story.position
    story.record(ACTION, id, lambda a: action_course.revise(a, end_on=None))
    assert story.told(later) == [("changed", "L’action A-1 « Former » a changé : fin prévue.")]


def test_a_fact_that_was_taken_back_counts_as_no_reopening(story: Story) -> None:
    id = story.milestone()
    story.record(MILESTONE, id, lambda m: milestone.reach(m))
    since = story.position
    story.mend(MILESTONE, id, "milestone.reached")
    assert story.told(since) == [
        ("changed", "Le jalon J-1 « Restitution » est de nouveau prévu."),
        ("withdrawn", "Le jalon J-1 « Restitution » : un fait saisi par erreur a été retiré."),
    ]


def test_what_was_said_and_taken_back_in_the_period_did_not_happen(story: Story) -> None:
    id = story.record(
        OBSTACLE,
        None,
        lambda ref: obstacle_course.raise_obstacle(
            ref=ref, title="Budget gelé", statement="Tout est gelé", nature="obstacle", impact=3, urgency=2
        ),
    )
    escalate = partial(obstacle_course.escalate, level="governance", ask="Dégeler", answer_due_on=date(2026, 3, 20))
    story.record(OBSTACLE, id, escalate)
    since = story.position
    story.record(OBSTACLE, id, lambda o: obstacle_course.answer(o, answer="Oui"))
    story.mend(OBSTACLE, id, "obstacle.escalation_answered")
    assert [group for group, _ in story.told(since)] == ["withdrawn"]
    later = story.position
    story.mend(OBSTACLE, id, "obstacle.escalated")
    assert [group for group, _ in story.told(later)] == ["withdrawn"], "nobody took it to another level"


def test_a_corrected_communication_is_not_another_one(story: Story) -> None:
    id = story.record(DECISION, None, lambda ref: take(ref=ref, title="On recrute", chosen="Oui"))
    story.record(DECISION, id, lambda d: communicate(d, audience="Les équipes"))
    since = story.position
    story.mend(DECISION, id, "decision.communicated", audience="La direction")
    assert [group for group, _ in story.told(since)] == ["corrected"]


def test_what_was_added_and_closed_in_the_period_is_told_as_both(story: Story) -> None:
    since = story.position
    id = story.milestone(due_on=date(2026, 3, 13))
    story.record(MILESTONE, id, lambda m: milestone.reach(m), on=date(2026, 3, 2))
    assert story.told(since) == [
        ("closed", "Le jalon J-1 « Restitution » a été atteint le 2 mars 2026."),
        ("added", "Le jalon J-1 « Restitution » a été ajouté, pour le 13 mars 2026."),
    ]
    closed = story.position
    story.record(MILESTONE, id, milestone.reopen)
    assert story.told(closed) == [("reopened", "Le jalon J-1 « Restitution » a été rouvert.")]


def test_obstacles_are_raised_taken_higher_and_lifted(story: Story) -> None:
    since = story.position
    id = story.record(
        OBSTACLE,
        None,
        lambda ref: obstacle_course.raise_obstacle(
            ref=ref, title="Budget gelé", statement="Tout est gelé", nature="obstacle", impact=3, urgency=2
        ),
    )
    story.record(
        OBSTACLE,
        id,
        lambda o: obstacle_course.escalate(o, level="governance", ask="Dégeler", answer_due_on=date(2026, 3, 20)),
    )
    assert story.told(since) == [
        ("raised", "L’obstacle O-1 « Budget gelé » a été signalé (impact 3, urgence 2, soit 6 sur 9)."),
        (
            "raised",
            "L’obstacle O-1 « Budget gelé » a été porté au niveau gouvernance, réponse attendue le 20 mars 2026.",
        ),
    ]
    middle = story.position
    story.record(
        OBSTACLE,
        id,
        lambda o: obstacle_course.resolve(o, resolution="Dégelé", resolved_by=ResolvedBy(kind="other")),
    )
    assert story.told(middle) == [("lifted", "L’obstacle O-1 « Budget gelé » a été levé, à vérifier.")]


def test_what_is_restricted_is_told_to_those_who_may_see_it(story: Story) -> None:
    since = story.position
    story.record(
        OBSTACLE,
        None,
        lambda ref: obstacle_course.raise_obstacle(
            ref=ref, title="Personnel", statement="…", nature="risk", impact=1, urgency=1, visibility="restricted"
        ),
    )
    for who, seen in (("lead", 1), ("auditor", 1), ("contributor", 0), ("facilitator", 0)):
        assert len(story.told(since, who)) == seen, who


def test_measures_weather_decisions_and_members(story: Story) -> None:
    start = story.position
    indicator = story.record(
        INDICATOR,
        None,
        lambda ref: indicator_course.define(
            ref=ref, title="Agents formés", family="doing", unit="%", direction="up", cadence="monthly"
        ),
    )
    story.record(INDICATOR, indicator, lambda i: indicator_course.measure(i, value=Decimal(31)), on=date(2026, 2, 1))
    subject = ReportSubject(kind="phase", id=story.phase)
    story.record(
        STATUS_REPORT,
        None,
        lambda: status_report.report(subject=subject, confidence="attainable", narrative="Ça ira"),
    )
    since = story.position
    story.record(
        INDICATOR, indicator, lambda i: indicator_course.measure(i, value=Decimal("42.5")), on=date(2026, 3, 1)
    )
    story.record(
        STATUS_REPORT,
        None,
        lambda: status_report.report(subject=subject, confidence="compromised", narrative="Ça n’ira pas"),
    )
    story.record(DECISION, None, lambda ref: take(ref=ref, title="On recrute", chosen="Oui"), on=date(2026, 3, 2))
    phase = story.running.service.log.load(PHASE, story.phase).title
    assert story.told(since) == [
        ("decided", "La décision D-1 « On recrute » a été prise le 2 mars 2026."),
        (
            "weather",
            f"La météo déclarée pour la phase 1 « {phase} » est : objectifs compromis "
            "(auparavant : objectifs atteignables).",
        ),
        ("measured", "L’indicateur I-1 « Agents formés » vaut 42,5 % au 1er mars 2026 (31 au 1er février 2026)."),
    ]
    row = story.running.service.database.one(
        "SELECT id FROM members WHERE transformation_id = %s AND person_id = %s AND valid_to IS NULL",
        (story.id, story.running.people["auditor"]),
    )
    assert row
    left = story.position
    story.record(MEMBER, row["id"], lambda m: member.revoke(m, other_leads=1))
    assert story.told(left) == [("closed", "auditor n’est plus membre.")]
    counts = story.answer(start)["counts"]
    assert counts == {"decided": 1, "weather": 2, "closed": 1, "added": 1, "measured": 2}


def test_an_object_withdrawn_as_a_mistake_is_said_to_be_so(story: Story) -> None:
    id = story.record(ACTION, None, lambda ref: action_course.propose(ref=ref, title="Doublon"))
    since = story.position
    story.mend(ACTION, id, "action.proposed")
    assert story.told(since) == [("withdrawn", "L’action A-1 « Doublon » a été retirée comme saisie par erreur.")]


def test_a_revision_names_the_fields_and_a_confirmation_is_no_change(story: Story) -> None:
    id = story.record(ACTION, None, lambda ref: action_course.propose(ref=ref, title="Former"))
    since = story.position
    story.record(ACTION, id, action_course.confirm)
    assert story.told(since) == []
    story.record(ACTION, id, lambda a: action_course.revise(a, title="Former tous", priority="high"))
    assert story.told(since) == [("changed", "L’action A-1 « Former tous » a changé : intitulé, priorité.")]


def test_numbers_and_dates_that_changed_are_told(story: Story) -> None:
    id = story.record(ACTION, None, lambda ref: action_course.propose(ref=ref, title="Former"))
    story.record(ACTION, id, action_course.plan)
    story.record(ACTION, id, action_course.start)
    since = story.position
    story.record(ACTION, id, lambda a: action_course.declare_progress(a, Decimal("40")))
    assert story.told(since) == [("changed", "L’action A-1 « Former » a changé : avancement déclaré (40 %).")]
    later = story.position
    story.record(ACTION, id, lambda a: action_course.declare_progress(a, Decimal("62.5")))
    assert story.told(later) == [("changed", "L’action A-1 « Former » a changé : avancement déclaré (40 % → 62,5 %).")]


def test_an_acknowledged_weather_says_of_what(story: Story) -> None:
    where = story.record(WORKSTREAM, None, lambda ref: workstream.open_(ref=ref, title="Outils"))
    subject = ReportSubject(kind="workstream", id=where)
    report = partial(status_report.report, subject=subject, confidence="attainable", narrative="Ça ira")
    id = story.record(STATUS_REPORT, None, report)
    since = story.position
    story.record(STATUS_REPORT, id, status_report.acknowledge, who="sponsor")
    assert story.told(since) == [("weather", "La météo du chantier X-1 « Outils » a été prise en compte.")]


def test_points_are_instants_or_positions_and_the_past_does_not_move(story: Story) -> None:
    began = story.running.now.isoformat()
    since = story.position
    story.milestone()
    middle = story.position
    one = story.answer(since, to=middle)
    assert story.answer(began, to=story.running.now.isoformat())["items"] == one["items"]
    assert (one["position"], one["from"]) == (middle, {"position": since})
    story.milestone("Bilan")
    assert story.answer(since, to=middle) == one
    assert story.answer(since, as_of_position=middle) == one
    assert len(story.answer(since)["items"]) == 2


@pytest.mark.parametrize(
    "asked",
    [
        {"from": "2026-03-01"},
        {"from": "2026-03-01T00:00:00"},
        {"from": "demain"},
        {},
        {"from": "2099-01-01T00:00:00Z"},
        {"from": "99999999"},
        {"from": "5", "to": "2"},
        {"from": "1", "to": "2", "as_of_position": "2"},
        {"from": "1", "to": "99999999"},
        {"from": "1", "until": "2"},
    ],
)
def test_a_period_that_cannot_be_is_refused(running: Running, story: Story, asked: dict[str, str]) -> None:
    answer = running.get(f"/transformations/{story.id}/changes", params=asked)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["parameter"] in ("from", "to", "until", "as_of_position")


def test_order_is_stable_and_each_change_names_its_events(story: Story) -> None:
    since = story.position
    for title in ("Un", "Deux", "Trois"):
        story.milestone(title)
    items = story.answer(since)["items"]
    assert [item["subject"]["ref"] for item in items] == ["J-1", "J-2", "J-3"]
    assert len({event for item in items for event in item["event_ids"]}) == 3


def test_the_answer_is_the_published_one(story: Story) -> None:
    since = story.position
    story.milestone()
    answer = story.answer(since)
    assert Changes.model_validate(answer).model_dump(mode="json", by_alias=True) == answer


@pytest.mark.parametrize("to", ["99999999", "2099-01-01T00:00:00Z"])
def test_an_end_that_cannot_be_is_blamed_by_its_name(running: Running, story: Story, to: str) -> None:
    start = "1" if to.isdigit() else "2026-03-01T00:00:00Z"
    refused = running.get(f"/transformations/{story.id}/changes", params={"from": start, "to": to})
    assert refused.status_code == 422
    (error,) = refused.json()["errors"]
    assert error["parameter"] == "to"
    assert "as_of" not in error["detail"]
