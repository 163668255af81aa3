"""Workbooks as people make them, written by another library than the one the service writes with."""

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence

import openpyxl

from service.exchange.plan_reader import PlanFile, read_plan
from service.exchange.workbook import read_workbook

HEADINGS = (
    "Axe (x)",
    "Sous-axe (x.x)",
    "Titre de l'action",
    "Titre de la sous-action",
    "Personne pilote",
    "Financeur 1",
    "Montant € HT",
    "Budget prévisionnel total € HT",
    "Statut",
    "Niveau de priorité",
    "Date de début",
    "Date de fin",
    "Action en amélioration continue",
    "Notes de suivi",
)


def workbook_of(*sheets: tuple[str, Sequence[Sequence[object]]], prepare: Callable[..., None] | None = None) -> bytes:
    """An .xlsx of named sheets of rows; `prepare` may still change the openpyxl workbook."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    if prepare is not None:
        prepare(book)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def plan_rows(*rows: Mapping[str, object], headings: Sequence[str] = HEADINGS) -> list[list[object]]:
    """A title, the headings, then the rows given by heading: the first of them is row 3."""
    return [["Mon plan"], list(headings), *([row.get(heading) for heading in headings] for row in rows)]


def plan_of(*rows: Mapping[str, object], prepare: Callable[..., None] | None = None) -> PlanFile:
    """Those rows, saved and read back as a plan."""
    return read_plan(read_workbook(workbook_of(("Plan", plan_rows(*rows)), prepare=prepare)))


def rewritten(content: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """The same .xlsx with one of its parts changed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, change(data) if name == part else data)
    return buffer.getvalue()
