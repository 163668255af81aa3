"""What an object is about: it must exist in the same transformation, stand, and be visible to who acts."""

from typing import Any
from uuid import UUID

from service.domain.concept import Concept, ObjectWithdrawn, State, concepts
from service.domain.permissions import sees_restricted
from service.domain.refusal import NotFound
from service.domain.transformation import TRANSFORMATION, Transformation
from service.store.unit import Unit


def find_subject(unit: Unit, transformation: Transformation, kind: str, id: UUID) -> State:
    """The object that something is to be recorded on.

    Raises `NotFound` where it is of another transformation or hidden from the actor, `ObjectWithdrawn`.
    """
    concept: Concept[Any] = concepts[kind]
    subject: State = unit.get(concept, id)
    own = subject.id if concept is TRANSFORMATION else subject.transformation_id
    if own != transformation.id or not _is_visible(unit, concept, subject):
        raise NotFound(what=kind, id=id)
    if subject.withdrawn:
        raise ObjectWithdrawn(ref=concept.reference(subject))
    return subject


def _is_visible(unit: Unit, concept: Concept[Any], subject: State) -> bool:
    act = unit.act
    return not concept.restricted(subject) or sees_restricted(act.role) or act.actor in concept.owners(subject)
