"""Opening a workstream in its place, and moving one with all that stands in it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow

from service.acts.places import standing
from service.domain import action_course, axis, workstream
from service.domain.action import ACTION, Action
from service.domain.axis import AXIS
from service.domain.concept import fold
from service.domain.mending import effective
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


@dataclass(frozen=True)
class Plan:
    """The workstreams and the actions of a transformation, as the read models had them at a position."""

    position: int
    workstreams: Sequence[Workstream]
    actions: Sequence[Action]


def plan_of(connection: Connection[DictRow], transformation_id: UUID, now: datetime) -> Plan:
    """The plan, in one snapshot."""
    head = connection.execute("SELECT position FROM projection_head").fetchone()
    return Plan(
        position=head["position"] if head else 0,
        workstreams=WORKSTREAMS.of_transformation(connection, transformation_id, AsOf(now)),
        actions=ACTIONS.of_transformation(connection, transformation_id, AsOf(now)),
    )


def place_workstream(
    unit: Unit, plan: Plan, moved: Workstream, *, axis_id: UUID | None = None, parent_id: UUID | None = None
) -> Workstream:
    """Move a workstream under an axis or another workstream; what stands in it, actions too, follows to the new axis.

    Nothing may have come to the transformation since the `plan` was read. Raises what `open_workstream` does,
    `WorkstreamInsideItself` and `NothingToChange`.
    """
    transformation_id = moved.transformation_id
    parent = _place(unit, transformation_id, axis_id, parent_id)
    if transformation_id is not None:
        unit.require_quiet(transformation_id, plan.position)
    parts = [unit.get(WORKSTREAM, part.id) for part in _below(moved, plan.workstreams)]
    above = [higher.id for higher in _above(unit, parent)]
    for state, events in workstream.place(moved, axis_id=axis_id, parent=parent, above=above, parts=parts):
        unit.record(WORKSTREAM, state.id, events)
    after = unit.get(WORKSTREAM, moved.id)
    inside = {moved.id, *(part.id for part in parts)}
    for listed in plan.actions:
        if listed.workstream_id in inside and listed.axis_id != after.axis_id:
            action = unit.get(ACTION, listed.id)
            unit.record(ACTION, action.id, action_course.revise(action, axis_id=after.axis_id))
    return after


def check_withdrawal(unit: Unit, connection: Connection[DictRow], id: UUID, event_id: UUID) -> None:
    """A workstream that a withdrawal puts back where it stood before makes no circle there today.

    Raises `WorkstreamInsideItself`, `ObjectWithdrawn`.
    """
    facts = effective(unit.history(id))
    if facts[0].envelope.event_id == event_id:
        return
    after = fold(WORKSTREAM, [fact for fact in facts if fact.envelope.event_id != event_id])
    if after is None or after.parent_id is None:
        return
    parent = standing(unit, WORKSTREAM, after.parent_id, after.transformation_id)
    workstream.require_outside(after, parent, [higher.id for higher in _above(unit, parent)])


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


def _below(moved: Workstream, workstreams: Sequence[Workstream]) -> list[Workstream]:
    """The workstreams under one, at any depth."""
    inside, found = {moved.id}, []
    while deeper := [w for w in workstreams if w.parent_id in inside and w.id not in inside]:
        inside.update(w.id for w in deeper)
        found.extend(deeper)
    return found
