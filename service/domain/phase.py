"""Phase: a stage of the transformation. How phases follow one another through their gates is in `gate`."""

from datetime import date
from typing import Any, Literal
from uuid import UUID

from service.domain.concept import Concept, NothingToChange, State, created, differences, revised
from service.domain.event import Event, Fact, Revision
from service.domain.freshness import latest
from service.domain.refusal import Conflict, Invalid
from service.domain.text import PersonalText

# Events


class PhasePlanned(Event):
    """A phase is planned, in its order among the others."""

    TOPIC = "phase.planned"
    ordinal: int
    title: str
    objective: PersonalText | None = None
    expected_actions: tuple[PersonalText, ...] = ()
    deliverables: tuple[PersonalText, ...] = ()
    exit_criteria: tuple[PersonalText, ...] = ()
    planned_from: date | None = None
    planned_to: date | None = None


class PhaseDescribed(Revision):
    """The words of a phase changed: title, objective, expected actions, deliverables, exit criteria."""

    TOPIC = "phase.described"
    title: str = ""
    objective: PersonalText | None = None
    expected_actions: tuple[PersonalText, ...] = ()
    deliverables: tuple[PersonalText, ...] = ()
    exit_criteria: tuple[PersonalText, ...] = ()


class PhaseRescheduled(Revision):
    """The planned dates of a phase changed."""

    TOPIC = "phase.rescheduled"
    planned_from: date | None = None
    planned_to: date | None = None


class PhaseOpened(Event):
    """The phase opened: the first by the sponsor's launch, a later one by a decision."""

    TOPIC = "phase.opened"
    decision_id: UUID | None = None


class PhaseCompleted(Event):
    """A verdict « go » ended the phase."""

    TOPIC = "phase.completed"
    decision_id: UUID


class PhaseHeld(Event):
    """A verdict « hold » paused the phase."""

    TOPIC = "phase.held"
    decision_id: UUID


class PhaseResumed(Event):
    """A verdict took the paused phase up again."""

    TOPIC = "phase.resumed"
    decision_id: UUID


class PhaseStopped(Event):
    """A verdict « stop » ended the phase, and with it the transformation."""

    TOPIC = "phase.stopped"
    decision_id: UUID


class PhaseGateConfigured(Event):
    """The gate at the end of the phase belongs to a body from now on; without one, the sponsor decides."""

    TOPIC = "phase.gate_configured"
    body_id: UUID | None = None
    optional: tuple[int, ...] = ()
    """The numbers (from 1) of the exit criteria that may stay unmet."""


class PhaseConfirmed(Event):
    """Somebody looked: nothing changed."""

    TOPIC = "phase.confirmed"


# State


class Phase(State):
    """A phase as it stands: planned, open, completed, held or stopped."""

    status: Literal["planned", "open", "completed", "held", "stopped", "withdrawn"] = "planned"
    ordinal: int
    title: str
    objective: str | None = None
    expected_actions: tuple[str, ...] = ()
    deliverables: tuple[str, ...] = ()
    exit_criteria: tuple[str, ...] = ()
    planned_from: date | None = None
    planned_to: date | None = None
    opened_on: date | None = None
    opened_by: UUID | None = None
    """The decision that opened it; none for the first phase."""
    ended_on: date | None = None
    """When it was completed or stopped."""
    verdict_id: UUID | None = None
    """The last decision that completed, held, resumed or stopped it."""
    gate_body_id: UUID | None = None
    """The body whose held review gives the verdict; none where the sponsor does."""
    gate_optional: tuple[int, ...] = ()


class PhaseNotPlanned(Conflict):
    """Phase {ordinal} is {status}: it was opened before."""

    FR = "La phase {ordinal} est au statut «\u202f{status}\u202f»\u202f: elle a déjà été ouverte."


class PhaseNotOpen(Conflict):
    """Phase {ordinal} is {status}: this verdict needs an open phase."""

    FR = "La phase {ordinal} est au statut «\u202f{status}\u202f»\u202f: ce verdict demande une phase ouverte."


class PhaseNotHeld(Conflict):
    """Phase {ordinal} is {status}: only a held phase can be resumed."""

    FR = "La phase {ordinal} est au statut «\u202f{status}\u202f»\u202f: seule une phase suspendue peut reprendre."


class PhaseOver(Conflict):
    """Phase {ordinal} is {status}: its dates and its gate are history."""

    FR = "La phase {ordinal} est au statut «\u202f{status}\u202f»\u202f: ses dates et son passage ne changent plus."


class PhaseHasNoSuchCriterion(Invalid):
    """Phase {ordinal} has {criteria} exit criteria: there is no number {number}."""

    FR = "La phase {ordinal} a {criteria} critères de sortie\u202f: il n’y a pas de numéro {number}."


class PhaseNotOpenYet(Conflict):
    """Phase {ordinal} opened on {opened_on}: its verdict cannot date from {on}."""

    FR = "La phase {ordinal} s’est ouverte le {opened_on}\u202f: son verdict ne peut pas dater du {on}."


class PhaseEndsBeforeItStarts(Invalid):
    """The phase would end on {planned_to}, before it starts on {planned_from}."""

    FR = "La phase finirait le {planned_to}, avant de commencer le {planned_from}."


