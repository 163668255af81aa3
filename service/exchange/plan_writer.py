"""Rows of a plan -> a workbook of the same format as the ones we read, which a re-import can merge.

The last column is hidden: it carries each row's id, and above its heading the position in the log that the
export shows.
"""

import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias

import xlsxwriter

from service.domain.words import french
from service.exchange.grid import column_letters
from service.exchange.limits import DEFAULT_LIMITS
from service.exchange.plan_columns import (
    ACTION_TITLE,
    ATTRIBUTE_HEADINGS,
    ID_COLUMN,
    PLAN_COLUMNS,
    ROW_ID,
    SUB_ACTION_TITLE,
    Column,
    Kind,
)
from service.exchange.plan_guide import GUIDE
from service.exchange.plan_layout import POSITION_MARK
from service.exchange.plan_row import CellContent, ExportRow
from service.exchange.wording import as_one_name

Sheet: TypeAlias = xlsxwriter.worksheet.Worksheet
Style: TypeAlias = xlsxwriter.format.Format

GUIDE_SHEET = french("Mode d'emploi")
PLAN_SHEET = french("Fichier d'import")
LISTS_SHEET = "Listes déroulantes"
FIRST_DATA_ROW = 3
"""From 0, as XlsxWriter counts: after the group row, the headings and the type row."""
_SPARE_ROWS = 200
_TYPES: dict[Kind, str] = {
    "text": "Champ texte",
    "attribute": "Champ texte",
    "people": "Champ texte\n(séparateur virgule)",
    "money": "Champ numérique",
    "date": "Champ date",
    "boolean": "Champ binaire\n(VRAI ou FAUX)",
    "choice": "Champ liste déroulante\n(choix prédéfinis)",
    "row_id": "Champ identifiant",
}
_INJECTION = ("=", "+", "-", "@", "\t", "\r")


class CellTooLongToExport(ValueError):
    """A text that Excel cannot hold in one cell: the export would silently lose its end."""


def write_plan(rows: Sequence[ExportRow], *, title: str, position: int) -> bytes:
    """The workbook of a plan as it was at a position of the log.

    Texts are always written as texts, whatever sign they begin with. Raises CellTooLongToExport above 32 767
    characters and ValueError on a cell whose field is no column of the format.
    """
    buffer = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(buffer, options) as book:
        book.set_properties({"title": title, "created": datetime(2000, 1, 1)})
        _PlanWriter(book, rows, title, position).write()
    return buffer.getvalue()


