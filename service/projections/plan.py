"""A plan as of one point, and the parts of it (axis, workstream, phase, « Sans axe ») that each object stands in."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple
from uuid import UUID

from service.domain.action import Action
from service.domain.axis import Axis
from service.domain.indicator import Indicator
from service.domain.milestone import Milestone
from service.domain.obstacle import Obstacle
from service.domain.phase import Phase
from service.domain.status_report import StatusReport
from service.domain.transformation import Transformation
from service.domain.workstream import Workstream
from service.projections.known import Known

PartKind = Literal["transformation", "axis", "workstream", "phase", "without_axis", "without_phase"]


class Part(NamedTuple):
    """A part of the plan; `id` is None for what has no axis, or no phase."""

    kind: PartKind
    id: UUID | None


WITHOUT_AXIS = Part("without_axis", None)
WITHOUT_PHASE = Part("without_phase", None)


@dataclass(frozen=True)
class Plan:
    """All that the status of a plan is computed from, withdrawn objects included: they are news, and count nowhere."""

    transformation: Known[Transformation]
    axes: Sequence[Known[Axis]] = ()
    workstreams: Sequence[Known[Workstream]] = ()
    phases: Sequence[Known[Phase]] = ()
    actions: Sequence[Known[Action]] = ()
    milestones: Sequence[Known[Milestone]] = ()
    obstacles: Sequence[Known[Obstacle]] = ()
    indicators: Sequence[Known[Indicator]] = ()
    reports: Sequence[Known[StatusReport]] = ()

    @property
    def whole(self) -> Part:
        return Part("transformation", self.transformation.state.id)


@dataclass
class Contents:
    """What stands in one part. `actions` are top-level ones only: sub-actions feed their parent (SHAPES: words)."""

    actions: list[Action] = field(default_factory=list)
    milestones: list[Milestone] = field(default_factory=list)
    obstacles: list[Obstacle] = field(default_factory=list)
    indicators: list[Indicator] = field(default_factory=list)
    reports: list[StatusReport] = field(default_factory=list)
    last_position: int = 0


class Places:
    """Says of each object in which parts it stands. All stand in the whole; what is deeper stands in what is above."""

    def __init__(self, plan: Plan) -> None:
        self.whole = plan.whole
        self._axes = {known.state.id for known in plan.axes}
        self._phases = {known.state.id for known in plan.phases}
        self._workstreams = {known.state.id: known.state for known in plan.workstreams}
        self._actions = {known.state.id: known.state for known in plan.actions}
        self._milestones = {known.state.id: known.state for known in plan.milestones}
        self._parts_of_top: dict[UUID, set[Part]] = {}

    def axis_of(self, action: Action) -> UUID | None:
        """The axis of its workstream, else its own; a sub-action has that of its parent."""
        top = self._top(action)
        workstream = self._workstreams.get(top.workstream_id) if top.workstream_id else None
        axis_id = workstream.axis_id if workstream else top.axis_id
        return axis_id if axis_id in self._axes else None

    def of_action(self, action: Action) -> set[Part]:
        top = self._top(action)
        if top.id in self._parts_of_top:
            return self._parts_of_top[top.id]
        axis_id = self.axis_of(top)
        parts = self._parts_of_top[top.id] = {self.whole, *self._above(top.workstream_id)}
        parts.add(Part("axis", axis_id) if axis_id else WITHOUT_AXIS)
        parts.add(Part("phase", top.phase_id) if top.phase_id in self._phases else WITHOUT_PHASE)
        return parts

    def of_workstream(self, workstream: Workstream) -> set[Part]:
        axis = Part("axis", workstream.axis_id) if workstream.axis_id in self._axes else WITHOUT_AXIS
        return {self.whole, *self._above(workstream.id), axis}

    def of_subject(self, kind: str, id: UUID) -> set[Part]:
        """The parts of what stands on a subject: a milestone's, a report's, what an obstacle blocks."""
        match kind:
            case "action" if id in self._actions:
                return self.of_action(self._actions[id])
            case "milestone" if id in self._milestones:
                subject = self._milestones[id].subject
                return self.of_subject(subject.kind, subject.id)
            case "workstream" if id in self._workstreams:
                return self.of_workstream(self._workstreams[id])
            case "axis" if id in self._axes:
                return {self.whole, Part("axis", id)}
            case "phase" if id in self._phases:
                return {self.whole, Part("phase", id)}
            case _:
                return {self.whole}

    def of_obstacle(self, obstacle: Obstacle) -> set[Part]:
        return {self.whole}.union(*(self.of_subject(target.kind, target.id) for target in obstacle.blocks))

    def of_indicator(self, indicator: Indicator) -> set[Part]:
        subject = indicator.subject
        return self.of_subject(subject.kind, subject.id) if subject else {self.whole}

    def _top(self, action: Action) -> Action:
        return self._actions.get(action.parent_id, action) if action.parent_id else action

    def _above(self, workstream_id: UUID | None) -> Iterator[Part]:
        seen: set[UUID] = set()
        while workstream_id in self._workstreams and workstream_id not in seen:
            seen.add(workstream_id)
            yield Part("workstream", workstream_id)
            workstream_id = self._workstreams[workstream_id].parent_id


def contents_of(plan: Plan, places: Places) -> dict[Part, Contents]:
    """What stands in each part, in the order of creation, and the position of the last event there."""
    found: dict[Part, Contents] = {part: Contents() for part in _parts(plan)}

    def put(known: Known[Any], parts: Iterable[Part], where: str = "") -> None:
        for part in parts:
            contents = found[part]
            contents.last_position = max(contents.last_position, known.position)
            if where and not known.state.withdrawn:
                getattr(contents, where).append(known.state)

    put(plan.transformation, [plan.whole])
    for axis in plan.axes:
        put(axis, places.of_subject("axis", axis.state.id))
    for phase in plan.phases:
        put(phase, places.of_subject("phase", phase.state.id))
    for workstream in plan.workstreams:
        put(workstream, places.of_workstream(workstream.state))
    for action in plan.actions:
        put(action, places.of_action(action.state), "" if action.state.parent_id else "actions")
    for milestone in plan.milestones:
        put(milestone, places.of_subject("milestone", milestone.state.id), "milestones")
    for obstacle in plan.obstacles:
        put(obstacle, places.of_obstacle(obstacle.state), "obstacles")
    for indicator in plan.indicators:
        put(indicator, places.of_indicator(indicator.state), "indicators")
    for report in plan.reports:
        subject = report.state.subject
        put(report, places.of_subject(subject.kind, subject.id))
        own = Part(subject.kind, subject.id)
        if own in found and not report.state.withdrawn:  # a report speaks of its own subject only
            found[own].reports.append(report.state)
    return found


def _parts(plan: Plan) -> Iterator[Part]:
    yield from (plan.whole, WITHOUT_AXIS, WITHOUT_PHASE)
    yield from (Part("axis", known.state.id) for known in plan.axes)
    yield from (Part("workstream", known.state.id) for known in plan.workstreams)
    yield from (Part("phase", known.state.id) for known in plan.phases)