def evolve(phase: Phase | None, fact: Fact) -> Phase:
    """The phase after one more fact."""
    event = fact.event
    if isinstance(event, PhasePlanned):
        return Phase(**created(fact), **event.model_dump())
    assert phase is not None  # a stream begins with its creation; `fold` has checked it
    update: dict[str, Any]
    match event:
        case PhaseDescribed() | PhaseRescheduled():
            return revised(phase, event)
        case PhaseOpened():
            update = {"status": "open", "opened_on": fact.occurred_on, "opened_by": event.decision_id}
        case PhaseCompleted():
            update = {"status": "completed", "ended_on": fact.occurred_on, "verdict_id": event.decision_id}
        case PhaseHeld():
            update = {"status": "held", "verdict_id": event.decision_id}
        case PhaseResumed():
            update = {"status": "open", "verdict_id": event.decision_id}
        case PhaseStopped():
            update = {"status": "stopped", "ended_on": fact.occurred_on, "verdict_id": event.decision_id}
        case PhaseGateConfigured():
            update = {"gate_body_id": event.body_id, "gate_optional": event.optional}
        case PhaseConfirmed():
            update = {"confirmed_on": latest(phase.confirmed_on, fact.occurred_on)}
        case _:
            return phase
    return phase.model_copy(update=update)


def check(phase: Phase | None, fact: Fact) -> None:
    """The rules of a phase's life (DOMAIN sections 1 and 2)."""
    event = fact.event
    if isinstance(event, PhasePlanned):
        _require_ordered(event.planned_from, event.planned_to)
    if phase is None:
        return
    facts = {"ordinal": phase.ordinal, "status": phase.status}
    match event:
        case PhaseOpened() if phase.status != "planned":
            raise PhaseNotPlanned(**facts)
        case PhaseCompleted() | PhaseHeld() if phase.status != "open":
            raise PhaseNotOpen(**facts)
        case PhaseStopped() if phase.status not in ("open", "held"):
            raise PhaseNotOpen(**facts)
        case PhaseResumed() if phase.status != "held":
            raise PhaseNotHeld(**facts)
        case PhaseCompleted() | PhaseHeld() | PhaseResumed() | PhaseStopped() if (
            phase.opened_on is not None and fact.occurred_on < phase.opened_on
        ):
            raise PhaseNotOpenYet(ordinal=phase.ordinal, opened_on=phase.opened_on, on=fact.occurred_on)
        case PhaseGateConfigured():
            if phase.status in ("completed", "stopped"):
                raise PhaseOver(**facts)
            for number in event.optional:
                if not 1 <= number <= len(phase.exit_criteria):
                    count = len(phase.exit_criteria)
                    raise PhaseHasNoSuchCriterion(
                        pointer="/optional", ordinal=phase.ordinal, criteria=count, number=number
                    )
        case PhaseRescheduled():
            if phase.status in ("completed", "stopped"):
                raise PhaseOver(**facts)
            after = revised(phase, event)
            _require_ordered(after.planned_from, after.planned_to)


def _require_ordered(planned_from: date | None, planned_to: date | None) -> None:
    if planned_from and planned_to and planned_to < planned_from:
        raise PhaseEndsBeforeItStarts(pointer="/planned_to", planned_from=planned_from, planned_to=planned_to)


# Decisions


def plan(
    *,
    ordinal: int,
    title: str,
    objective: str | None = None,
    expected_actions: tuple[str, ...] = (),
    deliverables: tuple[str, ...] = (),
    exit_criteria: tuple[str, ...] = (),
    planned_from: date | None = None,
    planned_to: date | None = None,
) -> list[Event]:
    """Plan a phase."""
    return [
        PhasePlanned(
            ordinal=ordinal,
            title=title,
            objective=objective,
            expected_actions=expected_actions,
            deliverables=deliverables,
            exit_criteria=exit_criteria,
            planned_from=planned_from,
            planned_to=planned_to,
        )
    ]


def revise(phase: Phase, **wanted: Any) -> list[Event]:
    """One event per meaning for the fields that really change: described, rescheduled. Raises `NothingToChange`."""
    changes = differences(phase, **wanted)
    if not changes:
        raise NothingToChange()
    events: list[Event] = []
    for kind in (PhaseRescheduled, PhaseDescribed):
        fields = {name: value for name, value in changes.items() if name in kind.model_fields}
        if fields:
            events.append(kind(**fields))
    return events


def confirm(phase: Phase) -> list[Event]:
    """« Rien n’a changé »: one click."""
    return [PhaseConfirmed()]


def configure_gate(phase: Phase, body_id: UUID | None, optional: tuple[int, ...] = ()) -> list[Event]:
    """Give the gate to a body, whose held review is then the only source of its verdict; none gives it back.

    `optional` numbers (from 1) the exit criteria that may stay unmet. Raises `NothingToChange`.
    """
    if (body_id, optional) == (phase.gate_body_id, phase.gate_optional):
        raise NothingToChange(pointer="/body_id")
    return [PhaseGateConfigured(body_id=body_id, optional=optional)]


PHASE: Concept[Phase] = Concept(
    name="phase",
    collection="phases",
    state=Phase,
    events=(
        PhasePlanned,
        PhaseDescribed,
        PhaseRescheduled,
        PhaseOpened,
        PhaseCompleted,
        PhaseHeld,
        PhaseResumed,
        PhaseStopped,
        PhaseGateConfigured,
        PhaseConfirmed,
    ),
    evolve=evolve,
    check=check,
    links=lambda phase: tuple(
        link for link in (phase.opened_by, phase.verdict_id, phase.gate_body_id) if link is not None
    ),
)
