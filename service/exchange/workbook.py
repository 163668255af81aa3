"""Bytes -> Workbook. The format is told by the content; whatever is wrong with the file is a WorkbookRefused.

What the columns mean is not here: `plan_reader` and `indicator_values` know it.
"""

from python_calamine import CalamineSheet, CalamineWorkbook, SheetVisibleEnum

from service.exchange.archive import Archive, open_archive
from service.exchange.delimited import read_delimited
from service.exchange.grid import Cell, CellValue, Place, Sheet, Workbook
from service.exchange.limits import DEFAULT_LIMITS, MEGABYTE, Limits
from service.exchange.refusal import (
    DamagedWorkbook,
    EmptyWorkbook,
    FileTooLarge,
    NotAWorkbook,
    OldExcelFormat,
    PasswordProtected,
    TooManyCells,
    WorkbookRefused,
)
from service.exchange.sheet_scan import SheetScan

__all__ = ["Cell", "Limits", "Sheet", "Workbook", "WorkbookRefused", "read_workbook"]

_OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def read_workbook(content: bytes, limits: Limits = DEFAULT_LIMITS) -> Workbook:
    """Read an .xlsx or a CSV file. Raises a subclass of WorkbookRefused, and nothing else, when it cannot."""
    if not content.strip(b"\x00 \t\r\n"):
        raise EmptyWorkbook
    if len(content) > limits.file_size:
        raise FileTooLarge(size=-(-len(content) // MEGABYTE), limit=limits.file_size // MEGABYTE)
    if content.startswith(_OLE2):
        raise _ole2_refusal(content)
    if content.startswith(b"PK"):
        workbook = _read_xlsx(content, limits)
    else:
        workbook = Workbook((read_delimited(content, limits),), "csv")
    if all(value is None for sheet in workbook.sheets for row in sheet.rows for value in row):
        raise EmptyWorkbook
    return workbook


def _ole2_refusal(content: bytes) -> WorkbookRefused:
    """Old Office files and encrypted new ones share a container; the names of its streams tell them apart."""
    if "EncryptedPackage".encode("utf-16-le") in content:
        return PasswordProtected()
    if "Workbook".encode("utf-16-le") in content or "Book\0".encode("utf-16-le") in content:
        return OldExcelFormat()
    return NotAWorkbook()


def _read_xlsx(content: bytes, limits: Limits) -> Workbook:
    archive = open_archive(content, limits)
    try:
        sheets = _read_sheets(archive, limits)
    except (WorkbookRefused, KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:  # the Rust reader panics with a BaseException of its own
        raise DamagedWorkbook from error
    return Workbook(sheets, "xlsx", archive.uses_1904)


def _read_sheets(archive: Archive, limits: Limits) -> tuple[Sheet, ...]:
    book = CalamineWorkbook.from_filelike(archive.copy)
    if [entry.name for entry in book.sheets_metadata] != [name for name, _ in archive.scans]:
        raise DamagedWorkbook  # what was scanned must be what is read
    sheets = []
    for index, (entry, (name, scan)) in enumerate(zip(book.sheets_metadata, archive.scans, strict=True)):
        if scan is None:
            continue
        rows = _read_rows(book.get_sheet_by_index(index))
        filled = _fill_down(rows, scan, limits)
        sheets.append(
            Sheet(
                name,
                tuple(map(tuple, rows)),
                visible=entry.visible == SheetVisibleEnum.Visible,
                formulas=scan.formulas,
                faults=scan.faults,
                filled=frozenset(filled),
            )
        )
    return tuple(sheets)


def _read_rows(sheet: CalamineSheet) -> list[list[CellValue]]:
    """The rows from the first of the sheet, without the blanks at their right. The library starts at the
    first used column.
    """
    if sheet.start is None:
        return []
    margin: list[CellValue] = [None] * sheet.start[1]
    rows: list[list[CellValue]] = []
    for record in sheet.iter_rows():
        last = len(record)
        while last and record[last - 1] == "":
            last -= 1
        if not last:
            rows.append([])
            continue
        rows.append(margin + [_clean(value) for value in record[:last]])
    return rows


def _clean(value: CellValue) -> CellValue:
    if isinstance(value, str):
        if "\r" in value:
            value = value.replace("\r\n", "\n").replace("\r", "\n")
        return value or None
    return value


def _fill_down(rows: list[list[CellValue]], scan: SheetScan, limits: Limits) -> set[Place]:
    """Give the value of a merged range to the rows below it, in its first column only: a wide title is not
    several.
    """
    filled: set[Place] = set()
    visited = 0
    for (top, left), (bottom, _) in scan.merges:
        bottom = min(bottom, len(rows))
        if not (top < bottom and left <= len(rows[top - 1])) or rows[top - 1][left - 1] is None:
            continue
        visited += bottom - top
        if visited > limits.cells:  # ranges that overlap are no spreadsheet's work
            raise TooManyCells(limit=limits.cells)
        value = rows[top - 1][left - 1]
        for number in range(top + 1, bottom + 1):
            row = rows[number - 1]
            if len(row) >= left and row[left - 1] is not None:
                continue
            row.extend([None] * (left - len(row)))
            row[left - 1] = value
            filled.add((number, left))
    return filled
