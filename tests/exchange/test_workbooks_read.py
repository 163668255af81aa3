"""Files as they come: formats told by content, values at their Excel coordinates."""

import io
from datetime import date, datetime, time

import openpyxl
import pytest
import xlsxwriter

from service.exchange.workbook import read_workbook
from tests.exchange.paper import rewritten, workbook_of


def test_values_keep_their_excel_coordinates_even_when_the_table_starts_far_from_a1() -> None:
    def place(book: openpyxl.Workbook) -> None:
        book["S"]["C5"] = "ici"
        book["S"]["E5"] = 12
        book["S"]["C7"] = datetime(2025, 12, 1)

    sheet = read_workbook(workbook_of(("S", []), prepare=place)).sheets[0]

    assert [(cell.coordinate, cell.value) for cell in sheet.cells(5)] == [("C5", "ici"), ("E5", 12)]
    assert sheet.value(7, 3) == date(2025, 12, 1)
    assert sheet.value(1, 1) is None
    assert sheet.value(99, 99) is None


def test_cell_types_are_kept() -> None:
    values = ["texte", 3, 0.5, True, datetime(2025, 1, 2), datetime(2025, 1, 2, 12, 30), time(8, 15)]
    sheet = read_workbook(workbook_of(("S", [values]))).sheets[0]
    expected = ["texte", 3, 0.5, True, date(2025, 1, 2), datetime(2025, 1, 2, 12, 30), time(8, 15)]
    assert list(sheet.rows[0]) == expected
    assert sheet.rows[0][3] is True


def test_hidden_sheets_are_said_to_be_hidden() -> None:
    def hide(book: openpyxl.Workbook) -> None:
        book["Listes"].sheet_state = "hidden"

    workbook = read_workbook(workbook_of(("Plan", [["a"]]), ("Listes", [["b"]]), prepare=hide))
    assert [(sheet.name, sheet.visible) for sheet in workbook.sheets] == [("Plan", True), ("Listes", False)]


def test_merged_cells_fill_down_but_not_to_the_right() -> None:
    def merge(book: openpyxl.Workbook) -> None:
        book["S"].merge_cells("A1:B3")

    sheet = read_workbook(
        workbook_of(("S", [["axe", None, 1], [None, None, 2], [None, None, 3]]), prepare=merge)
    ).sheets[0]

    assert [row[0] for row in sheet.rows] == ["axe", "axe", "axe"]
    assert [sheet.value(row, 2) for row in (1, 2, 3)] == [None, None, None]
    assert sheet.filled == {(2, 1), (3, 1)}


def test_formulas_are_known_by_their_cell_and_text_with_or_without_a_cached_value() -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet("S")
        sheet.write_formula("B2", "=1+1", None, 2)
        sheet.write_formula("B3", "=1/0", None, "#DIV/0!")
        sheet.write_string("B4", "=1+1")
    read = read_workbook(buffer.getvalue()).sheets[0]

    assert read.formulas == {(2, 2): "=1+1", (3, 2): "=1/0"}
    assert read.faults == {(3, 2): "#DIV/0!"}
    assert read.value(2, 2) == 2
    assert read.value(4, 2) == "=1+1"


def test_a_formula_shared_by_several_cells_is_found_in_each() -> None:
    def share(data: bytes) -> bytes:
        first = b'<c r="A1"><f t="shared" ref="A1:A2" si="0">B1*2</f><v>2</v></c>'
        second = b'<c r="A2"><f t="shared" si="0"/><v>4</v></c>'
        head, _, rest = data.partition(b"<sheetData>")
        tail = rest.partition(b"</sheetData>")[2]
        rows = b'<row r="1">' + first + b'</row><row r="2">' + second + b"</row>"
        return head + b"<sheetData>" + rows + b"</sheetData>" + tail

    content = rewritten(workbook_of(("S", [["x"]])), "xl/worksheets/sheet1.xml", share)
    assert read_workbook(content).sheets[0].formulas == {(1, 1): "=B1*2", (2, 1): "=B1*2"}


def test_drop_downs_are_not_formulas() -> None:
    def validate(book: openpyxl.Workbook) -> None:
        rule = openpyxl.worksheet.datavalidation.DataValidation(type="list", formula1='"VRAI,FAUX"')
        book["S"].add_data_validation(rule)
        rule.add("A1:A9")

    assert read_workbook(workbook_of(("S", [["a"]]), prepare=validate)).sheets[0].formulas == {}


