"""Planning a phase in its place: one place, one phase."""

from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow

from service.domain import phase
from service.domain.event import Event
from service.domain.gate import VerdictStillActs
from service.domain.mending import NotMendable
from service.domain.phase import PHASE, Phase, PhaseCompleted, PhaseGateConfigured, PhaseStopped
from service.domain.transformation import TRANSFORMATION
from service.projections.as_of import AsOf
from service.projections.phases import PHASES
from service.store.unit import Unit


def plan_phase(unit: Unit, transformation_id: UUID, **fields: Any) -> Phase:
    """Plan a phase; `fields` are those of `phase.plan`. Raises `AlreadyTaken` for the place of another phase."""
    return place_phase(unit, transformation_id, phase.plan(**fields))


def place_phase(unit: Unit, transformation_id: UUID, events: list[Event]) -> Phase:
    """Record a planned phase and take its place, so that a verdict always knows the one next phase."""
    planned = unit.create(PHASE, events)
    unit.claim(f"{transformation_id}:phase {planned.ordinal}")
    return planned


def _require_no_gate(unit: Unit, id: UUID, event_id: UUID) -> None:
    """Who judges a gate, and by what, is configured anew by its sponsor, never mended. Raises `NotMendable`."""
    for fact in unit.history(id):
        if fact.envelope.event_id == event_id and isinstance(fact.event, PhaseGateConfigured):
            raise NotMendable(event_id=event_id, why="fixed_field")


def check_correction(unit: Unit, id: UUID, event_id: UUID, changes: dict[str, Any]) -> None:
    """The gate of a phase is not corrected."""
    _require_no_gate(unit, id, event_id)


def check_withdrawal(unit: Unit, connection: Connection[DictRow], id: UUID, event_id: UUID) -> None:
    """The gate of a phase is not taken from its body by withdrawing how it was given; and a verdict is taken back from
    its last effect on, so that two phases are never open. Raises `NotMendable`, `VerdictStillActs`."""
    _require_no_gate(unit, id, event_id)
    ending = [fact.event for fact in unit.history(id) if fact.envelope.event_id == event_id]
    for event in ending:
        if isinstance(event, PhaseCompleted | PhaseStopped):
            _require_nothing_after(unit, connection, id, event.decision_id)


def _require_nothing_after(unit: Unit, connection: Connection[DictRow], id: UUID, decision_id: UUID) -> None:
    """What the verdict that ended this phase began is withdrawn first: the next phase, or the closing."""
    transformation_id = unit.get(PHASE, id).transformation_id
    if transformation_id is None:
        return
    known = PHASES.of_transformation(connection, transformation_id, AsOf(unit.act.now))
    phases = [unit.get(PHASE, other.id) for other in known]
    begun = [f"phase {other.ordinal}" for other in phases if other.opened_by == decision_id and not other.withdrawn]
    whole = unit.get(TRANSFORMATION, transformation_id)
    if whole.closing_decision_id == decision_id:
        begun.append(whole.code)
    if begun:
        raise VerdictStillActs(ordinal=unit.get(PHASE, id).ordinal, begun=begun)
