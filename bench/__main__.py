"""`./run bench [--json] [--quick]`: every benchmark, one table (or one JSON object)."""

import argparse
import json
import os
import platform
import sys
from importlib.metadata import version

from bench.import_plan import measure_import
from bench.row import Row

LIBRARIES = ("eventsourcing", "fastapi", "psycopg", "pydantic", "python-calamine")


def main() -> None:
    """Run the benchmarks and print what they found."""
    parser = argparse.ArgumentParser(prog="./run bench", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one object instead of a table")
    parser.add_argument("--quick", action="store_true", help="smaller sizes, in under two minutes")
    options = parser.parse_args()
    rows: list[Row] = measure_import(quick=options.quick)
    machine = f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}"
    versions = {name: version(name) for name in LIBRARIES}
    if options.json:
        found = {"machine": machine, "versions": versions, "rows": [row.as_dict() for row in rows]}
        json.dump(found, sys.stdout, ensure_ascii=False, indent=2)
        print()
        return
    print(machine)
    for row in rows:
        print(row.as_line())


if __name__ == "__main__":
    main()
