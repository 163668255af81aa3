"""One cell of a plan -> its typed content, by the kind of its column. Refuses in French, without knowing
the place.
"""

import re
from datetime import date, datetime, time, timedelta

from service.domain.legible import is_seen
from service.exchange.amounts import french_number, read_money
from service.exchange.choices import read_boolean, read_choice
from service.exchange.dates import french_date, read_date
from service.exchange.grid import CellValue
from service.exchange.limits import DEFAULT_LIMITS
from service.exchange.plan_columns import TITLES, FoundColumn
from service.exchange.plan_row import CellContent
from service.exchange.problem import Unreadable
from service.exchange.typography import say
from service.exchange.wording import identity, plain_breaks

LONGEST_TITLE = 1_000  # characters; from 300 on it is only remarked upon
_SEPARATORS = re.compile(r"[,;\n]")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_BREAKS_OR_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029\ud800-\udfff\ufffe\uffff]")


def read_cell(value: CellValue, column: FoundColumn, *, uses_1904: bool) -> CellContent:
    """The content of a filled cell; the blank ones are `blank_content`. Raises Unreadable."""
    if isinstance(value, str):
        value = clean_text(value)
    kind = column.kind
    if kind == "date":
        return read_date(value, uses_1904=uses_1904)
    if kind == "money":
        return read_money(value)
    if kind == "boolean":
        if isinstance(value, str | int | float):
            return read_boolean(value)
        raise Unreadable("not_a_boolean", say("Cette valeur n'est ni VRAI ni FAUX."), say("Écrivez VRAI ou FAUX."))
    text = as_text(value)
    if kind == "people":
        return split_names(text)
    if column.column is not None and column.column.field in TITLES and len(text) > LONGEST_TITLE:
        raise Unreadable(
            "title_too_long",
            say("Ce titre compte {length} caractères, pour {most} au plus.", length=len(text), most=LONGEST_TITLE),
            say("Gardez ici un titre court, et mettez le reste dans le descriptif."),
        )
    if kind == "choice" and column.column is not None and column.column.choice is not None:
        return read_choice(text, column.column.choice)
    return text


def blank_content(column: FoundColumn) -> CellContent:
    """What an empty cell says: nobody for people, nothing for the rest."""
    return () if column.kind == "people" else None


def clean_text(text: str) -> str:
    """Text without outer spaces; odd line breaks become plain ones.

    Raises Unreadable on a cell longer than Excel allows (32 767 characters) and on invisible control
    characters.
    """
    if len(text) > DEFAULT_LIMITS.cell_length:
        raise Unreadable(
            "cell_too_long",
            say("Cette cellule contient {length} caractères, pour 32 767 au plus.", length=len(text)),
            say("Raccourcissez le texte, ou mettez-le dans un document que la ligne cite."),
        )
    if _BREAKS_OR_CONTROLS.search(text):
        text = plain_breaks(text)
        if match := _CONTROLS.search(text):
            raise Unreadable(
                "control_character",
                say(
                    "Cette cellule contient un caractère invisible interdit (U+{code:04X}).",
                    code=ord(match[0]),
                ),
                say("Effacez la cellule et retapez son texte, ou collez-le « sans mise en forme »."),
            )
    return text.strip()


def as_text(value: CellValue) -> str:
    """What a cell shows, as a French Excel would show it."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "VRAI" if value else "FAUX"
    if isinstance(value, int | float):
        return french_number(value)
    if isinstance(value, datetime):
        day = french_date(value.date())
        return day if value.time() == time() else f"{day} {value:%H:%M}"
    if isinstance(value, date):
        return french_date(value)
    if isinstance(value, timedelta):
        minutes = int(value.total_seconds()) // 60
        return f"{minutes // 60:02}:{minutes % 60:02}"
    return f"{value:%H:%M}"


def split_names(text: str) -> tuple[str, ...]:
    """The people of a cell, separated by commas, semicolons or line breaks, each once; the first leads."""
    names: dict[str, str] = {}
    for part in _SEPARATORS.split(text):
        name = " ".join(part.split())
        if is_seen(name):
            names.setdefault(identity(name), name)
    return tuple(names.values())
