"""Mending mistakes: correct a recorded fact, or withdraw what was recorded by mistake."""

from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow

from service.domain.concept import Concept, LaterFactsDepend, State
from service.projections.links import dependents
from service.store.unit import Unit


def correct(unit: Unit, concept: Concept[Any], id: UUID, event_id: UUID, changes: dict[str, Any]) -> State:
    """Put fields of an earlier fact right; the old values stay in history."""
    state: State = unit.correct(concept, id, event_id, changes)
    return state


def withdraw(
    unit: Unit, connection: Connection[DictRow], concept: Concept[Any], id: UUID, event_id: UUID, position: int
) -> State:
    """Take a fact back. A withdrawn creation takes the object with it, unless other objects stand on it.

    `position` is where the read models were when the dependents were looked up: nothing may have come since.
    """
    history = unit.history(id)
    if history and history[0].envelope.event_id == event_id:
        standing = dependents(connection, id)
        if standing:
            raise LaterFactsDepend(
                dependents=standing, explanation="Retirez-les ou déplacez-les d’abord.", event_ids=[]
            )
        transformation_id = history[0].envelope.transformation_id
        if transformation_id is not None:
            unit.require_quiet(transformation_id, position)
    state: State = unit.withdraw(concept, id, event_id)
    return state
