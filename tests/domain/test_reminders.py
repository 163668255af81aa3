"""Reminders: what each rule says, to whom and on which day; once per occurrence, on working days, never too late."""

import random
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from service.domain import obstacle_course, review_course
from service.domain.body import BODY
from service.domain.body_events import BodyConstituted, BodyDissolved, BodyMemberAppointed
from service.domain.concept import NothingToChange
from service.domain.decision import DECISION
from service.domain.decision_events import DecisionCommunicated, DecisionTaken
from service.domain.event import new_id
from service.domain.indicator import INDICATOR
from service.domain.indicator_events import DatedValue, IndicatorDefined, IndicatorMeasured, IndicatorRetired
from service.domain.milestone import (
    MILESTONE,
    MilestoneCancelled,
    MilestonePlanned,
    MilestoneReached,
    MilestoneRescheduled,
    MilestoneSubject,
)
from service.domain.obstacle import OBSTACLE
from service.domain.obstacle_escalation import ObstacleEscalated, ObstacleEscalationAnswered
from service.domain.obstacle_events import (
    ObstacleActivated,
    ObstaclePostponed,
    ObstacleRaised,
    ObstacleResolved,
    ObstacleSpoken,
    ResolvedBy,
)
from service.domain.reminder import ReminderRaised, ReminderSubject, identity, series
from service.domain.reminder_rules import (
    DEFAULTS,
    ReminderRule,
    ReminderRuleTwice,
    ReminderTimingImpossible,
    TransformationRemindersSet,
    timings,
)
from service.domain.reminder_series import Series, day_of, standing
from service.domain.reminder_sources import SOURCES, Situation
from service.domain.reminder_words import NAMES, SENTENCES, sentence, why
from service.domain.reminders_due import alive, due, reminded, still
from service.domain.review import REVIEW
from service.domain.review_events import (
    ReviewCancelled,
    ReviewConditionEscalated,
    ReviewConditionLifted,
    ReviewConditionMet,
    ReviewConditionSet,
    ReviewHeld,
    ReviewMemberRecused,
    ReviewPackFrozen,
    ReviewRescheduled,
    ReviewScheduled,
    ReviewVerdictGiven,
)
from service.domain.review_refusals import ConditionNotBlocking, ConditionNotOverdue
from service.domain.transformation import TRANSFORMATION, set_reminders
from service.domain.transformation_events import TransformationPrepared
from service.domain.working_time import WorkingCalendar
from tests.domain.given import (
    CONTRIBUTOR,
    GOVERNOR,
    LEAD,
    OTHER,
    SPONSOR,
    act,
    because,
    given,
    refusal_of,
    state_of,
)

CALENDAR = WorkingCalendar()
ROLES = {LEAD: "lead", SPONSOR: "sponsor", GOVERNOR: "governance", CONTRIBUTOR: "contributor", "s_" + "9" * 32: "lead"}
SHORT = {LEAD: "lead", SPONSOR: "sponsor", GOVERNOR: "governor", CONTRIBUTOR: "contributor", OTHER: "other"}
LONG_AGO = "2025-06-02"
COMMITTEE = state_of(
    BODY,
    (BodyConstituted(name="Comité", seats=("Un", "Deux")), act(on=LONG_AGO)),
    (BodyMemberAppointed(person_id=SPONSOR, seat=1), act(on=LONG_AGO)),
    (BodyMemberAppointed(person_id=GOVERNOR, seat=2), act(on=LONG_AGO)),
)
ACTION = new_id()
JALON = new_id()


def world(today: date, **standing: Any) -> Situation:
    """A transformation on a day, with one committee of the sponsor and a governor."""
    return Situation(today=today, roles=ROLES, **{"bodies": {COMMITTEE.id: COMMITTEE}, **standing})


def diary(
    start: str,
    days: int,
    at: Callable[[date], Situation],
    *,
    rules: Iterable[ReminderRule] = (),
    calendar: WorkingCalendar = CALENDAR,
    skipped: Iterable[date] = (),
) -> list[tuple[str, str, int, str]]:
    """What daily ticks record: (day, rule, offset, to whom), each identity once, as the log takes it."""
    raised: set[Any] = set()
    told = []
    for number in range(days):
        today = date.fromisoformat(start) + timedelta(days=number)
        if today in set(skipped):
            continue
        for event in due(at(today), timings(rules), calendar):
            if identity(event) not in raised:
                raised.add(identity(event))
                told.append((today.isoformat(), event.rule, event.offset, SHORT.get(event.recipient, event.recipient)))
    return told


