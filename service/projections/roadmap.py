"""The roadmap: phases and their gates, workstreams, milestones, deliverables and activity peaks on one line of time.

The baseline stands beside the forecast everywhere; the picture is drawn elsewhere.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import Field

from service.domain.action import Action
from service.domain.activity import ActivityPeriod
from service.domain.decision import DECISION, Decision
from service.domain.deliverable import DELIVERABLE, Deliverable
from service.domain.deliverable_events import DeliverableKind
from service.domain.event import Value
from service.domain.milestone import MILESTONE, Milestone
from service.domain.phase import Phase
from service.domain.slippage import Slippage, dates_of, lateness
from service.domain.working_time import WorkingCalendar
from service.domain.workstream import WORKSTREAM, Workstream
from service.projections.known import standing
from service.projections.named import Named
from service.projections.plan import Part, Places, Plan, contents_of


class GateVerdict(Value):
    """A verdict that a gate has heard."""

    id: UUID
    ref: str
    title: str
    verdict: str
    taken_on: date
    status: str = Field(description="En vigueur, remplacée ou révoquée.")


class RoadmapGate(Value):
    """The gate at the end of a phase: when it is expected, what it has heard, when it was passed."""

    expected_on: date | None = Field(description="La fin prévue de la phase.")
    passed_on: date | None
    verdicts: tuple[GateVerdict, ...]


class RoadmapPhase(Value):
    """A phase with the gate that ends it."""

    id: UUID
    ordinal: int
    title: str
    status: str
    planned_from: date | None
    planned_to: date | None
    opened_on: date | None
    ended_on: date | None
    overdue: bool = Field(description="Ouverte ou suspendue au-delà de sa fin prévue.")
    gate: RoadmapGate


class RoadmapWorkstream(Value):
    """A workstream as a bar: from the first start to the last end of what is in it."""

    id: UUID
    ref: str
    title: str
    status: str
    priority: int | None
    axis_id: UUID | None
    parent_id: UUID | None
    starts_on: date | None
    ends_on: date | None = Field(description="La dernière fin\u202f: réelle, ou prévue aujourd’hui.")
    baseline_on: date | None = Field(description="La dernière fin des dates de référence en vigueur.")
    original_baseline_on: date | None = Field(description="La même, à l’origine.")
    actions: int = Field(description="Les actions de premier niveau, sans celles qui sont abandonnées.")
    done: int
    late: int


class RoadmapMilestone(Value):
    """A milestone on the line."""

    id: UUID
    ref: str
    title: str
    status: str
    subject: Named | None
    workstreams: tuple[UUID, ...] = Field(description="Les chantiers dans lesquels il se place.")
    due_on: date
    baseline_on: date | None
    original_baseline_on: date | None
    reached_on: date | None
    late: bool
    overdue: bool
    slippage: Slippage | None
    original_slippage: Slippage | None


class RoadmapDeliverable(Value):
    """A deliverable on the line: on its own date, else at the end of its phase."""

    id: UUID
    ref: str
    title: str
    kind: DeliverableKind
    status: str
    phase_id: UUID | None
    owner: str | None
    due_on: date | None
    due_on_basis: Literal["own", "phase"] | None
    submitted_on: date | None
    validated_on: date | None
    overdue: bool


class Roadmap(Value):
    """Everything that has a date."""

    from_on: date | None = Field(description="La première date de la feuille de route.")
    to_on: date | None
    plan_validated_on: date | None
    phases: tuple[RoadmapPhase, ...]
    workstreams: tuple[RoadmapWorkstream, ...]
    milestones: tuple[RoadmapMilestone, ...]
    deliverables: tuple[RoadmapDeliverable, ...]
    peaks: tuple[ActivityPeriod, ...] = Field(description="Les pics d’activité, entre ces deux dates.")


@dataclass(frozen=True)
class Clock:
    """The day and the calendar that lateness is judged by."""

    today: date
    calendar: WorkingCalendar


def compute(
    plan: Plan,
    deliverables: Sequence[Deliverable],
    decisions: Sequence[Decision],
    subjects: Mapping[UUID, Named],
    clock: Clock,
) -> Roadmap:
    """The roadmap on a day. `subjects` names the actions, workstreams and phases; `decisions` are those one may see."""
    parts = contents_of(plan, Places(plan))
    phases = sorted(standing(plan.phases), key=lambda phase: phase.ordinal)
    within: dict[UUID, list[UUID]] = {}
    bars = []
    for workstream in standing(plan.workstreams):
        inside = parts[Part("workstream", workstream.id)]
        bars.append(_bar(workstream, inside.actions, clock))
        for milestone in inside.milestones:
            within.setdefault(milestone.id, []).append(workstream.id)
    milestones = sorted(standing(plan.milestones), key=lambda milestone: (milestone.due_on, milestone.ref or 0))
    shown_phases = tuple(_phase(phase, decisions, clock.today) for phase in phases)
    shown_milestones = tuple(_milestone(m, subjects, within.get(m.id, ()), clock) for m in milestones)
    ends = {phase.id: phase.ended_on or phase.planned_to for phase in phases}
    shown_deliverables = tuple(_deliverable(each, ends, clock.today) for each in deliverables)
    dates = [*_dates(shown_phases), *_dates(bars), *_dates(shown_milestones), *_dates(shown_deliverables)]
    first, last = min(dates, default=None), max(dates, default=None)
    whole = plan.transformation.state
    return Roadmap(
        from_on=first,
        to_on=last,
        plan_validated_on=whole.plan_validated_on,
        phases=shown_phases,
        workstreams=tuple(bars),
        milestones=shown_milestones,
        deliverables=shown_deliverables,
        peaks=tuple(
            period
            for period in sorted(whole.activity_periods, key=lambda period: period.from_on)
            if period.level == "peak" and first and last and period.from_on <= last and period.to_on >= first
        ),
    )


def _dates(rows: Iterable[Value]) -> Iterable[date]:
    """Every date of some rows: the line of time begins at the first and ends at the last."""
    for row in rows:
        yield from (value for _, value in row if isinstance(value, date))


def _phase(phase: Phase, decisions: Iterable[Decision], today: date) -> RoadmapPhase:
    heard = [d for d in decisions if d.phase_id == phase.id and d.verdict is not None]
    verdicts = tuple(
        GateVerdict(
            id=decision.id,
            ref=DECISION.reference(decision),
            title=decision.title,
            verdict=decision.verdict or "",
            taken_on=decision.taken_on,
            status=decision.status,
        )
        for decision in sorted(heard, key=lambda decision: (decision.taken_on, decision.ref or 0))
    )
    awaited = phase.status in ("open", "held") and phase.planned_to is not None
    own = ("id", "ordinal", "title", "status", "planned_from", "planned_to", "opened_on", "ended_on")
    return RoadmapPhase(
        **{name: getattr(phase, name) for name in own},
        overdue=awaited and phase.planned_to is not None and today > phase.planned_to,
        gate=RoadmapGate(
            expected_on=phase.planned_to,
            passed_on=phase.ended_on if phase.status == "completed" else None,
            verdicts=verdicts,
        ),
    )


def _bar(workstream: Workstream, actions: Sequence[Action], clock: Clock) -> RoadmapWorkstream:
    kept = [action for action in actions if action.status != "abandoned"]
    own = ("id", "title", "status", "priority", "axis_id", "parent_id")
    return RoadmapWorkstream(
        **{name: getattr(workstream, name) for name in own},
        ref=WORKSTREAM.reference(workstream),
        starts_on=min((on for a in kept if (on := a.started_on or a.start_on)), default=None),
        ends_on=max((on for a in kept if (on := a.completed_on or a.end_on)), default=None),
        baseline_on=max((a.baseline_on for a in kept if a.baseline_on), default=None),
        original_baseline_on=max((a.original_baseline_on for a in kept if a.original_baseline_on), default=None),
        actions=len(kept),
        done=sum(action.status == "done" for action in kept),
        late=sum(lateness(dates_of(action), clock.today, clock.calendar).late for action in kept),
    )


def _milestone(
    milestone: Milestone, subjects: Mapping[UUID, Named], workstreams: Sequence[UUID], clock: Clock
) -> RoadmapMilestone:
    own = ("id", "title", "status", "due_on", "baseline_on", "original_baseline_on", "reached_on")
    judged = lateness(dates_of(milestone), clock.today, clock.calendar)
    return RoadmapMilestone(
        ref=MILESTONE.reference(milestone),
        subject=subjects.get(milestone.subject.id),
        workstreams=tuple(workstreams),
        **{name: getattr(milestone, name) for name in own},
        **{name: getattr(judged, name) for name in ("late", "overdue", "slippage", "original_slippage")},
    )


def _deliverable(deliverable: Deliverable, ends: Mapping[UUID, date | None], today: date) -> RoadmapDeliverable:
    end = ends.get(deliverable.phase_id) if deliverable.phase_id else None
    due_on = deliverable.due_on or end
    own = ("id", "title", "kind", "status", "phase_id", "owner", "submitted_on", "validated_on")
    basis: Literal["own", "phase"] = "own" if deliverable.due_on else "phase"
    return RoadmapDeliverable(
        ref=DELIVERABLE.reference(deliverable),
        **{name: getattr(deliverable, name) for name in own},
        due_on=due_on,
        due_on_basis=basis if due_on else None,
        overdue=due_on is not None and today > due_on and deliverable.status != "validated",
    )
