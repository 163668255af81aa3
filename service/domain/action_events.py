"""What can happen to an action: its events. The state and its rules are in `action`."""

from datetime import date
from decimal import Decimal
from typing import Literal
from uuid import UUID

from pydantic import Field

from service.domain.event import Event, Revision, Value
from service.domain.imported import ImportStamp
from service.domain.text import PersonalText

Focus = Literal["doing", "being"]
Horizon = Literal["short", "medium"]
Priority = Literal["high", "medium", "low"]
ActionStatus = Literal["proposed", "planned", "in_progress", "done", "paused", "abandoned"]


class Funder(Value):
    """Who pays, and how much of it (in euros)."""

    name: str
    amount: Decimal | None = None


class ActionProposed(Event):
    """An action is proposed. Once the plan is validated its first end date is its baseline."""

    TOPIC = "action.proposed"
    ref: int
    title: str
    description: PersonalText | None = None
    expected_result: PersonalText | None = None
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
    baseline_on: date | None = None
    weight: Decimal = Decimal(1)
    budget: Decimal | None = None
    funders: tuple[Funder, ...] = ()
    governance: PersonalText | None = None
    body_id: UUID | None = None
    origin: PersonalText | None = None
    attributes: dict[str, PersonalText] = Field(default_factory=dict)
    ongoing: bool | None = None
    levels: tuple[int, ...] = ()
    row: ImportStamp | None = None
    imported_status: str | None = None


class ActionDescribed(Revision):
    """The words of an action changed: title, description, expected result, governance, origin."""

    TOPIC = "action.described"
    title: str = ""
    description: PersonalText | None = None
    expected_result: PersonalText | None = None
    governance: PersonalText | None = None
    body_id: UUID | None = None
    origin: PersonalText | None = None
    ongoing: bool | None = None


class ActionReassigned(Revision):
    """Somebody else leads the action or contributes to it."""

    TOPIC = "action.reassigned"
    lead: str | None = None
    contributors: tuple[str, ...] = ()


class ActionRescheduled(Revision):
    """New dates, with a reason once the plan is validated. Another end date is a new forecast and is counted."""

    TOPIC = "action.rescheduled"
    start_on: date | None = None
    end_on: date | None = None
    baseline_on: date | None = None


class ActionPlaced(Revision):
    """The action moved to another axis, workstream or phase."""

    TOPIC = "action.placed"
    axis_id: UUID | None = None
    workstream_id: UUID | None = None
    phase_id: UUID | None = None
    levels: tuple[int, ...] = ()


class ActionPrioritised(Revision):
    """What the action weighs among the others changed: priority, horizon, focus, weight."""

    TOPIC = "action.prioritised"
    priority: Priority | None = None
    horizon: Horizon | None = None
    focus: Focus | None = None
    weight: Decimal = Decimal(1)


class ActionBudgeted(Revision):
    """The budget or those who pay for it changed."""

    TOPIC = "action.budgeted"
    budget: Decimal | None = None
    funders: tuple[Funder, ...] = ()


class ActionLabelled(Revision):
    """The labelled attributes changed: the columns of a workbook that no concept stands for."""

    TOPIC = "action.labelled"
    attributes: dict[str, PersonalText] = Field(default_factory=dict)


class ActionPlanned(Event):
    """The action was retained: it is to be done."""

    TOPIC = "action.planned"


class ActionStarted(Event):
    """Work on the action began, on the true-on date of the fact."""

    TOPIC = "action.started"


class ActionProgressDeclared(Event):
    """Somebody says how far the action is, in per cent, on the true-on date of the fact."""

    TOPIC = "action.progress_declared"
    percent: Decimal


class ActionCompleted(Event):
    """The action is done, on the true-on date of the fact."""

    TOPIC = "action.completed"


class ActionPaused(Event):
    """The action rests for a while, for a reason."""

    TOPIC = "action.paused"


class ActionResumed(Event):
    """The pause is over: the action is again where it was."""

    TOPIC = "action.resumed"


class ActionAbandoned(Event):
    """The action is given up, for a reason. It leaves progress and is shown apart."""

    TOPIC = "action.abandoned"


class ActionReopened(Event):
    """A done or abandoned action is to be done again, for a reason. It is counted."""

    TOPIC = "action.reopened"


class ActionPutBack(Event):
    """The action is to be discussed again: it is a proposal once more."""

    TOPIC = "action.put_back"


class ActionBaselineSet(Event):
    """A decision (plan validation or replan) fixed the end date that slippage is measured from."""

    TOPIC = "action.baseline_set"
    decision_id: UUID
    date: date


class ActionConfirmed(Event):
    """Somebody looked: nothing changed."""

    TOPIC = "action.confirmed"


class ActionStatusImported(Event):
    """A workbook said the status in this word; an export gives the word back until the status changes."""

    TOPIC = "action.status_imported"
    word: str


STATUS_EVENTS: tuple[type[Event], ...] = (
    ActionPlanned,
    ActionStarted,
    ActionCompleted,
    ActionPaused,
    ActionResumed,
    ActionAbandoned,
    ActionReopened,
    ActionPutBack,
)
"""After any of these the word of the workbook is no longer the status."""

REVISIONS: tuple[type[Revision], ...] = (
    ActionDescribed,
    ActionReassigned,
    ActionRescheduled,
    ActionPlaced,
    ActionPrioritised,
    ActionBudgeted,
    ActionLabelled,
)
"""One event per meaning of an edit."""

EVENTS: tuple[type[Event], ...] = (
    ActionProposed,
    *REVISIONS,
    *STATUS_EVENTS,
    ActionProgressDeclared,
    ActionBaselineSet,
    ActionConfirmed,
    ActionStatusImported,
)
