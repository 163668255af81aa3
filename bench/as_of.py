"""The past at the price of the present: the status of a plan as of any position, against the same status now."""

import itertools
from collections.abc import Iterator
from statistics import median

from bench.client import get, press
from bench.row import Row, paired
from bench.stage import Stage, World

PLACES = (("spread over transformations", 100, 1.3), ("in one transformation", 1, 2.0))


def measure(stage: Stage, *, quick: bool) -> list[Row]:
    """No view is held (the setting is 0) and no position is asked for twice: every answer is computed."""
    runs, seconds, events = (5, 0.8, 8_000) if quick else (7, 4.0, 1_000_000)
    rows = []
    for where, transformations, goal in PLACES:
        many = min(transformations, events // 4000)
        name = f"as_of_{many}"
        with (
            stage.world(name, events=events, transformations=many) as world,
            stage.serve(world, TRAJECTOIRE_VIEW_CACHE_MB="0") as port,
        ):
            pairs = [_pair(world, port, seconds) for _ in range(runs)]
        rows.append(paired(f"as_of read at {events:,} events {where}", "ms", pairs, at_most=goal))
    return rows


def _pair(world: World, port: int, seconds: float) -> tuple[float, float]:
    """The median milliseconds of the past and of the present, one client after the other."""
    path = f"/api/v1/transformations/{world.first.transformation_id}/action-plan?include=actions"
    positions = anywhere(world)
    now = press(port, lambda: get(path, world.key), connections=1, seconds=seconds)
    past = press(
        port, lambda: get(f"{path}&as_of_position={next(positions)}", world.key), connections=1, seconds=seconds
    )
    return median(past.waits) * 1000, median(now.waits) * 1000


def anywhere(world: World) -> Iterator[int]:
    """Positions all over the history, from where the plans were made."""
    head = world.service.log.head()
    first = min(len(world.plans) * 1400 + 100, head)
    return (world.first.random.randint(first, head) for _ in itertools.count())
