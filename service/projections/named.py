"""An object as a view names it: enough to say it aloud and to open it."""

from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow
from psycopg.sql import SQL, Composable, Literal

from service.domain.concept import Concept, State
from service.domain.event import Value
from service.projections.as_of import AsOf
from service.projections.audit_events import title_of
from service.projections.table import ObjectTable


class Named(Value):
    """The kind, the id, the spoken reference (where the concept has one) and the title of an object."""

    kind: str
    id: UUID
    ref: str | None
    title: str


def named(concept: Concept[Any], state: State) -> Named:
    """The name of one object whose state is at hand."""
    ref = concept.reference(state) if concept.letter else None
    return Named(kind=concept.name, id=state.id, ref=ref, title=title_of(state) or "")


def find_names(
    connection: Connection[DictRow], table: ObjectTable[Any], transformation_id: UUID, as_of: AsOf, visible: Composable
) -> dict[UUID, Named]:
    """The names that the objects of a concept bear as of a point, by id, without reading their whole states."""
    where = SQL("t.transformation_id = {id} AND {visible}").format(id=Literal(transformation_id), visible=visible)
    rows = table.rows_of(transformation_id, as_of, where)
    query = SQL("SELECT r.id, r.ref, COALESCE(r.state ->> 'title', r.state ->> 'name', '') AS title FROM {rows} r")
    kind, letter = table.concept.name, table.concept.letter
    return {
        row["id"]: Named(kind=kind, id=row["id"], ref=f"{letter}-{row['ref']}" if letter else None, title=row["title"])
        for row in connection.execute(query.format(rows=rows))
    }
