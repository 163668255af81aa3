"""The inbox and the outbox: how each raised reminder is brought to its recipient. Table rows, not events.

Whoever works here may be killed at any instant: what is in the log and not here yet is found again by its position,
and what was leased and not settled is tried again. Hence at least once; its id lets receivers drop the second.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from psycopg import Connection
from psycopg.rows import DictRow

from service.domain.delivery import message_id, try_again_at
from service.domain.reminder import ReminderRaised, series
from service.store.log import EventLog

PAGE = 500
LEASE = timedelta(minutes=5)
"""Longer than any try takes: after it, who held the message is taken for dead."""
SENDERS = (7226, 6)

# The last position first: positions come in the order of commits, so that all up to it can be seen.
HEAD = """
SELECT position, (SELECT COALESCE(max(notification_id), 0) FROM events) AS last FROM reminder_head FOR UPDATE
"""
RAISED = """
SELECT * FROM events
WHERE notification_id > %s AND notification_id <= %s AND topic = 'reminder.raised' ORDER BY notification_id LIMIT %s
"""
ENTER = """
INSERT INTO inbox (reminder_id, transformation_id, recipient, series, event, raised_at)
VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING RETURNING reminder_id
"""
SUPERSEDE = """
UPDATE inbox SET superseded_at = %s WHERE series = %s AND reminder_id <> %s AND superseded_at IS NULL
"""
QUEUE = """
INSERT INTO deliveries (reminder_id, channel, transformation_id, recipient, not_before)
VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING
"""
READY = """
SELECT recipient FROM deliveries
WHERE status = 'waiting' AND channel = 'email' AND not_before <= %(now)s
  AND (leased_until IS NULL OR leased_until < %(now)s)
GROUP BY recipient ORDER BY min(not_before), recipient LIMIT %(limit)s
"""
# Those of a message that was tried before go together again, under its id.
HELD = """
SELECT reminder_id, message_id, attempts, transformation_id FROM deliveries
WHERE recipient = %(recipient)s AND status = 'waiting' AND channel = 'email' AND not_before <= %(now)s
  AND (leased_until IS NULL OR leased_until < %(now)s)
ORDER BY message_id NULLS LAST, reminder_id FOR UPDATE SKIP LOCKED
"""
TAKE = """
UPDATE deliveries SET lease = %(lease)s, leased_until = %(until)s, message_id = %(message)s
WHERE reminder_id = ANY (%(ids)s) AND channel = 'email'
"""
ATTEMPTED = """
INSERT INTO delivery_attempts (reminder_id, channel, number, message_id, attempted_at, outcome, detail)
SELECT reminder_id, channel, attempts + 1, %(message)s, %(at)s, %(outcome)s, %(detail)s FROM deliveries
WHERE lease = %(lease)s AND status = 'waiting' ON CONFLICT DO NOTHING
"""
SETTLE = """
UPDATE deliveries SET attempts = attempts + 1, status = %(status)s, detail = %(detail)s, lease = NULL,
    leased_until = NULL, not_before = COALESCE(%(again)s, not_before), settled_at = %(settled)s
WHERE lease = %(lease)s AND status = 'waiting'
"""
DROP = """
UPDATE deliveries SET status = %(status)s, detail = %(detail)s, lease = NULL, leased_until = NULL, settled_at = %(at)s
WHERE lease = %(lease)s AND reminder_id = ANY (%(ids)s) AND status = 'waiting'
"""
LATER = """
UPDATE deliveries SET lease = NULL, leased_until = NULL, message_id = NULL, not_before = %(at)s
WHERE lease = %(lease)s AND reminder_id = ANY (%(ids)s) AND status = 'waiting'
"""


@dataclass(frozen=True, slots=True)
class Raised:
    """A reminder of the log that is to be brought to its recipient."""

    id: UUID
    transformation_id: UUID
    event: ReminderRaised
    raised_at: datetime


Channels = Callable[[Connection[DictRow], Sequence[Raised]], Mapping[UUID, Mapping[str, datetime]]]
"""By which channels each reminder leaves, and when: its recipient's wishes."""


@dataclass(frozen=True, slots=True)
class Leased:
    """A message to one person that this process alone may try to send, until the lease ends."""

    lease: UUID
    recipient: str
    message_id: str
    attempts: int
    reminders: tuple[UUID, ...]


