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
from service.store.mapper import StoredFact
from service.store.recorder import Conditions

GOALS = ((64, 12), (8, 4), (1, 2))


def measure(stage: Stage, *, quick: bool) -> list[Row]:
    """64, 8 and 1 callers, in threads of one process, the two stores in turn."""
    runs, seconds = (5, 0.3) if quick else (7, 2.0)
    rows = []
    with stage.world("append") as world:
        events = fresh_rows(world)
        for callers, goal in GOALS:
            library = Library(world.dsn, callers)
            try:
                pairs = []
                for _ in range(runs):
                    theirs = pressed(callers, seconds, lambda library=library: library.append(stored(next(events))))
                    pairs.append((pressed(callers, seconds, lambda: ours(world, next(events))), theirs))
            finally:
                library.close()
            name = f"append, {callers} concurrent caller{'s' if callers > 1 else ''}, against the library"
            rows.append(paired(name, "events/s", pairs, at_least=goal))
        pairs = []
        script = stage.folder / "insert.sql"
        for _ in range(runs):
            inserted = rate(world.dsn, next(events), clients=64, seconds=max(1, int(seconds)), script=script)
            pairs.append((pressed(64, max(1.0, seconds), lambda: ours(world, next(events))), inserted))
        rows.append(paired("append, 64 concurrent callers, against pgbench", "events/s", pairs, at_least=0.8))
    return rows


def ours(world: World, row: StoredFact) -> None:
    recorder: Any = world.service.log.recorder
    recorder.append([row], Conditions())


def fresh_rows(world: World, count: int = 120_000) -> Iterator[StoredFact]:
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
