"""Phase: a stage of the transformation. The sponsor's launch opens the first, a gate verdict each later one."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal
from uuid import UUID

from service.domain.concept import Concept, NothingToChange, Revision, State, created, differences, revised
from service.domain.event import Event, Fact
from service.domain.refusal import Conflict, Invalid
from service.domain.text import PersonalText
from service.domain.transformation import Transformation, launch

Verdict = Literal["go", "replan", "hold", "stop"]

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
    """Phase {ordinal} is {status}: its dates are history."""

    FR = "La phase {ordinal} est au statut «\u202f{status}\u202f»\u202f: ses dates ne changent plus."


class PhaseOutOfOrder(Conflict):
    """Phase {next} cannot open after phase {ordinal}: phases open in their order, one after the other."""

    FR = (
        "La phase {next} ne peut pas s’ouvrir après la phase {ordinal}\u202f: "
        "les phases s’ouvrent dans leur ordre, l’une après l’autre."
    )


class NoPhaseToOpen(Conflict):
    """There is no planned phase to open: plan at least one before launching."""

    FR = "Il n’y a pas de phase prévue à ouvrir\u202f: prévoyez-en au moins une avant de lancer."


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
        case PhaseConfirmed():
            update = {"confirmed_on": fact.occurred_on}
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


def open_first(
    transformation: Transformation, phases: Sequence[Phase]
) -> list[tuple[Transformation | Phase, list[Event]]]:
    """The sponsor launches: the transformation runs and its first phase opens. Raises `NoPhaseToOpen`."""
    planned = [phase for phase in phases if phase.status == "planned"]
    if not planned and transformation.status == "prepared":
        raise NoPhaseToOpen()
    first = min(planned, key=lambda phase: phase.ordinal, default=None)
    opening: list[tuple[Transformation | Phase, list[Event]]] = [(transformation, launch(transformation))]
    return opening if first is None else [*opening, (first, [PhaseOpened()])]


def next_of(phase: Phase, phases: Sequence[Phase]) -> Phase | None:
    """The phase that a « go » on `phase` opens: the next in order that was not withdrawn. None after the last."""
    later = [other for other in phases if other.ordinal > phase.ordinal and not other.withdrawn]
    return min(later, key=lambda other: other.ordinal, default=None)


def apply_verdict(
    verdict: Verdict, phase: Phase, next_phase: Phase | None, decision_id: UUID
) -> list[tuple[Phase, list[Event]]]:
    """What a gate verdict does to the phases (DOMAIN section 2), in the commit of the decision.

    `go` completes this phase and opens the next, if there is one; `replan` keeps it open (and takes a
    held one up again); `hold` pauses it; `stop` ends it, and the caller starts closing the transformation.
    Raises `PhaseNotOpen`, `PhaseNotPlanned`, `PhaseOutOfOrder`.
    """
    held = phase.status == "held"
    if phase.status != "open" and not (held and verdict in ("replan", "stop")):
        raise PhaseNotOpen(ordinal=phase.ordinal, status=phase.status)
    match verdict:
        case "go":
            if next_phase is None:
                return [(phase, [PhaseCompleted(decision_id=decision_id)])]
            if next_phase.ordinal <= phase.ordinal:
                raise PhaseOutOfOrder(ordinal=phase.ordinal, next=next_phase.ordinal)
            if next_phase.status != "planned":
                raise PhaseNotPlanned(ordinal=next_phase.ordinal, status=next_phase.status)
            return [
                (phase, [PhaseCompleted(decision_id=decision_id)]),
                (next_phase, [PhaseOpened(decision_id=decision_id)]),
            ]
        case "replan":
            return [(phase, [PhaseResumed(decision_id=decision_id)])] if held else []
        case "hold":
            return [(phase, [PhaseHeld(decision_id=decision_id)])]
        case "stop":
            return [(phase, [PhaseStopped(decision_id=decision_id)])]


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
        PhaseConfirmed,
    ),
    evolve=evolve,
    check=check,
    links=lambda phase: tuple(link for link in (phase.opened_by, phase.verdict_id) if link is not None),
)