def milestone(due_on: str, *more: Any, on: str = LONG_AGO, subject: Any = None) -> Any:
    subject = subject or MilestoneSubject(kind="action", id=ACTION)
    planned = MilestonePlanned(ref=7, subject=subject, title="Restitution", due_on=due_on)
    return state_of(MILESTONE, (planned, act(on=on)), *more, id=JALON)


def always(**standing: Any) -> Callable[[date], Situation]:
    return lambda today: world(today, **standing)


# Milestones


def test_a_milestone_is_told_seven_and_one_working_days_before_to_who_leads_its_action_then_overdue_to_the_leads_too():
    jalon = milestone("2027-06-30")
    assert diary("2027-06-01", 46, always(milestones=(jalon,), action_leads={ACTION: CONTRIBUTOR})) == [
        ("2027-06-21", "milestone_upcoming", -7, "contributor"),
        ("2027-06-29", "milestone_upcoming", -1, "contributor"),
        ("2027-07-01", "milestone_overdue", 1, "contributor"),
        ("2027-07-01", "milestone_overdue", 1, "lead"),
        ("2027-07-08", "milestone_overdue", 6, "contributor"),
        ("2027-07-08", "milestone_overdue", 6, "lead"),
        ("2027-07-16", "milestone_overdue", 11, "contributor"),  # the 14th is a public holiday
        ("2027-07-16", "milestone_overdue", 11, "lead"),
    ]  # fmt: skip


@pytest.mark.parametrize("event", [MilestoneReached(), MilestoneCancelled()], ids=lambda event: event.TOPIC)
def test_nothing_is_said_of_a_milestone_that_is_reached_or_cancelled(event):
    jalon = milestone("2027-06-30", (event, because("Fini", on="2027-06-01")))
    assert diary("2027-06-01", 60, always(milestones=(jalon,))) == []


def test_nothing_is_said_of_a_milestone_while_its_action_is_paused_or_abandoned():
    jalon = milestone("2027-06-30")
    assert diary("2027-06-01", 60, always(milestones=(jalon,), resting=frozenset({ACTION}))) == []


def test_a_milestone_whose_action_nobody_leads_or_a_stranger_does_is_the_leads_affair():
    for leads in ({}, {ACTION: OTHER}):
        told = diary("2027-06-21", 1, always(milestones=(milestone("2027-06-30"),), action_leads=leads))
        assert told == [("2027-06-21", "milestone_upcoming", -7, "lead")]


def test_a_changed_date_re_arms_even_when_it_comes_back_to_where_it_was():
    first = milestone("2027-06-30")
    moved = milestone("2027-06-30", (MilestoneRescheduled(due_on="2027-09-30"), because("Retard", on="2027-06-22")))
    back = milestone(
        "2027-06-30",
        (MilestoneRescheduled(due_on="2027-09-30"), because("Retard", on="2027-06-22")),
        (MilestoneRescheduled(due_on="2027-06-30"), because("Rattrapé", on="2027-06-28")),
    )

    def at(today: date) -> Situation:
        now = first if today < date(2027, 6, 22) else moved if today < date(2027, 6, 28) else back
        return world(today, milestones=(now,))

    assert [line[:3] for line in diary("2027-06-01", 33, at)] == [
        ("2027-06-21", "milestone_upcoming", -7),
        ("2027-06-29", "milestone_upcoming", -1),
        ("2027-07-01", "milestone_overdue", 1),
    ]
    # The seventh day before was over when the date was said again; the first after is one of the new revision.
    assert [s.revision for s in alive(at(date(2027, 7, 1)), dict(DEFAULTS))] == [2, 2]


def test_the_same_date_said_again_changes_nothing():
    first = milestone("2027-06-30")
    again = first.model_copy(update={"forecasts": (*first.forecasts, first.forecasts[0])})
    told = diary("2027-06-01", 30, lambda today: world(today, milestones=(first if today.day < 24 else again,)))
    assert [(line[0], line[2]) for line in told] == [("2027-06-21", -7), ("2027-06-29", -1)]


