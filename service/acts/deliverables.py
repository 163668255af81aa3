"""Deliverables in their places: of a phase, with indicators and owners of the same transformation that exist."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from service.acts.places import standing
from service.domain import deliverable
from service.domain.decision import DECISION
from service.domain.deliverable import DELIVERABLE, Deliverable
from service.domain.event import Event
from service.domain.indicator import INDICATOR
from service.domain.phase import PHASE
from service.domain.principal import kind_of, stream_of
from service.store.unit import Unit


def draft_deliverable(unit: Unit, transformation_id: UUID, /, **fields: Any) -> Deliverable:
    """Say what is expected; `fields` are those of `deliverable.draft` but the reference.

    Raises `NotFound` for a phase, an indicator or a person that is not there, `ObjectWithdrawn`.
    """
    check_places(unit, transformation_id, fields)
    events = deliverable.draft(ref=unit.reference(DELIVERABLE, transformation_id), **fields)
    return unit.create(DELIVERABLE, events)


def revise_deliverable(unit: Unit, state: Deliverable, **wanted: Any) -> list[Event]:
    """Change what is expected of it. Raises what `draft_deliverable` does, and `NothingToChange`."""
    check_places(unit, state.transformation_id, wanted)
    return deliverable.revise(state, **wanted)


def check_places(unit: Unit, transformation_id: UUID | None, fields: Mapping[str, Any]) -> None:
    """What some fields name exists: the phase, the indicators, the owner, the decision."""
    if phase_id := fields.get("phase_id"):
        standing(unit, PHASE, phase_id, transformation_id)
    for indicator_id in fields.get("indicators") or ():
        standing(unit, INDICATOR, indicator_id, transformation_id)
    if decision_id := fields.get("decision_id"):
        standing(unit, DECISION, decision_id, transformation_id)
    if owner := fields.get("owner"):
        concept = kind_of(owner)
        unit.get(concept, stream_of(owner))
