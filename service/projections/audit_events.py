"""The audit trail: who did what, before and after, known-on and true-on, on what basis, through what."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
from psycopg import Connection
from psycopg.rows import DictRow
from psycopg.sql import SQL, Composable, Literal

from service.domain.concept import State
from service.domain.likeness import pattern
from service.domain.mending import Corrected, Withdrawn
from service.domain.number import json_number
from service.projections.bulk import write_rows
from service.projections.change import Change

SCHEMA = """
CREATE TABLE audit_events (
    position bigint PRIMARY KEY,
    event_id uuid NOT NULL,
    recorded_at timestamptz NOT NULL,
    occurred_on date NOT NULL,
    occurred_on_basis text NOT NULL,
    transformation_id uuid,
    subject_kind text NOT NULL,
    subject_id uuid NOT NULL,
    subject_ref text,
    subject_title text,
    version bigint NOT NULL,
    topic text NOT NULL,
    actor text NOT NULL,
    on_behalf_of jsonb,
    channel text NOT NULL,
    reason text,
    correlation_id uuid NOT NULL,
    causation_id uuid NOT NULL,
    mended_event_id uuid,
    changes jsonb NOT NULL
);
CREATE UNIQUE INDEX audit_events_event ON audit_events (event_id);
CREATE INDEX audit_events_transformation ON audit_events (transformation_id, position);
CREATE INDEX audit_events_subject ON audit_events (subject_id, position);
CREATE INDEX audit_events_actor ON audit_events (actor, position);
CREATE INDEX audit_events_mended ON audit_events (mended_event_id) WHERE mended_event_id IS NOT NULL;
"""

BOOKKEEPING = {"id", "transformation_id", "version", "corrections"}
EMPTY: tuple[Any, ...] = (None, (), [], {}, "", False, 0)
PLAIN = frozenset({str, int, bool, type(None), date, Decimal, UUID})
"""Types that JSON shows as they are: nothing in them to walk through."""

COLUMNS = {
    "position": "bigint",
    "event_id": "uuid",
    "recorded_at": "timestamptz",
    "occurred_on": "date",
    "occurred_on_basis": "text",
    "transformation_id": "uuid",
    "subject_kind": "text",
    "subject_id": "uuid",
    "subject_ref": "text",
    "subject_title": "text",
    "version": "bigint",
    "topic": "text",
    "actor": "text",
    "on_behalf_of": "jsonb",
    "channel": "text",
    "reason": "text",
    "correlation_id": "uuid",
    "causation_id": "uuid",
    "mended_event_id": "uuid",
    "changes": "jsonb",
}


class AuditEvents:
    """Hears every event: the trail leaves nothing out."""

    TABLE = "audit_events"
    SCHEMA = SCHEMA
    READS_OTHERS = False

    def __init__(self) -> None:
        self._pending: list[tuple[Any, ...]] = []

    def apply(self, change: Change) -> None:
        fact, after, concept = change.fact, change.after, change.concept
        envelope, event = fact.envelope, fact.event
        behalf = envelope.on_behalf_of
        self._pending.append(
            (
                fact.position,
                envelope.event_id,
                fact.recorded_at,
                envelope.occurred_on,
                envelope.occurred_on_basis,
                envelope.transformation_id,
                concept.name,
                after.id,
                concept.reference(after) if after.ref else None,
                title_of(after),
                after.version,
                event.TOPIC,
                envelope.actor,
                behalf.model_dump_json(exclude_none=True) if behalf else None,
                envelope.channel,
                envelope.reason,
                envelope.correlation_id,
                envelope.causation_id,
                event.target_event_id if isinstance(event, Corrected | Withdrawn) else None,
                orjson.dumps(changed_fields(change.before, after), default=_number).decode(),
            )
        )

    def flush(self, connection: Connection[DictRow]) -> None:
        write_rows(connection, self.TABLE, COLUMNS, self._pending)
        self._pending.clear()

    def discard(self) -> None:
        self._pending.clear()


def title_of(state: State) -> str | None:
    """What the object is called in a sentence, where it has a clear name."""
    for name in ("title", "name", "code"):
        value = getattr(state, name, None)
        if isinstance(value, str) and value:
            return value
    return None


def changed_fields(before: State | None, after: State) -> dict[str, dict[str, Any]]:
    """`{field: {before, after}}` for the fields that changed; on a creation, those that have a value."""
    if before is None:
        given = after.model_dump(exclude=BOOKKEEPING)
        return {name: {"before": None, "after": value} for name, value in given.items() if value not in EMPTY}
    old, new = before.__dict__, after.__dict__
    # A state shares with the one before it what no event touched: only the rest is worth looking at.
    touched = {name for name, value in new.items() if value is not old[name]} - BOOKKEEPING
    if not touched:
        return {}
    deep = {name for name in touched if type(old[name]) not in PLAIN or type(new[name]) not in PLAIN}
    was, now = old, new
    if deep:
        was, now = {**old, **before.model_dump(include=deep)}, {**new, **after.model_dump(include=deep)}
    moved = (name for name in new if name in touched and now[name] != was[name])
    return {name: {"before": was[name], "after": now[name]} for name in moved}


def _number(value: Any) -> int | float:
    """JSON of what is neither text, date nor id: decimals are numbers there, as the API shows them."""
    if isinstance(value, Decimal):
        return json_number(value)
    raise TypeError(type(value).__name__)


# Reading


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which events are asked for; `transformation_id` None asks for those of the instance (people, keys)."""

    transformation_id: UUID | None
    until: int
    """The last position of the trail as it is read."""
    subject_id: UUID | None = None
    subject_ref: str | None = None
    actors: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    recorded_from: datetime | None = None
    recorded_to: datetime | None = None
    text: str | None = None

    def condition(self, visible: Composable) -> Composable:
        """The SQL condition on `e`; `visible` hides what the reader may not see."""
        parts: list[Composable] = [visible, SQL("e.position <= {}").format(Literal(self.until))]
        if self.transformation_id is None:
            parts.append(SQL("e.transformation_id IS NULL"))
        else:
            parts.append(SQL("e.transformation_id = {}").format(Literal(self.transformation_id)))
        if not self.topics and self.subject_id is None:
            parts.append(SQL("e.subject_kind <> 'reminder'"))  # they are told where they are asked for
        for given, sql in (
            (self.subject_id, "e.subject_id = {}"),
            (self.subject_ref, "e.subject_ref = {}"),
            (list(self.actors) or None, "e.actor = ANY ({})"),
            (list(self.topics) or None, "e.topic = ANY ({})"),
            (self.recorded_from, "e.recorded_at >= {}"),
            (self.recorded_to, "e.recorded_at <= {}"),
        ):
            if given is not None:
                parts.append(SQL(sql).format(Literal(given)))
        if self.text is not None:
            wanted = Literal(pattern(self.text))
            # Values only: who looks for « title » does not want every event that names the field.
            parts.append(
                SQL(
                    "(e.subject_title ~ {t} OR e.subject_ref ~ {t} OR e.reason ~ {t} OR EXISTS "
                    "(SELECT FROM jsonb_path_query(e.changes, '$.**') v "
                    "WHERE jsonb_typeof(v) IN ('string', 'number') AND v #>> '{{}}' ~ {t}))"
                ).format(t=wanted)
            )
        return SQL(" AND ").join(parts)