def test_what_lay_before_the_day_on_which_a_date_was_said_is_not_made_up_for():
    late = milestone("2027-06-30", on="2027-06-25")
    assert diary("2027-06-25", 5, always(milestones=(late,))) == [("2027-06-29", "milestone_upcoming", -1, "lead")]
    imported = milestone("2027-01-29", on="2027-06-25")
    assert [line[:2] for line in diary("2027-06-25", 8, always(milestones=(imported,)))] == [
        ("2027-07-01", "milestone_overdue")  # one word at its next day, not one for each that has passed
    ]


# Days


@pytest.mark.parametrize(
    ("due_on", "one_before", "day_after"),
    [
        ("2027-03-29", "2027-03-26", "2027-03-30"),  # Easter Monday, after the night that skips an hour
        ("2027-03-28", "2027-03-26", "2027-03-30"),  # that Sunday itself
        ("2027-11-01", "2027-10-29", "2027-11-02"),  # All Saints, after the night that repeats an hour
        ("2027-10-31", "2027-10-29", "2027-11-02"),
        ("2026-05-01", "2026-04-30", "2026-05-04"),  # a Friday on which nobody works
        ("2026-12-25", "2026-12-24", "2026-12-28"),
        ("2027-01-01", "2026-12-31", "2027-01-04"),
        ("2027-05-06", "2027-05-05", "2027-05-07"),  # Ascension, a Thursday: Friday is worked
    ],
)
def test_a_closed_day_is_told_on_the_working_day_before_and_overdue_on_the_one_after(due_on, one_before, day_after):
    day = date.fromisoformat(due_on)
    assert day_of(CALENDAR, day, -1).isoformat() == one_before
    assert day_of(CALENDAR, day, 1).isoformat() == day_after
    jalon = milestone(due_on)
    start = (day - timedelta(days=6)).isoformat()
    told = [line[:3] for line in diary(start, 14, always(milestones=(jalon,)))]
    assert (one_before, "milestone_upcoming", -1) in told
    assert (day_after, "milestone_overdue", 1) in told


def test_the_closed_days_of_the_institution_count_too():
    closed = WorkingCalendar([date(2027, 6, 28), date(2027, 6, 29), date(2027, 7, 1)])
    told = diary("2027-06-10", 24, always(milestones=(milestone("2027-06-30"),)), calendar=closed)
    assert [line[:3] for line in told] == [
        ("2027-06-17", "milestone_upcoming", -7),
        ("2027-06-25", "milestone_upcoming", -1),
        ("2027-07-02", "milestone_overdue", 1),
    ]


@drawn(st.dates(date(2026, 1, 1), date(2028, 12, 31)), st.sampled_from(sorted(DEFAULTS)))
def test_no_rule_ever_speaks_on_a_closed_day(due_on, rule):
    one = Series(rule, ReminderSubject(kind="milestone", id=ACTION), due_on, (LEAD,))
    for number in range(-30, 31):
        today = due_on + timedelta(days=number)
        if standing(CALENDAR, one, DEFAULTS[rule], today) is not None:
            assert CALENDAR.is_working(today)


# Reviews


def review(planned_on: str, *more: Any, on: str = LONG_AGO) -> Any:
    scheduled = ReviewScheduled(ref=3, body_id=COMMITTEE.id, title="Point", planned_on=planned_on)
    return state_of(REVIEW, (scheduled, act(on=on)), *more)


FROZEN = ReviewPackFrozen(number=1, position=9, sha256="0" * 64, canonical="{}", texts={})


def test_a_review_is_told_to_its_body_and_the_leads_and_its_pack_to_the_leads():
    told = diary("2026-09-01", 31, always(reviews=(review("2026-09-30"),)))
    members = ("sponsor", "governor", "lead")
    wanted = {("2026-09-10", "review_upcoming", -14, who) for who in members}
    wanted |= {("2026-09-21", "review_upcoming", -7, who) for who in members}
    wanted |= {("2026-09-29", "review_upcoming", -1, who) for who in members}
    wanted |= {("2026-09-30", "review_today", 0, who) for who in members}
    wanted |= {("2026-09-23", "pack_to_freeze", -5, "lead")}
    assert set(told) == wanted
    assert len(told) == len(wanted)


