"""The words of an obstacle that the story repeats: what it blocks, and what lifted it."""

from service.demonstration.entry import The, do, shaped
from service.demonstration.stage import Deed, Shaped
from service.domain import obstacle_course
from service.domain.obstacle_events import ObstacleTarget, ResolvedBy


def blocks(*targets: str) -> tuple[Shaped, ...]:
    """What an obstacle blocks: actions by their key, anything else as `workstream:key`."""
    parts = (target.rpartition(":") for target in targets)
    return tuple(shaped(ObstacleTarget, kind=kind or "action", id=The(key)) for kind, _, key in parts)


def lifted(key: str, how: str, by: str | None = None) -> Deed:
    """How an obstacle was lifted: by an action of the plan, or by something else."""
    lifter = shaped(ResolvedBy, kind="action", id=The(by)) if by else shaped(ResolvedBy, kind="other")
    return do(key, obstacle_course.resolve, resolution=how, resolved_by=lifter)
