"""How each thing that people wait for grows from ten thousand to a million events."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from statistics import median

from bench.append import fresh_rows, ours
from bench.as_of import anywhere
from bench.client import get, post, press
from bench.row import Row
from bench.stage import Stage, World, settle
from service.domain.event import new_id

SIZES = (10_000, 100_000, 1_000_000)
QUICK = (3_000, 12_000)
EACH = 10_000
"""Events of one transformation."""
GOAL = 2.0
"""Nothing but a rebuild may take more than twice as long at the largest size; what a request reads does not grow."""


def measure(stage: Stage, *, quick: bool) -> list[Row]:
    """Milliseconds of one caller, the median, at each size; the sizes take turns."""
    runs, sizes = (5, QUICK) if quick else (5, SIZES)
    with ExitStack() as open_worlds:
        measured: dict[int, dict[str, Callable[[], float]]] = {}
        builds: dict[int, float] = {}
        for size in sizes:
            many = max(1, size // EACH)
            name = f"growth_{size}"
            world = open_worlds.enter_context(stage.world(name, events=size, transformations=many, projected=False))
            builds[size] = _projected(world)
            port = open_worlds.enter_context(stage.serve(world, TRAJECTOIRE_VIEW_CACHE_MB="0"))
            measured[size] = _waits(world, port, 0.25 if quick else 1.5)
        found: dict[str, dict[int, list[float]]] = {}
        for _ in range(runs):
            for size, waits in measured.items():
                for name, wait in waits.items():
                    found.setdefault(name, {}).setdefault(size, []).append(wait())
    rows = [_row(name, sizes, by_size) for name, by_size in found.items()]
    return [row for group in rows for row in group] + [
        Row(f"growth: projecting at {size:,} events", builds[size], "events/s", "shown", True) for size in sizes
    ]


def _row(name: str, sizes: tuple[int, ...], by_size: dict[int, list[float]]) -> Iterator[Row]:
    smallest = by_size[sizes[0]]
    for size in sizes:
        ratios = [here / there for here, there in zip(by_size[size], smallest, strict=True)]
        yield Row(
            f"growth: {name} at {size:,} events",
            median(by_size[size]),
            "ms",
            f"<= {GOAL:g}x" if size == sizes[-1] else "shown",
            median(ratios) <= GOAL or size != sizes[-1],
            baseline=median(smallest),
            ratio=median(ratios),
            spread=(min(ratios), max(ratios)),
        )


def _projected(world: World) -> float:
    """Events a second from an empty read model to the head."""
    started = time.perf_counter()
    world.service.projector().catch_up()
    seconds = time.perf_counter() - started
    settle(world.service)
    return world.service.log.head() / seconds


def _waits(world: World, port: int, seconds: float) -> dict[str, Callable[[], float]]:
    """By name: the median wait in milliseconds of one caller."""
    whole = f"/api/v1/transformations/{world.first.transformation_id}"
    events = fresh_rows(world, 3000)
    positions = anywhere(world)

    def over(request: Callable[[], bytes]) -> float:
        return median(press(port, request, connections=1, seconds=seconds).waits) * 1000

    def appended() -> float:
        waits = []
        for _ in range(50):
            row = next(events)
            begun = time.perf_counter()
            ours(world, row)
            waits.append(time.perf_counter() - begun)
        return median(waits) * 1000

    def confirmed() -> bytes:
        id = world.first.random.choice(world.first.milestones)
        return post(f"/api/v1/milestones/{id}/confirm", world.key, {}, Idempotency_Key=str(new_id()))

    def since() -> Callable[[], bytes]:
        request = get(f"{whole}/changes?from={world.service.log.head() - 200}", world.key)
        return lambda: request

    return {
        "append": appended,
        "act on an aggregate": lambda: over(confirmed),
        "status": lambda: over(lambda: get(f"{whole}/action-plan", world.key)),
        "as_of": lambda: over(lambda: get(f"{whole}/action-plan?as_of_position={next(positions)}", world.key)),
        "changes": lambda: over(since()),
        "audit page": lambda: over(
            lambda: get(f"/api/v1/audit/events?transformation={world.first.transformation_id}&limit=50", world.key)
        ),
    }
