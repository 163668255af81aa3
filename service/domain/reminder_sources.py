"""What each rule of reminders looks at (DOMAIN section 3): from the objects of a transformation to series.

A source leaves out what is done, cancelled or withdrawn; who is told is a member who may see the object. A concept
with something to be reminded of adds its source to `SOURCES`, and its rules to `reminder_rules.DEFAULTS`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import Any
from uuid import UUID

from service.domain.body import Body, sitting
from service.domain.decision import DECISION, Decision
from service.domain.decision_course import not_communicated
from service.domain.event import Value
from service.domain.indicator import INDICATOR, Indicator
from service.domain.indicator_figures import value_due_on
from service.domain.milestone import MILESTONE, Forecast, Milestone
from service.domain.obstacle import OBSTACLE, Obstacle
from service.domain.obstacle_clock import look_on
from service.domain.permissions import sees_restricted
from service.domain.reminder import ReminderSubject
from service.domain.reminder_rules import RuleName
from service.domain.reminder_series import Series
from service.domain.review import REVIEW, Review


class Situation(Value):
    """What the rules look at: the standing objects of one transformation on a day, and who holds which role."""

    today: date
    roles: Mapping[str, str]
    """The members by person."""
    bodies: Mapping[UUID, Body] = {}
    reviews: tuple[Review, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    action_leads: Mapping[UUID, str] = {}
    """Who leads the action that a milestone is of."""
    resting: frozenset[UUID] = frozenset()
    """The actions that are paused or abandoned: their milestones wait with them."""
    obstacles: tuple[Obstacle, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    decisions: tuple[Decision, ...] = ()

    def find(self, subject: ReminderSubject) -> Any:
        """What a reminder is about, as it stands; None where it waits for nobody any more."""
        return self.subjects.get(subject.id)

    @cached_property
    def subjects(self) -> Mapping[UUID, Any]:
        """All that a reminder can be about, by its id."""
        listed = (self.reviews, self.milestones, self.obstacles, self.indicators, self.decisions)
        return {each.id: each for objects in listed for each in objects}

    def holding(self, *roles: str) -> tuple[str, ...]:
        """The people who hold one of these roles."""
        return tuple(sorted(person for person, role in self.roles.items() if role in roles and person[0] == "p"))

    def member(self, *people: str | None) -> tuple[str, ...]:
        """Those of these people who are members; where none is, the leads."""
        found = tuple(dict.fromkeys(p for p in people if p and p in self.roles and p[0] == "p"))
        return found or self.holding("lead")

    def seated(self, body_id: UUID, on: date) -> tuple[str, ...]:
        """Who sits in a body on a day: a seat is reason enough to be told of its reviews."""
        body = self.bodies.get(body_id)
        return tuple(dict.fromkeys(each.person_id for each in sitting(body, on))) if body else ()

    def asked(self, level: str) -> tuple[str, ...]:
        """Who answers an escalation: governance and sponsor; for the direction who sits in a management body."""
        if level == "direction":
            management = [id for id, body in self.bodies.items() if body.kind == "management"]
            people = tuple(person for id in management for person in self.seated(id, self.today))
            return tuple(dict.fromkeys(people)) or self.holding("sponsor")
        return self.holding("governance", "sponsor")


Source = Callable[[Situation], Iterator[Series]]


def changes(forecasts: Iterable[Forecast]) -> int:
    """How many times a date was really changed."""
    return sum(before.due_on != after.due_on for before, after in pairwise(forecasts))


def _said(forecasts: tuple[Forecast, ...]) -> date | None:
    """When the present date was said."""
    said = forecasts[0].said_on if forecasts else None
    for before, after in pairwise(forecasts):
        if before.due_on != after.due_on:
            said = after.said_on
    return said


def reviews(situation: Situation) -> Iterator[Series]:
    """To attend, for the body and the leads; its pack to freeze, for the leads; the day itself."""
    leads = situation.holding("lead")
    for review in situation.reviews:
        if review.status not in ("scheduled", "pack_frozen"):
            continue
        recused = {each.person_id for each in review.recusals}
        people = (p for p in (*situation.seated(review.body_id, review.planned_on), *leads) if p not in recused)
        invited = tuple(dict.fromkeys(people))
        wanted: list[tuple[RuleName, tuple[str, ...]]] = [("review_upcoming", invited), ("review_today", invited)]
        if not review.packs:
            wanted.append(("pack_to_freeze", leads))
        for rule, recipients in wanted:
            yield Series(
                rule=rule,
                subject=ReminderSubject(kind="review", id=review.id),
                due_on=review.planned_on,
                recipients=recipients,
                revision=changes(review.forecasts),
                since=_said(review.forecasts),
            )


def conditions(situation: Situation) -> Iterator[Series]:
    """Each open condition, for its owner; overdue, for the leads too; a blocking one goes up to governance."""
    leads = situation.holding("lead")
    for review in situation.reviews:
        for condition in review.conditions:
            if condition.settled_on is not None:
                continue
            owner = situation.member(condition.owner)
            wanted: list[tuple[RuleName, tuple[str, ...]]] = [
                ("condition_due", owner),
                ("condition_overdue", tuple(dict.fromkeys((*owner, *leads)))),
            ]
            if condition.blocking:
                above = (*situation.holding("sponsor"), *situation.seated(review.body_id, situation.today))
                wanted.append(("condition_escalated", tuple(dict.fromkeys(above))))
            for rule, recipients in wanted:
                yield Series(
                    rule=rule,
                    subject=ReminderSubject(kind="review", id=review.id, number=condition.number),
                    due_on=condition.due_on,
                    recipients=recipients,
                    since=review.verdict.given_on if review.verdict else None,
                )


def milestones(situation: Situation) -> Iterator[Series]:
    """To come, for who leads its action (else the leads); overdue, for the leads too. None while its action rests."""
    leads = situation.holding("lead")
    for milestone in situation.milestones:
        if milestone.status != "planned" or milestone.subject.id in situation.resting:
            continue
        owner = situation.member(situation.action_leads.get(milestone.subject.id))
        everybody = tuple(dict.fromkeys((*owner, *leads)))
        wanted: tuple[tuple[RuleName, tuple[str, ...]], ...] = (
            ("milestone_upcoming", owner),
            ("milestone_overdue", everybody),
        )
        for rule, recipients in wanted:
            yield Series(
                rule=rule,
                subject=ReminderSubject(kind="milestone", id=milestone.id),
                due_on=milestone.due_on,
                recipients=recipients,
                revision=changes(milestone.forecasts),
                since=_said(milestone.forecasts),
            )


def obstacles(situation: Situation) -> Iterator[Series]:
    """To look at again; its owner's silence; an escalation to answer, then unanswered where it rises no more."""
    for obstacle in situation.obstacles:
        if not obstacle.is_open:
            continue
        owner = situation.member(obstacle.owner)
        look = look_on(obstacle)
        if look is not None:
            yield _about(situation, "obstacle_look", obstacle, look, owner)
        if obstacle.status != "postponed":
            spoke = obstacle.owner_spoke_on or obstacle.owner_since
            yield _about(situation, "obstacle_silent", obstacle, spoke, owner)
        pending = obstacle.pending
        if pending is not None:
            asked, asks = situation.asked(pending.level), len(obstacle.escalations)
            yield _about(situation, "escalation_due", obstacle, pending.due_on, asked, asks, pending.asked_on)
            if pending.level == "governance":
                yield _about(situation, "escalation_unanswered", obstacle, pending.due_on, asked, asks)


