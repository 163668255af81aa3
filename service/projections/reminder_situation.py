"""What the rules of reminders look at, read from the read models on one snapshot: only what can still be due."""

from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow
from psycopg.sql import SQL, Composable

from service.domain.act import PARIS
from service.domain.reminder_sources import Situation
from service.domain.transformation import Transformation
from service.projections.as_of import AsOf
from service.projections.bodies import BODIES
from service.projections.decisions import DECISIONS
from service.projections.indicators import INDICATORS
from service.projections.milestones import MILESTONES
from service.projections.obstacles import OBSTACLES
from service.projections.reviews import REVIEWS
from service.projections.table import ALWAYS, ObjectTable
from service.projections.transformations import TRANSFORMATIONS

WAITING: dict[str, Composable] = {
    "milestones": SQL("t.status = 'planned'"),
    "obstacles": SQL("t.status IN ('raised', 'active', 'postponed')"),
    "indicators": SQL("t.status = 'defined'"),
    "decisions": SQL("t.status = 'taken'"),
    "reviews": SQL("t.status <> 'cancelled'"),
}
"""What can still wait for somebody; the rules judge the rest."""


def transformations(connection: Connection[DictRow], code: str | None = None) -> list[Transformation]:
    """Those in which somebody may be reminded, or the one with a code."""
    rows = connection.execute(
        "SELECT state FROM transformations WHERE valid_to IS NULL AND NOT withdrawn AND status <> 'closed' "
        "AND (%(code)s::text IS NULL OR code = %(code)s) ORDER BY id",
        {"code": code},
    )
    return [Transformation.model_validate(row["state"]) for row in rows]


def find_transformation(connection: Connection[DictRow], id: UUID) -> Transformation | None:
    return TRANSFORMATIONS.states(connection, [id]).get(id)


def how_far(connection: Connection[DictRow], transformation_id: UUID) -> tuple[int, int]:
    """What moves whenever the read models of a transformation do: the last event read, and what waits unread."""
    row = connection.execute(
        "SELECT (SELECT max(position) FROM audit_events WHERE transformation_id = %(id)s) AS position, "
        "(SELECT COALESCE(sum(position), 0)::bigint FROM projection_set_aside "
        "WHERE transformation_id = %(id)s) AS waiting",
        {"id": transformation_id},
    ).fetchone()
    return (row["position"] or 0, row["waiting"]) if row else (0, 0)


def situation_of(
    connection: Connection[DictRow],
    transformation: Transformation,
    today: date,
    visible: Composable = ALWAYS,
    as_of: AsOf | None = None,
) -> Situation:
    """The standing objects of a transformation; with `visible`, those that a reader may see."""
    point = as_of or AsOf(_noon(today))

    def read(table: ObjectTable[Any]) -> tuple[Any, ...]:
        where = SQL("{} AND {}").format(WAITING.get(table.name, ALWAYS), visible)
        return tuple(table.of_transformation(connection, transformation.id, point, where))

    milestones = read(MILESTONES)
    actions = _actions(connection, [m.subject.id for m in milestones if m.subject.kind == "action"])
    return Situation.model_construct(
        today=today,
        roles=_roles(connection, transformation.id),
        bodies={body.id: body for body in read(BODIES)},
        reviews=read(REVIEWS),
        milestones=milestones,
        action_leads={id: lead for id, (status, lead) in actions.items() if lead and status != "done"},
        resting=frozenset(id for id, (status, _) in actions.items() if status in ("paused", "abandoned")),
        obstacles=read(OBSTACLES),
        indicators=read(INDICATORS),
        decisions=read(DECISIONS),
    )


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), tzinfo=PARIS)


def _roles(connection: Connection[DictRow], transformation_id: UUID) -> dict[str, str]:
    rows = connection.execute(
        "SELECT person_id, role FROM members WHERE transformation_id = %s AND valid_to IS NULL AND status = 'granted'",
        (transformation_id,),
    )
    return {row["person_id"]: row["role"] for row in rows}


def _actions(connection: Connection[DictRow], actions: list[UUID]) -> dict[UUID, tuple[str, str | None]]:
    rows = connection.execute(
        "SELECT id, status, state ->> 'lead' AS lead FROM actions WHERE id = ANY (%s) AND valid_to IS NULL",
        (actions,),
    )
    return {row["id"]: (row["status"], row["lead"]) for row in rows}
