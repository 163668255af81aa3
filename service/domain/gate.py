"""Gates: how phases follow one another. The sponsor's launch opens the first, a verdict each later one."""

from collections.abc import Sequence
from uuid import UUID

from service.domain.decision_events import Verdict
from service.domain.event import Event
from service.domain.phase import (
    Phase,
    PhaseCompleted,
    PhaseHeld,
    PhaseNotOpen,
    PhaseNotPlanned,
    PhaseOpened,
    PhaseResumed,
    PhaseStopped,
)
from service.domain.refusal import Conflict
from service.domain.transformation import Transformation, launch


class PhaseOutOfOrder(Conflict):
    """Phase {next} cannot open after phase {ordinal}: phases open in their order, one after the other."""

    FR = (
        "La phase {next} ne peut pas s’ouvrir après la phase {ordinal}\u202f: "
        "les phases s’ouvrent dans leur ordre, l’une après l’autre."
    )


class VerdictStillActs(Conflict):
    """The verdict that ended phase {ordinal} also began: {begun}. Withdraw that first, so that two phases are never
    open."""

    FR = (
        "Le verdict qui a terminé la phase {ordinal} a aussi ouvert\u202f: {begun}. "
        "Retirez d’abord cette ouverture, pour que deux phases ne soient jamais ouvertes ensemble."
    )


class NoPhaseToOpen(Conflict):
    """There is no planned phase to open: plan at least one before launching."""

    FR = "Il n’y a pas de phase prévue à ouvrir\u202f: prévoyez-en au moins une avant de lancer."


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

    `go` and `go_with_conditions` complete this phase and open the next, if there is one; `replan` keeps it open (and
    takes a held one up again); `hold` pauses it; `stop` ends it, and the caller starts closing the transformation.
    Raises `PhaseNotOpen`, `PhaseNotPlanned`, `PhaseOutOfOrder`.
    """
    held = phase.status == "held"
    if phase.status != "open" and not (held and verdict in ("replan", "stop")):
        raise PhaseNotOpen(ordinal=phase.ordinal, status=phase.status)
    match verdict:
        case "go" | "go_with_conditions":
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