def test_a_frozen_pack_is_no_longer_asked_for_and_who_recused_oneself_is_left_alone():
    frozen = review("2026-09-30", (FROZEN, act(on="2026-09-18")))
    assert not [line for line in diary("2026-09-21", 10, always(reviews=(frozen,))) if line[1] == "pack_to_freeze"]
    recused = review("2026-09-30", (ReviewMemberRecused(person_id=GOVERNOR), because("Intérêt", on="2026-09-18")))
    assert {line[3] for line in diary("2026-09-21", 10, always(reviews=(recused,)))} == {"sponsor", "lead"}


def test_a_cancelled_review_and_the_former_date_of_a_moved_one_say_nothing():
    cancelled = review("2026-09-30", (ReviewCancelled(), because("Sans objet", on="2026-09-01")))
    assert diary("2026-09-01", 31, always(reviews=(cancelled,))) == []
    moved = review("2026-09-30", (ReviewRescheduled(planned_on="2026-10-07"), because("Salle", on="2026-09-01")))
    told = diary("2026-09-01", 40, always(reviews=(moved,)))
    assert {line[0] for line in told if line[1] == "review_today"} == {"2026-10-07"}


def test_a_review_on_a_closed_day_is_told_the_working_day_before():
    told = diary("2026-12-21", 6, always(reviews=(review("2026-12-25"),)))
    assert {line[0] for line in told if line[1] == "review_today"} == {"2026-12-24"}


def test_nobody_sits_in_a_dissolved_body_and_the_leads_are_told_all_the_same():
    ended = state_of(
        BODY, (BodyConstituted(name="C", seats=("Un",)), act(on=LONG_AGO)), BodyDissolved(), id=COMMITTEE.id
    )
    told = diary("2026-09-29", 1, lambda day: world(day, reviews=(review("2026-09-30"),), bodies={ended.id: ended}))
    assert {line[3] for line in told} == {"lead"}


# Conditions


def gated(due_on: str, *more: Any, blocking: bool = True) -> Any:
    """A review of a gate, held on 2 March 2026, whose verdict carries a condition."""
    scheduled = ReviewScheduled(
        ref=3, body_id=COMMITTEE.id, phase_id=new_id(), title="Passage", planned_on="2026-03-02"
    )
    verdict = ReviewVerdictGiven(verdict="go_with_conditions", decision_id=new_id(), required=2, present=2)
    held = ReviewHeld(attended=(SPONSOR, GOVERNOR), seated=(SPONSOR, GOVERNOR), required=2, present=2, filled=2)
    condition = ReviewConditionSet(number=1, statement="Finir", owner=CONTRIBUTOR, due_on=due_on, blocking=blocking)
    return state_of(REVIEW, scheduled, FROZEN, held, verdict, condition, *more)


def test_a_condition_is_due_then_overdue_and_a_blocking_one_goes_up_to_governance():
    told = diary("2026-03-03", 30, always(reviews=(gated("2026-03-20"),)))
    wanted = {
        ("2026-03-13", "condition_due", -5, "contributor"),
        ("2026-03-20", "condition_due", 0, "contributor"),
    }
    for day, offset in (("2026-03-23", 1), ("2026-03-30", 6)):
        wanted |= {(day, "condition_overdue", offset, who) for who in ("contributor", "lead")}
        wanted |= {(day, "condition_escalated", offset, who) for who in ("sponsor", "governor")}
    assert set(told) == wanted
    assert len(told) == len(wanted)


def test_a_condition_that_does_not_block_stays_where_it_is():
    told = diary("2026-03-03", 30, always(reviews=(gated("2026-03-20", blocking=False),)))
    assert {line[1] for line in told} == {"condition_due", "condition_overdue"}


@pytest.mark.parametrize("end", ["met", "lifted"])
def test_a_settled_condition_says_nothing(end):
    events = {
        "met": ReviewConditionMet(number=1),
        "lifted": ReviewConditionLifted(number=1, by={"kind": "person", "id": SPONSOR}),
    }
    settled = gated("2026-03-20", (events[end], because("Fait", on="2026-03-09")))
    assert diary("2026-03-03", 40, always(reviews=(settled,))) == []


def test_a_blocking_condition_unmet_past_its_date_goes_up_once():
    waiting = gated("2026-03-20")
    assert review_course.escalate_conditions(waiting, date(2026, 3, 20)) == []
    assert review_course.escalate_conditions(waiting, date(2026, 3, 23)) == [ReviewConditionEscalated(number=1)]
    risen = gated("2026-03-20", (ReviewConditionEscalated(number=1), act(on="2026-03-23")))
    assert risen.conditions[0].escalated_on == date(2026, 3, 23)
    assert review_course.escalate_conditions(risen, date(2026, 3, 30)) == []
    with pytest.raises(ConditionNotOverdue):
        gated("2026-03-20", (ReviewConditionEscalated(number=1), act(on="2026-03-20")))
    with pytest.raises(ConditionNotBlocking):
        gated("2026-03-20", (ReviewConditionEscalated(number=1), act(on="2026-03-23")), blocking=False)


