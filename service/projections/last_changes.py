"""What changed last: the event behind a position, as the audit trail holds it, without its personal text."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow
from pydantic import Field

from service.domain.event import Value
from service.domain.refusal import Language
from service.projections.event_words import event_words

QUERY = """
    SELECT position, topic, recorded_at, occurred_on, actor, subject_kind, subject_id, subject_ref, subject_title
    FROM audit_events WHERE position = ANY (%s)"""


class LastChange(Value):
    """The last event of a part: what happened, on which object, by whom."""

    position: int
    topic: str = Field(description="Ce qui s’est passé, par exemple `milestone.reached`.")
    what: str = Field(description="Ce qui s’est passé, en mots.")
    recorded_at: datetime = Field(description="Quand on l’a su.")
    occurred_on: date = Field(description="Le jour où c’est devenu vrai.")
    actor: str
    subject_kind: str
    subject_id: UUID
    subject_ref: str | None
    subject_title: str | None


def find_changes(
    connection: Connection[DictRow], positions: Iterable[int], language: Language
) -> dict[int, LastChange]:
    """The events at these positions, by position."""
    rows = connection.execute(QUERY, (sorted(set(positions)),))
    return {row["position"]: LastChange(**row, what=event_words(row["topic"], language)) for row in rows}
