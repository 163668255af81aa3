"""What an object is about: of the same transformation, standing, and visible to who acts."""

from typing import Any
from uuid import UUID

from service.acts.places import standing
from service.domain.concept import Concept, State, concepts
from service.domain.permissions import sees_restricted
from service.domain.refusal import NotFound
from service.store.unit import Unit


def find_subject(unit: Unit, transformation_id: UUID | None, kind: str, id: UUID) -> State:
    """The object that something is to be recorded on.

    Raises `NotFound` where it is of another transformation or hidden from the actor, `ObjectWithdrawn`.
    """
    concept: Concept[Any] = concepts[kind]
    subject = unit.get(concept, id)
    act = unit.act
    if concept.restricted(subject) and not sees_restricted(act.role) and act.actor not in concept.owners(subject):
        raise NotFound(what=kind, id=id)
    found: State = standing(unit, concept, id, transformation_id)
    return found
