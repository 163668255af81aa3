"""The plans that people really sent, imported, exported and imported again."""

import os
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from service.acts.plan_export import run_export
from service.acts.plan_import import run_import
from service.domain.act import Act
from service.domain.action import ACTION
from service.exchange.plan_reader import PlanFile, PlanRow, read_plan
from service.exchange.plan_row import CellContent
from service.exchange.report import Report
from service.exchange.workbook import read_workbook
from service.projections.actions import ACTIONS
from service.projections.as_of import AsOf
from tests.running import Running

PLANS = Path(__file__).parents[3] / "shared" / "data" / "plans"
COUNTS = {
    "complex_plan": (29, 0),
    "modele-import-pa": (1, 0),
    "plan_sans_axes": (46, 0),
    "plan_with_sous_actions_valid": (4, 3),
}


def content_of(name: str) -> bytes:
    path = PLANS / f"{name}.xlsx"
    if not path.exists():
        reason = f"the shared workbook {path.name} is not beside this checkout"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return path.read_bytes()


def imported(running: Running, code: str, content: bytes, **options: object) -> Report:
    act = Act(actor=running.people["lead"], now=running.now, role="lead")
    report = run_import(running.service, act, code, content, "plan.xlsx", **options)
    if report.position is not None:
        assert running.service.gate.wait(report.position, 20)
    return report


def code_for(running: Running) -> tuple[str, str]:
    id = running.transformation()
    return id, running.get(f"/transformations/{id}").json()["code"]


def read(content: bytes) -> PlanFile:
    return read_plan(read_workbook(content))


def filled(row: PlanRow) -> dict[str, CellContent]:
    return {field: content for field, content in row.comparable().items() if content not in (None, ())}


@pytest.mark.parametrize("name", COUNTS)
def test_a_real_plan_is_imported_exported_and_imported_again(running: Running, name: str) -> None:
    content = content_of(name)
    _, code = code_for(running)
    announced = imported(running, code, content)
    applied = imported(running, code, content, apply=True)
    kinds = [row.kind for row in applied.rows if row.outcome == "create"]
    assert (kinds.count("action"), kinds.count("sub_action")) == COUNTS[name]
    assert applied.created == announced.created == sum(COUNTS[name])
    assert applied.errors == announced.errors == []
    assert (applied.new_axes, applied.new_workstreams) == (announced.new_axes, announced.new_workstreams)

    exported = run_export(running.service, running.people["lead"], code)
    assert [filled(row) for row in read(exported).rows] == [filled(row) for row in read(content).rows]

    for again in (content, exported):
        report = imported(running, code, again, apply=True)
        assert (report.created, report.changed, report.unchanged) == (0, 0, sum(COUNTS[name]))
        assert (report.conflicts, report.new_people) == (0, [])


def test_the_first_action_of_the_complex_plan_is_recorded_as_one_reads_it(running: Running) -> None:
    id, code = code_for(running)
    report = imported(running, code, content_of("complex_plan"), apply=True)
    with running.service.database.connection() as connection:
        actions = ACTIONS.of_transformation(connection, report.rows[0].id and id, AsOf(running.now))
    first = next(action for action in actions if action.id == report.rows[0].id)
    names = running.service.directory.names([first.lead or ""])
    assert first.title == "Action 1. Création d'un comité de suivi d'élus autour du CLS"
    assert ACTION.reference(first) == report.rows[0].ref == "A-1"
    assert list(names.values()) == ["Sophie AMOUROUS"]
    assert [(funder.name, funder.amount) for funder in first.funders] == [
        ("John Doe", Decimal(1000)),
        ("Bernard", Decimal(25000)),
        ("François", Decimal(666)),
    ]
    assert (first.status, first.priority, first.ongoing) == ("planned", "high", True)
    assert (first.budget, first.start_on, first.end_on) == (Decimal(5_000_000), date(2025, 12, 1), date(2030, 9, 1))
    assert first.attributes["Élu·e référent·e"] == "Emmanuelle Volte, Arnault bis"
    assert len(report.new_axes) == 5
    assert report.new_workstreams[:2] == [
        "Axe 1. COORDINATION DU CLS - AXE TRANSVERSAL › Objectif stratégique 1. Impulser une dynamique participative",
        "Axe 1. COORDINATION DU CLS - AXE TRANSVERSAL › Objectif stratégique 1. Impulser une dynamique participative"
        " › Sous-Sous Axe",
    ]
    assert any(action.status == "proposed" and action.imported_status == "À discuter" for action in actions)
    accounts = running.service.database.one(
        "SELECT has_account FROM people WHERE display_name = %s", ("Sophie AMOUROUS",)
    )
    assert accounts == {"has_account": False}
