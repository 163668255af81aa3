"""Opening a workstream in its place, and moving one with all that stands in it."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow

from service.acts.places import standing
from service.domain import action_course, axis, workstream
from service.domain.action import ACTION
from service.domain.axis import AXIS
from service.domain.transformation import Transformation
from service.domain.workstream import WORKSTREAM, Workstream
from service.projections.actions import ACTIONS
from service.projections.as_of import AsOf
from service.projections.workstreams import WORKSTREAMS
from service.store.unit import Unit


def open_workstream(
    unit: Unit,
    transformation: Transformation,
    *,
    axis_id: UUID | None = None,
    parent_id: UUID | None = None,
    **fields: Any,
) -> Workstream:
    """Open a workstream; `fields` are the others of `workstream.open_` but its reference.

    Raises `NotFound`, `ObjectWithdrawn`, `AxisNotOpen`, `WorkstreamNotOpen`, `WorkstreamOfAnotherAxis`.
    """
    parent = _place(unit, transformation.id, axis_id, parent_id)
    ref = unit.reference(WORKSTREAM, transformation.id)
    return unit.create(WORKSTREAM, workstream.open_(ref=ref, axis_id=axis_id, parent=parent, **fields))


def place_workstream(
    unit: Unit,
    connection: Connection[DictRow],
    moved: Workstream,
    *,
    axis_id: UUID | None = None,
    parent_id: UUID | None = None,
) -> Workstream:
    """Move a workstream under an axis or another workstream; what stands in it, actions too, follows to the new axis.

    `connection` is one snapshot of the read models: nothing may have been recorded since. Raises what
    `open_workstream` does, `WorkstreamInsideItself` and `NothingToChange`.
    """
    parent = _place(unit, moved.transformation_id, axis_id, parent_id)
    below = _below(connection, unit, moved)
    parts = [unit.get(WORKSTREAM, part.id) for part in below]
    above = [higher.id for higher in _above(unit, parent)]
    for state, events in workstream.place(moved, axis_id=axis_id, parent=parent, above=above, parts=parts):
        unit.record(WORKSTREAM, state.id, events)
    after = unit.get(WORKSTREAM, moved.id)
    if after.axis_id != moved.axis_id:
        _take_actions_along(connection, unit, after, [moved.id, *(part.id for part in parts)])
    return after


def _place(
    unit: Unit, transformation_id: UUID | None, axis_id: UUID | None, parent_id: UUID | None
) -> Workstream | None:
    if axis_id is not None:
        axis.require_open(standing(unit, AXIS, axis_id, transformation_id))
    return None if parent_id is None else standing(unit, WORKSTREAM, parent_id, transformation_id)


def _above(unit: Unit, parent: Workstream | None) -> Iterator[Workstream]:
    while parent is not None and parent.parent_id is not None:
        parent = unit.get(WORKSTREAM, parent.parent_id)
        yield parent


def _below(connection: Connection[DictRow], unit: Unit, moved: Workstream) -> list[Workstream]:
    """The workstreams under one, at any depth. The unit is refused if others came since they were looked up."""
    head = connection.execute("SELECT position FROM projection_head").fetchone()
    if moved.transformation_id is None or head is None:
        return []
    unit.require_quiet(moved.transformation_id, head["position"])
    everything = WORKSTREAMS.of_transformation(connection, moved.transformation_id, AsOf(unit.act.now))
    inside, found = {moved.id}, []
    while deeper := [w for w in everything if w.parent_id in inside and w.id not in inside]:
        inside.update(w.id for w in deeper)
        found.extend(deeper)
    return found


def _take_actions_along(
    connection: Connection[DictRow], unit: Unit, after: Workstream, workstream_ids: Sequence[UUID]
) -> None:
    """What stands in a workstream stands in its axis: the actions move with it."""
    if after.transformation_id is None:
        return
    for listed in ACTIONS.of_transformation(connection, after.transformation_id, AsOf(unit.act.now)):
        if listed.workstream_id in workstream_ids and listed.axis_id != after.axis_id:
            action = unit.get(ACTION, listed.id)
            unit.record(ACTION, action.id, action_course.revise(action, axis_id=after.axis_id))
