"""Transformation: the change of one directorate, with its two calendars. Members, phases and axes live elsewhere."""

from datetime import date
from typing import Any, Literal
from uuid import UUID

from service.domain.activity import ActivityPeriod, require_ordered
from service.domain.concept import Concept, NothingToChange, ObjectWithdrawn, State, differences, revised
from service.domain.event import Event, Fact
from service.domain.freshness import latest
from service.domain.refusal import Conflict
from service.domain.reminder_rules import ReminderRule, TransformationRemindersSet, require_possible
from service.domain.transformation_events import (
    TransformationActivityCalendarSet,
    TransformationCalendarSet,
    TransformationClosingStarted,
    TransformationConfirmed,
    TransformationDescribed,
    TransformationEnded,
    TransformationLaunched,
    TransformationPlanValidated,
    TransformationPrepared,
    TransformationReplanned,
)


class Transformation(State):
    """A transformation as it stands: prepared, running, closing or closed."""

    status: Literal["prepared", "running", "closing", "closed", "withdrawn"] = "prepared"
    code: str
    name: str
    description: str | None = None
    template: str | None = None
    lead: str
    """Named when it was prepared; who leads today is for its members to say."""
    sponsor: str
    closed_days: tuple[date, ...] = ()
    activity_periods: tuple[ActivityPeriod, ...] = ()
    reminder_rules: tuple[ReminderRule, ...] = ()
    launched_on: date | None = None
    plan_validated_on: date | None = None
    plan_decision_id: UUID | None = None
    """The decision that set the present baselines."""
    replan_count: int = 0
    closing_on: date | None = None
    closing_decision_id: UUID | None = None
    closed_on: date | None = None
    evaluation_id: UUID | None = None
    """The evaluation of the impacts that it was closed with."""


class TransformationClosed(Conflict):
    """The transformation {code} is closed: it can be read, no longer changed."""

    FR = "La transformation {code} est close\u202f: elle se lit, elle ne se modifie plus."


class TransformationAlreadyLaunched(Conflict):
    """The transformation {code} is {status}: it was launched before."""

    FR = "La transformation {code} est {status}\u202f: elle a déjà été lancée."


class TransformationNotRunning(Conflict):
    """The transformation {code} is {status}: this needs a running one."""

    FR = "La transformation {code} est {status}\u202f: cet acte demande qu’elle soit lancée et en cours."


class TransformationNotClosing(Conflict):
    """The transformation {code} is {status}: its closing begins by a verdict, at the last gate or by a stop."""

    FR = (
        "La transformation {code} est {status}\u202f: sa clôture commence par un verdict, "
        "au dernier passage ou par un arrêt."
    )


class FinalReviewMissing(Conflict):
    """The transformation {code} cannot be closed yet: no stage review with its quorum has looked at its end."""

    FR = (
        "La transformation {code} ne peut pas encore être close\u202f: "
        "aucun point d’étape, tenu avec son quorum, n’en a examiné la fin."
    )


class EvaluationMissing(Conflict):
    """The transformation {code} cannot be closed yet: no evaluation of its impacts is validated."""

    FR = "La transformation {code} ne peut pas encore être close\u202f: aucune évaluation de ses impacts n’est validée."


class PlanAlreadyValidated(Conflict):
    """The plan was validated on {validated_on}; new baselines are set by a decision to replan."""

    FR = (
        "Le plan a été validé le {validated_on}\u202f; "
        "de nouvelles dates de référence demandent une décision de replanification."
    )


class PlanNotValidated(Conflict):
    """The plan is not validated yet: there is no baseline to replace."""

    FR = "Le plan n’est pas encore validé\u202f: il n’y a pas de date de référence à remplacer."


def evolve(transformation: Transformation | None, fact: Fact) -> Transformation:
    """The transformation after one more fact."""
    event = fact.event
    if isinstance(event, TransformationPrepared):
        fields = event.model_dump(exclude={"activity_periods"})
        # It is its own transformation, so its events need not name it twice.
        return Transformation(
            id=fact.originator_id,
            transformation_id=fact.originator_id,
            activity_periods=event.activity_periods,
            **fields,
        )
    assert transformation is not None  # a stream begins with its creation; `fold` has checked it
    update: dict[str, Any]
    match event:
        case TransformationDescribed():
            return revised(transformation, event)
        case TransformationCalendarSet():
            update = {"closed_days": event.closed_days}
        case TransformationActivityCalendarSet():
            update = {"activity_periods": event.periods}
        case TransformationRemindersSet():
            update = {"reminder_rules": event.rules}
        case TransformationLaunched():
            update = {"status": "running", "launched_on": fact.occurred_on}
        case TransformationPlanValidated():
            update = {"plan_validated_on": fact.occurred_on, "plan_decision_id": event.decision_id}
        case TransformationReplanned():
            update = {"plan_decision_id": event.decision_id, "replan_count": transformation.replan_count + 1}
        case TransformationClosingStarted():
            update = {
                "status": "closing",
                "closing_on": fact.occurred_on,
                "closing_decision_id": event.decision_id,
            }
        case TransformationEnded():
            update = {"status": "closed", "closed_on": fact.occurred_on, "evaluation_id": event.evaluation_id}
        case TransformationConfirmed():
            update = {"confirmed_on": latest(transformation.confirmed_on, fact.occurred_on)}
        case _:
            return transformation
    return transformation.model_copy(update=update)


