"""How an action of the data becomes entries: proposed, retained, begun, brought forward by its milestones, done."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from service.demonstration.entry import Entry, On, The, Who, do, promises, proposes
from service.demonstration.workstreams import AXIS_OF
from service.domain import action_course, milestone
from service.domain.action_events import Focus, Horizon, Priority

RETAINED_ON = -247
"""The plan is drafted until here; what is proposed later is retained three days after it is proposed."""

FACILITATORS = ("olivier",)
"""A facilitator may lead an action; the transformation's lead records what becomes of it."""


@dataclass(frozen=True)
class Promise:
    """A milestone: due, and reached unless it still lies ahead. `moves`: (day said, new date, why).

    `told`: how many days after it was reached that was recorded.
    """

    title: str
    due: int
    reached: int | None = None
    moves: tuple[tuple[int, int, str], ...] = ()
    promised: int | None = None
    weight: int = 1
    told: int = 0


@dataclass(frozen=True)
class Planned:
    """An action with its milestones; its days are counted from the anchor. `done`: recorded `told` days later."""

    key: str
    title: str
    lead: str
    start: int
    end: int
    proposed: int
    began: int | None = None
    done: int | None = None
    told: int = 0
    focus: Focus = "doing"
    workstream: str | None = None
    phase: int | None = None
    parent: str | None = None
    contributors: tuple[str, ...] = ()
    priority: Priority = "medium"
    horizon: Horizon = "short"
    result: str | None = None
    origin: str | None = None
    budget: int | None = None
    retained: bool = True
    promises: tuple[Promise, ...] = ()
    progress: tuple[tuple[int, int], ...] = ()
    moves: tuple[tuple[int, int, str], ...] = ()


def told(action: Planned) -> Iterator[Entry]:
    """The entries of one action: planned by the transformation's lead, then told by its own where that is permitted."""
    teller = "mathilde" if action.lead in FACILITATORS else action.lead
    yield Entry(
        action.proposed,
        "mathilde",
        proposes(
            action.key,
            title=action.title,
            lead=Who(action.lead),
            contributors=tuple(Who(name) for name in action.contributors),
            start_on=On(action.start),
            end_on=On(action.end),
            focus=action.focus,
            priority=action.priority,
            horizon=action.horizon,
            workstream_id=The(action.workstream) if action.workstream else None,
            axis_id=The(AXIS_OF[action.workstream]) if action.workstream else None,
            phase_id=The(f"phase-{action.phase}") if action.phase else None,
            parent_id=The(action.parent) if action.parent else None,
            expected_result=action.result,
            origin=action.origin,
            budget=None if action.budget is None else Decimal(action.budget),
        ),
    )
    for number, promise in enumerate(action.promises, start=1):
        key = f"{action.key}/{number}"
        promised = action.proposed if promise.promised is None else promise.promised
        fields = {"title": promise.title, "due_on": On(promise.due), "weight": Decimal(promise.weight)}
        yield Entry(promised, "mathilde", promises(key, action.key, **fields))
        for day, due, why in promise.moves:
            yield Entry(day, teller, do(key, milestone.reschedule, On(due)), reason=why)
        if promise.reached is not None:
            since = promise.reached if promise.told else None
            yield Entry(promise.reached + promise.told, teller, do(key, milestone.reach), since=since)
    if action.retained:
        before_the_plan = action.phase not in (1, 2) and action.proposed < RETAINED_ON
        yield Entry(
            RETAINED_ON if before_the_plan else action.proposed + 2, "mathilde", do(action.key, action_course.plan)
        )
    if action.began is not None:
        yield Entry(action.began, teller, do(action.key, action_course.start))
    for day, percent in action.progress:
        yield Entry(day, teller, do(action.key, action_course.declare_progress, Decimal(percent)))
    for day, end, why in action.moves:
        yield Entry(day, teller, do(action.key, action_course.revise, end_on=On(end)), reason=why)
    if action.done is not None:
        since = action.done if action.told else None
        yield Entry(action.done + action.told, teller, do(action.key, action_course.complete), since=since)
