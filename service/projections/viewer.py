"""Who looks, and what that person may see. Today's rights hold for past reads too (DOMAIN section 1)."""

from dataclasses import dataclass
from typing import TypeVar

from psycopg.sql import SQL, Composable, Literal

from service.domain.concept import Concept, State

S = TypeVar("S", bound=State)


@dataclass(frozen=True, slots=True)
class Viewer:
    """A person with the right, or not, to see what is restricted; owners always see their own."""

    person: str
    sees_restricted: bool

    def sees(self, concept: Concept[S], state: S) -> bool:
        """Whether the viewer may see an object as it stands."""
        return self.sees_restricted or not concept.restricted(state) or self.person in concept.owners(state)

    def visible(self, column: str = "t.id") -> Composable:
        """An SQL condition on the id of an object: true where the viewer may see it."""
        if self.sees_restricted:
            return SQL("TRUE")
        return SQL(
            "NOT EXISTS (SELECT FROM restricted_objects x WHERE x.id = {column} AND NOT ({person} = ANY (x.owners)))"
        ).format(column=SQL(column), person=Literal(self.person))
