"""The recorder: the library's PostgreSQL recorder, appending by one call of one SQL function under one lock.

The library's own insert retries after a lost COMMIT answer and then reports a false conflict, and its database function
takes no lock (readers skip events): neither is used.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder
from psycopg import errors
from psycopg.types.json import Jsonb

from service.store.database import Database
from service.store.mapper import StoredFact


class AppendRefused(Exception):
    """The log did not take an append; nothing of it was recorded."""


class StreamMoved(AppendRefused):
    """Another act changed a stream that this one writes or relied on. Decide again on the new state."""


class ClaimTaken(AppendRefused):
    """A unique thing (a code, a verdict of a gate, a row of an import) already exists."""

    def __init__(self, claim: str) -> None:
        self.claim = claim
        super().__init__(claim)


class KeyUsed(AppendRefused):
    """The idempotency key already has its answer."""


@dataclass(frozen=True)
class IdempotentAnswer:
    """What is kept of a 2xx answer: a pointer, never a text. `fingerprint` is of the parsed request."""

    principal: str
    key: str
    fingerprint: bytes
    answer: dict[str, Any]


@dataclass(frozen=True)
class Conditions:
    """What must hold under the append lock, and what commits with the events."""

    reads: tuple[tuple[UUID, int], ...] = ()
    """Streams that the decision relied on, with the version it saw."""
    claims: tuple[tuple[str, UUID], ...] = ()
    """Unique keys, each with the event that takes it."""
    released: tuple[str, ...] = ()
    quiet: tuple[tuple[UUID, int], ...] = ()
    """Transformations in which nothing may have happened since a position."""
    idempotency: IdempotentAnswer | None = None
    at: datetime | None = None
    """The instant, where the installation's clock is supplied."""


@dataclass(frozen=True)
class Recorded:
    """What the log says of an append."""

    positions: list[int] = field(default_factory=list)
    recorded_at: datetime | None = None


# Bytes travel in binary: as text every byte of a ciphertext would be escaped, and escaped again inside its array.
BINARY = (5, 9)
PLACES = ", ".join("%b" if place in BINARY else "%s" for place in range(24))
APPEND = f"SELECT out_position, out_recorded_at FROM append_events({PLACES})"


class LogRecorder(PostgresApplicationRecorder):
    """Reads with the library's statements, appends with ours."""

    datastore: Database

    def __init__(self, datastore: Database, master_key_id: str) -> None:
        super().__init__(datastore, events_table_name="events")
        self.master_key_id = master_key_id

    def append(self, rows: Sequence[StoredFact], conditions: Conditions) -> Recorded:
        """Record the rows in order, atomically. Raises `StreamMoved`, `ClaimTaken` or `KeyUsed`."""
        texts = [(row.event_id, path, wrapped) for row in rows for path, wrapped in row.keys.items()]
        idempotency = [conditions.idempotency] if conditions.idempotency else []
        parameters = (
            [0] * len(rows),
            [row.event_id for row in rows],
            [row.originator_id for row in rows],
            [row.originator_version for row in rows],
            [row.topic for row in rows],
            [row.state for row in rows],
            [row.transformation_id for row in rows],
            [text[0] for text in texts],
            [text[1] for text in texts],
            [text[2] for text in texts],
            self.master_key_id,
            [0] * len(idempotency),
            [answer.principal for answer in idempotency],
            [answer.key for answer in idempotency],
            [answer.fingerprint for answer in idempotency],
            [Jsonb(answer.answer) for answer in idempotency],
            [claim for claim, _ in conditions.claims],
            [event_id for _, event_id in conditions.claims],
            list(conditions.released),
            [stream for stream, _ in conditions.reads],
            [version for _, version in conditions.reads],
            [transformation for transformation, _ in conditions.quiet],
            [position for _, position in conditions.quiet],
            conditions.at,
        )
        try:
            with self.datastore.connection() as connection:
                answers = connection.execute(APPEND, parameters, prepare=True).fetchall()
        except errors.UniqueViolation as problem:
            raise _refusal(problem) from problem
        except psycopg.Error as problem:
            if problem.sqlstate == "TR001":
                raise StreamMoved(str(problem.diag.message_detail)) from problem
            raise
        return Recorded(
            positions=[answer["out_position"] for answer in answers],
            recorded_at=answers[-1]["out_recorded_at"] if answers else None,
        )

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int]:
        """The library's way in leads to the same append."""
        rows = [row for row in stored_events if isinstance(row, StoredFact)]
        return self.append(rows, kwargs.get("conditions", Conditions())).positions

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
            return self._with_keys(connection, connection.execute(query, bounds, prepare=True).fetchall())

    def select_after(self, connection: Any, position: int, limit: int) -> list[StoredFact]:
        """The next events of the whole log after a position, on the caller's transaction."""
        query = "SELECT * FROM events WHERE notification_id > %s ORDER BY notification_id LIMIT %s"
        return self._with_keys(connection, connection.execute(query, (position, limit), prepare=True).fetchall())

    def _with_keys(self, connection: Any, rows: list[dict[str, Any]]) -> list[StoredFact]:
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


def _refusal(problem: errors.UniqueViolation) -> AppendRefused:
    match problem.diag.constraint_name:
        case "claims_pkey":
            detail = problem.diag.message_detail or ""
            return ClaimTaken(detail.partition("=(")[2].rpartition(") ")[0])
        case "idempotency_pkey":
            return KeyUsed()
        case _:
            return StreamMoved(str(problem.diag.message_detail))
