"""Action sheets: what is derived about actions from the states around them. Pure; the list and the status share it."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import TypeVar
from uuid import UUID

from pydantic import Field

from service.domain.action import ACTION, Action
from service.domain.action_course import warnings
from service.domain.blocking import blockers
from service.domain.event import Value
from service.domain.figure import Figure
from service.domain.milestone import MILESTONE, Milestone
from service.domain.obstacle import Obstacle
from service.domain.phase import Phase
from service.domain.progress import progress_of
from service.domain.slippage import Slippage, dates_of, late, lateness
from service.domain.working_time import WorkingCalendar

T = TypeVar("T", Action, Milestone)


class SubActionLine(Value):
    """A sub-action, as its action names it."""

    id: UUID
    ref: str
    title: str
    status: str
    late: bool


class MilestoneLine(Value):
    """A milestone of the action."""

    id: UUID
    ref: str
    title: str
    status: str
    due_on: date
    late: bool


class ActionSheet(Value):
    """What is derived about one action at the clock of the read: nothing of it is stored or typed."""

    late: bool = Field(description="Non réalisée, et prévue après sa date de référence ou déjà dépassée.")
    overdue: bool = Field(description="La date de fin prévue est passée.")
    late_working_days: int = Field(description="Le retard en jours ouvrés\u202f; 0 si elle n’est pas en retard.")
    slippage: Slippage | None = Field(description="Écart à la date de référence en vigueur.")
    original_slippage: Slippage | None = Field(description="Écart à la date de référence d’origine.")
    progress: Figure = Field(
        description="L’avancement, sa règle et ce qu’il prend en compte\u202f; inconnu n’est pas 0."
    )
    blocked: bool = Field(description="Un obstacle ouvert la bloque, elle ou l’action dont elle fait partie.")
    blockers: tuple[UUID, ...] = Field(
        description="Les obstacles ouverts qui la bloquent, parmi ceux que l’on peut voir."
    )
    before_its_phase: bool = Field(description="Elle a commencé avant l’ouverture de sa phase.")
    sub_actions: tuple[SubActionLine, ...] = Field(description="Ses sous-actions.")
    milestones: tuple[MilestoneLine, ...] = Field(description="Ses jalons.")


def sheets(
    actions: Iterable[Action],
    milestones: Iterable[Milestone],
    obstacles: Iterable[Obstacle],
    today: date,
    calendar: WorkingCalendar,
    phases: Iterable[Phase] = (),
) -> dict[UUID, ActionSheet]:
    """The sheet of every action given, by id. What is around an action counts only if it is given too.

    Withdrawn objects beside an action are left out; a withdrawn action has a sheet, and is neither late nor a part.
    """
    listed = list(actions)
    children = _grouped(listed, lambda a: a.parent_id)
    promised = _grouped(milestones, lambda m: m.subject.id if m.subject.kind == "action" else None)
    blocking = _blocking(obstacles)
    by_phase = {phase.id: phase for phase in phases}
    figures: dict[UUID, Figure] = {}
    for action in sorted(listed, key=lambda a: a.parent_id is None):  # the parts before the whole
        parts = [(sub, figures[sub.id]) for sub in children.get(action.id, ())]
        figures[action.id] = progress_of(action, promised.get(action.id, ()), parts)
    result = {}
    for action in listed:
        found = lateness(dates_of(action), today, calendar)
        candidates = {o.id: o for id in (action.id, action.parent_id) if id for o in blocking.get(id, ())}
        stopped = tuple(o.id for o in blockers(action.id, candidates.values(), action.parent_id))
        phase = by_phase.get(action.phase_id) if action.phase_id else None
        result[action.id] = ActionSheet(
            late=found.late,
            overdue=found.overdue,
            late_working_days=found.late_working_days,
            slippage=found.slippage,
            original_slippage=found.original_slippage,
            progress=figures[action.id],
            blocked=bool(stopped),
            blockers=stopped,
            before_its_phase=bool(warnings(action, phase=phase)),
            sub_actions=tuple(_sub_action(sub, today) for sub in children.get(action.id, ())),
            milestones=tuple(_milestone(m, today) for m in promised.get(action.id, ())),
        )
    return result


def _grouped(objects: Iterable[T], key: Callable[[T], UUID | None]) -> dict[UUID, list[T]]:
    groups: dict[UUID, list[T]] = defaultdict(list)
    for thing in objects:
        group = key(thing)
        if group is not None and not thing.withdrawn:
            groups[group].append(thing)
    return groups


def _blocking(obstacles: Iterable[Obstacle]) -> Mapping[UUID, Sequence[Obstacle]]:
    """The obstacles by action that they name, so that each action looks at its own only."""
    named: dict[UUID, list[Obstacle]] = defaultdict(list)
    for obstacle in obstacles:
        for target in obstacle.blocks:
            if target.kind == "action":
                named[target.id].append(obstacle)
    return named


def _sub_action(action: Action, today: date) -> SubActionLine:
    return SubActionLine(
        id=action.id,
        ref=ACTION.reference(action),
        title=action.title,
        status=action.status,
        late=late(dates_of(action), today),
    )


def _milestone(milestone: Milestone, today: date) -> MilestoneLine:
    return MilestoneLine(
        id=milestone.id,
        ref=MILESTONE.reference(milestone),
        title=milestone.title,
        status=milestone.status,
        due_on=milestone.due_on,
        late=late(dates_of(milestone), today),
    )