def test_drop_downs_of_newer_excels_are_not_formulas_either() -> None:
    def extend(data: bytes) -> bytes:
        rule = (
            b"<extLst><ext><x14:dataValidation xmlns:x14='x' xmlns:xm='y'><x14:formula1><xm:f>Listes!$A$1:$A$9</xm:f>"
        )
        end = b"</x14:formula1></x14:dataValidation></ext></extLst></worksheet>"
        return data.replace(b"</worksheet>", rule + end)

    content = rewritten(workbook_of(("S", [["a"]])), "xl/worksheets/sheet1.xml", extend)
    assert read_workbook(content).sheets[0].formulas == {}


def test_a_value_that_hides_under_a_merge_is_kept() -> None:
    def merge(data: bytes) -> bytes:
        return data.replace(b"</sheetData>", b'</sheetData><mergeCells><mergeCell ref="A1:A2"/></mergeCells>')

    content = rewritten(workbook_of(("S", [["un"], ["deux"]])), "xl/worksheets/sheet1.xml", merge)
    sheet = read_workbook(content).sheets[0]
    assert [sheet.value(row, 1) for row in (1, 2)] == ["un", "deux"]
    assert sheet.filled == frozenset()


def test_cells_without_a_written_coordinate_are_counted_from_the_left() -> None:
    def anonymous(data: bytes) -> bytes:
        head, _, rest = data.partition(b"<sheetData>")
        tail = rest.partition(b"</sheetData>")[2]
        rows = b"<row><c><v>1</v></c><c><f>A1</f><v>2</v></c></row><row><c/><c><v>3</v></c></row>"
        return head + b"<sheetData>" + rows + b"</sheetData>" + tail

    sheet = read_workbook(rewritten(workbook_of(("S", [["x"]])), "xl/worksheets/sheet1.xml", anonymous)).sheets[0]
    assert [tuple(row) for row in sheet.rows] == [(1, 2), (None, 3)]
    assert sheet.formulas == {(1, 2): "=A1"}


def test_formatting_out_to_the_last_column_is_not_content() -> None:
    def decorate(book: openpyxl.Workbook) -> None:
        book["S"]["XFD1048576"].font = openpyxl.styles.Font(bold=True)

    sheet = read_workbook(workbook_of(("S", [["a"]]), prepare=decorate)).sheets[0]
    assert sheet.height == 1


def test_a_chart_sheet_is_passed_over() -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        chart_sheet = book.add_chartsheet("Graphique")
        book.add_worksheet("S").write_string("A1", "x")
        chart = book.add_chart({"type": "bar"})
        chart.add_series({"values": "=S!$A$1:$A$2"})
        chart_sheet.set_chart(chart)
    assert [sheet.name for sheet in read_workbook(buffer.getvalue()).sheets] == ["S"]


def test_the_macintosh_calendar_is_known() -> None:
    def switch(book: openpyxl.Workbook) -> None:
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904

    workbook = read_workbook(workbook_of(("S", [[datetime(2025, 12, 1)]]), prepare=switch))
    assert workbook.uses_1904
    assert workbook.sheets[0].value(1, 1) == date(2025, 12, 1)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_csv_is_read_whatever_its_encoding_and_separator(encoding: str, separator: str) -> None:
    lines = [["Titre de l'action", "Statut"], ["Évaluer l’été", "Réalisé"]]
    text = "\r\n".join(separator.join(line) for line in lines)
    workbook = read_workbook(text.encode(encoding))
    assert workbook.format == "csv"
    assert [list(row) for row in workbook.sheets[0].rows] == lines


def test_csv_keeps_line_breaks_and_separators_inside_quotes() -> None:
    workbook = read_workbook(b'a;b\n"une; deux\r\ntrois";"dit ""oui"""\n')
    assert list(workbook.sheets[0].rows[1]) == ["une; deux\ntrois", 'dit "oui"']


def test_commas_in_the_texts_do_not_hide_the_semicolons_of_a_csv() -> None:
    content = "nom;note\n" + "".join(f"a{n};un, deux, trois, quatre{', cinq' * (n % 3)}\n" for n in range(9))
    assert all(len(row) == 2 for row in read_workbook(content.encode()).sheets[0].rows)


def test_a_csv_cell_that_begins_with_equals_is_a_formula() -> None:
    assert read_workbook(b"a;b\n=1+1;-2\n").sheets[0].formulas == {(2, 1): "=1+1"}
