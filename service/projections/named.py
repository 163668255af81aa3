"""An object as a view names it: enough to say it aloud and to open it."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from service.domain.concept import Concept, State
from service.domain.event import Value
from service.projections.audit_events import title_of


class Named(Value):
    """The kind, the id, the spoken reference (where the concept has one) and the title of an object."""

    kind: str
    id: UUID
    ref: str | None
    title: str


def named(concept: Concept[Any], state: State) -> Named:
    return Named(
        kind=concept.name,
        id=state.id,
        ref=concept.reference(state) if concept.letter else None,
        title=title_of(state) or "",
    )


def names_of(*groups: tuple[Concept[Any], Iterable[State]]) -> dict[UUID, Named]:
    """The names of all these objects, by id."""
    return {state.id: named(concept, state) for concept, states in groups for state in states}
