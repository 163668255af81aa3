"""The course of an action: what people decide on it. Its state and its rules are in `action`."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from service.domain.action import Action, reopens_to
from service.domain.action_events import (
    REVISIONS,
    ActionAbandoned,
    ActionBaselineSet,
    ActionCompleted,
    ActionConfirmed,
    ActionPaused,
    ActionPlanned,
    ActionProgressDeclared,
    ActionProposed,
    ActionPutBack,
    ActionReopened,
    ActionResumed,
    ActionStarted,
    ActionStatus,
    ActionStatusImported,
)
from service.domain.concept import NothingToChange, ObjectWithdrawn, differences
from service.domain.event import Event
from service.domain.phase import Phase
from service.domain.refusal import Conflict
from service.domain.warning import Warning


class SubActionOfSubAction(Conflict):
    """{parent} is a sub-action itself: a sub-action belongs to an action of the top level."""

    FR = "{parent} est elle-même une sous-action\u202f: une sous-action appartient à une action de premier niveau."


def propose(
    *,
    ref: int,
    title: str,
    parent: Action | None = None,
    baselined: bool = False,
    end_on: date | None = None,
    status: ActionStatus = "proposed",
    imported_status: str | None = None,
    **fields: Any,
) -> list[Event]:
    """Propose an action, or a sub-action of `parent`; `fields` are those of `ActionProposed`.

    `baselined`: the plan is validated, so the first end date is the baseline (DOMAIN section 2). An import gives the
    wished `status` with the word of the workbook. Raises `SubActionOfSubAction`.
    """
    if parent is not None:
        if parent.withdrawn:
            raise ObjectWithdrawn(ref=f"A-{parent.ref}")
        if parent.parent_id is not None:
            raise SubActionOfSubAction(parent=f"A-{parent.ref}")
    path = list(_path("proposed", status, after_pause="planned", after_reopening="planned"))
    proposed = ActionProposed(
        ref=ref,
        title=title,
        parent_id=parent.id if parent else None,
        end_on=end_on,
        baseline_on=end_on if baselined else None,
        imported_status=None if path else imported_status,
        **fields,
    )
    if path and imported_status is not None:
        path.append(ActionStatusImported(word=imported_status))
    return [proposed, *path]


def revise(action: Action, *, baselined: bool = False, **wanted: Any) -> list[Event]:
    """One event per meaning for the fields that really change (`REVISIONS` tells which). Raises `NothingToChange`.

    `baselined`: the plan is validated; an action that gets its first end date now takes it as baseline.
    """
    changes = differences(action, **wanted)
    if not changes:
        raise NothingToChange()
    if baselined and action.baseline_on is None and changes.get("end_on"):
        changes["baseline_on"] = changes["end_on"]
    events: list[Event] = []
    for kind in REVISIONS:
        fields = {name: value for name, value in changes.items() if name in kind.model_fields}
        if fields:
            events.append(kind(**fields))
    return events


def become(action: Action, status: ActionStatus) -> list[Event]:
    """The shortest legal way to a wished status, for imports; empty when it is there. Pausing, abandoning and
    reopening need a reason on the act (« repris de l’import »)."""
    return list(
        _path(
            action.status,
            status,
            after_pause=action.paused_from or "in_progress",
            after_reopening=reopens_to(action),
        )
    )


_LADDER = ("proposed", "planned", "in_progress", "done")
_CLIMB: tuple[type[Event], ...] = (ActionPlanned, ActionStarted, ActionCompleted)


def _path(status: str, wanted: str, *, after_pause: str, after_reopening: str) -> Iterator[Event]:
    if status == wanted:
        return
    if status in ("done", "abandoned"):
        yield ActionReopened()
        status = after_reopening
    if wanted == "abandoned":
        yield ActionAbandoned()
        return
    if status == "paused":
        yield ActionResumed()
        status = after_pause
    # A pause begins from where the action is, once it is planned.
    goal = max(status, "planned", key=_LADDER.index) if wanted == "paused" else wanted
    if _LADDER.index(goal) < _LADDER.index(status):
        yield ActionPutBack()
        status = "proposed"
    for step in _CLIMB[_LADDER.index(status) : _LADDER.index(goal)]:
        yield step()
    if wanted == "paused":
        yield ActionPaused()


def plan(action: Action) -> list[Event]:
    """Retain a proposal."""
    return [ActionPlanned()]


def start(action: Action) -> list[Event]:
    """Begin, on the act's true-on date. Before its phase opens this warns: see `warnings`."""
    return [ActionStarted()]


def declare_progress(action: Action, percent: Decimal) -> list[Event]:
    """Say how far it is, 0 to 100 per cent."""
    return [ActionProgressDeclared(percent=percent)]


def complete(action: Action) -> list[Event]:
    """Say that it is done, on the act's true-on date."""
    return [ActionCompleted()]


def pause(action: Action) -> list[Event]:
    """Let it rest; the act must carry a reason."""
    return [ActionPaused()]


def resume(action: Action) -> list[Event]:
    """Take it up again where it was."""
    return [ActionResumed()]


def abandon(action: Action) -> list[Event]:
    """Give it up; the act must carry a reason."""
    return [ActionAbandoned()]


def reopen(action: Action) -> list[Event]:
    """Take back « réalisé » or « abandonné »; the act must carry a reason."""
    return [ActionReopened()]


def put_back(action: Action) -> list[Event]:
    """Make it a proposal again, to be discussed."""
    return [ActionPutBack()]


def set_baseline(action: Action, decision_id: UUID, on: date | None = None) -> list[Event]:
    """Take the end date that was submitted (else the present one) as baseline; none without an end date."""
    baseline_on = on or action.end_on
    return [] if baseline_on is None else [ActionBaselineSet(decision_id=decision_id, date=baseline_on)]


def confirm(action: Action) -> list[Event]:
    """« Rien n’a changé »: one click."""
    return [ActionConfirmed()]


def warnings(action: Action, *, phase: Phase | None = None) -> list[Warning]:
    """What deserves a second look: work that began before the phase opened (DOMAIN section 2)."""
    if phase is None or phase.status != "planned" or action.status not in ("in_progress", "done"):
        return []
    return [
        Warning(
            code="action-before-its-phase",
            fr=f"A-{action.ref} a commencé avant l’ouverture de sa phase, «\u202f{phase.title}\u202f».",
            en=f"A-{action.ref} began before its phase opened: {phase.title}.",
        )
    ]
