"""The versions of the action plan, and the plan that each one pins."""

from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow

from service.domain.plan_version import PLAN_VERSION, PlanVersion
from service.projections.as_of import AsOf
from service.projections.table import ObjectTable

PLAN_VERSIONS: ObjectTable[PlanVersion] = ObjectTable(
    name="plan_versions",
    concept=PLAN_VERSION,
    columns={
        "number": "integer",
        "submitted_on": "date",
        "validated_on": "date",
        "search": "text",
    },
    row=lambda v: {
        "number": v.number,
        "submitted_on": v.submitted_on,
        "validated_on": v.validated_on,
        "search": f"{v.title} {v.summary or ''}",
    },
)


def next_number(connection: Connection[DictRow], transformation_id: UUID) -> int:
    """The number of the next version; that of a withdrawn one is not given again."""
    query = "SELECT COALESCE(max(number), 0) + 1 AS next FROM plan_versions WHERE transformation_id = %s"
    row = connection.execute(query, (transformation_id,)).fetchone()
    return int(row["next"]) if row else 1


def content_of(version: PlanVersion, as_of: AsOf) -> AsOf:
    """Where the content of a version is read: where it was pinned, or as it stands while it is in the making."""
    return as_of if version.content_position is None else AsOf(as_of.instant, version.content_position)
