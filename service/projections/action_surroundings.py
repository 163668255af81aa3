"""What stands around actions in the read models: loaded at once for however many actions are shown."""

from collections.abc import Sequence
from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow
from psycopg.sql import SQL, Literal

from service.domain.action import Action
from service.domain.obstacle import OPEN
from service.domain.working_time import WorkingCalendar
from service.projections.action_sheets import ActionSheet, sheets
from service.projections.actions import ACTIONS
from service.projections.as_of import AsOf
from service.projections.milestones import MILESTONES
from service.projections.obstacles import OBSTACLES
from service.projections.phases import PHASES
from service.projections.viewer import Viewer


def sheets_of(
    connection: Connection[DictRow],
    actions: Sequence[Action],
    transformation_id: UUID,
    as_of: AsOf,
    viewer: Viewer,
    calendar: WorkingCalendar,
) -> dict[UUID, ActionSheet]:
    """The sheets of some actions of a transformation, and of their sub-actions: four queries."""
    parents = SQL("t.parent_id = ANY ({})").format(Literal([action.id for action in actions]))
    parts = ACTIONS.of_transformation(connection, transformation_id, as_of, parents)
    known = {action.id: action for action in (*parts, *actions)}
    subjects = SQL("t.subject_id = ANY ({})").format(Literal(list(known)))
    open_ones = SQL("t.status = ANY ({}) AND {}").format(Literal(list(OPEN)), viewer.visible())
    return sheets(
        known.values(),
        MILESTONES.of_transformation(connection, transformation_id, as_of, subjects),
        OBSTACLES.of_transformation(connection, transformation_id, as_of, open_ones),
        as_of.today,
        calendar,
        PHASES.of_transformation(connection, transformation_id, as_of),
    )
