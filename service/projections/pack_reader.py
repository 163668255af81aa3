"""What a frozen pack is read from: the rows as of a position, as every member of the transformation may see them.

A pack outlives the rights of its readers, so nothing restricted enters it; and it outlives the erasing of texts, so
each personal text is a place in it, named after its object and its field, and is kept apart.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow

from service.domain.concept import Concept, State
from service.domain.review import Review
from service.domain.transformation import Transformation
from service.domain.working_time import WorkingCalendar
from service.projections.as_of import AsOf
from service.projections.known import Known, known_objects, standing
from service.projections.table import ObjectTable
from service.projections.viewer import Viewer

S = TypeVar("S", bound=State)
EVERYBODY = Viewer(person="", sees_restricted=False)


@dataclass
class PackReader:
    """One freezing: where it reads, for which review, and the texts that it sets apart."""

    connection: Connection[DictRow]
    tables: dict[str, ObjectTable[Any]]
    transformation: Transformation
    review: Review
    as_of: AsOf
    texts: dict[str, str] = field(default_factory=dict)

    @property
    def calendar(self) -> WorkingCalendar:
        return WorkingCalendar(self.transformation.closed_days)

    def known(self, concept: Concept[S]) -> list[Known[S]]:
        """All objects of a concept that every member may see, with what last changed them."""
        table: ObjectTable[S] = self.tables[concept.name]
        return known_objects(self.connection, table, self.transformation.id, self.as_of, EVERYBODY.visible())

    def states(self, concept: Concept[S]) -> list[S]:
        """The same, without what was withdrawn."""
        return standing(self.known(concept))

    def find(self, kind: str, id: UUID) -> Any:
        """One object, or None where it did not exist or not every member may see it."""
        table = self.tables.get(kind)
        found = table.find(self.connection, id, self.as_of) if table else None
        return found if table and found is not None and EVERYBODY.sees(table.concept, found) else None

    def text(self, owner: State, kind: str, name: str, text: str | None) -> dict[str, str] | None:
        """The place of a personal text: `{"text": "obstacle/<id>/statement"}`; the text itself is set apart."""
        if text is None:
            return None
        place = f"{kind}/{owner.id}/{name}"
        self.texts[place] = text
        return {"text": place}

    def fields(self, state: State, *names: str) -> dict[str, Any]:
        """Clear fields of an object with its id, as JSON values."""
        return state.model_dump(mode="json", include={"id", *names})


def referred(concept: Concept[Any], state: State) -> dict[str, Any]:
    """The spoken reference, where the concept has one."""
    return {"ref": concept.reference(state)} if concept.letter else {}


def last_of(values: Iterable[Any]) -> Any:
    """The last of some values, or None."""
    found = None
    for value in values:
        found = value
    return found
