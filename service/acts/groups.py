"""Forming groups, moving them in their tree and dissolving them: what takes more than one group to judge."""

from collections.abc import Iterator
from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow

from service.acts.places import standing
from service.domain import group
from service.domain.concept import fold
from service.domain.event import Event
from service.domain.group import GROUP, Group, GroupKind
from service.domain.mending import effective
from service.domain.transformation import Transformation
from service.projections.as_of import AsOf
from service.projections.groups import GROUPS
from service.store.unit import Unit


def form_group(
    unit: Unit, transformation: Transformation, *, name: str, kind: GroupKind = "staff", parent_id: UUID | None = None
) -> Group:
    """Name a group. Raises `NotFound` or `GroupIsDissolved` for its parent."""
    parent = standing(unit, GROUP, parent_id, transformation.id) if parent_id else None
    return unit.create(GROUP, group.form(name=name, kind=kind, parent=parent))


def place_group(unit: Unit, moved: Group, parent_id: UUID | None) -> list[Event]:
    """Move it in the tree; every group above the new place is relied on. Raises `GroupInsideItself`, `NotFound`."""
    parent = standing(unit, GROUP, parent_id, moved.transformation_id) if parent_id else None
    return group.place(moved, parent, [higher.id for higher in _above(unit, parent)])


def dissolve_group(unit: Unit, connection: Connection[DictRow], ended: Group, position: int) -> list[Event]:
    """End it. Nothing may have come to the transformation since `position`, where its parts were looked up."""
    if ended.transformation_id is None:
        return group.dissolve(ended)
    unit.require_quiet(ended.transformation_id, position)
    known = GROUPS.of_transformation(connection, ended.transformation_id, AsOf(unit.act.now))
    return group.dissolve(ended, [other for other in known if other.parent_id == ended.id])


def check_withdrawal(unit: Unit, connection: Connection[DictRow], id: UUID, event_id: UUID) -> None:
    """A group that a withdrawal puts back where it stood before must fit there today: no circle, no dissolved parent.

    Raises `GroupInsideItself`, `GroupIsDissolved`.
    """
    facts = effective(unit.history(id))
    if facts[0].envelope.event_id == event_id:
        return
    after = fold(GROUP, [fact for fact in facts if fact.envelope.event_id != event_id])
    if after is None or after.parent_id is None or after.status != "formed":
        return
    parent = standing(unit, GROUP, after.parent_id, after.transformation_id)
    group.require_fits(after, parent, [higher.id for higher in _above(unit, parent)])


def _above(unit: Unit, parent: Group | None) -> Iterator[Group]:
    while parent is not None and parent.parent_id is not None:
        parent = unit.get(GROUP, parent.parent_id)
        yield parent
