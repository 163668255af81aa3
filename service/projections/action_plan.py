"""How does the action plan stand? Its status as a whole, by axis and workstream, by phase, and « Sans axe »."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from service.domain.action import ACTION, Action
from service.domain.concept import Concept, State
from service.domain.indicator import INDICATOR
from service.domain.milestone import MILESTONE
from service.domain.obstacle import OBSTACLE
from service.domain.phase import Phase
from service.domain.progress import Counted, roll_up
from service.domain.refusal import Language
from service.domain.working_time import WorkingCalendar
from service.domain.workstream import WORKSTREAM, Workstream
from service.projections.action_sheets import ActionSheet, sheets
from service.projections.known import standing
from service.projections.last_changes import LastChange
from service.projections.named import Named, named
from service.projections.obstacle_clocks import in_order, line_of
from service.projections.plan import WITHOUT_AXIS, WITHOUT_PHASE, Part, Places, Plan, contents_of
from service.projections.plan_signals import OPEN, Signals
from service.projections.plan_status import (
    ActionPlan,
    ActionRow,
    AxisPart,
    PartStatus,
    PhasePart,
    WithoutAxisPart,
    WorkstreamPart,
)
from service.projections.plan_weather import weather_of_part

EventsAt = Callable[[set[int]], Mapping[int, LastChange]]
STATUSES = (*OPEN, "done", "abandoned")


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
        indicators = standing(plan.indicators)
        self.sheets: dict[UUID, ActionSheet] = sheets(self.actions, milestones, obstacles, today, calendar)
        self.signals = Signals(self.actions, milestones, obstacles, indicators, self.sheets, today, calendar)
        self.obstacles = {o.id: line_of(o, today) for o in obstacles if o.is_open}
        self.counted = {
            a.id: Counted(id=a.id, status=a.status, weight=a.weight, value=self.sheets[a.id].progress.value)
            for a in self.actions
        }
        self.workstreams = sorted(standing(plan.workstreams), key=_rank)
        groups: tuple[tuple[Concept[Any], Sequence[State]], ...] = (
            (ACTION, self.actions),
            (MILESTONE, milestones),
            (OBSTACLE, obstacles),
            (INDICATOR, indicators),
        )
        self.objects = {state.id: (concept, state) for concept, states in groups for state in states}
        self.names: dict[UUID, Named] = {}

    def name(self, id: UUID) -> Named:
        """What a reason of the weather speaks of."""
        if id not in self.names:
            self.names[id] = named(*self.objects[id])
        return self.names[id]

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
                AxisPart(
                    **self.part(Part("axis", axis.id)),
                    id=axis.id,
                    position=axis.position,
                    title=axis.title,
                    status=axis.status,
                    workstreams=self.under(axis_id=axis.id),
                )
                for axis in axes
            ),
            without_axis=WithoutAxisPart(**self.part(WITHOUT_AXIS), workstreams=self.under(axis_id=None)),
            phases=tuple(
                self.phase(phase) for phase in sorted(standing(self.plan.phases), key=lambda p: (p.ordinal, p.id))
            ),
            without_phase=PartStatus(**self.part(WITHOUT_PHASE)),
            actions=tuple(map(self.row, self.actions)) if with_actions else None,
        )

    def part(self, part: Part) -> dict[str, Any]:
        """The fields of `PartStatus`."""
        contents = self.contents[part]
        rolled = roll_up(self.counted[action.id] for action in contents.actions)
        opened = [self.sheets[action.id] for action in contents.actions if action.status in OPEN]
        obstacles = in_order([o for o in contents.obstacles if o.is_open], self.today)
        return {
            "counts": {status: rolled.counts.get(status, 0) for status in STATUSES},
            "open": len(opened),
            "abandoned": rolled.abandoned,
            "late": sum(sheet.late for sheet in opened),
            "overdue": sum(sheet.overdue for sheet in opened),
            "blocked": sum(sheet.blocked for sheet in opened),
            "progress": rolled.progress,
            "weather": weather_of_part(contents.reports, self.signals.weather(contents), self.name, self.language),
            "open_obstacles": tuple(self.obstacles[o.id] for o in obstacles),
            "last_change": self.changes.get(contents.last_position),
        }

    def under(self, *, axis_id: UUID | None = None, parent_id: UUID | None = None) -> tuple[WorkstreamPart, ...]:
        """The workstreams right under an axis (None: under none), or right under another workstream."""
        known = {workstream.id for workstream in self.workstreams}
        return tuple(
            WorkstreamPart(
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

    def phase(self, phase: Phase) -> PhasePart:
        shown = ("id", "ordinal", "title", "status", "planned_from", "planned_to", "opened_on", "ended_on")
        return PhasePart(**self.part(Part("phase", phase.id)), **{name: getattr(phase, name) for name in shown})

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
