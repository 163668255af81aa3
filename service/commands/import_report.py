"""The report of an import for eyes: the counts, what changes cell by cell, the conflicts, the errors."""

from collections.abc import Iterable
from datetime import date

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from service.exchange.amounts import french_number
from service.exchange.dates import french_date
from service.exchange.plan_columns import PLAN_COLUMNS
from service.exchange.report import Report, Shown

SHOWN = 200
"""Lines of each table; `--format json` has them all."""
DATES = {column.field for column in PLAN_COLUMNS if column.kind == "date"}
HEADINGS = {column.field: column.heading for column in PLAN_COLUMNS}


def tell(report: Report, screen: Console) -> None:
    """Print the report."""
    counts = f"inchangées\u202f: {report.unchanged}, en conflit\u202f: {report.conflicts}"
    counts += f", en erreur\u202f: {report.invalid}."
    done = f"à créer\u202f: {report.created}, à modifier\u202f: {report.changed}"
    if report.mode == "simulate":
        head = f"Simulation, rien n’est enregistré — {done}"
    elif report.import_id is None:
        head = f"Rien n’a été enregistré — {done}"
    else:
        head = f"Import enregistré — créées\u202f: {report.created}, modifiées\u202f: {report.changed}"
    screen.print(f"{head}, {counts}", highlight=False)
    for title, names in (
        ("Axes nouveaux", report.new_axes),
        ("Chantiers nouveaux", report.new_workstreams),
        ("Personnes nouvelles, sans compte", report.new_people),
    ):
        if names:
            screen.print(f"{title}\u202f: {', '.join(names)}", highlight=False, markup=False)
    _table(screen, ("Ligne", "Action", "Colonne", "Avant", "Après"), _changes(report))
    _table(screen, ("Ligne", "Action", "Conflit", "Dernier import", "Fichier", "Service"), _conflicts(report))
    findings = [*report.errors, *report.warnings]
    _table(
        screen,
        ("Cellule", "Valeur", "Problème", "Que faire"),
        (
            (f"{each.sheet}!{each.cell}" if each.cell else each.sheet, each.value, each.message, each.suggestion)
            for each in findings
        ),
    )
    if report.omitted:
        screen.print(f"Constats non affichés, trop nombreux\u202f: {report.omitted}", highlight=False)


def _changes(report: Report) -> Iterable[tuple[str, ...]]:
    for row in report.rows:
        if row.outcome == "change":
            for field, cell in row.differences.items():
                values = (_said(field, each) for each in (cell.before, cell.after))
                yield str(row.row or ""), row.title, HEADINGS.get(field, field), *values
        for remark in row.remarks:
            yield str(row.row or ""), row.title, "", "", remark


def _conflicts(report: Report) -> Iterable[tuple[str, ...]]:
    for row in report.rows:
        for field, cell in row.conflicts.items():
            values = (_said(field, each) for each in (cell.base, cell.file, cell.service))
            yield str(row.row or ""), row.title, HEADINGS.get(field, field), *values


def _said(field: str, value: Shown) -> str:
    if isinstance(value, bool):
        return "VRAI" if value else "FAUX"
    if isinstance(value, list):
        return ", ".join(value)
    if isinstance(value, int | float):
        return french_number(value)
    if field in DATES and value:
        return french_date(date.fromisoformat(value))
    return "" if value is None else value[:80]


def _table(screen: Console, headings: tuple[str, ...], lines: Iterable[tuple[str, ...]]) -> None:
    every = list(lines)
    if not every:
        return
    table = Table(*headings)
    for line in every[:SHOWN]:
        table.add_row(*map(escape, line))
    screen.print(table)
    if len(every) > SHOWN:
        screen.print(f"… et {len(every) - SHOWN} lignes de plus\u202f: --format json les a toutes.", highlight=False)
