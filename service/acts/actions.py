"""Proposing an action in its place and revising it: axis, workstream, phase and parent of the same transformation."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from service.acts.places import standing
from service.domain import action_course, axis, workstream
from service.domain.action import ACTION, Action
from service.domain.axis import AXIS
from service.domain.concept import Concept
from service.domain.event import Event
from service.domain.phase import PHASE, Phase
from service.domain.principal import kind_of, stream_of
from service.domain.transformation import TRANSFORMATION, Transformation, plan_is_validated
from service.domain.workstream import WORKSTREAM
from service.store.unit import Unit


def propose_action(unit: Unit, transformation: Transformation, **fields: Any) -> Action:
    """Propose an action. `fields` are those of `action_course.propose` but the reference, with `parent_id`.

    Without an axis it takes that of its workstream. Raises `NotFound` for a place or a person that is not there,
    `ObjectWithdrawn`, `AxisNotOpen`, `WorkstreamNotOpen`, `WorkstreamOfAnotherAxis`, `SubActionOfSubAction`.
    """
    places = _places(unit, transformation.id, {name: fields.pop(name, None) for name in PLACES})
    parent_id = fields.pop("parent_id", None)
    parent = None if parent_id is None else standing(unit, ACTION, parent_id, transformation.id)
    _require_people(unit, fields)
    events = action_course.propose(
        ref=unit.reference(ACTION, transformation.id),
        parent=parent,
        baselined=plan_is_validated(unit.get(TRANSFORMATION, transformation.id)),
        **places,
        **fields,
    )
    return unit.create(ACTION, events)


def revise_action(unit: Unit, action: Action, **wanted: Any) -> list[Event]:
    """The events of an edit, one per meaning. Another workstream brings its axis, unless an axis is named with it.

    Raises what `propose_action` does, and `NothingToChange`.
    """
    transformation = unit.get(TRANSFORMATION, _transformation_of(action))
    named = {name: wanted.pop(name) for name in PLACES if name in wanted}
    places = {name: id for name, id in named.items() if id != getattr(action, name)}
    if places.keys() & {"axis_id", "workstream_id"}:
        # An action that stays in its workstream stays in its axis; another workstream is of the axis named with it.
        places.setdefault("workstream_id", action.workstream_id)
        if "axis_id" in named and places["workstream_id"] is not None:
            places.setdefault("axis_id", named["axis_id"])
    _require_people(unit, wanted)
    return action_course.revise(
        action,
        baselined=plan_is_validated(transformation),
        **_places(unit, transformation.id, places),
        **wanted,
    )


def phase_of(unit: Unit, action: Action) -> Phase | None:
    """The phase of an action, for the warning about work that begins before it."""
    return None if action.phase_id is None else unit.get(PHASE, action.phase_id)


PLACES: dict[str, Concept[Any]] = {"axis_id": AXIS, "workstream_id": WORKSTREAM, "phase_id": PHASE}


def _places(unit: Unit, transformation_id: UUID, wanted: Mapping[str, UUID | None]) -> dict[str, Any]:
    """The places as they will stand: each of this transformation and open, the axis that of the workstream."""
    places: dict[str, Any] = dict(wanted)
    found = {name: standing(unit, PLACES[name], id, transformation_id) for name, id in wanted.items() if id is not None}
    if "axis_id" in found:
        axis.require_open(found["axis_id"])
    if "workstream_id" in found:
        workstream.require_open(found["workstream_id"])
        workstream.require_same_axis(found["workstream_id"], places.get("axis_id"))
        places["axis_id"] = found["workstream_id"].axis_id
    return places


def _require_people(unit: Unit, fields: Mapping[str, Any]) -> None:
    """The lead and the contributors are in the directory. Raises `NotFound`."""
    people: Iterable[str | None] = (fields.get("lead"), *fields.get("contributors", ()))
    for person in people:
        if person is not None:
            concept = kind_of(person)
            unit.get(concept, stream_of(person))


def _transformation_of(action: Action) -> UUID:
    if action.transformation_id is None:
        raise LookupError("every action belongs to a transformation")
    return action.transformation_id
