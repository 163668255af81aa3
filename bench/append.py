"""Appending one event per caller: our store, the library's default recorder, and pgbench without any order."""

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from bench.baselines.inserts import rate
from bench.baselines.library import Library, stored
from bench.history import Plan, milestone
from bench.row import Row, paired
from bench.stage import Stage, World
from service.store.batch import Conditions
from service.store.mapper import StoredFact

GOALS = ((64, 12), (8, 4), (1, 2))
RATE = 16_000
"""Events a second that are made beforehand: more than both stores append together on the machines we know."""


def measure(stage: Stage, *, quick: bool) -> list[Row]:
    """64, 8 and 1 callers, in threads of one process, the two stores in turn."""
    runs, seconds = (5, 0.3) if quick else (7, 2.0)
    with stage.world("append") as world:
        rows = [against_library(world, callers, runs, seconds, goal) for callers, goal in GOALS]
        return [*rows, against_pgbench(world, stage, runs, max(1.0, seconds))]


def against_library(world: World, callers: int, runs: int, seconds: float, goal: float) -> Row:
    """So many callers at once, on the library's own recorder and on ours."""
    events = fresh_rows(world, int(RATE * seconds * runs))
    library = Library(world.dsn, callers)
    pairs = []
    try:
        for _ in range(runs):
            theirs = pressed(callers, seconds, lambda: library.append(stored(next(events))))
            pairs.append((pressed(callers, seconds, lambda: ours(world, next(events))), theirs))
    finally:
        library.close()
    name = f"append, {callers} concurrent caller{'s' if callers > 1 else ''}, against the library"
    return paired(name, "events/s", pairs, at_least=goal)


def against_pgbench(world: World, stage: Stage, runs: int, seconds: float) -> Row:
    """64 callers on our store, and 64 clients that insert the same row without any order."""
    events = fresh_rows(world, int(RATE * seconds * runs))
    script = stage.folder / "insert.sql"
    pairs = []
    for _ in range(runs):
        inserted = rate(world.dsn, next(events), clients=64, seconds=int(seconds), script=script)
        pairs.append((pressed(64, seconds, lambda: ours(world, next(events))), inserted))
    return paired("append, 64 concurrent callers, against pgbench", "events/s", pairs, at_least=0.8)


def ours(world: World, row: StoredFact) -> None:
    recorder: Any = world.service.log.recorder
    recorder.append([row], Conditions())


def fresh_rows(world: World, count: int) -> Iterator[StoredFact]:
    """Rows of new objects, safe to share between threads: the mapper's work is not what is measured."""
    mapper: Any = world.service.log.mapper
    made = [mapper.to_stored_event(fact) for fact in itertools.islice(creations(world.first), count)]
    return iter(made)


def creations(plan: Plan) -> Iterator[Any]:
    """First facts of new objects."""
    while True:
        yield milestone(plan)


def pressed(callers: int, seconds: float, act: Callable[[], None]) -> float:
    """Acts a second by so many threads."""
    counts = [0] * callers
    barrier = threading.Barrier(callers + 1)
    until = 0.0

    def run(number: int) -> None:
        barrier.wait()
        while time.perf_counter() < until:
            act()
            counts[number] += 1

    threads = [threading.Thread(target=run, args=(number,)) for number in range(callers)]
    for thread in threads:
        thread.start()
    started = time.perf_counter()
    until = started + seconds
    barrier.wait()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - started)
