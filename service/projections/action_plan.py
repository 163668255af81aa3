"""How does the action plan stand? Its status as a whole, by axis and workstream, by phase, and « Sans axe »."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from service.domain.action import ACTION, Action
from service.domain.indicator import INDICATOR
from service.domain.indicator_figures import stale
from service.domain.milestone import MILESTONE
from service.domain.obstacle import OBSTACLE
from service.domain.phase import Phase
from service.domain.progress import Counted, roll_up
from service.domain.refusal import Language
from service.domain.slippage import Lateness, dates_of, lateness
from service.domain.weather import (
    ActionSignal,
    IndicatorSignal,
    MilestoneSignal,
    Weather,
    computed,
    obstacle_signal,
)
from service.domain.working_time import WorkingCalendar
from service.domain.workstream import WORKSTREAM, Workstream
from service.projections.action_sheets import ActionSheet, sheets
from service.projections.known import standing
from service.projections.last_changes import LastChange
from service.projections.named import Named, names_of
from service.projections.obstacle_clocks import in_order, line_of
from service.projections.plan import WITHOUT_AXIS, WITHOUT_PHASE, Contents, Part, Places, Plan, contents_of
from service.projections.plan_status import (
    ActionPlan,
    ActionRow,
    AxisStatus,
    PartStatus,
    PhaseStatus,
    WithoutAxisStatus,
    WorkstreamStatus,
)
from service.projections.plan_weather import weather_of_part

EventsAt = Callable[[set[int]], Mapping[int, LastChange]]
OPEN = ("proposed", "planned", "in_progress", "paused")


def compute(
    plan: Plan,
    today: date,
    calendar: WorkingCalendar,
    events_at: EventsAt,
    language: Language = "fr",
    *,
    with_actions: bool = False,
) -> ActionPlan:
    """The status on a day. `events_at` finds the events at the positions of what changed last in each part."""
    return _Status(plan, today, calendar, events_at, language).whole(with_actions)


class _Status:
    """One computation: what every part needs, worked out once."""

    def __init__(
        self,
        plan: Plan,
        today: date,
        calendar: WorkingCalendar,
        events_at: EventsAt,
        language: Language,
    ) -> None:
        self.plan, self.today, self.language = plan, today, language
        self.places = Places(plan)
        self.contents = contents_of(plan, self.places)
        self.changes = events_at({contents.last_position for contents in self.contents.values()} - {0})
        self.actions = standing(plan.actions)
        milestones, obstacles = standing(plan.milestones), standing(plan.obstacles)
        self.sheets: dict[UUID, ActionSheet] = sheets(self.actions, milestones, obstacles, today, calendar)
        self.lateness: dict[UUID, Lateness] = {m.id: lateness(dates_of(m), today, calendar) for m in milestones}
        self.stale = {i.id: bool(stale(i, today).value) for i in standing(plan.indicators)}
        self.workstreams = sorted(standing(plan.workstreams), key=_rank)
        self.names: Mapping[UUID, Named] = names_of(
            (ACTION, self.actions),
            (MILESTONE, milestones),
            (OBSTACLE, obstacles),
            (INDICATOR, standing(plan.indicators)),
        )

    def whole(self, with_actions: bool) -> ActionPlan:
        transformation = self.plan.transformation.state
        axes = sorted(standing(self.plan.axes), key=lambda axis: (axis.position, axis.id))
        return ActionPlan(
            id=transformation.id,
            code=transformation.code,
            name=transformation.name,
            status=transformation.status,
            plan_validated_on=transformation.plan_validated_on,
            total=PartStatus(**self.part(self.plan.whole)),
            axes=tuple(
                AxisStatus(
                    **self.part(Part("axis", axis.id)),
                    id=axis.id,
                    position=axis.position,
                    title=axis.title,
                    status=axis.status,
                    workstreams=self.under(axis_id=axis.id),
                )
                for axis in axes
            ),
            without_axis=WithoutAxisStatus(**self.part(WITHOUT_AXIS), workstreams=self.under(axis_id=None)),
            phases=tuple(
                self.phase(phase) for phase in sorted(standing(self.plan.phases), key=lambda p: (p.ordinal, p.id))
            ),
            without_phase=PartStatus(**self.part(WITHOUT_PHASE)),
            actions=tuple(map(self.row, self.actions)) if with_actions else None,
        )

    def part(self, part: Part) -> dict[str, Any]:
        """The fields of `PartStatus`."""
        contents = self.contents[part]
        found = {action.id: self.sheets[action.id] for action in contents.actions}
        rolled = roll_up(
            Counted(id=a.id, status=a.status, weight=a.weight, value=found[a.id].progress.value)
            for a in contents.actions
        )
        opened = [action for action in contents.actions if action.status in OPEN]
        obstacles = in_order([o for o in contents.obstacles if o.is_open], self.today)
        return {
            "counts": rolled.counts,
            "open": len(opened),
            "abandoned": rolled.abandoned,
            "late": sum(found[a.id].late for a in opened),
            "overdue": sum(found[a.id].overdue for a in opened),
            "blocked": sum(found[a.id].blocked for a in opened),
            "progress": rolled.progress,
            "weather": weather_of_part(contents.reports, self.computed(contents), self.names, self.language),
            "open_obstacles": tuple(line_of(o, self.today) for o in obstacles),
            "last_change": self.changes.get(contents.last_position),
        }

    def computed(self, contents: Contents) -> Weather:
        """The weather from what the domain lets it see: nothing cancelled, abandoned, retired or lifted."""
        awaited = [m for m in contents.milestones if m.status != "cancelled"]
        kept = [(a, self.sheets[a.id]) for a in contents.actions if a.status != "abandoned"]
        return computed(
            milestones=[
                MilestoneSignal(id=m.id, late=late.late, late_working_days=late.late_working_days)
                for m in awaited
                for late in (self.lateness[m.id],)
            ],
            actions=[
                ActionSignal(id=a.id, is_open=a.status in OPEN, late=sheet.late, blocked=sheet.blocked)
                for a, sheet in kept
            ],
            indicators=[
                IndicatorSignal(id=i.id, stale=self.stale[i.id]) for i in contents.indicators if i.status == "defined"
            ],
            obstacles=[obstacle_signal(o, self.today) for o in contents.obstacles if o.is_open],
        )

    def under(self, *, axis_id: UUID | None = None, parent_id: UUID | None = None) -> tuple[WorkstreamStatus, ...]:
        """The workstreams right under an axis (None: under none), or right under another workstream."""
        known = {workstream.id for workstream in self.workstreams}
        return tuple(
            WorkstreamStatus(
                **self.part(Part("workstream", workstream.id)),
                id=workstream.id,
                ref=WORKSTREAM.reference(workstream),
                title=workstream.title,
                status=workstream.status,
                priority=workstream.priority,
                workstreams=self.under(parent_id=workstream.id),
            )
            for workstream in self.workstreams
            if (
                workstream.parent_id == parent_id
                if parent_id
                else workstream.parent_id not in known and workstream.axis_id == axis_id
            )
        )

    def phase(self, phase: Phase) -> PhaseStatus:
        shown = ("id", "ordinal", "title", "status", "planned_from", "planned_to", "opened_on", "ended_on")
        return PhaseStatus(**self.part(Part("phase", phase.id)), **{name: getattr(phase, name) for name in shown})

    def row(self, action: Action) -> ActionRow:
        sheet = self.sheets[action.id]
        own = ("id", "title", "status", "lead", "workstream_id", "phase_id", "parent_id", "focus", "horizon")
        also = ("priority", "weight", "start_on", "end_on")
        derived = ("progress", "late", "overdue", "slippage", "original_slippage", "blocked", "blockers")
        return ActionRow(
            ref=ACTION.reference(action),
            axis_id=self.places.axis_of(action),
            **{name: getattr(action, name) for name in (*own, *also)},
            **{name: getattr(sheet, name) for name in derived},
        )


def _rank(workstream: Workstream) -> tuple[int, int]:
    """By priority, those without one last; then by reference."""
    return (workstream.priority or 10**9, workstream.ref or 0)