# Obstacles


def obstacle(*more: Any, **fields: Any) -> Any:
    shape = {"ref": 2, "title": "Salle", "statement": "Prise", "nature": "obstacle", "impact": 2, "urgency": 2}
    raised = ObstacleRaised(**shape, owner=CONTRIBUTOR, **fields)
    return state_of(OBSTACLE, (raised, act(on="2026-03-02")), (ObstacleActivated(), act(on="2026-03-02")), *more)


def test_an_obstacle_is_looked_at_on_its_day_and_ten_working_days_of_silence_are_told_once():
    told = diary("2026-03-02", 60, always(obstacles=(obstacle(next_look_on="2026-03-14"),)))
    assert told == [
        ("2026-03-13", "obstacle_look", 0, "contributor"),  # the 14th is a Saturday
        ("2026-03-16", "obstacle_silent", 10, "contributor"),
    ]


def test_a_look_that_nobody_ticked_for_is_told_on_the_next_day():
    told = diary(
        "2026-03-02", 20, always(obstacles=(obstacle(next_look_on="2026-03-12"),)), skipped=[date(2026, 3, 12)]
    )
    assert ("2026-03-13", "obstacle_look", 0, "contributor") in told


def test_the_owners_word_ends_the_silence_and_a_new_one_begins():
    spoken = obstacle((ObstacleSpoken(text="Ça avance"), act(CONTRIBUTOR, on="2026-03-12")))
    assert diary("2026-03-12", 40, always(obstacles=(spoken,))) == [
        ("2026-03-26", "obstacle_silent", 10, "contributor")
    ]


def test_a_postponed_obstacle_is_silent_until_its_day_and_a_lifted_one_for_good():
    aside = obstacle((ObstaclePostponed(until="2026-06-01"), because("Été", on="2026-03-03")))
    assert diary("2026-03-03", 100, always(obstacles=(aside,))) == [("2026-06-01", "obstacle_look", 0, "contributor")]
    lifted = obstacle(
        (ObstacleResolved(resolution="Autre salle", resolved_by=ResolvedBy(kind="other")), act(on="2026-03-03")),
        next_look_on="2026-03-14",
    )
    assert diary("2026-03-03", 60, always(obstacles=(lifted,))) == []


def escalated(level: str, due_on: str, *more: Any, **fields: Any) -> Any:
    ask = ObstacleEscalated(level=level, ask="Une salle", answer_due_on=due_on)
    return obstacle((ask, act(on="2026-03-03")), *more, **fields)


def test_who_is_asked_is_told_on_the_day_the_answer_is_due_and_governance_again_as_long_as_it_does_not_answer():
    told = diary("2026-03-03", 28, always(obstacles=(escalated("governance", "2026-03-20"),)))
    asked = [line for line in told if line[1].startswith("escalation")]
    wanted = [("2026-03-20", "escalation_due", 0), ("2026-03-23", "escalation_unanswered", 1)]
    wanted += [("2026-03-30", "escalation_unanswered", 6)]
    assert sorted(asked) == sorted((*line, who) for line in wanted for who in ("sponsor", "governor"))


def test_the_direction_is_who_sits_in_a_management_body_else_the_sponsor():
    pending = escalated("direction", "2026-03-20")
    at = lambda day: [s for s in alive(world(day, obstacles=(pending,)), dict(DEFAULTS)) if "escalation" in s.rule]  # noqa: E731
    assert [(s.rule, s.recipients) for s in at(date(2026, 3, 20))] == [("escalation_due", (SPONSOR,))]
    board = state_of(
        BODY,
        (BodyConstituted(name="Codir", kind="management", seats=("Un",)), act(on=LONG_AGO)),
        (BodyMemberAppointed(person_id=OTHER, seat=1), act(on=LONG_AGO)),
    )
    managed = world(date(2026, 3, 20), obstacles=(pending,), bodies={board.id: board})
    assert [s.recipients for s in alive(managed, dict(DEFAULTS)) if s.rule == "escalation_due"] == [(OTHER,)]