def take_in(log: EventLog, channels: Channels) -> int:
    """Enter the next page of raised reminders into the inbox, and queue what leaves; how many there were.

    By the position of the log, which is the order of commits: none is skipped, and none is entered twice.
    """
    with log.database.connection() as connection, connection.transaction():
        head = connection.execute(HEAD).fetchone()
        if head is None or head["last"] <= head["position"]:
            return 0
        rows = connection.execute(RAISED, (head["position"], head["last"], PAGE)).fetchall()
        recorder: Any = log.recorder
        page: list[Raised] = []
        for fact in log.opened(recorder.with_keys(connection, rows)):
            if isinstance(fact.event, ReminderRaised) and fact.envelope.transformation_id and fact.recorded_at:
                owner = fact.envelope.transformation_id
                page.append(Raised(fact.originator_id, owner, fact.event, fact.recorded_at))
        new = _enter(connection, page)
        leaving = channels(connection, new)
        with connection.cursor() as cursor:
            cursor.executemany(
                QUEUE,
                [
                    (raised.id, channel, raised.transformation_id, raised.event.recipient, at)
                    for raised in new
                    for channel, at in leaving.get(raised.id, {}).items()
                ],
            )
        # A full page goes on from its last one; else nothing is looked at twice, however few reminders there are.
        position = rows[-1]["notification_id"] if len(rows) == PAGE else head["last"]
        connection.execute("UPDATE reminder_head SET position = %s", (position,))
    return len(rows)


def _enter(connection: Connection[DictRow], page: Sequence[Raised]) -> list[Raised]:
    """Those that were not in the inbox yet. What the last of a series says replaces what was said before."""
    rows = [
        (r.id, r.transformation_id, r.event.recipient, series(r.event), r.event.model_dump_json(), r.raised_at)
        for r in page
    ]
    with connection.cursor() as cursor:
        cursor.executemany(ENTER, rows, returning=True)
        new = [raised for raised, result in zip(page, cursor.results(), strict=False) if result.fetchone()]
        last = {series(raised.event): raised for raised in new}
        cursor.executemany(SUPERSEDE, [(raised.raised_at, name, raised.id) for name, raised in last.items()])
    return new


def ready(connection: Connection[DictRow], now: datetime, limit: int = 100) -> list[str]:
    """The people for whom something is ready to leave."""
    return [row["recipient"] for row in connection.execute(READY, {"now": now, "limit": limit})]


def lease(connection: Connection[DictRow], recipient: str, now: datetime) -> Leased | None:
    """Take what is ready for one person, as one message; None where another process is at it."""
    with connection.transaction():
        held = connection.execute(
            "SELECT pg_try_advisory_xact_lock(%s, hashtext(%s)) AS taken", (SENDERS[1], recipient)
        ).fetchone()
        if held is None or not held["taken"]:
            return None
        rows = connection.execute(HELD, {"recipient": recipient, "now": now}).fetchall()
        if not rows:
            return None
        rows = [row for row in rows if row["message_id"] == rows[0]["message_id"]]
        ids = [row["reminder_id"] for row in rows]
        message = rows[0]["message_id"] or message_id(recipient, ids)
        mark = uuid4()
        connection.execute(TAKE, {"lease": mark, "until": now + LEASE, "message": message, "ids": ids})
    return Leased(mark, recipient, message, rows[0]["attempts"], tuple(ids))


def events_of(connection: Connection[DictRow], ids: Iterable[UUID]) -> dict[UUID, tuple[UUID, ReminderRaised]]:
    """The reminders themselves, with their transformation."""
    rows = connection.execute(
        "SELECT reminder_id, transformation_id, event FROM inbox WHERE reminder_id = ANY (%s)", (list(ids),)
    )
    return {row["reminder_id"]: (row["transformation_id"], ReminderRaised.model_validate(row["event"])) for row in rows}


def drop(connection: Connection[DictRow], held: Leased, ids: list[UUID], at: datetime, why: str) -> None:
    """What need not leave any more, and why."""
    connection.execute(DROP, {"lease": held.lease, "ids": ids, "at": at, "status": "dropped", "detail": why})


def refuse(connection: Connection[DictRow], held: Leased, ids: list[UUID], at: datetime, why: str) -> None:
    """What cannot leave, and why."""
    connection.execute(DROP, {"lease": held.lease, "ids": ids, "at": at, "status": "refused", "detail": why})


def put_off(connection: Connection[DictRow], held: Leased, ids: list[UUID], until: datetime) -> None:
    """What leaves later: a closed day, quiet hours."""
    connection.execute(LATER, {"lease": held.lease, "ids": ids, "at": until})


def settle(
    connection: Connection[DictRow], held: Leased, outcome: str, detail: str, at: datetime, asked: int | None = None
) -> str:
    """Record a try and what follows from it; the status of its deliveries."""
    again = try_again_at(held.attempts + 1, at, asked) if outcome == "deferred" else None
    status = {"sent": "sent", "refused": "refused"}.get(outcome, "waiting" if again else "given_up")
    said = {"lease": held.lease, "message": held.message_id, "at": at, "outcome": outcome, "detail": detail[:500]}
    with connection.transaction():
        connection.execute(ATTEMPTED, said)
        settled = at if status != "waiting" else None
        connection.execute(SETTLE, {**said, "status": status, "again": again, "settled": settled})
    return status
