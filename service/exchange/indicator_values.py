"""Values of indicators in PILOTE's template: one row per indicator, territory, date and type of value; read
and written.

Which indicator or territory an identifier names is not known here.
"""

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

import xlsxwriter

from service.exchange.amounts import read_decimal
from service.exchange.dates import read_date
from service.exchange.grid import Place, Sheet, Workbook, coordinate
from service.exchange.plan_cells import as_text, clean_text
from service.exchange.problem import Findings, Problem, Unreadable, shown
from service.exchange.refusal import NoRows, WrongHeadings
from service.exchange.typography import say
from service.exchange.wording import fold, identity

ValueKind = Literal["baseline", "measure", "target"]
HEADINGS = ("identifiant_indic", "zone_id", "zone_nom", "date_valeur", "type_valeur", "valeur")
REQUIRED = ("identifiant_indic", "date_valeur", "type_valeur", "valeur")
KINDS: dict[str, ValueKind] = {"vi": "baseline", "va": "measure", "vc": "target"}
CODES = {kind: code for code, kind in KINDS.items()}
SHEET_NAME = "Feuil1"
_HEADING_ROWS_SEARCHED = 10
_POSITION = re.compile(r"position (\d{1,18})")
"""The heading of the hidden last column of our export: the place in the log that it was made at."""


@dataclass(frozen=True, slots=True)
class IndicatorValue:
    """A value of an indicator on a day. `value` None withdraws the recorded one: PILOTE's rule for an
    empty cell.
    """

    indicator: str
    valued_on: date
    kind: ValueKind
    value: Decimal | None
    zone_id: str | None = None
    zone_name: str | None = None
    sheet: str = ""
    number: int = 0

    @property
    def key(self) -> tuple[str, str, date, ValueKind]:
        """What makes two rows speak of the same value."""
        return identity(self.indicator), identity(self.zone_id or ""), self.valued_on, self.kind


@dataclass(frozen=True, slots=True)
class IndicatorValuesFile:
    """What one sheet said; a row in error is not in `rows` but in `invalid_rows`."""

    sheet: str
    rows: tuple[IndicatorValue, ...]
    problems: tuple[Problem, ...]
    invalid_rows: frozenset[int]
    errors: int
    omitted: int
    position: int | None = None
    """The place in the log that our export was made at, when the file is one."""
    columns: Mapping[str, int] = field(default_factory=dict)
    """Heading -> column, from 1."""

    def problem(self, row: IndicatorValue, heading: str, code: str, message: str, suggestion: str) -> Problem:
        """Something wrong with a row that the file alone does not show, at its cell."""
        said = {"identifiant_indic": row.indicator, "zone_id": row.zone_id, "date_valeur": row.valued_on}
        value = said.get(heading, row.value)
        cell = coordinate(row.number, self.columns[heading])
        shown_value = "" if value is None else str(value)
        return Problem(self.sheet, cell, row.number, heading, shown_value, code, message, suggestion)


def read_indicator_values(workbook: Workbook) -> IndicatorValuesFile:
    """The values of a workbook or CSV in PILOTE's template, whatever the order of its columns.

    Raises WrongHeadings when no sheet has the columns and NoRows when nothing is under them.
    """
    sheet, heading_row, positions = _find_table(workbook)
    reader = _Reader(sheet, positions, uses_1904=workbook.uses_1904)
    rows: list[IndicatorValue] = []
    first_rows: dict[tuple[str, str, date, ValueKind], int] = {}
    for number in range(heading_row + 1, sheet.height + 1):
        if not reader.is_filled(number) or (row := reader.read(number)) is None:
            continue
        first = first_rows.setdefault(row.key, number)
        if first != number:
            message = say("La même valeur (indicateur, zone, date et type) est déjà à la ligne {first}.", first=first)
            advice = say("Gardez une seule des lignes {first} et {second}.", first=first, second=number)
            reader.find(number, "valeur", "duplicate_row", message, advice)
        else:
            rows.append(row)
    findings = reader.findings
    if not rows and not findings.errors:
        raise NoRows(sheet=sheet.name)
    return IndicatorValuesFile(
        sheet.name,
        tuple(rows),
        tuple(findings.problems),
        frozenset(findings.invalid_rows),
        findings.errors,
        findings.omitted,
        _position(sheet, heading_row),
        positions,
    )