class _PlanWriter:
    """The three sheets of the workbook and the formats that they share."""

    def __init__(self, book: xlsxwriter.Workbook, rows: Sequence[ExportRow], title: str, position: int) -> None:
        self.book, self.rows, self.title, self.position = book, rows, title, position
        self.columns = (*PLAN_COLUMNS, *_other_attributes(rows), ID_COLUMN)
        self.text = book.add_format({"text_wrap": True, "valign": "top"})
        self.quoted = book.add_format({"text_wrap": True, "valign": "top", "quote_prefix": True})
        self.date = book.add_format({"num_format": "dd/mm/yyyy", "valign": "top"})
        self.money = book.add_format({"num_format": "#,##0.00", "valign": "top"})
        self.heading = book.add_format(
            {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#DDE4F5", "border": 1}
        )
        self.group = book.add_format({"bold": True, "font_color": "#FFFFFF", "bg_color": "#000091"})
        self.hint = book.add_format({"italic": True, "text_wrap": True, "valign": "top", "font_color": "#666666"})

    def write(self) -> None:
        guide, plan, lists = (self.book.add_worksheet(name) for name in (GUIDE_SHEET, PLAN_SHEET, LISTS_SHEET))
        self.write_guide(guide)
        self.write_headings(plan)
        for number, row in enumerate(self.rows, start=FIRST_DATA_ROW):
            self.write_row(plan, number, row)
        self.write_lists(lists, plan)
        last = max(FIRST_DATA_ROW, FIRST_DATA_ROW + len(self.rows) - 1)
        plan.autofilter(
            FIRST_DATA_ROW - 1, 0, last, len(self.columns) - 1
        )  # below the type row, or sorting would move it
        plan.freeze_panes(FIRST_DATA_ROW, 0)
        plan.activate()
        lists.hide()

    def write_guide(self, sheet: Sheet) -> None:
        sheet.set_column(0, 0, 2)
        sheet.set_column(1, 1, 110)
        self.write_text(sheet, 0, 1, self.title, self.book.add_format({"bold": True, "font_size": 16}))
        for number, line in enumerate(GUIDE, start=2):
            self.write_text(sheet, number, 1, french(line), self.text)

    def write_headings(self, sheet: Sheet) -> None:
        group = None
        for index, column in enumerate(self.columns):
            sheet.set_column(index, index, column.width, None, {"hidden": column.kind == ROW_ID})
            sheet.write_string(1, index, column.heading, self.heading)
            sheet.write_string(2, index, _TYPES[column.kind], self.hint)
            label = column.group if column.group != group else ""
            group = column.group
            if label:
                sheet.write_string(0, index, french(label), self.group)
            else:
                sheet.write_blank(0, index, None, self.group)
        sheet.write_string(0, len(self.columns) - 1, f"{POSITION_MARK} {self.position}", self.group)
        sheet.set_row(2, 45)

    def write_row(self, sheet: Sheet, number: int, row: ExportRow) -> None:
        contents: dict[str, CellContent] = {
            **row.cells,
            ACTION_TITLE: row.action,
            SUB_ACTION_TITLE: row.sub_action,
            ROW_ID: row.row_id,
        }
        attributes = dict(row.attributes)
        for index, column in enumerate(self.columns):
            content = contents.pop(column.field, None)
            if column.kind == "attribute":
                content = attributes.get(column.heading)
            self.write_cell(sheet, number, index, content)
        if contents:
            raise ValueError(f"no column of the plan format for {sorted(contents)}")

    def write_cell(self, sheet: Sheet, row: int, index: int, content: CellContent) -> None:
        if isinstance(content, bool):
            sheet.write_boolean(row, index, content, self.text)
        elif isinstance(content, Decimal):
            sheet.write_number(row, index, float(content), self.money if content % 1 else self.text)
        elif isinstance(content, date):
            sheet.write_datetime(row, index, datetime(content.year, content.month, content.day), self.date)
        elif isinstance(content, tuple):
            self.write_text(sheet, row, index, ", ".join(map(as_one_name, content)), self.text)
        elif content is not None:
            self.write_text(sheet, row, index, content, self.text)

    def write_text(self, sheet: Sheet, row: int, index: int, text: str, style: Style) -> None:
        if len(text) > DEFAULT_LIMITS.cell_length:
            raise CellTooLongToExport(f"{len(text)} characters in row {row + 1}")
        if text:
            sheet.write_string(row, index, text, self.quoted if text.startswith(_INJECTION) else style)

    def write_lists(self, lists: Sheet, plan: Sheet) -> None:
        last = FIRST_DATA_ROW + len(self.rows) + _SPARE_ROWS
        number = 0
        for index, column in enumerate(self.columns):
            if not column.listed:
                continue
            lists.set_column(number, number, 32)
            lists.write_string(0, number, column.heading, self.heading)
            lists.write_column(1, number, column.listed)
            letters = column_letters(number + 1)
            source = f"='{LISTS_SHEET}'!${letters}$2:${letters}${len(column.listed) + 1}"
            plan.data_validation(
                FIRST_DATA_ROW,
                index,
                last,
                index,
                {"validate": "list", "source": source, "error_type": "warning"},
            )
            number += 1


def _other_attributes(rows: Iterable[ExportRow]) -> tuple[Column, ...]:
    """The attributes that the format has no column for, in the order of their first appearance."""
    labels = dict.fromkeys(label for row in rows for label in row.attributes if label not in ATTRIBUTE_HEADINGS)
    return tuple(Column(f"attribute:{label}", label, "attribute", "Autres informations") for label in labels)
