"""Files that must not pass: each gets its own sentence, and no library's error or panic ever escapes."""

import contextlib
import io
import random
import struct
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.exchange import refusal
from service.exchange.limits import Limits
from service.exchange.refusal import WorkbookRefused
from service.exchange.workbook import read_workbook
from tests.exchange.paper import rewritten, workbook_of

OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504
SHEET = "xl/worksheets/sheet1.xml"


def small_workbook() -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet("S")
        for number, row in enumerate([("Titre", "Statut"), ("Un", "En cours")]):
            sheet.write_row(number, 0, row)
    return buffer.getvalue()


SMALL = small_workbook()


def refused(content: bytes, **limits: int) -> WorkbookRefused:
    with pytest.raises(WorkbookRefused) as caught:
        read_workbook(content, Limits(**limits))
    return caught.value


def zipped(**parts: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as container:
        for name, data in parts.items():
            container.writestr(name.replace("__", "/"), data)
    return buffer.getvalue()


def sheet_data(rows: bytes) -> bytes:
    return rewritten(
        SMALL,
        SHEET,
        lambda data: data.partition(b"<sheetData>")[0] + b"<sheetData>" + rows + b"</sheetData></worksheet>",
    )


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(b"", "empty_workbook", id="no bytes"),
        pytest.param(b" \r\n\n", "empty_workbook", id="blank lines"),
        pytest.param(b"a;b\n;;\n".replace(b"a;b", b";"), "empty_workbook", id="only separators"),
        pytest.param(b"%PDF-1.7\n\xe2\xe3\xcf\xd3\n\x00\x01", "not_a_workbook", id="pdf"),
        pytest.param(b"\x89PNG\r\n\x1a\n\0\0\0", "not_a_workbook", id="picture"),
        pytest.param(b"bonjour", "not_a_workbook", id="one word"),
        pytest.param(b"<html><table><tr><td>a;b</td></tr></table></html>", "not_a_workbook", id="html named .xls"),
        pytest.param(b"\x81\x8d\x8f;\x90", "not_a_workbook", id="no known encoding"),
        pytest.param(OLE2 + "Workbook".encode("utf-16-le"), "old_excel_format", id="xls"),
        pytest.param(OLE2 + "EncryptedPackage".encode("utf-16-le"), "password_protected", id="encrypted"),
        pytest.param(OLE2 + "WordDocument".encode("utf-16-le"), "not_a_workbook", id="doc"),
        pytest.param(zipped(word__document=b"<a/>"), "not_a_workbook", id="docx"),
        pytest.param(zipped(**{"xl/workbook.bin": b"x"}), "other_spreadsheet", id="xlsb"),
        pytest.param(b"PK\x03\x04 and then nothing", "damaged_workbook", id="broken zip"),
        pytest.param(SMALL[: len(SMALL) // 2], "damaged_workbook", id="half a file"),
    ],
)
def test_each_kind_of_wrong_file_has_its_own_refusal(content: bytes, code: str) -> None:
    assert refused(content).code == code


def test_a_quote_that_nothing_closes_is_told_where_it_opens() -> None:
    table = 'Titre;Statut\nUn;"En cours"\n"Deux;À venir\nTrois;Fait\n'
    refusal = refused(table.encode())
    assert (refusal.code, refusal.facts) == ("unclosed_quote", {"row": 3})
    for closed in (table.replace('"Deux', "Deux"), 'Titre;Statut\nLe "grand" plan;Fait\n"Le" plan;Fait\n'):
        assert len(read_workbook(closed.encode(), Limits()).sheets[0].rows) >= 3


def test_an_open_document_spreadsheet_is_named_as_such() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as container:
        container.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        container.writestr("content.xml", "<a/>")
    error = refused(buffer.getvalue())
    assert error.code == "other_spreadsheet"
    assert ".ods" in error.message


def test_a_workbook_without_a_filled_cell_is_empty() -> None:
    assert refused(workbook_of(("S", []))).code == "empty_workbook"


def test_a_file_above_the_limit_is_refused_before_it_is_opened() -> None:
    error = refused(b"PK" + b"x" * 2_000_001, file_size=1_000_000)
    assert error.code == "file_too_large"
    assert error.message == "Ce fichier est trop lourd\u202f: 3 Mo, pour 1 Mo admis."


def test_a_part_that_inflates_beyond_reason_is_a_bomb() -> None:
    content = rewritten(SMALL, SHEET, lambda data: data + b" " * 50_000_000)
    assert len(content) < 100_000
    assert refused(content).code == "compression_bomb"


def test_parts_that_only_together_pass_the_limit_are_a_bomb() -> None:
    noise = random.Random(1).randbytes(400_000).hex().encode()
    content = rewritten(SMALL, SHEET, lambda data: data + b"<!--" + noise + b"-->")
    assert refused(content, inflated_size=500_000).code == "compression_bomb"


def test_a_bomb_that_lies_about_its_size_is_refused() -> None:
    content = bytearray(rewritten(SMALL, SHEET, lambda data: data + b" " * 5_000_000))
    at = content.rindex(b"PK\x01\x02", 0, content.rindex(SHEET.encode()))
    struct.pack_into("<L", content, at + 24, 1_000)
    assert refused(bytes(content)).code == "compression_bomb"


def test_a_long_text_shared_by_many_cells_is_a_bomb() -> None:
    strings = (
        b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>'
        + b"x" * 30_000
        + b"</t></si></sst>"
    )
    cells = b"".join(b'<row r="%d"><c r="A%d" t="s"><v>0</v></c></row>' % (n, n) for n in range(1, 101))
    content = rewritten(sheet_data(cells), "xl/sharedStrings.xml", lambda _: strings)
    assert refused(content, inflated_size=2_000_000).code == "compression_bomb"
    assert refused(content, inflated_size=2_999_999).code == "compression_bomb"
    assert read_workbook(content, Limits(inflated_size=3_000_000)).sheets[0].height == 100


def test_a_value_in_the_last_cell_of_excel_is_refused_without_building_the_rectangle() -> None:
    far = b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    assert refused(sheet_data(far)).code == "too_many_rows"


@pytest.mark.parametrize(
    ("rows", "limits", "code"),
    [
        ([["a"]] * 11, {"rows": 10}, "too_many_rows"),
        ([["a"] * 11], {"columns": 10}, "too_many_columns"),
        ([["a"] * 10] * 10, {"cells": 99}, "too_many_cells"),
    ],
)
def test_the_limits_hold_for_excel_and_for_csv(rows: list[list[str]], limits: dict[str, int], code: str) -> None:
    assert refused(workbook_of(("S", rows)), **limits).code == code
    assert refused("\n".join(";".join([*row, "z"]) for row in rows).encode(), **limits).code == code


def test_merges_fill_only_as_many_cells_as_allowed() -> None:
    rows = b'<row r="1"><c r="A1"><v>1</v></c></row><row r="60"><c r="A60"><v>1</v></c></row>'
    merges = b"".join(b'<mergeCell ref="A1:A59"/>' for _ in range(3))
    crowded = rewritten(
        SMALL,
        SHEET,
        lambda data: (
            data.partition(b"<sheetData>")[0]
            + b"<sheetData>"
            + rows
            + b"</sheetData><mergeCells>"
            + merges
            + b"</mergeCells></worksheet>"
        ),
    )
    assert refused(crowded, cells=60).code == "too_many_cells"  # thrice 58 cells, over a rectangle of 60
    assert len(read_workbook(crowded, Limits(cells=174)).sheets[0].filled) == 58


@pytest.mark.parametrize("part", [SHEET, "xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml"])
def test_a_document_type_is_refused_in_every_part(part: str) -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'

    def declare(data: bytes) -> bytes:
        head, mark, rest = data.partition(b"?>") if data.startswith(b"<?xml") else (b"", b"", data)
        return head + mark + bomb + rest

    assert refused(rewritten(SMALL, part, declare)).code == "forbidden_xml"


def test_a_part_that_comes_twice_is_refused() -> None:
    buffer = io.BytesIO(SMALL)
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(buffer, "a") as container:
        container.writestr(SHEET, "<worksheet/>")
    assert refused(buffer.getvalue()).code == "damaged_workbook"


def test_an_encrypted_zip_is_said_to_have_a_password() -> None:
    content = bytearray(SMALL)
    at = content.rindex(b"PK\x01\x02", 0, content.rindex(SHEET.encode()))
    struct.pack_into("<H", content, at + 8, 1)
    assert refused(bytes(content)).code == "password_protected"


@pytest.mark.parametrize(
    "rows",
    [
        b'<row r="1"><c r="1A"><v>1</v></c></row>',
        b'<row r="0"><c r="A0"><v>1</v></c></row>',
        b'<row r="1"><c r="A1" t="s"><v>999</v></c></row>',
        b'<row r="1"><c r="A1" t="s"><v>x</v></c></row>',
        b'<row r="1"><c r="A1"><v>1</v></row>',
        b'<row r="x"><c r="A1"><v>1</v></c></row>',
        b'<row r="1"><c r="A99999999999999"><v>1</v></c></row>',
    ],
)
def test_nonsense_in_a_sheet_is_damage(rows: bytes) -> None:
    assert refused(sheet_data(rows)).code == "damaged_workbook"


def test_an_endless_tag_is_damage_and_costs_no_time() -> None:
    noise = random.Random(2).randbytes(3_500_000).hex().encode()
    content = rewritten(SMALL, SHEET, lambda data: data.replace(b"<sheetData", b'<sheetData a="' + noise + b'"'))
    assert refused(content).code == "damaged_workbook"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=300), st.sampled_from([b"", b"PK\x03\x04", OLE2, b"a;b\n"]))