def _about(
    situation: Situation,
    rule: RuleName,
    obstacle: Obstacle,
    due_on: date,
    people: tuple[str, ...],
    revision: int = 0,
    since: date | None = None,
) -> Series:
    """A series on an obstacle; of a restricted one only those hear who may see it."""
    if OBSTACLE.restricted(obstacle):
        people = tuple(p for p in people if p == obstacle.owner or sees_restricted(_role(situation, p)))
    return Series(
        rule=rule,
        subject=ReminderSubject(kind="obstacle", id=obstacle.id),
        due_on=due_on,
        recipients=people,
        revision=revision,
        since=since,
        visibility=obstacle.visibility,
    )


def _role(situation: Situation, person: str) -> Any:
    return situation.roles.get(person)


def indicators(situation: Situation) -> Iterator[Series]:
    """The value of a period, for who collects it; stale, for its owner and the leads too."""
    leads = situation.holding("lead")
    for indicator in situation.indicators:
        due_on = value_due_on(indicator)
        if due_on is None:
            continue
        collector = situation.member(indicator.collector or indicator.owner)
        everybody = tuple(dict.fromkeys((*collector, *situation.member(indicator.owner), *leads)))
        wanted: tuple[tuple[RuleName, tuple[str, ...]], ...] = (("value_due", collector), ("value_stale", everybody))
        for rule, recipients in wanted:
            yield Series(
                rule=rule,
                subject=ReminderSubject(kind="indicator", id=indicator.id),
                due_on=due_on,
                recipients=recipients,
            )


def decisions(situation: Situation) -> Iterator[Series]:
    """A decision in force that nobody was told, for the leads."""
    for decision in situation.decisions:
        if not_communicated(decision):
            yield Series(
                rule="decision_not_communicated",
                subject=ReminderSubject(kind="decision", id=decision.id),
                due_on=decision.taken_on,
                recipients=situation.holding("lead"),
                visibility=decision.visibility,
            )


SOURCES: tuple[Source, ...] = (reviews, conditions, milestones, obstacles, indicators, decisions)
"""Add a source: one line here."""

CONCEPTS: Mapping[str, Any] = {concept.name: concept for concept in (REVIEW, MILESTONE, OBSTACLE, INDICATOR, DECISION)}
"""What reminders can be about, by the kind of their subject."""
