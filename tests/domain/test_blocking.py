"""Blocked is derived from open obstacles on the action or its parent."""

from typing import Any

import pytest

from service.domain.blocking import blocked, blockers
from service.domain.event import new_id
from service.domain.obstacle import OBSTACLE, Obstacle
from service.domain.obstacle_events import (
    ObstacleDescribed,
    ObstaclePostponed,
    ObstacleRejected,
    ObstacleResolved,
    ObstacleTarget,
    ResolvedBy,
)
from tests.domain.given import day, state_of
from tests.domain.test_obstacle import ACTION_ID, raised

RESOLVED = ObstacleResolved(resolution="Levé", resolved_by=ResolvedBy(kind="other"))


def obstacle(*history: Any, **more: Any) -> Obstacle:
    return state_of(OBSTACLE, raised(**more), *history)


def test_an_open_obstacle_blocks_its_action_and_the_sub_actions_of_it() -> None:
    found = obstacle()
    assert blockers(ACTION_ID, [found]) == (found,)
    assert blocked(new_id(), [found], parent_id=ACTION_ID)
    assert not blocked(new_id(), [found], parent_id=new_id())
    assert not blocked(new_id(), [found])


def test_a_postponed_obstacle_still_blocks() -> None:
    assert blocked(ACTION_ID, [obstacle(ObstaclePostponed(until=day("2026-04-01")))])


@pytest.mark.parametrize("ending", [RESOLVED, ObstacleRejected(), ObstacleDescribed(blocks=())])
def test_what_is_lifted_rejected_or_pointed_elsewhere_no_longer_blocks(ending: Any) -> None:
    assert not blocked(ACTION_ID, [obstacle(ending)])


def test_an_obstacle_on_a_workstream_does_not_block_each_action() -> None:
    assert not blocked(ACTION_ID, [obstacle(blocks=(ObstacleTarget(kind="workstream", id=ACTION_ID),))])
