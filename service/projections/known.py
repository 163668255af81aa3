"""What is known of all objects of a concept as of a point: each state, and the event that last changed it.

One query per concept, however many rows; nothing of a view is read row by row.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow
from psycopg.sql import SQL, Composable, Literal

from service.domain.concept import State
from service.projections.as_of import AsOf
from service.projections.table import ObjectTable

S = TypeVar("S", bound=State)


@dataclass(frozen=True, slots=True)
class Known(Generic[S]):
    """An object, the position of its last event and when that was recorded."""

    state: S
    position: int
    changed_at: datetime


def known_objects(
    connection: Connection[DictRow],
    table: ObjectTable[S],
    transformation_id: UUID,
    as_of: AsOf,
    visible: Composable,
) -> list[Known[S]]:
    """All objects of a transformation in the order of their creation; withdrawn ones too, whose withdrawal is news."""
    where = SQL("t.transformation_id = {id} AND {visible}").format(id=Literal(transformation_id), visible=visible)
    rows = table.rows_of(transformation_id, as_of, where)
    # The text goes straight into the validator: twice as fast as by way of dictionaries.
    query = SQL("SELECT r.valid_from, r.changed_at, r.state::text AS state FROM {rows} r ORDER BY r.id")
    validate = table.concept.state.model_validate_json
    return [
        Known(validate(row["state"]), row["valid_from"], row["changed_at"])
        for row in connection.execute(query.format(rows=rows))
    ]


def standing(objects: Iterable[Known[S]]) -> list[S]:
    """The states that count: without what was withdrawn as recorded by mistake."""
    return [each.state for each in objects if not each.state.withdrawn]
