"""The status of the plan, computed from states alone: where things stand, what is unknown, and how it is said."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from service.domain.action import Action
from service.domain.axis import Axis
from service.domain.event import new_id
from service.domain.indicator import Indicator
from service.domain.indicator_events import DatedValue, IndicatorSubject
from service.domain.milestone import Milestone, MilestoneSubject
from service.domain.obstacle import Obstacle
from service.domain.obstacle_events import ObstacleTarget
from service.domain.phase import Phase
from service.domain.refusal import Language
from service.domain.status_report import ReportSubject, StatusReport
from service.domain.transformation import Transformation
from service.domain.weather import REASONS
from service.domain.working_time import WorkingCalendar
from service.domain.workstream import Workstream
from service.projections.action_plan import compute
from service.projections.known import Known
from service.projections.last_changes import LastChange
from service.projections.plan import Plan
from service.projections.plan_status import ActionPlan
from service.projections.plan_weather import SENTENCES

TODAY = date(2026, 3, 16)
"""A Monday."""
T = new_id()
WHOLE = Transformation(id=T, transformation_id=T, code="DIR", name="Direction", lead="p_1", sponsor="p_2")
AXIS = Axis(id=new_id(), position=1, title="Objectifs")
OUTER = Workstream(id=new_id(), ref=1, title="Parcours", axis_id=AXIS.id)
INNER = Workstream(id=new_id(), ref=2, title="Accueil", axis_id=AXIS.id, parent_id=OUTER.id)
PHASE = Phase(id=new_id(), ordinal=1, title="Diagnostic")


def an_action(ref: int, **fields: Any) -> Action:
    given = {"status": "planned", "title": f"Action {ref}", "status_on": TODAY, **fields}
    return Action(id=new_id(), transformation_id=T, ref=ref, **given)


def a_milestone(ref: int, kind: str, id: UUID, due_on: date, **fields: Any) -> Milestone:
    subject = MilestoneSubject(kind=kind, id=id)  # type: ignore[arg-type]  # one of its kinds
    return Milestone(id=new_id(), ref=ref, title=f"Jalon {ref}", subject=subject, due_on=due_on, **fields)


def an_obstacle(ref: int, kind: str, id: UUID, **fields: Any) -> Obstacle:
    given = {"impact": 2, "urgency": 2, "nature": "obstacle", "category": "other", "status": "active", **fields}
    return Obstacle(
        id=new_id(),
        ref=ref,
        title=f"Obstacle {ref}",
        statement="…",
        owner_since=TODAY,
        raised_on=TODAY,
        raised_by="p_1",
        level_since=TODAY,
        blocks=(ObstacleTarget(kind=kind, id=id),),  # type: ignore[arg-type]  # one of its kinds
        **given,
    )


def known(states: Any) -> list[Known[Any]]:
    """Each state as of an event of its own, in this order."""
    return [Known(state, index, datetime(2026, 3, 1, tzinfo=UTC)) for index, state in enumerate(states, start=10)]


def status(language: Language = "fr", **objects: Any) -> ActionPlan:
    plan = Plan(
        transformation=Known(WHOLE, 1, datetime(2026, 3, 1, tzinfo=UTC)),
        axes=known([AXIS]),
        workstreams=known([OUTER, INNER]),
        phases=known([PHASE]),
        **{name: known(states) for name, states in objects.items()},
    )
    return compute(plan, TODAY, WorkingCalendar(()), lambda positions: {}, language)


def test_an_empty_plan_is_unknown_everywhere_and_zero_only_where_it_counts() -> None:
    total = status().total
    assert set(total.counts.values()) == {0}
    assert total.progress.value is None
    assert total.weather.computed.value == "unknown"
    assert total.last_change is None


def test_the_axis_of_its_workstream_goes_before_the_action_s_own() -> None:
    moved = an_action(1, axis_id=new_id(), workstream_id=INNER.id)
    found = status(actions=[moved])
    (axis,) = found.axes
    assert axis.counts["planned"] == 1
    assert axis.workstreams[0].workstreams[0].counts["planned"] == 1
    assert found.without_axis.counts["planned"] == 0


def test_a_milestone_of_a_sub_action_weighs_on_the_axis_of_its_parent() -> None:
    parent = an_action(1, workstream_id=OUTER.id)
    part = an_action(2, parent_id=parent.id)
    late = a_milestone(1, "action", part.id, date(2026, 3, 13), baseline_on=date(2026, 3, 9))
    found = status(actions=[parent, part], milestones=[late])
    (reason,) = found.axes[0].weather.computed.reasons
    assert (reason.code, reason.sentence) == ("milestone_late", "Le jalon J-1 a 5 jours ouvrés de retard.")
    assert found.without_axis.weather.computed.value == "unknown"
    assert found.axes[0].counts["planned"] == 1  # the part is not counted
    assert found.axes[0].progress.value == 0  # its milestone is known, and not reached


def test_a_milestone_of_a_phase_stands_in_that_phase_alone() -> None:
    late = a_milestone(1, "phase", PHASE.id, date(2026, 2, 2))
    found = status(milestones=[late])
    assert found.phases[0].weather.computed.value == "support_needed"
    assert found.total.weather.computed.value == "support_needed"
    assert found.axes[0].weather.computed.value == "unknown"
    assert found.without_phase.weather.computed.value == "unknown"


def test_what_is_cancelled_abandoned_retired_or_lifted_gives_no_signal() -> None:
    action = an_action(1, status="abandoned", end_on=date(2026, 1, 1))
    cancelled = a_milestone(1, "workstream", OUTER.id, date(2026, 1, 1), status="cancelled")
    lifted = an_obstacle(1, "workstream", OUTER.id, status="resolved", impact=3, urgency=3)
    retired = Indicator(
        id=new_id(),
        ref=1,
        title="Agents formés",
        status="retired",
        family="doing",
        unit="%",
        direction="up",
        cadence="monthly",
        baseline=DatedValue(value=Decimal(0), on=date(2025, 1, 1)),
        subject=IndicatorSubject(kind="axis", id=AXIS.id),
        defined_on=date(2025, 1, 1),
    )
    found = status(actions=[action], milestones=[cancelled], obstacles=[lifted], indicators=[retired])
    assert found.axes[0].weather.computed.value == "unknown"
    assert found.axes[0].open_obstacles == ()
    assert (found.total.late, found.total.abandoned) == (0, 1)


def test_a_done_action_is_neither_blocked_nor_late() -> None:
    action = an_action(1, status="done", end_on=date(2026, 1, 1), completed_on=date(2026, 3, 1))
    found = status(actions=[action], obstacles=[an_obstacle(1, "action", action.id)])
    assert (found.total.blocked, found.total.late, found.total.overdue) == (0, 0, 0)
    assert len(found.without_axis.open_obstacles) == 1


def test_an_obstacle_stands_in_every_part_of_all_that_it_blocks_once() -> None:
    here, there = an_action(1, workstream_id=INNER.id), an_action(2, phase_id=PHASE.id)
    obstacle = an_obstacle(1, "action", here.id)
    target = ObstacleTarget(kind="action", id=there.id)
    obstacle = obstacle.model_copy(update={"blocks": (*obstacle.blocks, target)})
    found = status(actions=[here, there], obstacles=[obstacle])
    outer = found.axes[0].workstreams[0]
    parts = (found.total, found.axes[0], outer, outer.workstreams[0], found.without_axis, found.phases[0])
    assert [len(part.open_obstacles) for part in parts] == [1] * 6
    assert (found.total.blocked, found.axes[0].blocked, found.without_axis.blocked) == (2, 1, 1)


def test_an_obstacle_that_blocks_nothing_stands_in_the_whole_only() -> None:
    obstacle = an_obstacle(1, "axis", new_id())
    found = status(obstacles=[obstacle])
    assert (len(found.total.open_obstacles), len(found.axes[0].open_obstacles)) == (1, 0)
    assert found.without_axis.open_obstacles == ()


def test_the_last_report_is_that_of_the_latest_day_not_the_last_recorded() -> None:
    def report(day: date, confidence: str) -> StatusReport:
        subject = ReportSubject(kind="axis", id=AXIS.id)
        said: Any = {"confidence": confidence, "narrative": "…", "reported_by": "p_1"}
        return StatusReport(id=new_id(), subject=subject, reported_on=day, **said)

    backdated = [report(date(2026, 3, 10), "compromised"), report(date(2026, 2, 1), "secured")]
    declared = status(reports=backdated).axes[0].weather.declared
    assert declared is not None
    assert declared.confidence == "compromised"


def test_a_sentence_names_five_and_counts_the_others_in_both_languages() -> None:
    actions = [an_action(ref, axis_id=AXIS.id, end_on=date(2026, 3, 2)) for ref in range(1, 8)]
    (reason,) = status(actions=actions).axes[0].weather.computed.reasons
    assert reason.sentence == (
        "7 actions ouvertes sur 7 sont en retard ou bloquées, au moins le tiers\u202f: "
        "A-1, A-2, A-3, A-4, A-5 et 2 autres."
    )
    assert [subject.ref for subject in reason.subjects] == [f"A-{ref}" for ref in range(1, 8)]
    (reason,) = status("en", actions=actions).axes[0].weather.computed.reasons
    assert (
        reason.sentence
        == "7 of 7 open actions are late or blocked, at least a third: A-1, A-2, A-3, A-4, A-5 and 2 more."
    )


def test_a_withdrawn_object_counts_nowhere_and_is_what_changed_last() -> None:
    gone = an_action(1, axis_id=AXIS.id).model_copy(update={"status": "withdrawn", "withdrawn": True})
    asked: list[set[int]] = []

    def events_at(positions: set[int]) -> dict[int, LastChange]:
        asked.append(positions)
        return {}

    now = datetime(2026, 3, 16, tzinfo=UTC)
    older = a_milestone(1, "action", gone.id, TODAY)
    plan = Plan(
        transformation=Known(WHOLE, 10, now),
        axes=known([AXIS]),
        actions=[Known(gone, 99, now)],
        milestones=[Known(older, 50, now)],
    )
    found = compute(plan, TODAY, WorkingCalendar(()), events_at)
    assert set(found.total.counts.values()) == {0}
    assert found.axes[0].progress.coverage.of == 0
    assert asked == [{99}]


def test_every_reason_of_the_weather_has_its_sentences_in_both_languages() -> None:
    assert SENTENCES["fr"].keys() == SENTENCES["en"].keys() == REASONS.keys()
