"""The report of an import as a terminal shows it."""

import io

from rich.console import Console

from service.commands.import_report import tell
from service.exchange.problem import Problem
from service.exchange.report import Difference, RowReport, report_of


def test_dates_amounts_and_places_are_written_as_french_people_write_them() -> None:
    row = RowReport(
        sheet="Plan",
        row=3,
        kind="action",
        outcome="change",
        title="Une",
        differences={
            "start_on": Difference("2025-02-01", None),
            "budget": Difference(1000.5, 2000),
            "description": Difference(None, "2025-02-01"),
        },
    )
    aside = Problem("P2", None, None, None, "", "other_plan_sheet", "Non lue.", "Importez-la.", "warning")
    screen = Console(file=io.StringIO(), width=200)
    tell(report_of("simulate", "Plan", [row], [aside]), screen)
    shown = screen.file.getvalue()
    for word in ("01/02/2025", "1000,5", "2000", "2025-02-01", "│ P2 "):
        assert word in shown
    assert "P2!" not in shown