def write_indicator_values(rows: Sequence[IndicatorValue], *, position: int | None = None) -> bytes:
    """The rows as PILOTE's template, dates as aaaa-mm-jj, texts always as texts; a hidden heading keeps `position`."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        book.set_properties({"created": datetime(2000, 1, 1)})
        sheet = book.add_worksheet(SHEET_NAME)
        bold = book.add_format({"bold": True})
        text = book.add_format({"quote_prefix": True})
        for index, heading in enumerate(HEADINGS):
            sheet.set_column(index, index, 22)
            sheet.write_string(0, index, heading, bold)
        for number, row in enumerate(rows, start=1):
            texts = (row.indicator, row.zone_id, row.zone_name, row.valued_on.isoformat(), CODES[row.kind])
            for index, content in enumerate(texts):
                if content:
                    sheet.write_string(number, index, content, text)
            if row.value is not None:
                sheet.write_number(number, 5, float(row.value))
        if position is not None:
            sheet.set_column(len(HEADINGS), len(HEADINGS), 22, None, {"hidden": True})
            sheet.write_string(0, len(HEADINGS), f"position {position}", bold)
        sheet.freeze_panes(1, 0)
    return buffer.getvalue()


def _find_table(workbook: Workbook) -> tuple[Sheet, int, dict[str, int]]:
    nearest: tuple[int, str, list[str]] = (-1, "", [])
    wanted = {fold(heading): heading for heading in HEADINGS}
    for sheet in sorted(workbook.sheets, key=lambda sheet: not sheet.visible):
        for number in range(1, min(sheet.height, _HEADING_ROWS_SEARCHED) + 1):
            texts = [(cell.column, cell.value) for cell in sheet.cells(number) if isinstance(cell.value, str)]
            positions: dict[str, int] = {}
            for column, text in texts:
                if heading := wanted.get(fold(text[:100])):
                    positions.setdefault(heading, column)
            if all(heading in positions for heading in REQUIRED):
                return sheet, number, positions
            if len(positions) * 1000 + len(texts) > nearest[0]:
                nearest = len(positions) * 1000 + len(texts), sheet.name, [shown(text) for _, text in texts]
    _, name, found = nearest
    raise WrongHeadings(
        expected=", ".join(REQUIRED),
        found=", ".join(found[:10]) or "aucun texte",
        sheet=name,
        headings=tuple(found),
    )


def _position(sheet: Sheet, heading_row: int) -> int | None:
    for cell in sheet.cells(heading_row):
        if isinstance(cell.value, str) and (match := _POSITION.fullmatch(cell.value.strip())):
            return int(match[1])
    return None


class _Reader:
    """Reads one row at a time and keeps the findings."""

    def __init__(self, sheet: Sheet, positions: dict[str, int], *, uses_1904: bool) -> None:
        self.sheet, self.positions, self.uses_1904 = sheet, positions, uses_1904
        self.findings = Findings()

    def is_filled(self, number: int) -> bool:
        places: Iterable[Place] = [(number, column) for column in self.positions.values()]
        return any(
            place in self.sheet.formulas or as_text(self.sheet.value(*place)).strip()
            for place in places
            if place not in self.sheet.filled
        )

    def find(self, row: int, heading: str, code: str, message: str, suggestion: str) -> None:
        column = self.positions[heading]
        value = as_text(self.sheet.value(row, column))
        self.findings.add(
            Problem(self.sheet.name, coordinate(row, column), row, heading, value, code, message, suggestion)
        )

    def read(self, number: int) -> IndicatorValue | None:
        errors = self.findings.errors
        indicator = self.text(number, "identifiant_indic", required=True)
        zone_id = self.text(number, "zone_id")
        zone_name = self.text(number, "zone_nom")
        valued_on = self.day(number)
        kind = self.kind(number)
        value = self.number(number)
        if errors != self.findings.errors or indicator is None or valued_on is None or kind is None:
            return None
        return IndicatorValue(indicator, valued_on, kind, value, zone_id, zone_name, self.sheet.name, number)

    def text(self, number: int, heading: str, *, required: bool = False) -> str | None:
        column = self.positions.get(heading)
        if column is None:
            return None
        try:
            self.refuse_formula(number, column)
            text = clean_text(as_text(self.sheet.value(number, column)))
        except Unreadable as error:
            self.find(number, heading, error.code, error.message, error.suggestion)
            return None
        if text:
            return text
        if required:
            message = say("Il manque une valeur dans la colonne « {heading} ».", heading=heading)
            self.find(
                number,
                heading,
                "missing_value",
                message,
                say("Remplissez la cellule, ou supprimez la ligne."),
            )
        return None

    def day(self, number: int) -> date | None:
        value = self.sheet.value(number, self.positions["date_valeur"])
        if self.text(number, "date_valeur", required=True) is None:
            return None
        try:
            return read_date(value, uses_1904=self.uses_1904)
        except Unreadable as error:
            self.find(number, "date_valeur", error.code, error.message, error.suggestion)
            return None

    def kind(self, number: int) -> ValueKind | None:
        text = self.text(number, "type_valeur", required=True)
        if text is None:
            return None
        if (kind := KINDS.get(fold(text))) is None:
            self.find(
                number,
                "type_valeur",
                "unknown_choice",
                say("Ce type de valeur n'est pas connu."),
                say("Écrivez vi (valeur initiale), va (valeur actuelle) ou vc (valeur cible)."),
            )
        return kind

    def number(self, number: int) -> Decimal | None:
        """Blank is allowed and withdraws the recorded value."""
        if self.text(number, "valeur") is None:
            return None
        try:
            return read_decimal(self.sheet.value(number, self.positions["valeur"]))
        except Unreadable as error:
            self.find(number, "valeur", error.code, error.message, error.suggestion)
            return None

    def refuse_formula(self, number: int, column: int) -> None:
        place = (number, column)
        written = self.sheet.formulas.get(place) or self.sheet.faults.get(place)
        if written:
            raise Unreadable(
                "formula",
                say(
                    "La cellule {cell} contient une formule : « {formula} ».",
                    cell=coordinate(*place),
                    formula=shown(written),
                ),
                say("Copiez la cellule, puis collez-la à la même place en « valeurs seules »."),
            )
