"""Proposing an action in its place: axis, workstream, phase and parent of the same transformation."""

from typing import Any
from uuid import UUID

from service.domain import action_course
from service.domain.action import ACTION, Action
from service.domain.axis import AXIS
from service.domain.concept import Concept, ObjectWithdrawn
from service.domain.phase import PHASE
from service.domain.refusal import NotFound
from service.domain.transformation import Transformation, plan_is_validated
from service.domain.workstream import WORKSTREAM, require_same_axis
from service.store.unit import Unit

PLACES: dict[str, Concept[Any]] = {"axis_id": AXIS, "workstream_id": WORKSTREAM, "phase_id": PHASE, "parent_id": ACTION}


def propose_action(unit: Unit, transformation: Transformation, **fields: Any) -> Action:
    """Propose an action. `fields` are those of `action_course.propose` but the reference and the parent's state.

    Raises `NotFound` where a place is not of this transformation, `SubActionOfSubAction`, `WorkstreamOfAnotherAxis`.
    """
    places = {name: fields.pop(name, None) for name in PLACES}
    parent = check_places(unit, transformation.id, places).get("parent_id")
    del places["parent_id"]
    events = action_course.propose(
        ref=unit.reference(ACTION, transformation.id),
        parent=parent,
        baselined=plan_is_validated(transformation),
        **places,
        **fields,
    )
    return unit.create(ACTION, events)


def check_places(unit: Unit, transformation_id: UUID, places: dict[str, UUID | None]) -> dict[str, Any]:
    """The objects that an action is placed under, each of this transformation and standing."""
    found = {}
    for name, id in places.items():
        if id is None:
            continue
        concept = PLACES[name]
        place = unit.get(concept, id)
        if place.transformation_id != transformation_id:
            raise NotFound(what=concept.name, id=id)
        if place.withdrawn:
            raise ObjectWithdrawn(ref=concept.reference(place))
        found[name] = place
    if "workstream_id" in found and places.get("axis_id"):
        require_same_axis(found["workstream_id"], places["axis_id"])
    return found
