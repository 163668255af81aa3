"""Pulling the log: the next rows after a position, as they lie in the table, with the keys of their texts."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Connection
from psycopg.rows import tuple_row

COLUMNS = (
    "notification_id, originator_id, originator_version, topic, state, event_id, transformation_id, recorded_at "
    "FROM events"
)
AFTER = f"SELECT {COLUMNS} WHERE notification_id > %s AND notification_id <= %s ORDER BY notification_id LIMIT %s"
OF_TOPICS = AFTER.replace("ORDER BY", "AND topic = ANY (%s) ORDER BY")
OF_STREAM = (
    f"SELECT {COLUMNS} WHERE originator_id = %s AND originator_version >= %s AND notification_id <= %s "
    "ORDER BY originator_version"
)
KEYS = "SELECT event_id, path, wrapped FROM text_keys WHERE event_id = ANY (%s)"
END = 2**62
NO_KEYS: Mapping[str, bytes] = {}


class LogRow(NamedTuple):
    """One row of the log."""

    position: int
    originator_id: UUID
    originator_version: int
    topic: str
    state: bytes
    event_id: UUID
    transformation_id: UUID | None
    recorded_at: datetime


class Page(NamedTuple):
    """Consecutive rows of the log with the keys of their texts."""

    rows: Sequence[LogRow]
    keys: Mapping[UUID, Mapping[str, bytes]]

    def one_by_one(self) -> Iterator["Page"]:
        for row in self.rows:
            yield Page([row], self.keys)


def pull(
    connection: Connection[Any], after: int, limit: int, *, until: int = END, topics: Sequence[str] | None = None
) -> Page:
    """The next rows after a position, up to another."""
    if topics is None:
        return _page(connection, AFTER, (after, until, limit))
    return _page(connection, OF_TOPICS, (after, until, list(topics), limit))


def pull_stream(connection: Connection[Any], stream: UUID, version: int, until: int) -> Page:
    """The rows of one stream from a version on, up to a position of the log."""
    return _page(connection, OF_STREAM, (stream, version, until))


def _page(connection: Connection[Any], query: str, parameters: tuple[Any, ...]) -> Page:
    # Binary: as text, every byte of a state would come as two hexadecimal digits.
    with connection.cursor(row_factory=tuple_row, binary=True) as cursor:
        rows = [LogRow._make(row) for row in cursor.execute(query, parameters, prepare=True)]
        sealed = [row.event_id for row in rows if b'"$text"' in row.state]
        keys: dict[UUID, dict[str, bytes]] = {}
        if sealed:
            for event_id, path, wrapped in cursor.execute(KEYS, (sealed,), prepare=True):
                keys.setdefault(event_id, {})[path] = wrapped
    return Page(rows, keys)