def check(transformation: Transformation | None, fact: Fact) -> None:
    """The rules of a transformation's life (DOMAIN section 1)."""
    event = fact.event
    match event:
        case TransformationPrepared():
            require_ordered(event.activity_periods)
        case TransformationActivityCalendarSet():
            require_ordered(event.periods)
        case TransformationRemindersSet():
            require_possible(event.rules)
    if transformation is None:
        return
    require_active(transformation)
    match event:
        case TransformationLaunched() if transformation.status != "prepared":
            raise TransformationAlreadyLaunched(code=transformation.code, status=transformation.status)
        case TransformationPlanValidated() | TransformationReplanned() | TransformationClosingStarted() if (
            transformation.status != "running"
        ):
            raise TransformationNotRunning(code=transformation.code, status=transformation.status)
        case TransformationEnded() if transformation.status != "closing":
            raise TransformationNotClosing(code=transformation.code, status=transformation.status)
        case TransformationPlanValidated() if transformation.plan_validated_on:
            raise PlanAlreadyValidated(validated_on=transformation.plan_validated_on)
        case TransformationReplanned() if not plan_is_validated(transformation):
            raise PlanNotValidated()


# What other concepts ask


def require_active(transformation: Transformation) -> None:
    """Refuse every act in a closed transformation. Raises `TransformationClosed` (or `ObjectWithdrawn`)."""
    if transformation.withdrawn:
        raise ObjectWithdrawn(ref=transformation.code)
    if transformation.status == "closed":
        raise TransformationClosed(code=transformation.code)


def require_running(transformation: Transformation) -> None:
    """Raises `TransformationNotRunning`."""
    if transformation.status != "running":
        raise TransformationNotRunning(code=transformation.code, status=transformation.status)


def plan_is_validated(transformation: Transformation) -> bool:
    """Whether dates are promises: a milestone or an action added from now on takes its first date as baseline."""
    return transformation.plan_validated_on is not None


def peak_on(transformation: Transformation, day: date) -> ActivityPeriod | None:
    """The activity peak that a day falls in: planning there deserves a warning, not a refusal (DOMAIN section 2)."""
    for period in transformation.activity_periods:
        if period.level == "peak" and period.from_on <= day <= period.to_on:
            return period
    return None


# Decisions


def prepare(
    *,
    code: str,
    name: str,
    lead: str,
    sponsor: str,
    description: str | None = None,
    template: str | None = None,
    closed_days: tuple[date, ...] = (),
    activity_periods: tuple[ActivityPeriod, ...] = (),
) -> list[Event]:
    """Prepare a transformation. The same commit makes its lead and sponsor members and plans its phases and axes."""
    return [
        TransformationPrepared(
            code=code,
            name=name,
            description=description,
            template=template,
            lead=lead,
            sponsor=sponsor,
            closed_days=closed_days,
            activity_periods=activity_periods,
        )
    ]


def revise(transformation: Transformation, **wanted: Any) -> list[Event]:
    """Change the name or the description. Raises `NothingToChange`."""
    changes = differences(transformation, **wanted)
    if not changes:
        raise NothingToChange()
    return [TransformationDescribed(**changes)]


def set_calendar(transformation: Transformation, **wanted: Any) -> list[Event]:
    """Set `closed_days`, `activity_periods`, or both. Raises `NothingToChange`."""
    changes = differences(transformation, **wanted)
    if not changes:
        raise NothingToChange()
    events: list[Event] = []
    if "closed_days" in changes:
        events.append(TransformationCalendarSet(closed_days=changes["closed_days"]))
    if "activity_periods" in changes:
        events.append(TransformationActivityCalendarSet(periods=changes["activity_periods"]))
    return events


def set_reminders(transformation: Transformation, rules: tuple[ReminderRule, ...]) -> list[Event]:
    """Say which rules of reminders speak, and when; those not named go by default. Raises `NothingToChange`."""
    if rules == transformation.reminder_rules:
        raise NothingToChange(pointer="/rules")
    return [TransformationRemindersSet(rules=rules)]


def launch(transformation: Transformation) -> list[Event]:
    """Launch. `service.domain.gate.open_first` opens the first phase in the same commit."""
    return [TransformationLaunched()]


def validate_plan(transformation: Transformation, decision_id: UUID) -> list[Event]:
    """Validate the plan, in the commit of the decision that also sets every baseline."""
    return [TransformationPlanValidated(decision_id=decision_id)]


def replan(transformation: Transformation, decision_id: UUID) -> list[Event]:
    """Set new baselines, in the commit of the decision to replan."""
    return [TransformationReplanned(decision_id=decision_id)]


def start_closing(transformation: Transformation, decision_id: UUID) -> list[Event]:
    """Begin the closing, in the commit of the verdict that stops."""
    return [TransformationClosingStarted(decision_id=decision_id)]


def close(transformation: Transformation, evaluation_id: UUID) -> list[Event]:
    """Close it, with the validated evaluation of its impacts. What it takes is in `service.acts.closing`."""
    return [TransformationEnded(evaluation_id=evaluation_id)]


def confirm(transformation: Transformation) -> list[Event]:
    """« Rien n’a changé »: one click."""
    return [TransformationConfirmed()]


TRANSFORMATION: Concept[Transformation] = Concept(
    name="transformation",
    collection="transformations",
    state=Transformation,
    events=(
        TransformationPrepared,
        TransformationDescribed,
        TransformationCalendarSet,
        TransformationActivityCalendarSet,
        TransformationRemindersSet,
        TransformationLaunched,
        TransformationPlanValidated,
        TransformationReplanned,
        TransformationClosingStarted,
        TransformationEnded,
        TransformationConfirmed,
    ),
    evolve=evolve,
    check=check,
    links=lambda transformation: (
        link
        for link in (
            transformation.plan_decision_id,
            transformation.closing_decision_id,
            transformation.evaluation_id,
        )
        if link is not None
    ),
)
