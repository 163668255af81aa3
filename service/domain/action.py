"""Action: what is done for the change, and the rules of its life. A sub-action is an action with a parent.

Its events are in `action_events`, what people decide on it in `action_course`. *Blocked*, *late* and *overdue* are
derived elsewhere, never typed.
"""

from datetime import date
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from service.domain.action_events import (
    EVENTS,
    STATUS_EVENTS,
    ActionAbandoned,
    ActionBaselineSet,
    ActionBudgeted,
    ActionCompleted,
    ActionConfirmed,
    ActionPaused,
    ActionPlanned,
    ActionPrioritised,
    ActionProgressDeclared,
    ActionProposed,
    ActionPutBack,
    ActionReopened,
    ActionRescheduled,
    ActionResumed,
    ActionStarted,
    ActionStatusImported,
    Focus,
    Funder,
    Horizon,
    Priority,
)
from service.domain.concept import Concept, ReasonRequired, State, created, revised
from service.domain.event import Event, Fact, Revision
from service.domain.freshness import latest
from service.domain.imported import ImportStamp
from service.domain.milestone import Forecast
from service.domain.number import require_exact, require_weight
from service.domain.refusal import Conflict, Invalid


class Action(State):
    """An action as it stands: proposed, planned, in progress, done, paused or abandoned."""

    status: Literal["proposed", "planned", "in_progress", "done", "paused", "abandoned", "withdrawn"] = "proposed"
    title: str
    description: str | None = None
    expected_result: str | None = None
    axis_id: UUID | None = None
    workstream_id: UUID | None = None
    phase_id: UUID | None = None
    parent_id: UUID | None = None
    lead: str | None = None
    contributors: tuple[str, ...] = ()
    focus: Focus | None = None
    horizon: Horizon | None = None
    priority: Priority | None = None
    start_on: date | None = None
    end_on: date | None = None
    """The present forecast."""
    baseline_on: date | None = None
    original_baseline_on: date | None = None
    forecasts: tuple[Forecast, ...] = ()
    reschedule_count: int = 0
    weight: Decimal = Decimal(1)
    budget: Decimal | None = None
    funders: tuple[Funder, ...] = ()
    governance: str | None = None
    body_id: UUID | None = None
    origin: str | None = None
    attributes: dict[str, str] = Field(default_factory=dict)
    ongoing: bool | None = None
    """« Action en amélioration continue »: yes, no, or nobody said."""
    levels: tuple[int, ...] = ()
    """Which of the three columns of a workbook named its place, where the workbook left one of them blank."""
    percent: Decimal | None = None
    """The progress that somebody declared, and when; what counts is computed (DOMAIN: Progress)."""
    percent_on: date | None = None
    started_on: date | None = None
    completed_on: date | None = None
    status_on: date
    """Since when the action has this status."""
    status_reason: str | None = None
    """Why it is paused, abandoned or reopened."""
    paused_from: Literal["planned", "in_progress"] | None = None
    reopen_count: int = 0
    row: ImportStamp | None = None
    imported_status: str | None = None


class ActionNotInStatus(Conflict):
    """Action {ref} is {status}; for this act it must be {needed}."""

    FR = (
        "L’action {ref} est au statut «\u202f{status}\u202f»\u202f; "
        "pour cet acte, elle doit être au statut «\u202f{needed}\u202f»."
    )


class CompletedBeforeStarted(Conflict):
    """Action {ref} was started on {started_on}: it cannot be completed on {occurred_on}."""

    FR = "L’action {ref} a démarré le {started_on}\u202f: elle ne peut pas être réalisée au {occurred_on}."


class ActionEndsBeforeItStarts(Invalid):
    """The action would end on {end_on}, before it starts on {start_on}."""

    FR = "L’action finirait le {end_on}, avant de commencer le {start_on}."


class PercentOutOfRange(Invalid):
    """A progress of {percent} per cent is not between 0 and 100."""

    FR = "Un avancement de {percent}\u202f% n’est pas compris entre 0 et 100."


class AmountNegative(Invalid):
    """An amount of money cannot be negative: {amount}."""

    FR = "Un montant ne peut pas être négatif\u202f: {amount}."


NEEDED: dict[type[Event], tuple[str, ...]] = {
    ActionPlanned: ("proposed",),
    ActionStarted: ("planned",),
    ActionProgressDeclared: ("in_progress", "paused"),
    ActionCompleted: ("in_progress",),
    ActionPaused: ("planned", "in_progress"),
    ActionResumed: ("paused",),
    ActionAbandoned: ("proposed", "planned", "in_progress", "paused"),
    ActionReopened: ("done", "abandoned"),
    ActionPutBack: ("planned", "in_progress"),
}
"""The statuses in which each act is legal (DOMAIN section 1)."""


