"""What must hold between the cells of a row, and between the rows of a plan."""

from collections.abc import Iterable
from datetime import date
from typing import Protocol

from service.exchange.dates import french_date
from service.exchange.plan_columns import ACTION_TITLE, AMOUNTS, FUNDERS, ROW_ID, SUB_ACTION_TITLE
from service.exchange.plan_row import PlanRow
from service.exchange.problem import Findings, Problem, Severity
from service.exchange.typography import say

TITLE_LENGTH = 300


class Pointing(Protocol):
    """Makes a problem that points at the cell of a field."""

    def problem(
        self, row: int, name: str, code: str, message: str, suggestion: str, severity: Severity = "error"
    ) -> Problem: ...


def title_field(row: PlanRow) -> str:
    """The column that holds the row's own title."""
    return ACTION_TITLE if row.sub_action is None else SUB_ACTION_TITLE


def check_title_length(row: PlanRow, findings: Findings, places: Pointing) -> None:
    """The format asks for titles of 300 characters at most; longer ones are read, with a remark."""
    if len(row.title) > TITLE_LENGTH:
        message = say(
            "Ce titre compte {length} caractères, pour {limit} conseillés.",
            length=len(row.title),
            limit=TITLE_LENGTH,
        )
        advice = say("Raccourcissez le titre et mettez les détails dans le descriptif.")
        findings.add(places.problem(row.number, title_field(row), "title_long", message, advice, "warning"))


def check_dates(row: PlanRow, findings: Findings, places: Pointing) -> None:
    """An action does not end before it starts."""
    start, end = row.cells.get("start_on"), row.cells.get("end_on")
    if isinstance(start, date) and isinstance(end, date) and end < start:
        message = say(
            "La date de fin ({end}) est avant la date de début ({start}).",
            end=french_date(end),
            start=french_date(start),
        )
        advice = say("Corrigez l'une des deux dates.")
        findings.add(places.problem(row.number, "end_on", "end_before_start", message, advice))


def check_funders(row: PlanRow, findings: Findings, places: Pointing) -> None:
    """An amount without its funder is read, with a remark."""
    for funder, amount in zip(FUNDERS, AMOUNTS, strict=True):
        if row.cells.get(amount) is not None and funder in row.cells and row.cells[funder] is None:
            message = say("Ce montant n'a pas de financeur.")
            advice = say("Écrivez le nom du financeur dans la colonne qui précède le montant.")
            findings.add(places.problem(row.number, amount, "amount_without_funder", message, advice, "warning"))


def check_identities(rows: Iterable[PlanRow], findings: Findings, places: Pointing) -> None:
    """No two rows with one identity: neither the same path and titles, nor the same hidden identifier."""
    keys: dict[str, int] = {}
    ids: dict[str, int] = {}
    for row in rows:
        first = keys.setdefault(row.key, row.number)
        if first != row.number:
            what = "action" if row.sub_action is None else "sous-action"
            message = say("La même {what} est déjà à la ligne {first}.", what=what, first=first)
            advice = say(
                "Gardez une seule des lignes {first} et {second}, ou donnez-leur des titres différents.",
                first=first,
                second=row.number,
            )
            findings.add(places.problem(row.number, title_field(row), "duplicate_row", message, advice))
        if row.row_id is None:
            continue
        first = ids.setdefault(row.row_id, row.number)
        if first != row.number:
            message = say("L'identifiant masqué de cette ligne est aussi celui de la ligne {first}.", first=first)
            advice = say(
                "Si l'une des lignes {first} et {second} est une copie, videz son identifiant.",
                first=first,
                second=row.number,
            )
            findings.add(places.problem(row.number, ROW_ID, "duplicate_row_id", message, advice))
