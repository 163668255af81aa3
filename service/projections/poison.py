"""Events that cannot be projected: their stream waits, visibly, until an operator retries or skips. Nothing is lost.

A retry projects what waited, in order; a skip leaves one event out and goes on. Both are decided by somebody, for a
reason, and the decision is kept for ever (`projection_decisions`).
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal
from uuid import UUID

import psycopg
import structlog
from psycopg import Connection
from psycopg.rows import DictRow

from service.domain.refusal import Conflict, NotFound
from service.projections.pull import LogRow
from service.store.idempotency import IdempotencyKey, KeyReused

log = structlog.get_logger()
Decision = Literal["retry", "skip"]


class NotSetAside(NotFound):
    """No event of the stream {id} is set aside."""

    FR = "Aucun événement du flux {id} n’est mis de côté."


class AlreadyAsked(Conflict):
    """It was already decided to {decision} this event; the engine is about to do so."""

    FR = "Il est déjà décidé ({decision}) pour cet événement\u202f; le moteur va s’en charger."


SET_ASIDE = """
INSERT INTO projection_set_aside (stream_id, transformation_id, version, position, event_id, topic, problem)
VALUES (%s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (stream_id) DO UPDATE SET version = excluded.version, position = excluded.position,
    event_id = excluded.event_id, topic = excluded.topic, problem = excluded.problem, asked = NULL, decision_id = NULL,
    tries = CASE WHEN projection_set_aside.event_id = excluded.event_id THEN projection_set_aside.tries + 1 ELSE 1 END
"""
WAITING = """
SELECT s.*, (SELECT count(*) FROM events e WHERE e.originator_id = s.stream_id AND e.originator_version >= s.version)
    AS waiting
FROM projection_set_aside s ORDER BY s.position
"""
SKIP = """
INSERT INTO projection_skipped (event_id, stream_id, transformation_id, position, topic, decision_id)
SELECT event_id, stream_id, transformation_id, position, topic, decision_id FROM projection_set_aside
WHERE stream_id = %s ON CONFLICT DO NOTHING
"""
DECIDE = """
INSERT INTO projection_decisions
    (stream_id, transformation_id, position, event_id, topic, decision, principal, reason, key, fingerprint)
SELECT stream_id, transformation_id, position, event_id, topic, %(decision)s, %(principal)s, %(reason)s, %(key)s,
    %(fingerprint)s
FROM projection_set_aside WHERE stream_id = %(stream)s AND asked IS NULL FOR UPDATE
RETURNING *
"""


@dataclass
class Aside:
    """What a folding must leave alone: the streams that wait, and the events that were skipped."""

    streams: dict[UUID, int] = field(default_factory=dict)
    """Each with the version from which it waits."""
    skipped: set[UUID] = field(default_factory=set)
    asked: list[UUID] = field(default_factory=list)


def read_aside(connection: Connection[DictRow]) -> Aside:
    """The present ones."""
    rows = connection.execute(
        "SELECT stream_id, version, NULL AS event_id, asked FROM projection_set_aside "
        "UNION ALL SELECT NULL, NULL, event_id, NULL FROM projection_skipped",
        prepare=True,
    ).fetchall()
    return Aside(
        streams={row["stream_id"]: row["version"] for row in rows if row["stream_id"]},
        skipped={row["event_id"] for row in rows if row["event_id"]},
        asked=[row["stream_id"] for row in rows if row["asked"]],
    )


def set_aside(connection: Connection[DictRow], row: LogRow, problem: Exception) -> None:
    """Let the stream of this event wait, from this event on."""
    said = told(problem)
    log.error("projections.set_aside", position=row.position, topic=row.topic, problem=said)
    connection.execute(
        SET_ASIDE,
        (
            row.originator_id,
            row.transformation_id,
            row.originator_version,
            row.position,
            row.event_id,
            row.topic,
            said,
        ),
    )
    connection.execute("SELECT pg_notify('set_aside', '')")  # heard before the position that leaves it behind


def told(problem: BaseException) -> str:
    """A problem without its message, which may quote a personal text: its kind, and where in our code it arose."""
    kind = getattr(problem, "sqlstate", None)
    at, trace = "", problem.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if "service" in code.co_filename and not code.co_filename.endswith(("engine.py", "folding.py")):
            at = f" ({code.co_filename.rpartition('service')[2].lstrip('/')}:{trace.tb_lineno})"
        trace = trace.tb_next
    return f"{type(problem).__name__}{f' {kind}' if kind else ''}{at}"


def is_poison(problem: Exception) -> bool:
    """Whether an event is to blame: not the connection, the disk, or a table that is missing."""
    if isinstance(problem, psycopg.OperationalError | psycopg.InternalError | MemoryError):
        return False
    return not (isinstance(problem, psycopg.Error) and (problem.sqlstate or "").startswith("42"))


def list_waiting(connection: Connection[DictRow]) -> list[dict[str, Any]]:
    """What is set aside, the oldest first, with the number of events that wait behind each."""
    return connection.execute(WAITING).fetchall()


def list_decisions(connection: Connection[DictRow], limit: int = 200) -> list[dict[str, Any]]:
    """What operators decided, the latest first."""
    return connection.execute("SELECT * FROM projection_decisions ORDER BY id DESC LIMIT %s", (limit,)).fetchall()


def decide(
    connection: Connection[DictRow], stream: UUID, decision: Decision, key: IdempotencyKey, reason: str
) -> tuple[dict[str, Any], bool]:
    """Record that somebody wants an event retried or skipped; the engine does so at once.

    The decision, and whether this very request had already made it. Raises `NotSetAside`, `AlreadyAsked`, `KeyReused`.
    """
    query = "SELECT * FROM projection_decisions WHERE principal = %s AND key = %s"
    made = connection.execute(query, (key.principal, key.key)).fetchone()
    if made is not None:
        if bytes(made["fingerprint"]) != key.fingerprint:
            raise KeyReused
        return made, True
    asked = {"stream": stream, "decision": decision, "reason": reason, **asdict(key)}
    made = connection.execute(DECIDE, asked).fetchone()
    if made is None:
        row = connection.execute("SELECT asked FROM projection_set_aside WHERE stream_id = %s", (stream,)).fetchone()
        if row is None:
            raise NotSetAside(id=stream)
        raise AlreadyAsked(decision=row["asked"])
    connection.execute(
        "UPDATE projection_set_aside SET asked = %s, decision_id = %s WHERE stream_id = %s",
        (decision, made["id"], stream),
    )
    connection.execute("SELECT pg_notify('events', '')")
    return made, False


INCOMPLETE = """
SELECT stream_id AS id, position, topic, skipped FROM (
    SELECT stream_id, transformation_id, position, topic, false AS skipped FROM projection_set_aside
    UNION ALL SELECT stream_id, transformation_id, position, topic, true FROM projection_skipped) i
WHERE (transformation_id = %s OR stream_id = %s OR transformation_id IS NULL) AND position <= %s ORDER BY position
"""


def incomplete(connection: Connection[DictRow], transformation_id: UUID, until: int | None) -> Sequence[dict[str, Any]]:
    """The events that the views of a transformation lack as of a position (None: now)."""
    at = until if until is not None else 2**62
    return connection.execute(INCOMPLETE, (transformation_id, transformation_id, at), prepare=True).fetchall()


LACKS = """
SELECT EXISTS (SELECT FROM projection_set_aside WHERE stream_id = %(id)s AND position <= %(at)s)
    OR EXISTS (SELECT FROM projection_skipped WHERE stream_id = %(id)s AND position <= %(at)s) AS lacks
"""


def lacks(connection: Connection[DictRow], stream: UUID, until: int | None) -> bool:
    """Whether an object lacks events as of a position (None: now)."""
    row = connection.execute(LACKS, {"id": stream, "at": 2**62 if until is None else until}, prepare=True).fetchone()
    return bool(row and row["lacks"])
