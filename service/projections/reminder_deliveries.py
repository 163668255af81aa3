"""What became of reminders on their way to people, as it was known at an instant: tries, reading, putting off."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow
from pydantic import Field

from service.domain.event import Value


class Attempt(Value):
    """One try to hand it over."""

    attempted_at: datetime
    outcome: Literal["sent", "deferred", "refused"]
    detail: str = Field(description="Ce que le serveur a répondu, ou ce qui a manqué.")


class DeliveryShown(Value):
    """One channel by which a reminder leaves the service."""

    channel: Literal["email"]
    status: Literal["waiting", "sent", "refused", "dropped", "given_up"] = Field(
        description="waiting\u202f: pas encore parti\u202f; dropped\u202f: devenu sans objet\u202f; "
        "given_up\u202f: abandonné après le dernier essai."
    )
    not_before: datetime
    settled_at: datetime | None
    detail: str | None = Field(description="Pourquoi, quand ce n’est pas parti.")
    attempts: tuple[Attempt, ...]


class Reception(Value):
    """What its recipient did with it in the inbox, and how it left the service."""

    read_at: datetime | None = None
    deliveries: tuple[DeliveryShown, ...] = ()


QUERY = """
SELECT i.reminder_id, i.read_at, d.channel, d.status, d.not_before, d.settled_at, d.detail,
       ARRAY(SELECT jsonb_build_object('attempted_at', a.attempted_at, 'outcome', a.outcome, 'detail', a.detail)
             FROM delivery_attempts a WHERE a.reminder_id = d.reminder_id AND a.channel = d.channel
               AND a.attempted_at <= %(at)s ORDER BY a.number) AS attempts
FROM inbox i LEFT JOIN deliveries d ON d.reminder_id = i.reminder_id WHERE i.reminder_id = ANY (%(ids)s)
ORDER BY i.reminder_id, d.channel
"""


def receptions(connection: Connection[DictRow], ids: Sequence[UUID], at: datetime) -> dict[UUID, Reception]:
    """By reminder; nothing of what happened after the instant."""
    found: dict[UUID, Reception] = {}
    for row in connection.execute(QUERY, {"ids": list(ids), "at": at}):
        read_at = row["read_at"] if row["read_at"] is not None and row["read_at"] <= at else None
        before = found.get(row["reminder_id"], Reception(read_at=read_at))
        if row["channel"] is not None:
            settled = row["settled_at"] is not None and row["settled_at"] <= at
            delivery = DeliveryShown(
                channel=row["channel"],
                status=row["status"] if settled else "waiting",
                not_before=row["not_before"],
                settled_at=row["settled_at"] if settled else None,
                detail=row["detail"] if settled else None,
                attempts=tuple(Attempt.model_validate(each) for each in row["attempts"]),
            )
            before = before.model_copy(update={"deliveries": (*before.deliveries, delivery)})
        found[row["reminder_id"]] = before
    return found
