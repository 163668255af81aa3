"""The door of requests: one query says who is asking and, for a view, whether anything has changed since.

It asks on the event loop, without a thread: most requests need nothing else, and a view that the reader already holds
costs this one query.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool

from service.projections.as_of import AsOf

KEY = """
    SELECT k.id, k.owner, k.secret_hash, k.scopes, k.expires_at, k.revoked_at, k.last_used_on,
        COALESCE(p.administrator, false) AS administrator
    FROM api_keys k LEFT JOIN persons p ON p.person_id = k.owner AND p.valid_to IS NULL
    WHERE k.id = %(key)s"""

# What the bytes of a view depend on, in one snapshot: the last change that it may show, the last change at all (today's
# rights), the role that the reader holds, and the names in the directory.
STANDING = """
    SELECT t.id, m.role, {past}
        (SELECT max(e.position) FROM audit_events e
         WHERE e.transformation_id = t.id AND e.position <= %(until)s) AS position,
        (SELECT max(e.position) FROM audit_events e WHERE e.transformation_id = t.id) AS last,
        (SELECT last_value FROM directory_revision) AS directory,
        (SELECT epoch FROM projection_head) AS epoch,
        EXISTS (SELECT FROM projection_set_aside s WHERE s.transformation_id = t.id)
            OR EXISTS (SELECT FROM projection_skipped s WHERE s.transformation_id = t.id) AS lacking
    FROM transformations t LEFT JOIN members m ON m.transformation_id = t.id AND m.person_id = %(person)s
        AND m.valid_to IS NULL AND m.status = 'granted'
    WHERE t.valid_to IS NULL AND t.{name} = %(transformation)s"""

# The clock of a past read is the instant of the last event it sees; beyond the head there is no past.
PAST = """
        (SELECT max(notification_id) FROM events) AS head,
        (SELECT e.recorded_at FROM events e WHERE e.notification_id <= %(until)s
         ORDER BY e.notification_id DESC LIMIT 1) AS instant,"""
NOW = "NULL::bigint AS head, NULL::timestamptz AS instant,"
BY_ID, BY_CODE = STANDING.format(past=NOW, name="id"), STANDING.format(past=NOW, name="code")
PAST_BY_ID, PAST_BY_CODE = STANDING.format(past=PAST, name="id"), STANDING.format(past=PAST, name="code")

EVER = 2**62


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a member's view of a transformation stands: all that its bytes depend on beside the clock."""

    transformation_id: UUID
    role: Any
    position: int
    """The last change of the transformation up to the point that is read."""
    last: int
    """The last change of the transformation at all."""
    directory: int
    epoch: int
    """Of the read models: another one after a rebuild."""
    as_of: AsOf


class Door:
    """A few connections of the event loop, opened and closed with the application."""

    def __init__(self, dsn: str, size: int = 4) -> None:
        self._pool: AsyncConnectionPool[AsyncConnection[DictRow]] = AsyncConnectionPool(
            dsn,
            connection_class=AsyncConnection[DictRow],
            kwargs={"row_factory": dict_row, "autocommit": True, "prepare_threshold": 0},
            min_size=1,
            max_size=size,
            open=False,
            timeout=10,
        )

    async def open(self) -> None:
        await self._pool.open(wait=False)

    async def close(self) -> None:
        await self._pool.close()

    async def key(self, id: str) -> DictRow | None:
        """The row of an API key with the standing of its owner in the instance."""
        return await self._one(KEY, {"key": id})

    async def standing(self, transformation: UUID | str, person: str, now: datetime) -> Standing | None:
        """Where the present view of a member stands; None for who is no member, where nothing had
        happened yet, and where events are lacking: such an answer is marked, and told by the reading itself."""
        query = BY_ID if isinstance(transformation, UUID) else BY_CODE
        row = await self._one(query, {"transformation": transformation, "person": person, "until": EVER})
        return _standing(row, AsOf(now)) if row else None

    async def past(
        self, transformation: UUID | str, person: str, position: int, instant: datetime | None
    ) -> Standing | None:
        """As `standing`, for a position; its clock is `instant`, else that of the event there. None beyond the head."""
        query = PAST_BY_ID if isinstance(transformation, UUID) else PAST_BY_CODE
        row = await self._one(query, {"transformation": transformation, "person": person, "until": position})
        if row is None or row["instant"] is None or position > row["head"]:
            return None
        return _standing(row, AsOf(instant or row["instant"], position))

    async def position_at(self, instant: datetime) -> int:
        """The last position recorded at or before an instant; waits for a commit in progress."""
        row = await self._one("SELECT position_at(%(instant)s) AS position", {"instant": instant})
        return int(row["position"]) if row else 0

    async def _one(self, query: str, parameters: Mapping[str, Any]) -> DictRow | None:
        """One row. A connection that the server closed while it was idle is replaced once, unseen."""
        try:
            return await self._asked(query, parameters)
        except psycopg.OperationalError:
            await self._pool.check()
            return await self._asked(query, parameters)

    async def _asked(self, query: str, parameters: Mapping[str, Any]) -> DictRow | None:
        async with self._pool.connection() as connection:
            cursor = await connection.execute(query, parameters)
            return await cursor.fetchone()


def _standing(row: DictRow, as_of: AsOf) -> Standing | None:
    if row["role"] is None or not row["position"] or row["lacking"]:
        return None
    return Standing(row["id"], row["role"], row["position"], row["last"], row["directory"], row["epoch"], as_of)
