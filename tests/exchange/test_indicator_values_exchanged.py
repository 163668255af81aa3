"""PILOTE's template of indicator values, in and out."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.exchange.indicator_values import (
    HEADINGS,
    IndicatorValue,
    IndicatorValuesFile,
    read_indicator_values,
    write_indicator_values,
)
from service.exchange.refusal import NoRows, WrongHeadings
from service.exchange.workbook import read_workbook
from tests.exchange.paper import workbook_of

GOOD: list[object] = ["IND-1", "D75", "Paris", "2025-12-31", "va", "12,5"]


def values_of(*rows: list[object]) -> IndicatorValuesFile:
    return read_indicator_values(read_workbook(workbook_of(("Feuil1", [list(HEADINGS), *rows]))))


def changed(**cells: object) -> list[object]:
    return [cells.get(heading, value) for heading, value in zip(HEADINGS, GOOD, strict=True)]


def test_initial_current_and_target_values_are_told_apart() -> None:
    rows = values_of(
        changed(type_valeur="vi", date_valeur=datetime(2025, 1, 1), valeur=0),
        GOOD,
        changed(type_valeur="VC ", date_valeur="31/12/2026", valeur="-1 000.25"),
    ).rows
    assert [(row.kind, row.valued_on, row.value) for row in rows] == [
        ("baseline", date(2025, 1, 1), Decimal(0)),
        ("measure", date(2025, 12, 31), Decimal("12.5")),
        ("target", date(2026, 12, 31), Decimal("-1000.25")),
    ]
    assert (rows[1].indicator, rows[1].zone_id, rows[1].zone_name, rows[1].number) == ("IND-1", "D75", "Paris", 3)


def test_an_empty_value_withdraws_the_recorded_one() -> None:
    assert values_of(changed(valeur=None)).rows[0].value is None


def test_columns_may_come_in_any_order_in_a_csv_and_the_zone_may_be_missing() -> None:
    content = b"valeur;type_valeur;date_valeur;Identifiant_Indic\n12,345;va;2025-06-30;IND-2\n"
    row = read_indicator_values(read_workbook(content)).rows[0]
    assert (row.indicator, row.value, row.zone_id) == ("IND-2", Decimal("12.345"), None)


@pytest.mark.parametrize(
    ("heading", "value", "cell", "code"),
    [
        ("identifiant_indic", None, "A2", "missing_value"),
        ("date_valeur", "31/02/2025", "D2", "no_such_date"),
        ("date_valeur", 2025, "D2", "year_alone"),
        ("date_valeur", None, "D2", "missing_value"),
        ("type_valeur", "vx", "E2", "unknown_choice"),
        ("type_valeur", None, "E2", "missing_value"),
        ("valeur", "environ 12", "F2", "not_a_number"),
        ("valeur", "1,2345678901234567", "F2", "too_many_digits"),
        ("valeur", "=1+1", "F2", "formula"),
    ],
)
def test_a_problem_points_at_its_cell_and_its_row_is_left_out(
    heading: str, value: object, cell: str, code: str
) -> None:
    read = values_of(changed(**{heading: value}), changed(zone_id="D13"))
    assert [(problem.cell, problem.code, problem.column) for problem in read.problems] == [(cell, code, heading)]
    assert read.invalid_rows == {2}
    assert [row.number for row in read.rows] == [3]


def test_the_same_value_twice_names_both_rows() -> None:
    read = values_of(GOOD, changed(identifiant_indic=" ind-1", valeur=3))
    assert [(problem.code, problem.row) for problem in read.problems] == [("duplicate_row", 3)]
    assert "à la ligne 2" in read.problems[0].message


def test_wrong_columns_and_no_rows_are_refusals() -> None:
    with pytest.raises(NoRows):
        values_of()
    with pytest.raises(WrongHeadings) as caught:
        read_indicator_values(read_workbook(workbook_of(("S", [["identifiant_indic", "valeur"], ["a", 1]]))))
    assert "date_valeur" in caught.value.message


texts = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn", "Z")), min_size=1, max_size=20)
rows = st.builds(
    IndicatorValue,
    texts,
    st.dates(date(1900, 1, 1), date(2199, 12, 31)),
    st.sampled_from(["baseline", "measure", "target"]),
    st.none() | st.decimals(-(10**9), 10**9, places=5),
    st.none() | texts,
    st.none() | texts,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(rows, min_size=1, max_size=5, unique_by=lambda row: row.key))
def test_what_is_written_is_what_is_read(written: list[IndicatorValue]) -> None:
    workbook = read_workbook(write_indicator_values(written))
    read = read_indicator_values(workbook)
    assert read.problems == ()
    assert workbook.sheets[0].formulas == {}
    assert [(row.key, row.value, row.zone_id, row.zone_name) for row in read.rows] == [
        (row.key, row.value, row.zone_id, row.zone_name) for row in written
    ]
