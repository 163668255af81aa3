"""The inbox of a person: what was raised for them, read or put off. Rows, not events: reading is nobody’s fact."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow

KEYS = 72267
"""The advisory lock under which a key is looked up and kept."""

# Today's rights: a member, of what is restricted its owner or whose role shows it; the reminder is restricted with it.
SEEN = """
EXISTS (SELECT FROM members m WHERE m.transformation_id = i.transformation_id AND m.person_id = i.recipient
        AND m.valid_to IS NULL AND m.status = 'granted'
        AND (m.role IN ('lead', 'sponsor', 'governance', 'auditor') OR NOT EXISTS (
            SELECT FROM restricted_objects x WHERE x.id = (i.event #>> '{subject,id}')::uuid
            AND NOT (i.recipient = ANY (x.owners)))))
"""

LINES = """
SELECT i.*, t.code FROM inbox i
JOIN transformations t ON t.id = i.transformation_id AND t.valid_to IS NULL AND NOT t.withdrawn
WHERE {seen} AND i.recipient = %(person)s AND i.superseded_at IS NULL AND {which}
  AND (%(before)s::uuid IS NULL OR (i.raised_at, i.reminder_id) < (%(raised)s, %(before)s))
ORDER BY i.raised_at DESC, i.reminder_id DESC LIMIT %(limit)s
"""
WHICH = {
    "unread": "i.read_at IS NULL AND (i.snoozed_until IS NULL OR i.snoozed_until <= %(today)s)",
    "snoozed": "i.read_at IS NULL AND i.snoozed_until > %(today)s",
    "read": "i.read_at IS NOT NULL",
    "all": "true",
}


def lines(
    connection: Connection[DictRow],
    person: str,
    today: date,
    which: str,
    limit: int,
    after: tuple[datetime, UUID] | None = None,
) -> list[DictRow]:
    """What is in somebody's inbox, the latest first; of each series only what it says now."""
    raised, before = after or (None, None)
    asked = {"person": person, "today": today, "limit": limit, "raised": raised, "before": before}
    return connection.execute(LINES.format(which=WHICH[which], seen=SEEN), asked).fetchall()


def mark(connection: Connection[DictRow], person: str, id: UUID, **changes: Any) -> DictRow | None:
    """Read it, or put it off until a day; the line, or None where there is none for this person."""
    names = {name for name in changes if name in ("read_at", "snoozed_until")}
    sets = ", ".join(f"{name} = %({name})s" for name in sorted(names))
    query = f"""
        UPDATE inbox i SET {sets} FROM transformations t
        WHERE {SEEN} AND i.reminder_id = %(id)s AND i.recipient = %(person)s
          AND t.id = i.transformation_id AND t.valid_to IS NULL
        RETURNING i.*, t.code"""
    return connection.execute(query, {"id": id, "person": person, **changes}).fetchone()


def acted(connection: Connection[DictRow], principal: str, key: str) -> DictRow | None:
    """The answer that an idempotency key was given. Two requests with one key: the second waits for the first."""
    connection.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", (KEYS, f"{principal} {key}"))
    query = "SELECT fingerprint, answer FROM inbox_acts WHERE principal = %s AND key = %s"
    return connection.execute(query, (principal, key)).fetchone()


def keep(connection: Connection[DictRow], principal: str, key: str, fingerprint: bytes, answer: str) -> None:
    """Keep the answer of a key for a while; those that are older than any promise go."""
    connection.execute("DELETE FROM inbox_acts WHERE acted_at < clock_timestamp() - interval '2 days'")
    connection.execute(
        "INSERT INTO inbox_acts (principal, key, fingerprint, answer) VALUES (%s, %s, %s, %s)",
        (principal, key, fingerprint, answer),
    )
