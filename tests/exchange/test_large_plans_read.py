"""A plan of 5 000 rows: a few seconds and little memory, measured in a process of its own."""

import json
import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

from service.exchange.plan_row import CellContent, PlanRow
from service.exchange.plan_writer import write_plan

ROWS = 5_000
MEASURE = """
import json, resource, sys, time
from service.exchange.plan_reader import read_plan
from service.exchange.workbook import read_workbook
content = open(sys.argv[1], "rb").read()
before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
plan = read_plan(read_workbook(content))
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
scale = 1024 * 1024 if sys.platform == "darwin" else 1024
print(json.dumps([len(plan.rows), plan.errors, time.perf_counter() - start, (peak - before) / scale]))
"""


def test_5000_rows_are_read_in_seconds_within_150_megabytes(tmp_path: Path) -> None:
    cells: dict[str, CellContent] = {
        "axis": "Axe 1",
        "description": "Un descriptif de quelques lignes. " * 15,
        "expected_result": "Un objectif. " * 20,
        "people": ("Marie PAUL", "Pierre GWEN"),
        "budget": Decimal("124566.5"),
        "status": "En cours",
        "start_on": date(2025, 1, 1),
        "end_on": date(2026, 1, 1),
    }
    notes = {"Partenaires": "Ville, Région", "Notes": "Une note. " * 20}
    rows = [PlanRow(f"Action {number}", None, cells, notes, f"id-{number}") for number in range(ROWS)]
    path = tmp_path / "plan.xlsx"
    path.write_bytes(write_plan(rows, title="Plan", position=1))

    command = [sys.executable, "-c", MEASURE, str(path)]
    root = Path(__file__).parents[2]
    answer = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True, timeout=60)
    read, errors, seconds, megabytes = json.loads(answer.stdout)

    assert (read, errors) == (ROWS, 0)
    assert seconds < 10  # about 1.5 s alone on an ordinary machine
    assert megabytes < 150