def test_no_bytes_make_anything_but_a_refusal(noise: bytes, start: bytes) -> None:
    with contextlib.suppress(WorkbookRefused):
        read_workbook(start + noise)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(SMALL) - 1), st.binary(min_size=1, max_size=8))
def test_no_damage_to_a_zip_makes_anything_but_a_refusal(at: int, noise: bytes) -> None:
    with contextlib.suppress(WorkbookRefused):
        read_workbook(SMALL[:at] + noise + SMALL[at + len(noise) :])


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([SHEET, "xl/workbook.xml", "xl/styles.xml", "xl/_rels/workbook.xml.rels"]), st.data())
def test_no_damage_inside_a_part_makes_anything_but_a_refusal(part: str, data: st.DataObject) -> None:
    def damage(content: bytes) -> bytes:
        at = data.draw(st.integers(0, len(content) - 1))
        return content[:at] + data.draw(st.sampled_from([b"9", b'"', b"<", b"", b"A", b"-1"])) + content[at + 1 :]

    with contextlib.suppress(WorkbookRefused):
        read_workbook(rewritten(SMALL, part, damage))


def all_refusals() -> Iterator[type[WorkbookRefused]]:
    return (kind for kind in vars(refusal).values() if isinstance(kind, type) and issubclass(kind, WorkbookRefused))


FACTS: dict[str, Any] = {
    "format": ".ods",
    "size": 21,
    "limit": 20,
    "sheet": "S",
    "expected": "a",
    "found": "b",
    "row": 3,
}


def test_every_refusal_has_its_own_code_and_sentence_in_good_typography() -> None:
    kinds = list(all_refusals())
    assert len({kind.code for kind in kinds}) == len(kinds)
    for kind in kinds:
        error = kind(**FACTS)
        for text in (error.message, error.advice):
            assert "'" not in text
            assert "{" not in text
            assert not any(sign in text for sign in (" ;", " :", " !", " ?", "« ", " »"))
        assert error.message.endswith(".")
        assert str(error) == error.message
