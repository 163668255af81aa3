"""One leader per database: the session that holds the advisory lock, and the epoch that fences off those before it.

A leader writes on the very session that holds the lock, so a session that was ended cannot commit; and every batch
names its epoch, so that whoever wakes up after its place was taken moves nothing. Who knows another schema than the
database has (a worker of an older version, during a rolling start) never leads: it would call good events poison.
"""

import structlog
from psycopg import Connection
from psycopg.rows import DictRow

from service.store.migrations import head

log = structlog.get_logger()
LOCK = (7226, 3)
FROZEN_SECONDS = 6.0
"""A leader gives a sign of life at least every other second; after so many in silence its session is ended."""

TAKE = """
UPDATE projection_head SET epoch = epoch + 1, leader_pid = pg_backend_pid(), heartbeat_at = clock_timestamp()
WHERE (SELECT version_num FROM alembic_version) = %s RETURNING epoch
"""
BEAT = """
UPDATE projection_head SET heartbeat_at = clock_timestamp(),
    caught_up_at = CASE WHEN %s THEN clock_timestamp() ELSE caught_up_at END
WHERE epoch = %s
"""
# A frozen process leaves its session idle, or waiting for it in the middle of a page or of a COPY. Whoever works in the
# database is not silent, however long a statement or a batch takes: its session has changed its state since.
FROZEN = """
SELECT pg_terminate_backend(l.pid), l.pid FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid, projection_head h
WHERE l.locktype = 'advisory' AND l.classid = %s AND l.objid = %s AND l.objsubid = 2 AND l.granted
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND (a.state <> 'active' OR a.wait_event_type = 'Client')
  AND GREATEST(CASE WHEN l.pid = h.leader_pid THEN h.heartbeat_at END, a.state_change)
      < clock_timestamp() - make_interval(secs => %s)
"""


class Fenced(Exception):
    """Another leader has taken over: this one must not write any more."""


class OtherSchema(Exception):
    """The database has the schema of another version of the code."""


def lead(connection: Connection[DictRow]) -> int | None:
    """Become the leader on this session; the epoch, or None where another leads. Ends the session of a frozen one.

    Raises `OtherSchema`.
    """
    row = connection.execute("SELECT pg_try_advisory_lock(%s, %s) AS taken", LOCK).fetchone()
    if row is None or not row["taken"]:
        for frozen in connection.execute(FROZEN, (*LOCK, FROZEN_SECONDS)):
            log.warning("projections.leader_frozen", pid=frozen["pid"], done="its session was ended")
        return None
    taken = connection.execute(TAKE, (head(),)).fetchone()
    if taken is None:
        resign(connection)
        raise OtherSchema
    epoch: int = taken["epoch"]
    return epoch


def resign(connection: Connection[DictRow]) -> None:
    """Let another lead."""
    connection.execute("SELECT pg_advisory_unlock(%s, %s)", LOCK)


def beat(connection: Connection[DictRow], epoch: int, *, caught_up: bool) -> None:
    """A sign of life. Raises `Fenced`."""
    if connection.execute(BEAT, (caught_up, epoch), prepare=True).rowcount == 0:
        raise Fenced
