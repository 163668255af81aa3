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
# was reminded, sees them, and so do its owners and the authors of the notes between. A change of the object, or of a
# note, says anew of all that stands beside it who sees it: the result is the same in whatever order it is heard.
CLEAR = """
WITH RECURSIVE beside AS (
    SELECT %(id)s::uuid AS id
    UNION
    SELECT n.id FROM beside b JOIN notes n ON n.subject_id = b.id AND n.valid_to IS NULL
)
DELETE FROM restricted_objects WHERE id IN (
    SELECT b.id FROM beside b
    UNION ALL SELECT r.id FROM reminders r WHERE r.subject_id = %(id)s AND r.valid_to IS NULL)
"""
RESTRICT = """
WITH RECURSIVE beside AS (
    SELECT %(id)s::uuid AS id, %(transformation_id)s::uuid AS transformation_id,
        CASE WHEN %(restricted)s OR above.owners IS NOT NULL
            THEN %(owners)s::text[] || COALESCE(above.owners, '{}') END AS owners
    FROM (SELECT (
        SELECT r.owners FROM notes n JOIN restricted_objects r ON r.id = n.subject_id
        WHERE n.id = %(id)s AND n.valid_to IS NULL) AS owners) above
    UNION ALL
    SELECT n.id, n.transformation_id,
        CASE WHEN b.owners IS NOT NULL THEN n.author || b.owners
            WHEN n.state ->> 'visibility' = 'restricted' THEN ARRAY[n.author] END
    FROM beside b JOIN notes n ON n.subject_id = b.id AND n.valid_to IS NULL
), found AS (
    SELECT * FROM beside WHERE owners IS NOT NULL
    UNION ALL
    SELECT r.id, r.transformation_id, r.recipient || b.owners
    FROM beside b JOIN reminders r ON r.subject_id = b.id AND r.valid_to IS NULL AND r.valid_from <= %(position)s
    WHERE b.id = %(id)s AND b.owners IS NOT NULL
)
INSERT INTO restricted_objects
SELECT id, transformation_id, ARRAY(SELECT DISTINCT unnest(owners) ORDER BY 1) FROM found
ON CONFLICT (id) DO UPDATE SET owners = excluded.owners
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
            "restricted": restricted,
            "owners": sorted(change.concept.owners(after)),
            "position": change.fact.position,
        }

    def flush(self, connection: Connection[DictRow]) -> None:
        for row in self._pending.values():
            connection.execute(CLEAR, row)
            connection.execute(RESTRICT, row)
        self._pending.clear()

    def discard(self) -> None:
        self._pending.clear()
