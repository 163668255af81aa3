"""Planning a phase in its place: one place, one phase."""

from typing import Any
from uuid import UUID

from service.domain import phase
from service.domain.event import Event
from service.domain.phase import PHASE, Phase
from service.store.unit import Unit


def plan_phase(unit: Unit, transformation_id: UUID, **fields: Any) -> Phase:
    """Plan a phase; `fields` are those of `phase.plan`. Raises `AlreadyTaken` for the place of another phase."""
    return place_phase(unit, transformation_id, phase.plan(**fields))


def place_phase(unit: Unit, transformation_id: UUID, events: list[Event]) -> Phase:
    """Record a planned phase and take its place, so that a verdict always knows the one next phase."""
    planned = unit.create(PHASE, events)
    unit.claim(f"{transformation_id}:phase {planned.ordinal}")
    return planned