SELECT = """
SELECT e.*,
       (SELECT CASE m.status WHEN 'granted' THEN m.role END FROM members m
        WHERE m.transformation_id = e.transformation_id AND m.person_id = e.actor AND m.valid_from <= e.position
        ORDER BY m.valid_from DESC LIMIT 1) AS actor_role,
       ARRAY(SELECT m.event_id FROM audit_events m WHERE m.mended_event_id = e.event_id AND m.position <= {until}
             ORDER BY m.position) AS mended_by
FROM audit_events e WHERE {where} AND {after} ORDER BY e.position {order} LIMIT {limit}
"""


def read_trail(
    connection: Connection[DictRow],
    asked: AuditFilter,
    visible: Composable,
    *,
    limit: int,
    after: int | None = None,
    oldest_first: bool = False,
) -> list[DictRow]:
    """Rows of the trail, newest first unless asked otherwise, that come after a position in that order."""
    beyond = SQL("TRUE") if after is None else SQL("e.position {} {}").format(SQL(">" if oldest_first else "<"), after)
    query = SQL(SELECT).format(
        until=Literal(asked.until),
        where=asked.condition(visible),
        after=beyond,
        order=SQL("ASC" if oldest_first else "DESC"),
        limit=Literal(limit),
    )
    return connection.execute(query).fetchall()


def find_event(connection: Connection[DictRow], event_id: UUID, until: int) -> DictRow | None:
    """One event of the trail, as of a position."""
    query = SQL(SELECT).format(
        until=Literal(until),
        where=SQL("e.event_id = {} AND e.position <= {}").format(Literal(event_id), Literal(until)),
        after=SQL("TRUE"),
        order=SQL("ASC"),
        limit=Literal(1),
    )
    return connection.execute(query).fetchone()


def record_reading(
    connection: Connection[DictRow], principal: str, transformation_id: UUID | None, what: str, at: datetime
) -> None:
    """Who looked at the trail, at what, and when: a fact about the reader, outside the log."""
    connection.execute(
        "INSERT INTO audit_reads (principal, transformation_id, what, read_at) VALUES (%s, %s, %s, %s)",
        (principal, transformation_id, what, at),
    )
