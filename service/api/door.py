"""The door of requests: one query says who is asking; another, for a view, whether anything has changed since, and for
a write, in which role it comes.

It asks on the event loop, without a thread: most requests need nothing else, and a view that the reader already holds
costs this one query.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool

from service.projections.as_of import AsOf
from service.store.directory import names_of

KEY = """
    SELECT k.id, k.owner, k.secret_hash, k.old_secret_hash, k.old_secret_until, k.scopes, k.expires_at, k.revoked_at,
        k.last_used_on, COALESCE(p.administrator, false) AS administrator
    FROM api_keys k LEFT JOIN persons p ON p.person_id = k.owner AND p.valid_to IS NULL
    WHERE k.id = %(key)s"""

LACKING = """EXISTS (SELECT FROM projection_set_aside s WHERE s.transformation_id = t.id)
            OR EXISTS (SELECT FROM projection_skipped s WHERE s.transformation_id = t.id)"""
# What the bytes of a view depend on, in one snapshot: the last change that it may show, the last change at all (today's
# rights), the role that the reader holds, and the names in the directory.
STANDING = """
    SELECT t.id, m.role, {past}
        (SELECT max(e.position) FROM audit_events e
         WHERE e.transformation_id = t.id AND e.position <= %(until)s) AS position,
        (SELECT max(e.position) FROM audit_events e WHERE e.transformation_id = t.id) AS last,
        (SELECT last_value FROM directory_revision) AS directory,
        (SELECT epoch FROM projection_head) AS epoch,
        {lacking} AS lacking
    FROM transformations t LEFT JOIN members m ON m.transformation_id = t.id AND m.person_id = %(person)s
        AND m.valid_to IS NULL AND m.status = 'granted'
    WHERE t.valid_to IS NULL AND t.{name} = %(transformation)s"""

# What a write needs to know of who writes: the transformation (its state only where the caller does not hold this very
# version), the role, who may see the object where it is restricted, and whether events are lacking.
ACCESS = """
    SELECT t.id, t.version, h.epoch, m.role,
        CASE WHEN (t.version, h.epoch) IS DISTINCT FROM (%(version)s::bigint, %(epoch)s::bigint)
            THEN t.state END AS state,
        (SELECT r.owners FROM restricted_objects r WHERE r.id = %(object)s) AS owners,
        (SELECT last_value FROM directory_revision) AS directory,
        {lacking} AS lacking
    FROM transformations t CROSS JOIN projection_head h
    JOIN members m ON m.transformation_id = t.id AND m.person_id = %(person)s
        AND m.valid_to IS NULL AND m.status = 'granted'
    WHERE t.valid_to IS NULL AND t.{name} = %(transformation)s"""

# The clock of a past read is the instant of the last event it sees; beyond the head there is no past.
PAST = """
        (SELECT max(notification_id) FROM events) AS head,
        (SELECT e.recorded_at FROM events e WHERE e.notification_id <= %(until)s
         ORDER BY e.notification_id DESC LIMIT 1) AS instant,"""
NOW = "NULL::bigint AS head, NULL::timestamptz AS instant,"
BY_ID, BY_CODE = (STANDING.format(past=NOW, name=name, lacking=LACKING) for name in ("id", "code"))
PAST_BY_ID, PAST_BY_CODE = (STANDING.format(past=PAST, name=name, lacking=LACKING) for name in ("id", "code"))
ACCESS_BY_ID, ACCESS_BY_CODE = (ACCESS.format(name=name, lacking=LACKING) for name in ("id", "code"))
NAMES = "SELECT id, display_name FROM people WHERE id = ANY (%(ids)s)"
REFERENCES = "SELECT take_references(%(transformation)s, %(letter)s, %(count)s) AS last"

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
        # Who asks for an instant waits for the append under way: half of the connections stay for everybody else.
        self._waiting = asyncio.Semaphore(max(1, size // 2))

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
        async with self._waiting:
            row = await self._one("SELECT position_at(%(instant)s) AS position", {"instant": instant})
        return int(row["position"]) if row else 0

    async def access(
        self, transformation: UUID | str, person: str, object: UUID | None, held: tuple[int, int] | None
    ) -> DictRow | None:
        """What a member's write is judged by; `held` is the version and epoch of the transformation that is known.
        None for who is no member."""
        version, epoch = held or (None, None)
        query = ACCESS_BY_ID if isinstance(transformation, UUID) else ACCESS_BY_CODE
        asked = {"transformation": transformation, "person": person, "object": object}
        return await self._one(query, {**asked, "version": version, "epoch": epoch})

    async def names(self, ids: Sequence[str]) -> dict[str, str]:
        """The names of people; unknown ids are left out."""
        rows = await self._all(NAMES, {"ids": ids})
        return names_of(rows, ids)

    async def references(self, transformation_id: UUID, letter: str, count: int) -> range:
        """The next short references of a concept in a transformation."""
        row = await self._one(REFERENCES, {"transformation": transformation_id, "letter": letter, "count": count})
        last = row["last"] if row else 0
        return range(last - count + 1, last + 1)

    async def _one(self, query: str, parameters: Mapping[str, Any]) -> DictRow | None:
        rows = await self._all(query, parameters)
        return rows[0] if rows else None

    async def _all(self, query: str, parameters: Mapping[str, Any]) -> list[DictRow]:
        """The rows. A connection that the server closed while it was idle is replaced once, unseen."""
        try:
            return await self._asked(query, parameters)
        except psycopg.OperationalError:
            await self._pool.check()
            return await self._asked(query, parameters)

    async def _asked(self, query: str, parameters: Mapping[str, Any]) -> list[DictRow]:
        async with self._pool.connection() as connection:
            cursor = await connection.execute(query, parameters)
            return await cursor.fetchall()


def _standing(row: DictRow, as_of: AsOf) -> Standing | None:
    if row["role"] is None or not row["position"] or row["lacking"]:
        return None
    return Standing(row["id"], row["role"], row["position"], row["last"], row["directory"], row["epoch"], as_of)
