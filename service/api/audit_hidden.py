"""What the trail of a visible object must not name: the restricted objects among its values, by today's rights."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from psycopg import Connection
from psycopg.rows import DictRow

from service.projections.viewer import Viewer

ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
NAMING = ("changes", "on_behalf_of")
"""The columns of an event that may name other objects."""


def without_hidden(connection: Connection[DictRow], viewer: Viewer | None, rows: Sequence[DictRow]) -> list[DictRow]:
    """The events, naming nothing that the reader may not see: as the objects themselves, which leave it out."""
    if viewer is None or viewer.sees_restricted:
        return list(rows)
    named = {id for row in rows for column in NAMING for id in _ids(row[column])}
    query = "SELECT id::text FROM restricted_objects WHERE id = ANY (%s::uuid[]) AND NOT (%s = ANY (owners))"
    hidden = {row["id"] for row in connection.execute(query, (sorted(named), viewer.person))} if named else set()
    if not hidden:
        return list(rows)
    return [{**row, **{column: _without(row[column], hidden) for column in NAMING}} for row in rows]


def _ids(value: Any) -> Iterator[str]:
    if isinstance(value, str) and ID.fullmatch(value):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _ids(item)


def _without(value: Any, hidden: set[str]) -> Any:
    """Null where one was named alone; lists are shorter by it."""
    if isinstance(value, dict):
        return {name: _without(item, hidden) for name, item in value.items()}
    if isinstance(value, list):
        return [_without(item, hidden) for item in value if not (isinstance(item, str) and item in hidden)]
    return None if isinstance(value, str) and value in hidden else value
