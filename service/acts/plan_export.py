"""The plan of a transformation as a workbook that can be edited and imported again, as of any point."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow

from service.acts.membership import role_for
from service.acts.plan_import import transformation_named
from service.acts.plan_import_cells import cells_of
from service.acts.plan_import_world import NOW, read_places
from service.domain.action import Action
from service.domain.permissions import sees_restricted
from service.domain.refusal import NotFound
from service.exchange.plan_row import Cells
from service.exchange.plan_writer import write_plan
from service.projections.actions import ACTIONS
from service.projections.as_of import AsOf
from service.projections.transformations import TRANSFORMATIONS
from service.projections.viewer import Viewer

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class ExportedRow:
    """An action in the workbook; its id is in the hidden column."""

    action: str
    sub_action: str | None
    row_id: str
    cells: Cells
    attributes: Mapping[str, str] = field(default_factory=dict)


def export_plan(
    connection: Connection[DictRow], directory: Any, transformation_id: UUID, as_of: AsOf, viewer: Viewer, position: int
) -> bytes:
    """The workbook of what the viewer may see; `position` is embedded, a later import merges from there.

    Actions come in the order of their references, each followed by its sub-actions.
    """
    transformation = TRANSFORMATIONS.find(connection, transformation_id, as_of)
    if transformation is None:
        raise NotFound(what="transformation", id=transformation_id)
    at = as_of.position if as_of.position is not None else NOW
    actions = ACTIONS.of_transformation(connection, transformation_id, as_of, viewer.visible())
    places = read_places(connection, transformation_id)
    people = {person for action in actions for person in (action.lead, *action.contributors) if person}
    names = directory.names(sorted(people), connection)
    by_id = {action.id: action for action in actions}

    def order(action: Action) -> tuple[int, int, int]:
        top = by_id.get(action.parent_id, action) if action.parent_id else action
        return top.ref or 0, int(top is not action), action.ref or 0

    rows = []
    for action in sorted(actions, key=order):
        parent = by_id.get(action.parent_id) if action.parent_id else None
        rows.append(
            ExportedRow(
                action=parent.title if parent else action.title,
                sub_action=action.title if parent else None,
                row_id=str(action.id),
                cells=cells_of(action, places.levels(action, at), names),
                attributes=action.attributes,
            )
        )
    return write_plan(rows, title=f"{transformation.code} · {transformation.name}", position=position)


def run_export(service: Any, person: str, code: str, as_of: AsOf | None = None) -> bytes:
    """The same for the command line, as a person who is a member. Raises `NotFound`, `NotAllowed`."""
    transformation_id = transformation_named(service, code)
    role = role_for(service, transformation_id, code, person, "export")
    as_of = as_of or AsOf(service.clock())
    with service.database.snapshot() as connection:
        viewer = Viewer(person, sees_restricted(role))
        last = connection.execute(
            "SELECT COALESCE(max(position), 0) AS position FROM audit_events "
            "WHERE transformation_id = %s AND position <= %s",
            (transformation_id, as_of.position if as_of.position is not None else NOW),
        ).fetchone()
        position = int(last["position"]) if last else 0
        return export_plan(connection, service.directory, transformation_id, as_of, viewer, position)
