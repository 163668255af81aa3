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


# The notes and reminders about an object are as restricted as it is, notes about these notes too; their author, or who
# was reminded, sees them, and so do its owners.
RESTRICT = """
WITH RECURSIVE beside AS (
    SELECT %(id)s::uuid AS id, NULL::uuid AS transformation_id, NULL::text AS author
    UNION
    SELECT n.id, n.transformation_id, n.author FROM beside b JOIN notes n ON n.subject_id = b.id AND n.valid_to IS NULL
    WHERE EXISTS (SELECT FROM notes f WHERE f.id = n.id AND f.first AND f.valid_from <= %(position)s)
)
INSERT INTO restricted_objects
SELECT %(id)s, %(transformation_id)s::uuid, %(owners)s::text[]
UNION ALL
SELECT b.id, b.transformation_id, b.author || %(owners)s::text[] FROM beside b WHERE b.author IS NOT NULL
UNION ALL
SELECT r.id, r.transformation_id, r.recipient || %(owners)s::text[] FROM reminders r
WHERE r.subject_id = %(id)s AND r.valid_to IS NULL AND r.valid_from <= %(position)s
ON CONFLICT (id) DO UPDATE SET owners = excluded.owners
"""
OPEN = """
WITH RECURSIVE beside AS (
    SELECT %(id)s::uuid AS id
    UNION
    SELECT n.id FROM beside b JOIN notes n ON n.subject_id = b.id AND n.valid_to IS NULL
    WHERE n.state ->> 'visibility' <> 'restricted'
)
DELETE FROM restricted_objects WHERE id IN (
    SELECT b.id FROM beside b
    UNION ALL SELECT r.id FROM reminders r WHERE r.subject_id = %(id)s AND r.valid_to IS NULL)
"""


class RestrictedObjects:
    """Hears every change of an object that can be restricted."""

    TABLE = "restricted_objects"
    SCHEMA = SCHEMA
    READS_OTHERS = True
    """Its statements read the notes and reminders: in a rebuild it is written after them."""

    def __init__(self) -> None:
        self._pending: dict[UUID, dict[str, Any]] = {}

    def apply(self, change: Change) -> None:
        after: Any = change.after
        restricted = change.concept.restricted(after)
        if not restricted and (change.before is None or not change.concept.restricted(change.before)):
            return
        # Taken out first, so that the order is that of the last changes, however many events a batch holds.
        self._pending.pop(after.id, None)
        self._pending[after.id] = {
            "id": after.id,
            "transformation_id": after.transformation_id,
            "owners": sorted(change.concept.owners(after)) if restricted else None,
            "position": change.fact.position,
        }

    def flush(self, connection: Connection[DictRow]) -> None:
        for row in self._pending.values():
            connection.execute(OPEN if row["owners"] is None else RESTRICT, row)
        self._pending.clear()

    def discard(self) -> None:
        self._pending.clear()
