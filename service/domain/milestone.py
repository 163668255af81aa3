"""Milestone (jalon): a date that an action, a workstream or a phase promises: baseline, forecasts, real date."""

from datetime import date
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from service.domain.concept import Concept, NothingToChange, ReasonRequired, State, created, differences, revised
from service.domain.event import Document, Event, Fact, Revision, Value
from service.domain.freshness import latest
from service.domain.imported import ImportStamp
from service.domain.refusal import Conflict
from service.domain.text import PersonalText

# Events


class MilestoneSubject(Value):
    """What the milestone is a milestone of."""

    kind: Literal["action", "workstream", "phase"]
    id: UUID


class MilestonePlanned(Event):
    """A milestone is promised for a date. Once the plan is validated its first date is its baseline."""

    TOPIC = "milestone.planned"
    ref: int
    subject: MilestoneSubject
    title: str
    description: PersonalText | None = None
    due_on: date
    baseline_on: date | None = None
    weight: Decimal = Decimal(1)
    row: ImportStamp | None = None


class MilestoneDescribed(Revision):
    """The words or the weight of a milestone changed; its date did not."""

    TOPIC = "milestone.described"
    title: str = ""
    description: PersonalText | None = None
    weight: Decimal = Decimal(1)


class MilestoneRescheduled(Event):
    """A new forecast, with its reason. It is counted."""

    TOPIC = "milestone.rescheduled"
    due_on: date


class MilestoneBaselineSet(Event):
    """A decision (plan validation or replan) fixed the date that slippage is measured from."""

    TOPIC = "milestone.baseline_set"
    decision_id: UUID
    date: date


class MilestoneReached(Event):
    """The milestone was reached, on the true-on date of the fact."""

    TOPIC = "milestone.reached"
    evidence: tuple[Document, ...] = ()


class MilestoneCancelled(Event):
    """The milestone is no longer wanted. It leaves progress and slippage."""

    TOPIC = "milestone.cancelled"


class MilestoneReopened(Event):
    """A reached or cancelled milestone is to be reached again."""

    TOPIC = "milestone.reopened"


class MilestoneConfirmed(Event):
    """Somebody looked: nothing changed."""

    TOPIC = "milestone.confirmed"


# State


class Forecast(Value):
    """One forecast of the date, with the reason that was given for it."""

    due_on: date
    said_on: date
    reason: str | None = None


class Milestone(State):
    """A milestone as it stands: planned, reached or cancelled."""

    status: Literal["planned", "reached", "cancelled", "withdrawn"] = "planned"
    subject: MilestoneSubject
    title: str
    description: str | None = None
    weight: Decimal = Decimal(1)
    due_on: date
    """The present forecast."""
    baseline_on: date | None = None
    original_baseline_on: date | None = None
    reached_on: date | None = None
    evidence: tuple[Document, ...] = ()
    forecasts: tuple[Forecast, ...] = ()
    reschedule_count: int = 0
    reopen_count: int = 0
    row: ImportStamp | None = None


class MilestoneNotPlanned(Conflict):
    """Milestone {ref} is {status}: only a planned milestone can be reached, rescheduled or cancelled."""

    FR = "Le jalon {ref} est {status}\u202f: seul un jalon prévu peut être atteint, décalé ou annulé."


class MilestoneStillPlanned(Conflict):
    """Milestone {ref} is still planned: there is nothing to reopen."""

    FR = "Le jalon {ref} est toujours prévu\u202f: il n’y a rien à rouvrir."


