"""Planning a phase in its place: one place, one phase."""

from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow

from service.domain import phase
from service.domain.concept import NotMendable
from service.domain.event import Event
from service.domain.phase import PHASE, Phase, PhaseGateConfigured
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
    """The gate of a phase is not taken from its body by withdrawing how it was given."""
    _require_no_gate(unit, id, event_id)
