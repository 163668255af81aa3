"""Which objects are restricted today, and who their owners are. Not versioned: past reads use today's rights."""

from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow

from service.projections.change import Change

SCHEMA = """
CREATE TABLE restricted_objects (
    id uuid PRIMARY KEY,
    transformation_id uuid,
    owners text[] NOT NULL
);
"""


# The notes about an object are as restricted as it is; their author sees them, and so do its owners.
RESTRICT = """
INSERT INTO restricted_objects
SELECT %(id)s, %(transformation_id)s::uuid, %(owners)s::text[]
UNION ALL
SELECT n.id, n.transformation_id, n.author || %(owners)s::text[] FROM notes n
WHERE n.subject_id = %(id)s AND n.valid_to IS NULL
ON CONFLICT (id) DO UPDATE SET owners = excluded.owners
"""
OPEN = """
DELETE FROM restricted_objects WHERE id = %(id)s OR id IN (
    SELECT n.id FROM notes n
    WHERE n.subject_id = %(id)s AND n.valid_to IS NULL AND n.state ->> 'visibility' <> 'restricted')
"""


class RestrictedObjects:
    """Hears every change of an object that can be restricted."""

    def __init__(self) -> None:
        self._pending: dict[UUID, tuple[UUID | None, list[str]] | None] = {}

    def apply(self, change: Change) -> None:
        after: Any = change.after
        if change.concept.restricted(after):
            self._pending[after.id] = (after.transformation_id, sorted(change.concept.owners(after)))
        elif change.before is not None and change.concept.restricted(change.before):
            self._pending[after.id] = None

    def flush(self, connection: Connection[DictRow]) -> None:
        for id, row in self._pending.items():
            if row is None:
                connection.execute(OPEN, {"id": id})
            else:
                connection.execute(RESTRICT, {"id": id, "transformation_id": row[0], "owners": row[1]})
        self._pending.clear()

    def discard(self) -> None:
        self._pending.clear()