def evolve(milestone: Milestone | None, fact: Fact) -> Milestone:
    """The milestone after one more fact."""
    event = fact.event
    if isinstance(event, MilestonePlanned):
        # Its first date, as corrected: a mistake put right is no slip.
        baseline_on = event.due_on if event.baseline_on else None
        return Milestone(
            **created(fact),
            ref=event.ref,
            subject=event.subject,
            title=event.title,
            description=event.description,
            weight=event.weight,
            due_on=event.due_on,
            baseline_on=baseline_on,
            original_baseline_on=baseline_on,
            forecasts=(Forecast(due_on=event.due_on, said_on=fact.occurred_on),),
            row=event.row,
        )
    assert milestone is not None
    update: dict[str, Any]
    match event:
        case MilestoneDescribed():
            return revised(milestone, event)
        case MilestoneRescheduled():
            forecast = Forecast(due_on=event.due_on, said_on=fact.occurred_on, reason=fact.envelope.reason)
            update = {
                "due_on": event.due_on,
                "forecasts": (*milestone.forecasts, forecast),
                "reschedule_count": milestone.reschedule_count + 1,
            }
        case MilestoneBaselineSet():
            update = {
                "baseline_on": event.date,
                "original_baseline_on": milestone.original_baseline_on or event.date,
            }
        case MilestoneReached():
            update = {"status": "reached", "reached_on": fact.occurred_on, "evidence": event.evidence}
        case MilestoneCancelled():
            update = {"status": "cancelled"}
        case MilestoneReopened():
            update = {
                "status": "planned",
                "reached_on": None,
                "evidence": (),
                "reopen_count": milestone.reopen_count + 1,
            }
        case MilestoneConfirmed():
            update = {"confirmed_on": latest(milestone.confirmed_on, fact.occurred_on)}
        case _:
            return milestone
    return milestone.model_copy(update=update)


def check(milestone: Milestone | None, fact: Fact) -> None:
    """The rules of a milestone's life (DOMAIN section 1)."""
    if milestone is None:
        return
    ref = MILESTONE.reference(milestone)
    match fact.event:
        case MilestoneReached() | MilestoneRescheduled() | MilestoneCancelled() if milestone.status != "planned":
            raise MilestoneNotPlanned(ref=ref, status=milestone.status)
        case MilestoneReopened() if milestone.status == "planned":
            raise MilestoneStillPlanned(ref=ref)
    match fact.event:
        case MilestoneRescheduled() | MilestoneCancelled() | MilestoneReopened() if not fact.envelope.reason:
            raise ReasonRequired()


# Decisions


def plan(
    *,
    ref: int,
    subject: MilestoneSubject,
    title: str,
    due_on: date,
    baselined: bool,
    description: str | None = None,
    weight: Decimal = Decimal(1),
    row: ImportStamp | None = None,
) -> list[Event]:
    """Promise a date. `baselined`: the plan is validated, so the first date is the baseline (DOMAIN section 2)."""
    return [
        MilestonePlanned(
            ref=ref,
            subject=subject,
            title=title,
            description=description,
            due_on=due_on,
            baseline_on=due_on if baselined else None,
            weight=weight,
            row=row,
        )
    ]


def revise(milestone: Milestone, **wanted: Any) -> list[Event]:
    """One event per meaning for the fields that really change: described, rescheduled. Raises `NothingToChange`."""
    changes = differences(milestone, **wanted)
    if not changes:
        raise NothingToChange()
    events: list[Event] = []
    if "due_on" in changes:
        events.append(MilestoneRescheduled(due_on=changes.pop("due_on")))
    if changes:
        events.append(MilestoneDescribed(**changes))
    return events


def reach(milestone: Milestone, *, evidence: tuple[Document, ...] = ()) -> list[Event]:
    """Say that it is reached, on the act's true-on date."""
    return [MilestoneReached(evidence=evidence)]


def reschedule(milestone: Milestone, due_on: date) -> list[Event]:
    """Give a new forecast; the act must carry a reason."""
    return [MilestoneRescheduled(due_on=due_on)]


def set_baseline(milestone: Milestone, decision_id: UUID, on: date | None = None) -> list[Event]:
    """Take the date that was submitted (else the present forecast) as baseline, in the commit of the decision."""
    return [MilestoneBaselineSet(decision_id=decision_id, date=on or milestone.due_on)]


def cancel(milestone: Milestone) -> list[Event]:
    """Give the milestone up; the act must carry a reason."""
    return [MilestoneCancelled()]


def reopen(milestone: Milestone) -> list[Event]:
    """Take back « atteint » or « annulé » because it is to be reached again; the act must carry a reason."""
    return [MilestoneReopened()]


def confirm(milestone: Milestone) -> list[Event]:
    """« Rien n’a changé »: one click."""
    return [MilestoneConfirmed()]


MILESTONE: Concept[Milestone] = Concept(
    name="milestone",
    collection="milestones",
    letter="J",
    state=Milestone,
    events=(
        MilestonePlanned,
        MilestoneDescribed,
        MilestoneRescheduled,
        MilestoneBaselineSet,
        MilestoneReached,
        MilestoneCancelled,
        MilestoneReopened,
        MilestoneConfirmed,
    ),
    evolve=evolve,
    check=check,
    links=lambda milestone: (milestone.subject.id,),
)