def test_an_answered_escalation_says_nothing():
    done = escalated(
        "governance",
        "2026-03-20",
        (ObstacleEscalationAnswered(answer="Oui"), act(SPONSOR, role="sponsor", on="2026-03-10")),
    )
    assert not [line for line in diary("2026-03-10", 40, always(obstacles=(done,))) if "escalation" in line[1]]


def test_of_a_restricted_obstacle_only_those_hear_who_may_see_it():
    hidden = escalated("direction", "2026-03-20", visibility="restricted")
    board = state_of(
        BODY,
        (BodyConstituted(name="Codir", kind="management", seats=("Un", "Deux")), act(on=LONG_AGO)),
        (BodyMemberAppointed(person_id=OTHER, seat=1), act(on=LONG_AGO)),
        (BodyMemberAppointed(person_id=SPONSOR, seat=2), act(on=LONG_AGO)),
    )
    told = list(alive(world(date(2026, 3, 20), obstacles=(hidden,), bodies={board.id: board}), dict(DEFAULTS)))
    assert {(s.rule, s.recipients, s.visibility) for s in told} == {
        ("obstacle_silent", (CONTRIBUTOR,), "restricted"),
        ("escalation_due", (SPONSOR,), "restricted"),
    }


def test_an_unanswered_escalation_rises_after_its_date_and_stays_at_governance():
    pending = escalated("direction", "2026-03-20")
    assert obstacle_course.rise(pending, date(2026, 3, 20)) == []
    (risen,) = obstacle_course.rise(pending, date(2026, 3, 23))
    assert risen == ObstacleEscalated(level="governance", ask="Une salle", answer_due_on="2026-04-09")
    assert obstacle_course.rise(escalated("governance", "2026-03-20"), date(2026, 6, 1)) == []


# Indicators


def indicator(*more: Any, **fields: Any) -> Any:
    shape = {"ref": 1, "title": "Agents", "family": "being", "unit": "%", "direction": "up", "cadence": "monthly"}
    shape |= {"baseline": DatedValue(value=0, on="2026-03-02"), "targets": (DatedValue(value=50, on="2026-12-31"),)}
    return state_of(INDICATOR, (IndicatorDefined(**shape, **fields), act(on="2026-03-02")), *more)


def test_a_value_is_due_on_the_last_day_it_is_in_time_and_stale_the_working_day_after():
    waiting = indicator(owner=SPONSOR, collector=CONTRIBUTOR, availability_delay_days=5)
    assert diary("2026-03-03", 100, always(indicators=(waiting,))) == [
        ("2026-05-05", "value_due", 0, "contributor"),  # the end of April, then five days
        ("2026-05-06", "value_stale", 1, "contributor"),
        ("2026-05-06", "value_stale", 1, "sponsor"),
        ("2026-05-06", "value_stale", 1, "lead"),
    ]


def test_a_measure_moves_the_next_value_and_a_retired_indicator_expects_none():
    measured = indicator((IndicatorMeasured(value=10), act(on="2026-04-10")), collector=CONTRIBUTOR)
    assert diary("2026-04-10", 60, always(indicators=(measured,)))[0] == ("2026-05-29", "value_due", 0, "contributor")
    retired = indicator((IndicatorRetired(), because("Remplacé", on="2026-04-10")))
    assert diary("2026-04-10", 100, always(indicators=(retired,))) == []


# Decisions


def test_a_decision_that_nobody_was_told_is_recalled_to_the_leads_after_five_working_days():
    taken = DecisionTaken(
        ref=1, kind="ordinary", title="Ouvrir", chosen="Oui", authority={"kind": "person", "id": SPONSOR}
    )
    silent = state_of(DECISION, (taken, act(SPONSOR, role="sponsor", on="2026-03-02")))
    assert diary("2026-03-02", 40, always(decisions=(silent,))) == [
        ("2026-03-09", "decision_not_communicated", 5, "lead")
    ]
    told = state_of(
        DECISION,
        (taken, act(SPONSOR, role="sponsor", on="2026-03-02")),
        (DecisionCommunicated(audience="Tous"), act(on="2026-03-04")),
    )
    assert diary("2026-03-04", 40, always(decisions=(told,))) == []


# Ticks that are missed


