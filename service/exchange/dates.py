"""A cell as a date: real date cells, ISO, French, and serial numbers left in cells without a date format."""

import calendar
import math
import re
from datetime import date, datetime, timedelta

from service.exchange.grid import CellValue
from service.exchange.problem import Unreadable
from service.exchange.typography import say
from service.exchange.wording import fold

FIRST_YEAR, LAST_YEAR = 1900, 2199
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ][\d:.]+Z?)?")
_FRENCH = re.compile(r"(\d{1,2})\s*[/.\-]\s*(\d{1,2})\s*[/.\-]\s*(\d{4})(?: 00:00(?::00)?)?")
_SHORT_YEAR = re.compile(r"\d{1,2}[/.\-]\d{1,2}[/.\-]\d{2}")
_WORDED = re.compile(r"(\d{1,2})(?: ?er)? ([a-z]+) (\d{4})")
_NUMBER = re.compile(r"-?\d{1,7}(?:[.,]\d+)?")
_MONTH_NAMES = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)
_MONTHS = tuple(map(fold, _MONTH_NAMES))
_EXPECTED = "Écrivez la date sous la forme JJ/MM/AAAA, par exemple 31/12/2025."


def read_date(value: CellValue, *, uses_1904: bool = False) -> date:
    """The day that a cell means. A number from 1900 to 2100 is a year alone, not a serial date. Raises
    Unreadable.
    """
    if isinstance(value, datetime):
        return _within(value.date())
    if isinstance(value, date):
        return _within(value)
    if isinstance(value, bool):
        raise _not_a_date()
    if isinstance(value, int | float):
        return _from_number(value, uses_1904=uses_1904)
    if isinstance(value, str):
        return _from_text(" ".join(value.split()), uses_1904=uses_1904)
    raise _not_a_date()


def french_date(day: date) -> str:
    """The day as French people write it: 31/12/2025."""
    return f"{day.day:02}/{day.month:02}/{day.year:04}"


def _from_number(number: float, *, uses_1904: bool) -> date:
    if not math.isfinite(number):
        raise _not_a_date()
    if number == int(number) and 1900 <= number <= 2100:
        year = int(number)
        raise Unreadable(
            "year_alone",
            say("Cette cellule contient une année seule, pas une date."),
            say("Écrivez une date complète, par exemple 01/01/{year} ou 31/12/{year}.", year=year),
        )
    if not 1 <= number < 110_000:
        raise _not_a_date()
    origin = date(1904, 1, 1) if uses_1904 else date(1899, 12, 30)
    return _within(origin + timedelta(days=int(number)))


def _from_text(text: str, *, uses_1904: bool) -> date:
    if match := _ISO.fullmatch(text):
        year, month, day = match.groups()
        return _day(int(year), int(month), int(day))
    if match := _FRENCH.fullmatch(text):
        day, month, year = match.groups()
        return _day(int(year), int(month), int(day))
    if (match := _WORDED.fullmatch(fold(text))) and match[2] in _MONTHS:
        return _day(int(match[3]), _MONTHS.index(match[2]) + 1, int(match[1]))
    if _NUMBER.fullmatch(text):
        return _from_number(float(text.replace(",", ".")), uses_1904=uses_1904)
    if _SHORT_YEAR.fullmatch(text):
        raise Unreadable("short_year", say("L'année de cette date n'a que deux chiffres."), say(_EXPECTED))
    raise _not_a_date()


def _day(year: int, month: int, day: int) -> date:
    try:
        return _within(date(year, month, day))
    except ValueError:
        pass
    if 1 <= month <= 12 and 28 < day <= 31 and 1 <= year <= 9999:
        last = calendar.monthrange(year, month)[1]
        advice = say("Le mois de {month} {year} finit le {last}.", month=_MONTH_NAMES[month - 1], year=year, last=last)
    elif 12 < month <= 31 and 1 <= day <= 12:
        advice = say(
            "Écrivez d'abord le jour, puis le mois : {day}/{month}/{year}.",
            day=month,
            month=f"{day:02}",
            year=year,
        )
    else:
        advice = say(_EXPECTED)
    raise Unreadable("no_such_date", say("Cette date n'existe pas dans le calendrier."), advice)


def _within(day: date) -> date:
    if FIRST_YEAR <= day.year <= LAST_YEAR:
        return day
    raise Unreadable(
        "date_out_of_range",
        say("L'année de cette date n'est pas vraisemblable."),
        say("L'année doit être comprise entre {first} et {last}.", first=FIRST_YEAR, last=LAST_YEAR),
    )


def _not_a_date() -> Unreadable:
    return Unreadable("not_a_date", say("Cette valeur n'est pas une date."), say(_EXPECTED))
