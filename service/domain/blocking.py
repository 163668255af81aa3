"""Blocked is derived, never typed: an open obstacle blocks the action or its parent (SHAPES: words)."""

from collections.abc import Iterable
from uuid import UUID

from service.domain.obstacle import Obstacle


def blockers(action_id: UUID, obstacles: Iterable[Obstacle], parent_id: UUID | None = None) -> tuple[Obstacle, ...]:
    """The open obstacles that block an action, directly or through its parent."""
    stopped = {action_id} if parent_id is None else {action_id, parent_id}
    return tuple(
        obstacle
        for obstacle in obstacles
        if obstacle.is_open and any(t.kind == "action" and t.id in stopped for t in obstacle.blocks)
    )


def blocked(action_id: UUID, obstacles: Iterable[Obstacle], parent_id: UUID | None = None) -> bool:
    """Whether an open obstacle blocks an action or its parent."""
    return bool(blockers(action_id, obstacles, parent_id))
