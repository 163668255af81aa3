"""The memory of a fresh, idle `serve` with its embedded database: proportional set size of all its processes."""

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil

from bench.row import Row, alone
from bench.stage import Stage, free_port, wait_for

GOAL = 300.0


def measure(stage: Stage, *, quick: bool) -> list[Row]:
    """A server of its own in an empty folder; measured after it has been idle for some seconds."""
    found = [_once(stage.folder / f"memory-{run}", idle=3 if quick else 10) for run in range(1 if quick else 5)]
    return [alone("memory of a fresh idle serve with its database", "MB", found, at_most=GOAL)]


def _once(folder: Path, *, idle: float) -> float:
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if name != "TRAJECTOIRE_DATABASE_URL"}
    environment |= {"TRAJECTOIRE_DATA_DIR": str(folder), "TRAJECTOIRE_PORT": str(port), "PYTHONPATH": os.getcwd()}
    folder.mkdir(mode=0o711)
    with (folder.parent / f"{folder.name}.log").open("w") as out:
        command = [sys.executable, "-P", "-m", "service.cli", "serve"]
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=out)
        try:
            wait_for(f"http://127.0.0.1:{port}/readyz", process, Path(out.name))
            time.sleep(idle)
            return sum(_proportional(each) for each in _family(process.pid, folder)) / 2**20
        finally:
            process.terminate()
            process.wait(timeout=60)


def _family(pid: int, folder: Path) -> list[psutil.Process]:
    """The process, its children, and the database server of that folder with its own."""
    roots = [psutil.Process(pid)]
    for each in psutil.process_iter(["cmdline"]):
        command = each.info["cmdline"] or []
        if any(str(folder) in part for part in command[1:]):
            roots.append(each)
    family = {child.pid: child for root in roots for child in (root, *root.children(recursive=True))}
    return list(family.values())


def _proportional(process: psutil.Process) -> float:
    """The share of memory that is this process's own (Linux); elsewhere what is its alone."""
    try:
        full = process.memory_full_info()
    except psutil.NoSuchProcess:
        return 0.0
    share: float = getattr(full, "pss", full.uss)
    return share
