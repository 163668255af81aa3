"""Rebuilding the read models from the log in a process of its own, as the command does it."""

import os
import subprocess
import sys
import time

from bench.baselines.runner import run as run_library
from bench.row import Row, alone, paired
from bench.stage import Stage, World
from service.bootstrap import Service
from service.settings import Settings

VIEW = "milestones"
MOST_MEMORY = 600.0


def measure(stage: Stage, *, quick: bool) -> list[Row]:
    """One view against the library's ProjectionRunner on the same view, then all views."""
    events, runs, theirs = (8_000, 5, 1_000) if quick else (1_000_000, 5, 20_000)
    with stage.world("rebuild", events=events, transformations=max(1, events // 10_000)) as world:
        head = world.service.log.head()
        pairs = []
        for _ in range(runs):
            seconds, _ = _rebuild(stage, world, VIEW)
            pairs.append((head / seconds, run_library(world, theirs)))
        whole = [_rebuild(stage, world) for _ in range(2 if quick else 3)]
    size = f"{events:,} events"
    return [
        paired(f"rebuild, one view, {size}, against ProjectionRunner", "events/s", pairs, at_least=15),
        alone(f"rebuild, one view, {size}", "events/s", [ours for ours, _ in pairs], at_least=40_000),
        alone(f"rebuild, all views, {size}", "events/s", [head / seconds for seconds, _ in whole], at_least=15_000),
        alone(f"rebuild, all views, {size}, memory", "MB", [memory for _, memory in whole], at_most=MOST_MEMORY),
    ]


def _rebuild(stage: Stage, world: World, *names: str) -> tuple[float, float]:
    """The seconds of the rebuild, without the start of Python, and the peak memory of its process in megabytes."""
    said, memory = run_measured(stage, ["bench.rebuild", world.dsn, *names])
    return float(said.split()[-1]), memory


def run_measured(stage: Stage, words: list[str]) -> tuple[str, float]:
    """What a module run in a process of its own says, and the peak memory of that process in megabytes."""
    environment = {**os.environ, "TRAJECTOIRE_DATA_DIR": str(stage.folder / "keys")}
    command = [sys.executable, "-m", *words]
    with (stage.folder / "rebuild.log").open("w+") as out:
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=out)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        said = out.read()
    if process.returncode != 0:
        raise SystemExit(f"{words[0]} ended with {process.returncode}: {said[-1000:]}")
    return said, usage.ru_maxrss / 1024


def main(dsn: str, names: list[str]) -> None:
    """The measured process: what `trajectoire projections rebuild` does."""
    service = Service(Settings(), dsn)
    service.start(worker=False)
    try:
        started = time.perf_counter()
        service.rebuild(names).run()
        print(time.perf_counter() - started)
    finally:
        service.stop()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
