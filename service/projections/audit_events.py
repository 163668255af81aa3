"""The audit trail: who did what, before and after, known-on and true-on, on what basis, through what."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow
from psycopg.sql import SQL, Composable, Literal
from psycopg.types.json import Jsonb

from service.domain.concept import Corrected, State, Withdrawn
from service.domain.number import json_value
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
    actor_role text,
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

BOOKKEEPING = frozenset({"id", "transformation_id", "version", "corrections"})

INSERT = """
INSERT INTO audit_events (
    position, event_id, recorded_at, occurred_on, occurred_on_basis, transformation_id, subject_kind, subject_id,
    subject_ref, subject_title, version, topic, actor, actor_role, on_behalf_of, channel, reason, correlation_id,
    causation_id, mended_event_id, changes)
VALUES (
    %(position)s, %(event_id)s, %(recorded_at)s, %(occurred_on)s, %(occurred_on_basis)s, %(transformation_id)s,
    %(subject_kind)s, %(subject_id)s, %(subject_ref)s, %(subject_title)s, %(version)s, %(topic)s, %(actor)s,
    (SELECT CASE m.status WHEN 'granted' THEN m.state ->> 'role' END FROM members m
     WHERE m.transformation_id = %(transformation_id)s AND m.person_id = %(actor)s AND m.valid_from <= %(position)s
     ORDER BY m.valid_from DESC LIMIT 1),
    %(on_behalf_of)s, %(channel)s, %(reason)s, %(correlation_id)s, %(causation_id)s, %(mended_event_id)s, %(changes)s)
"""


class AuditEvents:
    """Hears every event: the trail leaves nothing out."""

    def __init__(self) -> None:
        self._pending: list[dict[str, Any]] = []

    def apply(self, change: Change) -> None:
        fact, after = change.fact, change.after
        envelope = fact.envelope
        mending = isinstance(fact.event, Corrected | Withdrawn)
        self._pending.append(
            {
                "position": fact.position,
                "event_id": envelope.event_id,
                "recorded_at": fact.recorded_at,
                "occurred_on": envelope.occurred_on,
                "occurred_on_basis": envelope.occurred_on_basis,
                "transformation_id": envelope.transformation_id,
                "subject_kind": change.concept.name,
                "subject_id": after.id,
                "subject_ref": change.concept.reference(after) if after.ref else None,
                "subject_title": title_of(after),
                "version": after.version,
                "topic": fact.topic,
                "actor": envelope.actor,
                "on_behalf_of": Jsonb(envelope.on_behalf_of.model_dump(mode="json", exclude_none=True))
                if envelope.on_behalf_of
                else None,
                "channel": envelope.channel,
                "reason": envelope.reason,
                "correlation_id": envelope.correlation_id,
                "causation_id": envelope.causation_id,
                "mended_event_id": getattr(fact.event, "target_event_id", None) if mending else None,
                "changes": Jsonb(changed_fields(change.before, after)),
            }
        )

    def flush(self, connection: Connection[DictRow]) -> None:
        if self._pending:
            with connection.cursor() as cursor:
                cursor.executemany(INSERT, self._pending)
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
    new: Mapping[str, Any] = json_value(after.model_dump(exclude=set(BOOKKEEPING)))
    old: Mapping[str, Any] = json_value(before.model_dump(exclude=set(BOOKKEEPING))) if before else {}
    empty: tuple[Any, ...] = (None, [], {}, "", False, 0)
    return {
        name: {"before": old.get(name), "after": value}
        for name, value in new.items()
        if (value != old[name] if name in old else value not in empty)
    }


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
            escaped = self.text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
            wanted = Literal(f"%{escaped}%")
            # Values only: who looks for « title » does not want every event that names the field.
            parts.append(
                SQL(
                    "(e.subject_title ILIKE {t} OR e.subject_ref ILIKE {t} OR e.reason ILIKE {t} OR EXISTS "
                    "(SELECT FROM jsonb_path_query(e.changes, '$.**') v "
                    "WHERE jsonb_typeof(v) IN ('string', 'number') AND v #>> '{{}}' ILIKE {t}))"
                ).format(t=wanted)
            )
        return SQL(" AND ").join(parts)


SELECT = """
SELECT e.*, ARRAY(SELECT m.event_id FROM audit_events m WHERE m.mended_event_id = e.event_id AND m.position <= {until}
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
