"""Why a whole file or import is refused: refusals with stable codes, one per reason of `exchange.refusal`."""

from collections.abc import Mapping
from typing import Any

from service.domain.refusal import Conflict, Invalid, Language
from service.domain.words import french
from service.exchange import refusal as files
from service.exchange.refusal import WorkbookRefused
from service.exchange.report import Report
from service.exchange.typography import say


class FileRefused(Invalid):
    """This file cannot be imported."""

    FR = "Ce fichier ne peut pas être importé."

    def sentence(self, language: Language, facts: Mapping[str, Any]) -> str:
        """What the file says — the name of a sheet, its headings — is no wire word: it is repeated as it stands."""
        if language == "fr":
            return say(self.FR, **facts)
        return " ".join((type(self).__doc__ or "").split()).format_map(facts)


class RowsInError(Invalid):
    """Nothing was imported (rows in error: {invalid}), see `errors`. Correct them, or import the valid rows only."""

    FR = (
        "Rien n’a été importé (lignes en erreur\u202f: {invalid}), voir `errors`. "
        "Corrigez-les, ou importez seulement les lignes valables."
    )

    def __init__(self, *, report: Report, **facts: Any) -> None:
        super().__init__(**facts, invalid=report.invalid)
        self.report = report


class ImportInProgress(Conflict):
    """Another import is being applied to this transformation: try again when it has ended."""

    FR = "Un autre import est en cours dans cette transformation\u202f: recommencez quand il sera terminé."

    retry_after = 5


ENGLISH: dict[type[WorkbookRefused], str] = {
    files.NotAWorkbook: "This file is neither an Excel workbook (.xlsx) nor a CSV file.",
    files.OldExcelFormat: "This workbook has the old Excel format (.xls, before 2007): save it as .xlsx.",
    files.OtherSpreadsheet: "This workbook has the format {format}, which is not read: save it as .xlsx.",
    files.PasswordProtected: "This workbook is protected by a password: it is encrypted and cannot be read.",
    files.EmptyWorkbook: "This file is empty: no cell of it is filled.",
    files.FileTooLarge: "This file is too large: {size} MB, at most {limit} MB are taken.",
    files.CompressionBomb: "This workbook is compressed abnormally: opened, it would exceed {limit} MB.",
    files.TooManyRows: "The sheet {sheet} has too many rows: the limit is {limit}.",
    files.TooManyColumns: "The sheet {sheet} has too many columns: the limit is {limit}.",
    files.TooManyCells: "This workbook has too many cells: the limit is {limit}, all sheets together.",
    files.ForbiddenXml: "This workbook holds a declaration (DOCTYPE) that no spreadsheet writes.",
    files.UnclosedQuote: "Row {row} of this CSV file opens a straight quote that nothing closes.",
    files.DamagedWorkbook: "This workbook is damaged: its content cannot be read.",
    files.WrongHeadings: "No sheet has the expected headings. Expected: {expected}. Found on sheet {sheet}: {found}.",
    files.NoRows: "The sheet {sheet} has the right headings and no row to import.",
}

REFUSALS: dict[type[WorkbookRefused], type[FileRefused]] = {
    kind: type(
        kind.__name__,
        (FileRefused,),
        {
            "__doc__": english,
            "__module__": __name__,
            "FR": french(" ".join((kind.__doc__ or "").split()) + " " + kind.suggestion).strip(),
        },
    )
    for kind, english in ENGLISH.items()
}
"""The refusal of each reason; its code is the name in kebab case: `wrong-headings`."""

FileTooLarge = REFUSALS[files.FileTooLarge]
WrongHeadings = REFUSALS[files.WrongHeadings]


def refusal_of(problem: WorkbookRefused) -> FileRefused:
    """The refusal of a file that cannot be read, with the facts of its sentence."""
    facts: dict[str, Any] = {name: _plain(value) for name, value in problem.facts.items()}
    return REFUSALS[type(problem)](**facts)


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
