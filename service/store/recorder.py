"""The recorder: the library's PostgreSQL recorder, appending through the one writer of the process.

The library's own insert retries after a lost COMMIT answer and then reports a false conflict, and its database function
takes no lock (readers skip events): neither is used.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder

from service.store.batch import Conditions, Recorded
from service.store.database import Database
from service.store.mapper import StoredFact
from service.store.writer import Writer


class LogRecorder(PostgresApplicationRecorder):
    """Reads with the library's statements, appends with ours."""

    datastore: Database

    def __init__(self, datastore: Database, master_key_id: str) -> None:
        super().__init__(datastore, events_table_name="events")
        self.writer = Writer(datastore.dsn, master_key_id)
        datastore.before_close(self.writer.close)

    def append(self, rows: Sequence[StoredFact], conditions: Conditions) -> Recorded:
        """Record the rows in order, atomically. Raises `StreamMoved`, `ClaimTaken` or `KeyUsed`."""
        return self.writer.append(rows, conditions)

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int]:
        """The library's way in leads to the same append."""
        rows = [row for row in stored_events if isinstance(row, StoredFact)]
        return list(self.append(rows, kwargs.get("conditions", Conditions())).positions)

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredFact]:
        """The events of one stream with the keys of their texts."""
        query = """
            SELECT * FROM events WHERE originator_id = %(stream)s
            AND originator_version > %(gt)s AND originator_version <= %(lte)s
            ORDER BY originator_version {} LIMIT %(limit)s""".format("DESC" if desc else "ASC")
        bounds = {"stream": originator_id, "gt": gt or 0, "lte": lte if lte is not None else 2**62, "limit": limit}
        with self.datastore.connection() as connection:
            return self.with_keys(connection, connection.execute(query, bounds, prepare=True).fetchall())

    def select_after(self, connection: Any, position: int, limit: int) -> list[StoredFact]:
        """The next events of the whole log after a position, on the caller's transaction."""
        query = "SELECT * FROM events WHERE notification_id > %s ORDER BY notification_id LIMIT %s"
        return self.with_keys(connection, connection.execute(query, (position, limit), prepare=True).fetchall())

    def with_keys(self, connection: Any, rows: list[dict[str, Any]]) -> list[StoredFact]:
        """Rows of the log as stored facts, with the keys of their texts."""
        sealed = [row["event_id"] for row in rows if b'"$text"' in row["state"]]
        keys: dict[UUID, dict[str, bytes]] = {}
        if sealed:
            query = "SELECT event_id, path, wrapped FROM text_keys WHERE event_id = ANY (%s)"
            for key in connection.execute(query, (sealed,), prepare=True):
                keys.setdefault(key["event_id"], {})[key["path"]] = key["wrapped"]
        return [
            StoredFact(
                originator_id=row["originator_id"],
                originator_version=row["originator_version"],
                topic=row["topic"],
                state=row["state"],
                event_id=row["event_id"],
                transformation_id=row["transformation_id"],
                keys=keys.get(row["event_id"], {}),
                position=row["notification_id"],
                recorded_at=row["recorded_at"],
            )
            for row in rows
        ]
