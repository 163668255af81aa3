"""Submissions as a reader may see them, and what awaits validation in a transformation."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow
from psycopg.sql import SQL, Composable, Literal
from pydantic import Field

from service.domain.submission import Submission
from service.projections.as_of import AsOf
from service.projections.deliverables import DELIVERABLES
from service.projections.direction_projects import DIRECTION_PROJECTS
from service.projections.named import Named, named
from service.projections.plan_versions import PLAN_VERSIONS
from service.projections.table import ObjectTable

SUBMITTED: tuple[ObjectTable[Any], ...] = (DELIVERABLES, PLAN_VERSIONS, DIRECTION_PROJECTS)
"""Everything that somebody submits and another validates."""


class Awaiting(Named):
    """Something submitted that has no answer yet: who submitted may not be who validates."""

    submitted_by: str = Field(description="L’autorité qui a soumis.")
    submitted_on: date


def find_awaiting(
    connection: Connection[DictRow], transformation_id: UUID, as_of: AsOf, visible: Composable
) -> list[Awaiting]:
    """What awaits validation as of a point, the longest waiting first: for the agenda of governance."""
    where = SQL("t.transformation_id = {id} AND t.status = 'submitted' AND {visible}").format(
        id=Literal(transformation_id), visible=visible
    )
    found: list[Awaiting] = []
    for table in SUBMITTED:
        rows = table.rows_of(transformation_id, as_of, where)
        for row in connection.execute(SQL("SELECT r.state FROM {rows} r ORDER BY r.id").format(rows=rows)):
            state = table.concept.state.model_validate(row["state"])
            last = state.submissions[-1]
            found.append(Awaiting(**dict(named(table.concept, state)), submitted_by=last.by, submitted_on=last.on))
    return sorted(found, key=lambda each: (each.submitted_on, each.kind, each.id))


def submissions_seen(
    submissions: Sequence[Submission], hidden: Callable[[Iterable[UUID | None]], set[UUID]]
) -> list[dict[str, Any]]:
    """Submissions without the decisions that the reader may not see (`hidden` tells which)."""
    unseen = hidden([submission.decision_id for submission in submissions])
    return [
        {**submission.model_dump(), "decision_id": None if submission.decision_id in unseen else submission.decision_id}
        for submission in submissions
    ]
