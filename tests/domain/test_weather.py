"""The computed weather: worst wins, every reason is told, and it never melts into the declared one."""

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from service.domain.event import new_id
from service.domain.obstacle import OBSTACLE
from service.domain.obstacle_escalation import ObstacleEscalated, ObstacleEscalationAnswered
from service.domain.weather import (
    ORDER,
    REASONS,
    ActionSignal,
    IndicatorSignal,
    MilestoneSignal,
    ObstacleSignal,
    Weather,
    computed,
    disagreement,
    obstacle_signal,
)
from tests.domain.given import day, state_of
from tests.domain.test_obstacle import raised

ID = UUID("01980000-0000-7000-8000-00000000000a")


def milestone(late_by: int | None = None) -> MilestoneSignal:
    return MilestoneSignal(id=new_id(), late=late_by is not None, late_working_days=late_by or 0)


def action(**more: Any) -> ActionSignal:
    return ActionSignal(**{"id": new_id(), "is_open": True} | more)


def obstacle(**more: Any) -> ObstacleSignal:
    fields = {"id": new_id(), "severity": "medium", "level": "lead", "overdue": False, "awaits_answer": False}
    return ObstacleSignal(**fields | more)


def codes(weather: Weather) -> list[str]:
    return [reason.code for reason in weather.reasons]


def test_without_any_data_the_weather_is_unknown() -> None:
    assert computed() == Weather(value="unknown")


def test_where_nothing_is_wrong_the_objectives_are_secured() -> None:
    calm = computed(
        milestones=[milestone()],
        actions=[action(), action(is_open=False)],
        indicators=[IndicatorSignal(id=ID, stale=False)],
        obstacles=[obstacle()],
    )
    assert calm == Weather(value="secured")


@pytest.mark.parametrize(
    ("signals", "value", "code"),
    [
        ({"milestones": [milestone(0)]}, "attainable", "milestone_late"),
        ({"milestones": [milestone(10)]}, "attainable", "milestone_late"),
        ({"milestones": [milestone(11)]}, "support_needed", "milestone_very_late"),
        ({"indicators": [IndicatorSignal(id=ID, stale=True)]}, "attainable", "indicator_stale"),
        ({"actions": [action(blocked=True), *(action() for _ in range(3))]}, "support_needed", "action_blocked"),
        ({"obstacles": [obstacle(awaits_answer=True)]}, "support_needed", "escalation_unanswered"),
        (
            {"obstacles": [obstacle(severity="critical", level="governance", overdue=True)]},
            "compromised",
            "critical_obstacle_overdue",
        ),
        ({"actions": [action(late=True), action(), action()]}, "compromised", "third_late_or_blocked"),
    ],
)
def test_each_sign_has_its_weather(signals: Any, value: str, code: str) -> None:
    weather = computed(**signals)
    assert (weather.value, codes(weather)) == (value, [code])
    assert weather.reasons[0].subject_ids


@pytest.mark.parametrize(
    "signals",
    [
        {"actions": [action(late=True), action(), action(), action()]},
        {"actions": [action(is_open=False, late=True, blocked=True)]},
        {"obstacles": [obstacle(severity="critical", level="direction", overdue=True)]},
        {"obstacles": [obstacle(severity="critical", level="governance")]},
        {"obstacles": [obstacle(severity="high", level="governance", overdue=True)]},
    ],
)
def test_what_stays_below_a_threshold_is_no_sign(signals: Any) -> None:
    assert computed(**signals).value == "secured"


def test_the_worst_wins_and_all_reasons_are_told_worst_first() -> None:
    late, very_late, stuck = milestone(3), milestone(25), action(blocked=True)
    weather = computed(milestones=[late, very_late], actions=[stuck, action()])
    assert weather.value == "compromised"
    assert codes(weather) == ["third_late_or_blocked", "milestone_very_late", "action_blocked", "milestone_late"]
    assert weather.reasons[0].facts == {"count": 1, "of": 2}
    assert (weather.reasons[1].subject_ids, weather.reasons[1].facts) == ((very_late.id,), {"working_days": 25})
    assert set(codes(weather)) <= REASONS.keys()


def test_what_the_weather_sees_of_an_obstacle() -> None:
    ask = ObstacleEscalated(level="governance", ask="Un arbitrage", answer_due_on=day("2026-03-12"))
    critical = raised(impact=3, urgency=3, next_look_on=None)
    waiting = state_of(OBSTACLE, critical, ask)
    assert not obstacle_signal(waiting, day("2026-03-12")).overdue
    seen = obstacle_signal(waiting, day("2026-03-13"))
    assert (seen.severity, seen.level, seen.overdue, seen.awaits_answer) == ("critical", "governance", True, True)
    assert computed(obstacles=[seen]).value == "compromised"
    answered = state_of(OBSTACLE, critical, ask, ObstacleEscalationAnswered(answer="Oui"))
    assert computed(obstacles=[obstacle_signal(answered, day("2026-03-13"))]).value == "secured"


def test_disagreement_of_declared_and_computed_is_a_signal_of_its_own() -> None:
    stormy = computed(actions=[action(late=True)])
    found = disagreement("attainable", stormy)
    assert found is not None
    assert (found.declared, found.computed, found.steps) == ("attainable", "compromised", 2)
    darker = disagreement("compromised", computed(actions=[action()]))
    assert darker is not None
    assert darker.steps == -3
    assert disagreement("compromised", stormy) is None
    assert disagreement(None, stormy) is None
    assert disagreement("secured", computed()) is None


@drawn(st.lists(st.builds(milestone, st.none() | st.integers(0, 40)), max_size=6), st.integers(0, 40))
def test_one_more_late_milestone_never_brightens_the_weather(milestones: list[MilestoneSignal], late_by: int) -> None:
    before, after = (
        computed(milestones=[milestone(), *milestones]),
        computed(milestones=[*milestones, milestone(late_by)]),
    )
    assert before.value != "unknown"
    assert after.value != "unknown"
    assert ORDER.index(after.value) >= ORDER.index(before.value)
