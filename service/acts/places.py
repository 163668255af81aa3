"""What something is placed under, or rests on: an object of the same transformation that stands."""

from typing import TypeVar
from uuid import UUID

from service.domain.concept import Concept, ObjectWithdrawn, State
from service.domain.refusal import NotFound
from service.store.unit import Unit

S = TypeVar("S", bound=State)


def standing(unit: Unit, concept: Concept[S], id: UUID, transformation_id: UUID | None) -> S:
    """An object of the transformation. Raises `NotFound` where it is of another one, `ObjectWithdrawn`."""
    state = unit.get(concept, id)
    if state.transformation_id != transformation_id:
        raise NotFound(what=concept.name, id=id)
    if state.withdrawn:
        raise ObjectWithdrawn(ref=concept.reference(state))
    return state
