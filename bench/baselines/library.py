"""The eventsourcing library as it comes: its PostgreSQL recorder, its table, a pool as large as it needs."""

from uuid import UUID

import psycopg
from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from psycopg.conninfo import conninfo_to_dict

from service.store.mapper import StoredFact


class Library:
    """`with Library(dsn, callers) as library: library.append(event)`."""

    def __init__(self, dsn: str, callers: int) -> None:
        given = conninfo_to_dict(dsn)
        self.datastore = PostgresDatastore(
            dbname=str(given["dbname"]),
            host=str(given["host"]),
            port=str(given.get("port", "5432")),
            user=str(given["user"]),
            password=str(given.get("password", "")),
            pool_size=min(callers, 48),
            max_overflow=0,
            originator_id_type="uuid",
        )
        self.recorder = PostgresApplicationRecorder(self.datastore, events_table_name="library_events")
        with psycopg.connect(dsn) as connection:
            exists = connection.execute("SELECT to_regclass('library_events')").fetchone()
        if exists and exists[0] is None:
            self.recorder.create_table()

    def append(self, event: StoredEvent) -> None:
        """One event, in one transaction."""
        self.recorder.insert_events([event])

    def close(self) -> None:
        self.datastore.close()


def stored(row: StoredFact) -> StoredEvent:
    """The same row as the library holds it."""
    return StoredEvent(UUID(str(row.originator_id)), row.originator_version, row.topic, row.state)
