"""Who reads: on one snapshot of the database, as of a point in history, with the rights of today."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import Any, TypeVar
from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow
from pydantic import BaseModel, Field

from service.api.who import Caller, Membership
from service.domain.concept import Concept, State, concept_of
from service.domain.refusal import Language
from service.domain.transformation import Transformation
from service.domain.working_time import WorkingCalendar
from service.projections.as_of import AsOf
from service.projections.poison import incomplete
from service.projections.viewer import Viewer

S = TypeVar("S", bound=State)


class Incomplete(BaseModel):
    """An event that an answer lacks: it could not be projected, and its stream waits from there on."""

    kind: str | None
    id: UUID | None = Field(description="L’objet\u202f; null pour qui ne voit pas les objets restreints.")
    position: int
    skipped: bool = Field(description="Laissé de côté par décision d’une administration.")


@dataclass(frozen=True)
class Reader:
    """One read: its snapshot, its place in history, and the rights of the reader today."""

    service: Any
    connection: Connection[DictRow]
    caller: Caller
    member: Membership
    as_of: AsOf
    position: int
    """The last change of the transformation that this read can see."""

    @property
    def transformation_id(self) -> UUID:
        return self.member.transformation.id

    @property
    def viewer(self) -> Viewer:
        return self.member.viewer

    @property
    def language(self) -> Language:
        return self.caller.language

    @cached_property
    def transformation(self) -> Transformation:
        """The transformation as of the point that is read; `member.transformation` is the one of today."""
        found: Transformation | None = self.service.tables["transformation"].find(
            self.connection, self.transformation_id, self.as_of
        )
        return found or self.member.transformation

    @property
    def calendar(self) -> WorkingCalendar:
        """The working days of this transformation, by the calendar it had then."""
        return calendar_of(self.transformation.closed_days)

    def states(self, concept: Concept[S]) -> list[S]:
        """All visible objects of a concept in this transformation, as of the point that is read."""
        table = self.service.tables[concept.name]
        found: list[S] = table.of_transformation(
            self.connection, self.transformation_id, self.as_of, self.viewer.visible()
        )
        return found

    def names(self, ids: list[str]) -> dict[str, str]:
        """The names of principals, from the directory (never from events)."""
        found: dict[str, str] = self.service.directory.names(ids, self.connection)
        return found

    def hidden(self, ids: Iterable[UUID | None]) -> set[UUID]:
        """Those of these objects that the reader may not see, by today's restrictions: no view names them."""
        named = [id for id in ids if id is not None]
        if self.viewer.sees_restricted or not named:
            return set()
        query = "SELECT id FROM restricted_objects WHERE id = ANY (%s) AND NOT (%s = ANY (owners))"
        return {row["id"] for row in self.connection.execute(query, (named, self.viewer.person))}

    @cached_property
    def incomplete(self) -> list[dict[str, Any]]:
        """The events that this read lacks: those of streams set aside, and those that were skipped (CONTRACT 20)."""
        found = incomplete(self.connection, self.transformation_id, self.as_of.position)
        return [
            {
                "kind": concept.name if (concept := concept_of(row["topic"])) else None,
                # Nobody can tell whether an object that was never shown is restricted.
                "id": row["id"] if self.viewer.sees_restricted else None,
                "position": row["position"],
                "skipped": row["skipped"],
            }
            for row in found
        ]

    def echo(self) -> dict[str, Any]:
        """What every view says of its place in history."""
        return {
            "incomplete": self.incomplete,
            "position": self.position,
            "as_of": self.as_of.instant if self.as_of.position is not None else None,
            "today": self.as_of.today,
        }


Present = Callable[[Any, Reader], Any]
"""How an object is shown to a reader."""


@lru_cache(maxsize=256)
def calendar_of(closed_days: tuple[date, ...]) -> WorkingCalendar:
    """One calendar per set of closed days: it keeps its years."""
    return WorkingCalendar(closed_days)


def marked(reader: Reader) -> dict[str, Any]:
    """The header that says how many events an answer lacks; none where it is complete."""
    return {"Trajectoire_Incomplete": str(len(reader.incomplete))} if reader.incomplete else {}


def can_see(connection: Connection[DictRow], viewer: Viewer, id: UUID) -> bool:
    """Whether the viewer may see an object, by today's restrictions."""
    if viewer.sees_restricted:
        return True
    row = connection.execute("SELECT owners FROM restricted_objects WHERE id = %s", (id,)).fetchone()
    return row is None or viewer.person in row["owners"]
