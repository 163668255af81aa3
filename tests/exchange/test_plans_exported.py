"""The workbook we write: read back it says the same, it can be merged, and it holds no formula."""

import io
from datetime import date
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.exchange.choices import PRIORITIES, STATUSES
from service.exchange.plan_columns import PLAN_COLUMNS
from service.exchange.plan_layout import is_blank
from service.exchange.plan_reader import PlanRow, read_plan
from service.exchange.plan_row import CellContent, row_key
from service.exchange.plan_writer import CellTooLongToExport, write_plan
from service.exchange.wording import fold, identity
from service.exchange.workbook import read_workbook

characters = st.characters(exclude_categories=("Cs", "Cc", "Cn", "Zl", "Zp"), include_characters="\n")
texts = (
    st.text(characters, min_size=1, max_size=40)
    .map(lambda text: text.replace("\x85", "").strip())
    .filter(lambda text: text and not is_blank(text) and not fold(text).startswith("champ"))
)
optional_texts = (
    st.none() | texts | st.sampled_from(["=1+1", "@cmd", "+33 1", "-5 %", "_x0041_", "12", "2025-01-01", "VRAI"])
)
names = st.lists(
    texts.map(lambda name: " ".join(name.replace(",", " ").replace(";", " ").split())).filter(bool),
    max_size=3,
    unique_by=identity,
).map(tuple)
amounts = st.none() | st.decimals(0, 10**9, places=2).map(
    lambda number: Decimal(f"{number:f}".rstrip("0").rstrip(".") or "0")
)
days = st.dates(date(1901, 1, 1), date(2199, 12, 31))
labels = st.sampled_from(
    ["Partenaires", "Notes", "Couleur", "Note maison", "Financeur 4", "Montant € HT (Financeur 4)"]
)


@st.composite
def plan_rows(draw: st.DrawFn) -> PlanRow:
    by_kind: dict[str, st.SearchStrategy[CellContent]] = {
        "text": optional_texts,
        "people": names,
        "money": amounts,
        "boolean": st.none() | st.booleans(),
        "date": st.none(),
    }
    cells: dict[str, CellContent] = {}
    for column in PLAN_COLUMNS:
        if column.kind == "attribute" or column.field.endswith("_title"):
            continue
        if column.choice is not None:
            cells[column.field] = draw(st.none() | st.sampled_from(column.choice.words))
        else:
            cells[column.field] = draw(by_kind[column.kind])
    start = draw(st.none() | days)
    end = draw(st.none() | days)
    cells["start_on"], cells["end_on"] = sorted((start, end)) if start and end else (start, end)
    attributes = draw(st.dictionaries(labels, texts, max_size=3))
    row_id = draw(st.none() | st.uuids().map(str))
    return PlanRow(draw(texts), draw(st.none() | texts), cells, attributes, row_id)


@settings(max_examples=60, deadline=None)
@given(st.lists(plan_rows(), min_size=1, max_size=4, unique_by=lambda row: row.key), st.integers(0, 10**15))
def test_what_is_written_is_what_is_read(rows: list[PlanRow], position: int) -> None:
    plan = read_plan(read_workbook(write_plan(rows, title="Plan", position=position)))

    assert [problem for problem in plan.problems if problem.severity == "error"] == []
    assert plan.position == position
    assert [(r.action, r.sub_action, r.row_id, r.key) for r in plan.rows] == [
        (r.action, r.sub_action, r.row_id, r.key) for r in rows
    ]
    for read, written in zip(plan.rows, rows, strict=True):
        assert read.cells == written.cells
        assert read.attributes == written.attributes


ROW = PlanRow(
    "Planter",
    None,
    {
        "axis": "Axe 1",
        "start_on": date(2025, 12, 1),
        "funder_1": "Ville",
        "amount_1": Decimal("10.5"),
        "people": ("A", "B"),
        "continuous": True,
    },
    {"Partenaires": "Ville", "Couleur": "vert"},
    "0199-id",
)


