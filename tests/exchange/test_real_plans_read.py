"""The plans that people really sent, with the counts and cells that were read in them by eye."""

import os
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from service.exchange.indicator_values import read_indicator_values
from service.exchange.plan_reader import PlanFile, PlanRow, read_plan
from service.exchange.plan_row import CellContent
from service.exchange.plan_writer import write_plan
from service.exchange.refusal import NoRows
from service.exchange.workbook import read_workbook

PLANS = Path(__file__).parents[3] / "shared" / "data" / "plans"
READABLE = ("complex_plan", "modele-import-pa", "plan_sans_axes", "plan_with_sous_actions_valid")


def content_of(name: str) -> bytes:
    path = PLANS / f"{name}.xlsx"
    if not path.exists():
        reason = f"the shared workbook {path.name} is not beside this checkout"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return path.read_bytes()


def plan(name: str) -> PlanFile:
    return read_plan(read_workbook(content_of(name)))


def row(read: PlanFile, number: int) -> PlanRow:
    return next(row for row in read.rows if row.number == number)


@pytest.mark.parametrize(
    ("name", "actions", "sub_actions"),
    [
        ("complex_plan", 29, 0),
        ("modele-import-pa", 1, 0),
        ("plan_sans_axes", 46, 0),
        ("plan_with_sous_actions_valid", 4, 3),
    ],
)
def test_a_real_plan_has_the_rows_counted_by_eye_and_no_problem(name: str, actions: int, sub_actions: int) -> None:
    read = plan(name)
    kinds = [row.kind for row in read.rows]
    assert (kinds.count("action"), kinds.count("sub_action")) == (actions, sub_actions)
    assert read.problems == ()
    assert read.position is None
    assert all(row.row_id is None for row in read.rows)


def test_the_complex_plan_says_what_one_reads_in_it() -> None:
    read = plan("complex_plan")
    first = row(read, 4)
    assert (read.sheet, read.heading_row) == ("Fichier dimport", 2)
    assert first.action == "Action 1. Création d'un comité de suivi d'élus autour du CLS"
    assert first.path == (
        "Axe 1. COORDINATION DU CLS - AXE TRANSVERSAL",
        "Objectif stratégique 1. Impulser une dynamique participative",
        "Sous-Sous Axe",
    )
    assert first.cells["people"] == ("Sophie AMOUROUS",)
    assert [first.cells[f"funder_{n}"] for n in (1, 2, 3)] == ["John Doe", "Bernard", "François"]
    assert [first.cells[f"amount_{n}"] for n in (1, 2, 3)] == [Decimal(1000), Decimal(25000), Decimal(666)]
    assert first.cells["budget"] == Decimal(5_000_000)
    assert (first.cells["status"], first.cells["priority"]) == ("À venir", "Élevé")
    assert (first.cells["start_on"], first.cells["end_on"]) == (date(2025, 12, 1), date(2030, 9, 1))
    assert first.cells["continuous"] is True
    assert first.cells["governance"] == "Une instance de gouvernance"
    assert first.attributes["Élu·e référent·e"] == "Emmanuelle Volte, Arnault bis"
    assert first.attributes["Participation citoyenne"] == "Co-construction"
    assert first.attributes["Financements"] == "BPI"


def test_the_complex_plan_has_serial_dates_blank_statuses_and_several_people() -> None:
    read = plan("complex_plan")
    assert row(read, 5).cells["end_on"] == date(2030, 9, 1)  # 47727 in a cell without a date format
    assert row(read, 17).cells["status"] is None
    assert row(read, 15).cells["people"] == ("Pernette JULIAN", "Mathilde COTA", "Sophie AMOUROUS")
    assert row(read, 20).cells["people"] == ("Sophie AMOUROUS", "PSMS", "SSIAD", "ADMR")
    assert row(read, 13).path == ("Axe 3. PARCOURS DE SANTÉ", "Objectif stratégique 1. Les publics précaires")
    assert row(read, 30).cells["status"] == "À discuter"
    assert row(read, 32).action.startswith("Fiche Action 29. ")
    assert len({row.axis for row in read.rows}) == 5


def test_the_example_of_the_model_is_read_without_its_help_texts() -> None:
    read = plan("modele-import-pa")
    example = read.rows[0]
    assert (example.number, example.kind) == (5, "action")
    assert example.cells["people"] == ("Marie PAUL", "Pierre GWEN")
    assert example.cells["funder_1"] == "Métropole, Région"
    assert [example.cells[f"amount_{n}"] for n in (1, 2, 3)] == [Decimal(50000), Decimal(15000), Decimal(12000)]
    assert example.cells["budget"] == Decimal(124566)
    assert (example.cells["start_on"], example.cells["end_on"]) == (date(2022, 11, 16), date(2024, 3, 9))
    assert example.cells["continuous"] is True
    assert set(example.attributes) == {
        *("Structure pilote", "Moyens humains et techniques", "Partenaires", "Direction ou service pilote"),
        *("Élu·e référent·e", "Participation citoyenne", "Financements"),
    }


def test_the_plan_without_axes_keeps_its_calendar_as_an_attribute() -> None:
    read = plan("plan_sans_axes")
    assert [row.axis for row in read.rows] == [None] * 46
    assert [row.action.split(".")[0] for row in read.rows] == [str(number) for number in range(1, 47)]
    assert row(read, 5).attributes["Calendrier"] == "2024"
    assert row(read, 5).attributes["Partenaires"] == "Bureau d'étude, PMGA"
    assert row(read, 9).cells["budget"] == Decimal(2400)
    assert row(read, 21).cells["budget"] == Decimal(0)
    assert row(read, 11).attributes["Indicateurs liés"] == "CCNS"
    assert row(read, 17).cells["people"] == ("Gwendoline BRAZIER-DUVAL",)


def test_sub_actions_know_their_action() -> None:
    read = plan("plan_with_sous_actions_valid")
    assert [(row.number, row.action, row.sub_action) for row in read.rows if row.sub_action] == [
        (6, "Action 1", "Sous-action 1.1"),
        (7, "Action 1", "Sous-action 1.2"),
        (10, "Action 3", "Sous-action 3.1"),
    ]
    assert [row(read, number).parent_key for number in (6, 7)] == [row(read, 5).key] * 2
    assert row(read, 10).parent_key == row(read, 9).key
    assert row(read, 6).cells["end_on"] == date(2025, 12, 31)
    assert row(read, 7).cells["status"] == "Réalisé"


@pytest.mark.parametrize("name", READABLE)
def test_a_real_plan_exported_and_read_again_says_the_same(name: str) -> None:
    def filled(row: PlanRow) -> dict[str, CellContent]:
        return {field: content for field, content in row.comparable().items() if content not in (None, ())}

    read = plan(name)
    again = read_plan(read_workbook(write_plan(read.rows, title=name, position=7)))
    assert [filled(row) for row in again.rows] == [filled(row) for row in read.rows]
    assert [row.key for row in again.rows] == [row.key for row in read.rows]
    assert again.position == 7


def test_the_empty_template_of_indicator_values_has_the_right_columns_and_no_row() -> None:
    with pytest.raises(NoRows):
        read_indicator_values(read_workbook(content_of("template_import_PILOTE")))
