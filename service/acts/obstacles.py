"""Raising an obstacle on objects of one transformation, for an owner who is known; checks for later changes too."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from service.acts.places import standing
from service.domain import obstacle_course
from service.domain.concept import concepts
from service.domain.obstacle import OBSTACLE, Obstacle
from service.domain.obstacle_events import ObstacleTarget, ResolvedBy
from service.domain.principal import kind_of, stream_of
from service.domain.transformation import Transformation
from service.store.unit import Unit


def raise_obstacle(unit: Unit, transformation: Transformation, **fields: Any) -> Obstacle:
    """Say what stands in the way. `fields` are those of `obstacle_course.raise_obstacle` but the reference.

    Raises `NotFound` for an owner nobody knows or a target of another transformation, `ObjectWithdrawn`.
    """
    fields["blocks"] = check_targets(unit, transformation.id, fields.get("blocks") or ())
    check_owner(unit, fields.get("owner"))
    ref = unit.reference(OBSTACLE, transformation.id)
    return unit.create(OBSTACLE, obstacle_course.raise_obstacle(ref=ref, **fields))


def check_owner(unit: Unit, owner: str | None) -> None:
    """The owner is enrolled, not always a member: an import brings people before their rights. Raises `NotFound`."""
    if owner is not None:
        concept = kind_of(owner)
        unit.get(concept, stream_of(owner))


def check_targets(
    unit: Unit, transformation_id: UUID | None, blocks: Iterable[ObstacleTarget]
) -> tuple[ObstacleTarget, ...]:
    """What it blocks, each once, of this transformation and standing. Raises `NotFound`, `ObjectWithdrawn`."""
    targets = tuple(dict.fromkeys(blocks))
    for target in targets:
        standing(unit, concepts[target.kind], target.id, transformation_id)
    return targets


def check_lifter(unit: Unit, transformation_id: UUID | None, resolved_by: ResolvedBy) -> None:
    """What lifted it is of this transformation and stands. Raises `NotFound`, `ObjectWithdrawn`."""
    if resolved_by.kind != "other" and resolved_by.id is not None:
        standing(unit, concepts[resolved_by.kind], resolved_by.id, transformation_id)


def check_correction(unit: Unit, id: UUID, event_id: UUID, changes: dict[str, Any]) -> None:
    """People and objects that a correction names are held to the same checks. Raises `NotFound`, `ObjectWithdrawn`."""
    obstacle = unit.get(OBSTACLE, id)
    if isinstance(owner := changes.get("owner"), str):
        check_owner(unit, owner)
    try:
        blocks = [ObstacleTarget.model_validate(target) for target in changes.get("blocks") or ()]
        lifter = ResolvedBy.model_validate(changes["resolved_by"]) if "resolved_by" in changes else None
    except (ValidationError, TypeError):
        return  # the correction itself says which field has the wrong shape
    check_targets(unit, obstacle.transformation_id, blocks)
    if lifter is not None:
        check_lifter(unit, obstacle.transformation_id, lifter)