def evolve(action: Action | None, fact: Fact) -> Action:
    """The action after one more fact."""
    event = fact.event
    if isinstance(event, ActionProposed):
        fields = {name: getattr(event, name) for name in ActionProposed.model_fields}
        # Its first end date, as corrected: a mistake put right is no slip.
        fields["baseline_on"] = event.end_on if event.baseline_on else None
        forecast = () if event.end_on is None else (Forecast(due_on=event.end_on, said_on=fact.occurred_on),)
        return Action(
            **created(fact),
            **fields,
            original_baseline_on=fields["baseline_on"],
            forecasts=forecast,
            status_on=fact.occurred_on,
        )
    assert action is not None  # a stream begins with its creation; `fold` has checked it
    if isinstance(event, STATUS_EVENTS):
        since: dict[str, Any] = {
            "status_on": fact.occurred_on,
            "status_reason": fact.envelope.reason,
            "imported_status": None,
        }
        return action.model_copy(update={**since, **_status_after(action, fact)})
    update: dict[str, Any]
    match event:
        case ActionRescheduled():
            return _rescheduled(action, event, fact)
        case Revision():
            return revised(action, event)
        case ActionProgressDeclared():
            if action.percent_on and fact.occurred_on < action.percent_on:
                return action  # said of an earlier day: what was declared since then counts
            update = {"percent": event.percent, "percent_on": fact.occurred_on}
        case ActionBaselineSet():
            update = {
                "baseline_on": event.date,
                "original_baseline_on": action.original_baseline_on or event.date,
            }
        case ActionStatusImported():
            update = {"imported_status": event.word}
        case ActionConfirmed():
            update = {"confirmed_on": latest(action.confirmed_on, fact.occurred_on)}
        case _:
            return action
    return action.model_copy(update=update)


def _status_after(action: Action, fact: Fact) -> dict[str, Any]:
    match fact.event:
        case ActionPlanned():
            return {"status": "planned"}
        case ActionStarted():
            return {"status": "in_progress", "started_on": fact.occurred_on}
        case ActionCompleted():
            return {"status": "done", "completed_on": fact.occurred_on}
        case ActionPaused():
            return {"status": "paused", "paused_from": action.status}
        case ActionResumed():
            return {"status": action.paused_from, "paused_from": None}
        case ActionAbandoned():
            return {"status": "abandoned", "paused_from": None}
        case ActionReopened():
            return {
                "status": reopens_to(action),
                "completed_on": None,
                "reopen_count": action.reopen_count + 1,
            }
        case _:  # put back: it begins anew
            return {"status": "proposed", "started_on": None}


def reopens_to(action: Action) -> Literal["planned", "in_progress"]:
    """Where a done or abandoned action resumes: in progress if work had begun."""
    return "in_progress" if action.started_on else "planned"


def _rescheduled(action: Action, event: ActionRescheduled, fact: Fact) -> Action:
    after = revised(action, event)
    if event.baseline_on:  # the first end date since the plan was validated, as corrected
        original = action.original_baseline_on or event.end_on
        after = after.model_copy(update={"baseline_on": event.end_on, "original_baseline_on": original})
    if after.end_on is None or after.end_on == action.end_on:
        return after
    forecast = Forecast(due_on=after.end_on, said_on=fact.occurred_on, reason=fact.envelope.reason)
    return after.model_copy(
        update={
            "forecasts": (*action.forecasts, forecast),
            # A first date is a promise; only a moved one is a reschedule.
            "reschedule_count": action.reschedule_count + bool(action.forecasts),
        }
    )


def check(action: Action | None, fact: Fact) -> None:
    """The rules of an action's life (DOMAIN section 1)."""
    event = fact.event
    if isinstance(event, ActionProposed):
        _require_ordered(event.start_on, event.end_on)
    if isinstance(event, ActionProposed | ActionPrioritised):
        require_weight(event.weight)
    if isinstance(event, ActionProposed | ActionBudgeted):
        _require_amount(event.budget, "/budget")
        for index, funder in enumerate(event.funders):
            _require_amount(funder.amount, f"/funders/{index}/amount")
    if action is None:
        return
    needed = NEEDED.get(type(event))
    if needed and action.status not in needed:
        raise ActionNotInStatus(ref=ACTION.reference(action), status=action.status, needed=needed)
    match event:
        case ActionPaused() | ActionAbandoned() | ActionReopened() if not fact.envelope.reason:
            raise ReasonRequired()
        case ActionCompleted() if action.started_on and fact.occurred_on < action.started_on:
            raise CompletedBeforeStarted(
                ref=ACTION.reference(action), started_on=action.started_on, occurred_on=fact.occurred_on
            )
        case ActionRescheduled():
            if action.baseline_on and not fact.envelope.reason:
                raise ReasonRequired()
            after = revised(action, event)
            _require_ordered(after.start_on, after.end_on)
        case ActionProgressDeclared():
            require_exact(event.percent, "/percent")
            if not 0 <= event.percent <= 100:
                raise PercentOutOfRange(pointer="/percent", percent=event.percent)


def _require_ordered(start_on: date | None, end_on: date | None) -> None:
    if start_on and end_on and end_on < start_on:
        raise ActionEndsBeforeItStarts(pointer="/end_on", start_on=start_on, end_on=end_on)


def _require_amount(amount: Decimal | None, pointer: str) -> None:
    if amount is None:
        return
    require_exact(amount, pointer)
    if amount < 0:
        raise AmountNegative(pointer=pointer, amount=amount)


def _links(action: Action) -> tuple[UUID, ...]:
    wanted = (action.axis_id, action.workstream_id, action.phase_id, action.parent_id)
    return tuple(link for link in wanted if link is not None)


ACTION: Concept[Action] = Concept(
    name="action",
    collection="actions",
    letter="A",
    state=Action,
    events=EVENTS,
    evolve=evolve,
    check=check,
    owners=lambda action: tuple(person for person in (action.lead, *action.contributors) if person is not None),
    links=_links,
)
