"""Transactions that hold others back: who keeps the append lock, or a snapshot so old that nothing can be cleaned.

Position order is commit order, so a reader never waits for a gap; but an open transaction that holds the append lock
stops every writer, and one that keeps an old snapshot stops the cleaning of the hottest tables.
"""

import time
from typing import NamedTuple

import structlog
from psycopg import Connection
from psycopg.rows import DictRow

log = structlog.get_logger()
LOOK_SECONDS = 10.0
APPEND_LOCK = (7226, 1)
LONG_APPEND = 2.0
"""Seconds: an append takes milliseconds."""
LONG_TRANSACTION = 60.0

QUERY = """
SELECT a.pid, COALESCE(a.application_name, '') AS application, a.state,
    EXTRACT(epoch FROM clock_timestamp() - a.xact_start)::float8 AS seconds,
    EXISTS (SELECT FROM pg_locks l WHERE l.pid = a.pid AND l.granted AND l.locktype = 'advisory'
            AND l.mode = 'ExclusiveLock' AND l.classid = %s AND l.objid = %s AND l.objsubid = 2) AS appending,
    a.backend_xmin IS NOT NULL AS keeps_snapshot
FROM pg_stat_activity a
WHERE a.datname = current_database() AND a.xact_start IS NOT NULL AND a.pid <> pg_backend_pid()
  AND a.backend_type = 'client backend'
ORDER BY a.xact_start
"""


class Holdup(NamedTuple):
    """A session whose open transaction holds others back."""

    pid: int
    application: str
    state: str
    seconds: float
    appending: bool
    keeps_snapshot: bool

    @property
    def harmful(self) -> bool:
        return self.seconds >= (LONG_APPEND if self.appending else LONG_TRANSACTION)

    @property
    def advice(self) -> str:
        """What to do, for whoever reads the log."""
        holds = "it holds the append lock, nobody can write" if self.appending else "nothing newer can be cleaned"
        return f"{holds}; end its transaction, or: SELECT pg_terminate_backend({self.pid});"


def open_transactions(connection: Connection[DictRow]) -> list[Holdup]:
    """Every open transaction of others on this database, the oldest first."""
    return [Holdup(**row) for row in connection.execute(QUERY, APPEND_LOCK)]


class Watch:
    """Looks now and then, and says each holder once."""

    def __init__(self) -> None:
        self._last = time.monotonic()
        self._said: set[int] = set()

    def look(self, connection: Connection[DictRow]) -> None:
        now = time.monotonic()
        if now - self._last < LOOK_SECONDS:
            return
        self._last = now
        harmful = [holdup for holdup in open_transactions(connection) if holdup.harmful]
        for holdup in harmful:
            if holdup.pid not in self._said:
                log.warning(
                    "database.open_transaction",
                    pid=holdup.pid,
                    application=holdup.application,
                    state=holdup.state,
                    seconds=round(holdup.seconds, 1),
                    advice=holdup.advice,
                )
        self._said = {holdup.pid for holdup in harmful}
