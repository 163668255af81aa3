"""Progress of actions, and its roll-up over workstream, axis and plan, always explained (DOMAIN section 2)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Literal
from uuid import UUID

from service.domain.action import Action
from service.domain.event import Value
from service.domain.figure import Coverage, Figure, figure, ratio, weighted_mean
from service.domain.milestone import Milestone

GONE = ("abandoned", "withdrawn")


class Part(Value):
    """A milestone or a sub-action that an action's progress is made of. `value` is None while it is unknown."""

    kind: Literal["milestone", "sub_action"]
    id: UUID
    weight: Decimal
    value: Decimal | None


class Declared(Value):
    """What somebody said of an action's progress (0 to 1), and when."""

    value: Decimal
    on: date | None


class Counted(Value):
    """An action in a roll-up, with its own progress."""

    id: UUID
    status: str
    weight: Decimal = Decimal(1)
    value: Decimal | None


class RollUp(Value):
    """Counts by status, always; progress over the known actions; the abandoned apart, outside the denominator."""

    counts: dict[str, int]
    abandoned: int
    progress: Figure


def parts_of(milestones: Iterable[Milestone], sub_actions: Iterable[tuple[Action, Figure]]) -> tuple[Part, ...]:
    """The parts that count: cancelled milestones and abandoned sub-actions are out. A milestone is 1 or 0."""
    promised = (
        Part(kind="milestone", id=m.id, weight=m.weight, value=Decimal(int(m.status == "reached")))
        for m in milestones
        if m.status in ("planned", "reached")
    )
    done_by_others = (
        Part(kind="sub_action", id=action.id, weight=action.weight, value=own.value)
        for action, own in sub_actions
        if action.status not in GONE
    )
    return (*promised, *done_by_others)


def declared_by(action: Action) -> Declared | None:
    """The progress declared on an action, as a share."""
    if action.percent is None:
        return None
    return Declared(value=ratio(action.percent, Decimal(100)), on=action.percent_on)


def action_progress(*, done: bool, parts: Sequence[Part] = (), declared: Declared | None = None) -> Figure:
    """Done is 1; else the weighted mean of its known parts; else what was declared; else unknown, which is never 0."""
    if done:
        return figure(Decimal(1), "done")
    shares = [(part.value, part.weight) for part in parts if part.value is not None]
    coverage = Coverage(known=len(shares), of=len(parts))
    mean = weighted_mean(shares)
    if mean is not None:
        return Figure(value=mean, rule="mean_of_parts", inputs={"parts": list(parts)}, coverage=coverage)
    if declared is not None:
        return figure(declared.value, "declared", declared=declared)
    return Figure(value=None, rule="nothing_known", inputs={"parts": list(parts)}, coverage=coverage)


def progress_of(
    action: Action, milestones: Iterable[Milestone] = (), sub_actions: Iterable[tuple[Action, Figure]] = ()
) -> Figure:
    """The progress of an action from the states of what it is made of; sub-actions come with their own progress."""
    return action_progress(
        done=action.status == "done", parts=parts_of(milestones, sub_actions), declared=declared_by(action)
    )


def roll_up(actions: Iterable[Counted]) -> RollUp:
    """Weighted mean over the known actions, with coverage k of n. Give it top-level actions only (SHAPES: words)."""
    listed = [action for action in actions if action.status != "withdrawn"]
    kept = [action for action in listed if action.status != "abandoned"]
    shares = [(action.value, action.weight) for action in kept if action.value is not None]
    mean = weighted_mean(shares)
    inputs = [{"id": action.id, "weight": action.weight, "value": action.value} for action in kept]
    return RollUp(
        counts=dict(Counter(action.status for action in listed)),
        abandoned=len(listed) - len(kept),
        progress=Figure(
            value=mean,
            rule="none_known" if mean is None else "mean_of_known",
            inputs={"actions": inputs},
            coverage=Coverage(known=len(shares), of=len(kept)),
        ),
    )