def opened(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def test_the_workbook_has_a_guide_a_plan_and_hidden_lists() -> None:
    book = opened(write_plan([ROW], title="Plan santé", position=42))
    guide, plan, lists = book.worksheets
    assert [sheet.title for sheet in book] == ["Mode d’emploi", "Fichier d’import", "Listes déroulantes"]
    assert (plan.sheet_state, lists.sheet_state, book.active.title) == ("visible", "hidden", plan.title)
    assert guide["B1"].value == "Plan santé"
    assert plan["A2"].value == "Axe (x)"
    assert plan.freeze_panes == "A4"
    assert plan.auto_filter.ref.startswith("A3:")


def test_dates_and_amounts_are_real_ones_and_the_last_column_is_hidden() -> None:
    plan = opened(write_plan([ROW], title="Plan", position=42)).worksheets[1]
    headings = [cell.value for cell in plan[2]]
    row = dict(zip(headings, plan[4], strict=True))
    assert row["Date de début"].is_date
    assert plan.cell(4, headings.index("Financeur 1") + 2).value == 10.5
    assert row["Couleur"].value == "vert"
    last = plan.cell(1, plan.max_column)
    assert (last.value, plan.cell(4, plan.max_column).value) == ("position 42", "0199-id")
    assert plan.column_dimensions[last.column_letter].hidden


def test_closed_lists_are_drop_downs_down_to_spare_rows() -> None:
    book = opened(write_plan([ROW], title="Plan", position=1))
    plan, lists = book.worksheets[1:]
    statuses = [cell.value for cell in next(column for column in lists.columns if column[0].value == "Statut")]
    assert tuple(word for word in statuses[1:] if word) == STATUSES.words
    assert len(plan.data_validations.dataValidation) == 4
    column = next(cell.column_letter for cell in plan[2] if cell.value == "Niveau de priorité")
    rule = next(rule for rule in plan.data_validations.dataValidation if str(rule.sqref).startswith(column))
    assert str(rule.sqref) == f"{column}4:{column}205"
    assert len(PRIORITIES.words) == 3
    assert rule.formula1.endswith("$4")


@pytest.mark.parametrize("text", ["=HYPERLINK(1)", "+1", "-1", "@SUM(1)", "=1+1"])
def test_no_text_becomes_a_formula(text: str) -> None:
    row = PlanRow(text, None, {"description": text, "people": (text,)}, {"Notes": text, text: text}, text)
    content = write_plan([row], title=text, position=1)
    workbook = read_workbook(content)
    assert all(not sheet.formulas for sheet in workbook.sheets)
    cells = [cell for sheet in opened(content) for line in sheet for cell in line]
    assert all(cell.data_type != "f" for cell in cells)
    assert all(cell.quotePrefix for cell in cells if cell.value == text and cell.row >= 4)  # even once edited
    assert read_plan(workbook).rows[0].attributes == {"Notes": text, text: text}


def test_a_text_that_excel_cannot_hold_is_refused_rather_than_cut() -> None:
    with pytest.raises(CellTooLongToExport):
        write_plan([PlanRow("a", None, {"description": "x" * 32_768})], title="Plan", position=1)


def test_a_field_that_the_format_does_not_have_is_refused_rather_than_lost() -> None:
    with pytest.raises(ValueError, match="weather"):
        write_plan([PlanRow("a", None, {"weather": "x"})], title="Plan", position=1)


def test_a_name_never_becomes_two_people() -> None:
    row = PlanRow("a", None, {"people": ("PAUL, Marie", "Pierre\nGWEN")})
    plan = read_plan(read_workbook(write_plan([row], title="Plan", position=1)))
    assert plan.rows[0].cells["people"] == ("PAUL Marie", "Pierre GWEN")


def test_an_empty_plan_can_be_exported() -> None:
    assert opened(write_plan([], title="Plan", position=0)).worksheets[1].max_row == 3


def test_the_same_plan_gives_the_same_bytes() -> None:
    assert write_plan([ROW], title="Plan", position=1) == write_plan([ROW], title="Plan", position=1)


def test_a_copied_row_is_seen_by_its_identifier() -> None:
    rows = [ROW, PlanRow("Semer", None, {}, {}, ROW.row_id)]
    plan = read_plan(read_workbook(write_plan(rows, title="Plan", position=1)))
    assert [(problem.code, problem.row) for problem in plan.problems] == [("duplicate_row_id", 5)]


@given(st.lists(texts, max_size=3), texts, st.none() | texts)
def test_the_key_of_a_row_is_stable_under_its_own_normalisation(
    path: list[str], action: str, sub_action: str | None
) -> None:
    normal = row_key(map(identity, path), identity(action), None if sub_action is None else identity(sub_action))
    assert row_key(path, action, sub_action) == normal