STANDING = {
    "milestones": tuple(
        milestone(on).model_copy(update={"id": new_id()}) for on in ("2026-06-30", "2026-05-01", "2026-04-10")
    ),
    "reviews": (review("2026-06-10"), gated("2026-05-15")),
    "obstacles": (obstacle(next_look_on="2026-04-15"), escalated("governance", "2026-05-29")),
    "indicators": (indicator(collector=CONTRIBUTOR),),
}


@pytest.mark.parametrize("seed", range(40))
def test_no_rule_fires_twice_for_one_occurrence_and_none_is_lost_when_ticks_are_missed_at_random(seed):
    """It is lost only if no tick fell while it stood: then a later one of its series has said all that it said."""
    chance = random.Random(seed)
    days = [date(2026, 4, 1) + timedelta(days=number) for number in range(120)]
    skipped = {day for day in days if chance.random() < 0.6}
    ticks = [day for day in days if day not in skipped]
    at = always(**STANDING)
    expected: dict[Any, date] = {}  # written without the log: the first tick at which it stands
    for today in ticks:
        for event in due(at(today), timings(()), CALENDAR):
            key = (event.rule, event.offset, event.subject, event.due_on, event.revision, event.recipient)
            expected.setdefault(key, today)
    told = diary("2026-04-01", 120, at, skipped=skipped)
    assert len(told) == len(expected)
    assert sorted(told) == sorted((day.isoformat(), key[0], key[1], SHORT[key[5]]) for key, day in expected.items())
    # Against every day ticked: whatever is missing was followed by a later occurrence before the next tick, or lapsed.
    complete = {(*line[1:], line[0]) for line in diary("2026-04-01", 120, at)}
    for rule, offset, who, day in complete - {(*line[1:], line[0]) for line in told}:
        later = [line for line in told if line[1:] == (rule, offset, who) and line[0] >= day]
        first = next((tick for tick in ticks if tick.isoformat() >= day and CALENDAR.is_working(tick)), None)
        assert later or first is None or not _stands(at(first), rule, offset)


def _stands(situation: Situation, rule: str, offset: int) -> bool:
    return any((e.rule, e.offset) == (rule, offset) for e in due(situation, timings(()), CALENDAR))


# Before it is sent


def test_nothing_leaves_for_what_was_done_moved_or_given_to_somebody_else_meanwhile():
    day = date(2027, 6, 29)
    (event,) = due(world(day, milestones=(milestone("2027-06-30"),)), timings(()), CALENDAR)

    def holds(today: date = day, rules: Iterable[ReminderRule] = (), **standing: Any) -> bool:
        living = {s.key: s for s in alive(world(today, **standing), timings(rules))}
        return still(event, living, today)

    same = milestone("2027-06-30")
    assert holds(milestones=(same,))
    assert not holds(milestones=(same.model_copy(update={"status": "reached"}),))
    assert not holds(milestones=(same.model_copy(update={"due_on": date(2027, 9, 30)}),))
    assert not holds(milestones=(same,), action_leads={ACTION: CONTRIBUTOR})
    assert not holds(milestones=(same,), rules=(ReminderRule(rule="milestone_upcoming", on=False),))
    assert not holds(today=date(2027, 7, 1), milestones=(same,))  # « est prévu » is no longer true
    assert not holds(milestones=())


# Identity


def test_the_identity_is_derived_from_all_that_makes_an_occurrence_and_from_nothing_else():
    subject = ReminderSubject(kind="review", id=ACTION, number=1)
    base = ReminderRaised(
        rule="condition_due", offset=-5, subject=subject, due_on="2026-03-20", revision=0, recipient=LEAD
    )
    others = [
        base.model_copy(update=change)
        for change in (
            {"rule": "condition_overdue"},
            {"offset": 0},
            {"subject": subject.model_copy(update={"number": 2})},
            {"subject": subject.model_copy(update={"id": new_id()})},
            {"due_on": date(2026, 3, 23)},
            {"revision": 1},
            {"recipient": OTHER},
        )
    ]
    assert len({identity(each) for each in (base, *others)}) == 8
    assert identity(base.model_copy(update={"visibility": "restricted"})) == identity(base)
    assert series(base) == series(others[1]) != series(others[2])
    known = base.model_copy(
        update={"subject": ReminderSubject(kind="milestone", id="01980000-0000-7000-8000-000000000001")}
    )
    assert identity(known).version == 8
    assert str(identity(known)) == "019d088a-b000-8952-96ad-5b27a56b7a98"  # for ever: the log is asked by it


