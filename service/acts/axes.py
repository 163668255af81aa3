"""Proposing an axis after the others, and confirming one in the name of a decision."""

from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow

from service.acts.subjects import find_subject
from service.domain import axis
from service.domain.axis import AXIS, Axis
from service.domain.decision import DECISION, require_in_force
from service.projections.as_of import AsOf
from service.projections.axes import AXES
from service.store.unit import Unit


def propose_axis(
    unit: Unit,
    connection: Connection[DictRow],
    transformation_id: UUID,
    *,
    title: str,
    position: int | None = None,
    description: str | None = None,
) -> Axis:
    """Propose an axis, behind all that stand unless a position is given; two may share one, the older comes first."""
    if position is None:
        axes = AXES.of_transformation(connection, transformation_id, AsOf(unit.act.now))
        position = max((a.position for a in axes), default=0) + 1
    return unit.create(AXIS, axis.propose(position=position, title=title, description=description))


def confirm_axis(unit: Unit, confirmed: Axis, decision_id: UUID) -> Axis:
    """Confirm an axis by a decision of its transformation that is in force (SHAPES: Words).

    Raises `NotFound`, `ObjectWithdrawn`, `SupersededAlready`, `DecisionNotInForce`.
    """
    find_subject(unit, confirmed.transformation_id, "decision", decision_id)
    require_in_force(unit.get(DECISION, decision_id))
    return unit.record(AXIS, confirmed.id, axis.confirm(confirmed, decision_id))
