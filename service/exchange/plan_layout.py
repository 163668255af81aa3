"""Where the table of a plan stands in a workbook: its sheet, its heading row, its columns, and the rows
that only explain it.
"""

import re
from dataclasses import dataclass

from service.domain.legible import is_seen
from service.exchange.grid import CellValue, Sheet, Workbook
from service.exchange.plan_columns import REQUIRED, ROW_ID, FoundColumn, recognise
from service.exchange.problem import shown
from service.exchange.refusal import EmptyWorkbook, WrongHeadings
from service.exchange.wording import fold

HEADING_ROWS_SEARCHED = 30
POSITION_MARK = "position"
_POSITION = re.compile(rf"{POSITION_MARK} (\d{{1,18}})")
_TYPE_WORD = re.compile(r"champ (texte|numerique|date|binaire|liste|libre|identifiant)\b")
_LONE_TYPE_WORD = "donnees"
_HELP_OPENINGS = (
    "si vos axes sont numerotes",
    "si vos sous",
    "texte court de",
    "presentez en quelques",
    "reseignez ici",
    "renseignez ici",
    "utilisez exactement",
    "plusieurs services peuvent",
    "creez sous la forme",
    "choisissez l option",
    "saisissez ",
    "indiquer si l action",
    "indiquez si l action",
)
_BLANK_OPENINGS = ("ce champ ne sera pas", "ces informations devront etre saisies")
_BLANK_START = re.compile("(?:ce|Ce|CE|ces|Ces|CES) ")
_COMPARED = 80


@dataclass(frozen=True, slots=True)
class Layout:
    """A plan's table. `position` is the place in the log that our export was made at, when the file is
    one.
    """

    sheet: Sheet
    heading_row: int
    first_row: int
    columns: tuple[FoundColumn, ...]
    position: int | None
    other_sheets: tuple[str, ...] = ()
    """Visible sheets that look like plans too and are not read."""


def find_layout(workbook: Workbook) -> Layout:
    """The sheet that has the most of our headings, the visible ones first. Raises WrongHeadings."""
    candidates = []
    for index, sheet in enumerate(workbook.sheets):
        if (best := _best_heading_row(sheet)) is not None:
            score, number, columns = best
            candidates.append((sheet.visible, score, -index, sheet, number, columns))
    if not candidates:
        raise _wrong_headings(workbook)
    candidates.sort(key=lambda candidate: candidate[:3], reverse=True)
    *_, sheet, number, columns = candidates[0]
    others = tuple(candidate[3].name for candidate in candidates[1:] if candidate[0])
    return Layout(sheet, number, _first_row(sheet, number), columns, _position(sheet, number, columns), others)


def is_blank(value: CellValue) -> bool:
    """Nothing, nothing that can be seen, or one of the template's « ce champ ne sera pas intégré… »."""
    if value is None:
        return True
    if not isinstance(value, str):
        return False
    if not is_seen(value):
        return True
    stripped = value.lstrip()
    return bool(_BLANK_START.match(stripped)) and fold(stripped[:_COMPARED]).startswith(_BLANK_OPENINGS)


def is_type_row(sheet: Sheet, row: int) -> bool:
    """« Champ texte », « Champ date »…: three such words or more, and mostly such words, wherever the row
    was sorted to.
    """
    written = [cell.value for cell in sheet.own_cells(row)]
    typed = sum(isinstance(value, str) and bool(_TYPE_WORD.match(fold(value[:_COMPARED]))) for value in written)
    return typed >= 3 and typed * 2 >= len(written)


def repeats_headings(sheet: Sheet, heading_row: int, row: int) -> bool:
    """The headings once more, as long tables print them on every page: two cells or more, each under its own like."""
    written = 0
    for cell in sheet.own_cells(row):
        heading = sheet.value(heading_row, cell.column)
        if not (isinstance(cell.value, str) and isinstance(heading, str) and fold(cell.value) == fold(heading)):
            return False
        written += 1
    return written >= 2


def _best_heading_row(sheet: Sheet) -> tuple[int, int, tuple[FoundColumn, ...]] | None:
    best: tuple[int, int, tuple[FoundColumn, ...]] | None = None
    for number in range(1, min(sheet.height, HEADING_ROWS_SEARCHED) + 1):
        columns = _headings(sheet, number)
        known = {column.column.field for column in columns if column.column is not None}
        if len(known) < 2 or not all(column.field in known for column in REQUIRED):
            continue
        if best is None or len(known) > best[0]:
            best = len(known), number, columns
    return best


def _headings(sheet: Sheet, row: int) -> tuple[FoundColumn, ...]:
    texts = ((cell.column, cell.value) for cell in sheet.cells(row))
    return recognise((column, text) for column, text in texts if isinstance(text, str) and text.strip())


def _first_row(sheet: Sheet, heading_row: int) -> int:
    """The row under the heading, past one type row and one help row."""
    number = heading_row + 1
    while number <= sheet.height and not any(True for _ in sheet.own_cells(number)):
        number += 1
    if number <= sheet.height and (is_type_row(sheet, number) or _is_lone_type_word(sheet, number)):
        number += 1
    if number <= sheet.height and _is_help_row(sheet, number):
        number += 1
    return number


def _is_lone_type_word(sheet: Sheet, row: int) -> bool:
    written = [cell.value for cell in sheet.own_cells(row)]
    if len(written) != 1 or not isinstance(written[0], str):
        return False
    word = fold(written[0][:_COMPARED])
    return word == _LONE_TYPE_WORD or bool(_TYPE_WORD.match(word))


def _is_help_row(sheet: Sheet, row: int) -> bool:
    """At least two help texts of the template, and mostly help texts."""
    written = [cell.value for cell in sheet.own_cells(row)]
    helps = sum(
        isinstance(value, str) and fold(value[:_COMPARED]).startswith(_HELP_OPENINGS + _BLANK_OPENINGS)
        for value in written
    )
    return helps >= 2 and helps * 2 >= len(written)


def _position(sheet: Sheet, heading_row: int, columns: tuple[FoundColumn, ...]) -> int | None:
    for column in columns:
        if column.kind == ROW_ID:
            for row in range(1, heading_row):
                value = sheet.value(row, column.position)
                if isinstance(value, str) and (match := _POSITION.fullmatch(value.strip())):
                    return int(match[1])
    return None


def _wrong_headings(workbook: Workbook) -> WrongHeadings | EmptyWorkbook:
    """Tell what the most promising row of the file holds: the visible row with the most texts near the
    top.
    """
    rows = [
        (
            sheet.visible,
            sum(isinstance(cell.value, str) for cell in sheet.cells(number)),
            -index,
            sheet,
            number,
        )
        for index, sheet in enumerate(workbook.sheets)
        for number in range(1, min(sheet.height, HEADING_ROWS_SEARCHED) + 1)
    ]
    if not rows:
        return EmptyWorkbook()
    *_, sheet, number = max(rows, key=lambda row: row[:3])
    texts = [shown(cell.value) for cell in sheet.cells(number) if isinstance(cell.value, str)]
    found = ", ".join(texts[:10]) + (", …" if len(texts) > 10 else "")
    expected = [column.heading for column in REQUIRED]
    return WrongHeadings(
        expected=", ".join(f"«\u202f{heading}\u202f»" for heading in expected)
        + " et au moins une autre colonne du modèle",
        found=found or "aucun texte",
        sheet=sheet.name,
        row=number,
        headings=tuple(texts),
    )