# Rules of a transformation


PREPARED = TransformationPrepared(code="T", name="T", lead=LEAD, sponsor=SPONSOR)


def test_a_transformation_says_which_rules_speak_and_when():
    rules = (
        ReminderRule(rule="milestone_upcoming", offsets=(-3,)),
        ReminderRule(rule="milestone_overdue", every=10),
        ReminderRule(rule="obstacle_silent", on=False),
    )
    after = (
        given(TRANSFORMATION, PREPARED)
        .when(lambda t: set_reminders(t, rules))
        .then(TransformationRemindersSet(rules=rules))
    )
    assert "obstacle_silent" not in timings(after.reminder_rules)
    told = diary("2027-06-01", 50, always(milestones=(milestone("2027-06-30"),)), rules=after.reminder_rules)
    assert [line[:3] for line in told] == [
        ("2027-06-25", "milestone_upcoming", -3),
        ("2027-07-01", "milestone_overdue", 1),
        ("2027-07-16", "milestone_overdue", 11),
    ]
    refusal_of(NothingToChange, lambda: set_reminders(after, rules))


@pytest.mark.parametrize(
    ("refusal", "rules"),
    [
        (ReminderRuleTwice, [{"rule": "value_due"}, {"rule": "value_due", "on": False}]),
        (ReminderTimingImpossible, [{"rule": "milestone_upcoming", "offsets": (3,)}]),
        (ReminderTimingImpossible, [{"rule": "milestone_overdue", "offsets": (0,)}]),
        (ReminderTimingImpossible, [{"rule": "milestone_upcoming", "offsets": (-1, -7)}]),
        (ReminderTimingImpossible, [{"rule": "milestone_upcoming", "offsets": ()}]),
        (ReminderTimingImpossible, [{"rule": "milestone_upcoming", "offsets": (-61,)}]),
        (ReminderTimingImpossible, [{"rule": "milestone_upcoming", "every": 5}]),
        (ReminderTimingImpossible, [{"rule": "milestone_overdue", "every": 0}]),
    ],
)
def test_rules_that_cannot_be_are_refused(refusal, rules):
    asked = tuple(ReminderRule(**rule) for rule in rules)
    given(TRANSFORMATION, PREPARED).when(lambda t: set_reminders(t, asked)).refused(refusal)


def test_a_closed_or_withdrawn_transformation_reminds_nobody():
    prepared = state_of(TRANSFORMATION, PREPARED)
    assert reminded(prepared)
    assert not reminded(prepared.model_copy(update={"status": "closed"}))
    assert not reminded(prepared.model_copy(update={"withdrawn": True}))


# Words


@pytest.mark.parametrize("rule", sorted(DEFAULTS))
def test_every_rule_has_its_sentence_its_name_and_its_reason_in_both_languages(rule):
    subject = ReminderSubject(kind="review" if "condition" in rule else "milestone", id=ACTION, number=2)
    event = ReminderRaised(
        rule=rule, offset=DEFAULTS[rule].offsets[0], subject=subject, due_on="2027-06-30", revision=0, recipient=LEAD
    )
    fr, en = sentence(event, "J-7", "Restitution", "fr"), sentence(event, "J-7", "Restitution", "en")
    assert "30\u202fjuin 2027" in fr.replace("\u00a0", "\u202f") or "30 juin 2027" in fr
    assert "30 June 2027" in en
    assert "J-7 «\u202fRestitution\u202f»" in fr
    assert ";" not in fr
    assert not any(mark in fr for mark in (" :", " !", " ?"))
    assert NAMES[rule][0] in why(event, "fr")
    assert NAMES[rule][1] in why(event, "en")


def test_every_source_speaks_of_rules_that_exist_and_every_rule_has_a_source():
    day = date(2026, 6, 9)
    taken = DecisionTaken(
        ref=1, kind="ordinary", title="Ouvrir", chosen="Oui", authority={"kind": "person", "id": SPONSOR}
    )
    all_standing = {**STANDING, "decisions": (state_of(DECISION, (taken, act(SPONSOR, role="sponsor"))),)}
    heard = {s.rule for source in SOURCES for s in source(world(day, **all_standing))}
    assert heard == set(DEFAULTS) == set(SENTENCES) == set(NAMES)
