"""The audit trail: who did what, before and after, known-on and true-on, on what basis, through what."""

from collections.abc import Mapping
from typing import Any

from psycopg import Connection
from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from service.domain.concept import Corrected, State, Withdrawn
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
    (SELECT m.state ->> 'role' FROM members m WHERE m.transformation_id = %(transformation_id)s
     AND m.person_id = %(actor)s AND m.valid_from <= %(position)s ORDER BY m.valid_from DESC LIMIT 1),
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
    new: Mapping[str, Any] = after.model_dump(mode="json", exclude=set(BOOKKEEPING))
    old: Mapping[str, Any] = before.model_dump(mode="json", exclude=set(BOOKKEEPING)) if before else {}
    empty: tuple[Any, ...] = (None, [], {}, "", False, 0)
    return {
        name: {"before": old.get(name), "after": value}
        for name, value in new.items()
        if (value != old[name] if name in old else value not in empty)
    }
