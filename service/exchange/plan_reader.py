"""Workbook -> rows of a plan and what is wrong with them. What to do with the rows is not here: see
`merge`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from service.exchange.grid import Sheet, Workbook, coordinate
from service.exchange.plan_cells import as_text, blank_content, read_cell
from service.exchange.plan_checks import check_dates, check_funders, check_identities, check_title_length
from service.exchange.plan_columns import (
    ACTION_TITLE,
    AXIS,
    SUB_ACTION_TITLE,
    SUB_AXIS,
    SUB_SUB_AXIS,
    FoundColumn,
)
from service.exchange.plan_layout import Layout, find_layout, is_blank, is_type_row, repeats_headings
from service.exchange.plan_row import CellContent, PlanRow
from service.exchange.problem import Findings, Problem, Severity, Unreadable
from service.exchange.refusal import NoRows
from service.exchange.typography import say

__all__ = ["PlanFile", "PlanRow", "read_plan"]

_TITLES = (ACTION_TITLE, SUB_ACTION_TITLE)
DIGITS = "0123456789"
_LEVELS = (AXIS, SUB_AXIS, SUB_SUB_AXIS)


@dataclass(frozen=True, slots=True)
class PlanFile:
    """What one sheet said. Rows in error are in `rows` too when they have a title: `invalid_rows` has
    their numbers.
    """

    sheet: str
    heading_row: int
    columns: tuple[FoundColumn, ...]
    rows: tuple[PlanRow, ...]
    problems: tuple[Problem, ...]
    invalid_rows: frozenset[int]
    errors: int
    """How many errors in all; `problems` tells the first 2 000 findings."""
    omitted: int
    position: int | None

    @property
    def valid_rows(self) -> tuple[PlanRow, ...]:
        """The rows without an error."""
        return tuple(row for row in self.rows if row.number not in self.invalid_rows)

    @property
    def attribute_labels(self) -> tuple[str, ...]:
        """The attribute columns that the file has, filled or not: what `PlanRow.comparable` wants."""
        return tuple(column.label for column in self.columns if column.kind == "attribute")


def read_plan(workbook: Workbook) -> PlanFile:
    """The plan of a workbook. Raises WrongHeadings when no sheet is a plan and NoRows when nothing is
    under the headings.
    """
    layout = find_layout(workbook)
    reader = _Reader(layout, uses_1904=workbook.uses_1904)
    rows = tuple(reader.rows())
    findings = reader.findings
    if not rows and not findings.errors:
        raise NoRows(sheet=layout.sheet.name)
    check_identities(rows, findings, reader.places)
    return PlanFile(
        layout.sheet.name,
        layout.heading_row,
        layout.columns,
        rows,
        tuple(findings.problems),
        frozenset(findings.invalid_rows),
        findings.errors,
        findings.omitted,
        layout.position,
    )


@dataclass(slots=True)
class Places:
    """Where the columns stand, so that a finding about a field can point at its cell."""

    sheet: Sheet
    by_field: dict[str, FoundColumn] = field(default_factory=dict)

    def problem(
        self, row: int, name: str, code: str, message: str, suggestion: str, severity: Severity = "error"
    ) -> Problem:
        """A problem at the cell of a field, with the value written there."""
        column = self.by_field.get(name)
        if column is None:
            return Problem(self.sheet.name, None, row, None, "", code, message, suggestion, severity)
        value = as_text(self.sheet.value(row, column.position))
        place = coordinate(row, column.position)
        return Problem(self.sheet.name, place, row, column.label, value, code, message, suggestion, severity)


class _Reader:
    """Goes down the table once."""

    def __init__(self, layout: Layout, *, uses_1904: bool) -> None:
        self.layout, self.sheet, self.uses_1904 = layout, layout.sheet, uses_1904
        self.findings = Findings()
        self.places = Places(layout.sheet)
        self.columns = [column for column in layout.columns if not column.repeated]
        for column in self.columns:
            if column.column is not None:
                self.places.by_field[column.column.field] = column
        titled = {column.position for column in layout.columns}
        width = max((len(row) for row in self.sheet.rows), default=0)
        self.untitled = [position for position in range(1, width + 1) if position not in titled]
        self.check_headings()

    def check_headings(self) -> None:
        row = self.layout.heading_row
        for column in self.layout.columns:
            if column.repeated:
                self.find(
                    row,
                    column,
                    "repeated_heading",
                    say(
                        "La colonne « {heading} » existe deux fois.",
                        heading=column.column.heading if column.column else "",
                    ),
                    say("Supprimez ou renommez l'une des deux colonnes."),
                )
        if not self.sheet.visible:
            message = say("La feuille « {name} » est masquée : c'est elle qui est lue.", name=self.sheet.name)
            advice = say("Affichez-la dans Excel pour voir ce que vous importez.")
            self.findings.add(
                Problem(self.sheet.name, None, None, None, "", "hidden_sheet", message, advice, "warning")
            )
        for name in self.layout.other_sheets:
            message = say("La feuille « {name} » ressemble aussi à un plan : elle n'est pas lue.", name=name)
            advice = say("Importez-la séparément, dans un fichier à elle.")
            self.findings.add(Problem(name, None, None, None, "", "other_plan_sheet", message, advice, "warning"))

    def find(self, row: int, column: FoundColumn, code: str, message: str, suggestion: str) -> None:
        place = coordinate(row, column.position)
        value = as_text(self.sheet.value(row, column.position))
        self.findings.add(Problem(self.sheet.name, place, row, column.label, value, code, message, suggestion))

    def rows(self) -> Iterator[PlanRow]:
        for number in range(self.layout.first_row, self.sheet.height + 1):
            if not self.is_data(number):
                continue
            self.remark_untitled(number)
            if (row := self.read_row(number)) is not None:
                yield row

    def remark_untitled(self, number: int) -> None:
        """Content under no heading has no name to be kept by: it is told once for each column, not lost unseen."""
        for position in [column for column in self.untitled if not is_blank(self.sheet.value(number, column))]:
            self.untitled.remove(position)
            place = coordinate(number, position)
            message = say(
                "La colonne {letters} n'a pas de titre : ses cellules ne sont pas lues.", letters=place.rstrip(DIGITS)
            )
            advice = say("Donnez-lui un titre : ce qui n'a pas de colonne à nous est gardé sous ce titre.")
            value = as_text(self.sheet.value(number, position))
            self.findings.add(
                Problem(self.sheet.name, place, number, None, value, "untitled_column", message, advice, "warning")
            )

    def is_data(self, number: int) -> bool:
        """Something of its own under a heading: not only what a merged cell above spreads, not help, not
        the type row, not the headings once more.
        """
        own = (
            (number, column.position) not in self.sheet.filled
            and not is_blank(self.sheet.value(number, column.position))
            for column in self.columns
            if column.kind != "row_id"
        )
        return (any(own) or self.title_is_computed(number)) and not (
            is_type_row(self.sheet, number) or repeats_headings(self.sheet, self.layout.heading_row, number)
        )

    def title_is_computed(self, number: int) -> bool:
        """A formula or an Excel error instead of a title, which may show nothing."""
        place = (number, self.places.by_field[ACTION_TITLE].position)
        return place in self.sheet.formulas or place in self.sheet.faults

    def read_row(self, number: int) -> PlanRow | None:
        contents: dict[str, CellContent] = {}
        labels: dict[str, str] = {}
        attributes: dict[str, str] = {}
        for column in self.columns:
            value = self.sheet.value(number, column.position)
            try:
                self.refuse_formula(number, column)
                content = (
                    blank_content(column) if is_blank(value) else read_cell(value, column, uses_1904=self.uses_1904)
                )
            except Unreadable as error:
                self.find(number, column, error.code, error.message, error.suggestion)
                continue
            if column.kind == "attribute":
                if isinstance(content, str) and content:
                    attributes[column.label] = content
                continue
            name = column.column.field if column.column else column.label
            contents[name] = content
            if content not in (None, ()):
                labels[name] = as_text(value)
        return self.make_row(number, contents, labels, attributes)

    def refuse_formula(self, number: int, column: FoundColumn) -> None:
        """A formula's value depends on other cells, perhaps of other files: only values are imported."""
        place = (number, column.position)
        if formula := self.sheet.formulas.get(place):
            raise Unreadable(
                "formula",
                say(
                    "La cellule {cell} contient une formule : « {formula} ».",
                    cell=coordinate(*place),
                    formula=formula[:80],
                ),
                say("Copiez la cellule, puis collez-la à la même place en « valeurs seules »."),
            )
        if fault := self.sheet.faults.get(place):
            raise Unreadable(
                "excel_error",
                say("Cette cellule affiche l'erreur d'Excel « {fault} ».", fault=fault),
                say("Remplacez-la par la valeur voulue, ou videz-la."),
            )

    def make_row(
        self,
        number: int,
        contents: dict[str, CellContent],
        labels: dict[str, str],
        attributes: dict[str, str],
    ) -> PlanRow | None:
        action, sub_action = (contents.pop(name, None) for name in _TITLES)
        row_id = contents.pop("row_id", None)
        if not action or not isinstance(action, str):
            self.refuse_untitled(number, sub_action, contents, attributes)
            return None
        row = PlanRow(
            action,
            sub_action if isinstance(sub_action, str) else None,
            contents,
            attributes,
            row_id if isinstance(row_id, str) else None,
            self.sheet.name,
            number,
            labels,
        )
        check_title_length(row, self.findings, self.places)
        check_dates(row, self.findings, self.places)
        check_funders(row, self.findings, self.places)
        return row

    def refuse_untitled(
        self,
        number: int,
        sub_action: CellContent,
        contents: dict[str, CellContent],
        attributes: dict[str, str],
    ) -> None:
        if number in self.findings.invalid_rows and self.title_is_faulty(number):
            return  # the title is there and its own problem is told
        if sub_action:
            self.findings.add(
                self.places.problem(
                    number,
                    SUB_ACTION_TITLE,
                    "sub_action_without_parent",
                    say("Cette sous-action n'a pas d'action : le titre de l'action manque sur la ligne."),
                    say("Écrivez le titre de l'action sur la ligne de chacune de ses sous-actions."),
                )
            )
            return
        filled = {name for name, content in contents.items() if content not in (None, ())}
        only_levels = filled <= set(_LEVELS) and not attributes and number not in self.findings.invalid_rows
        self.findings.add(
            self.places.problem(
                number,
                ACTION_TITLE,
                "levels_only" if only_levels else "title_missing",
                say("Cette ligne ne contient qu'un axe, sans action : elle n'est pas importée.")
                if only_levels
                else say("Il manque le titre de l'action."),
                say("Écrivez le titre de l'action, ou supprimez la ligne."),
                "warning" if only_levels else "error",
            )
        )

    def title_is_faulty(self, number: int) -> bool:
        value = self.sheet.value(number, self.places.by_field[ACTION_TITLE].position)
        return not is_blank(value) or self.title_is_computed(number)
