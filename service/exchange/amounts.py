"""A cell as a number: money of the plan, values of indicators. Decimal throughout, at most 15 significant
digits.
"""

import math
import re
from decimal import Decimal

from service.exchange.grid import CellValue
from service.exchange.problem import Unreadable
from service.exchange.typography import say

SIGNIFICANT_DIGITS = 15
LARGEST_AMOUNT = Decimal(10) ** 12
_SIGNED = re.compile(r"([+-]?)(\d[\d.,]*|[.,]\d+)")
_GROUPED = re.compile(r"\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*")
_AMBIGUOUS = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")
_CURRENCY = re.compile(r"(?:€|\beuros?\b|\beur\b|\bh\.?t\.?|\bttc\b)", re.IGNORECASE)
_SPACES = re.compile(r"[\s\u00a0\u202f\u2009']+")


def read_money(value: CellValue) -> Decimal:
    """An amount in euros, from 0 to 10^12: 1000, « 1 000,50 € HT ». Raises Unreadable."""
    written = _CURRENCY.sub("", value) if isinstance(value, str) else value
    amount = _from_text(written, grouped=True) if isinstance(written, str) else _from_number(written)
    if amount < 0:
        raise Unreadable(
            "negative_amount",
            say("Ce montant est négatif."),
            say("Écrivez un montant positif, ou laissez la cellule vide."),
        )
    if amount > LARGEST_AMOUNT:
        raise Unreadable(
            "absurd_amount",
            say("Ce montant dépasse mille milliards d'euros."),
            say("Vérifiez le nombre de zéros ; le montant s'écrit en euros, sans séparateur."),
        )
    return _precise(amount)


def read_decimal(value: CellValue) -> Decimal:
    """A value of an indicator; comma and point both mark the decimals, a single one never groups thousands.

    Raises Unreadable.
    """
    return _precise(_from_text(value, grouped=False) if isinstance(value, str) else _from_number(value))


def french_number(number: Decimal | float) -> str:
    """The number without exponent and with a decimal comma: 1234,5."""
    exact = number if isinstance(number, Decimal) else Decimal(f"{number:.{SIGNIFICANT_DIGITS}g}")
    text = f"{exact:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace(".", ",")


def plain(number: Decimal) -> Decimal:
    """The same number, written without useless zeros and without exponent; 0 has no sign."""
    if number == 0:
        return Decimal(0)
    if number == number.to_integral_value():
        return Decimal(int(number))
    return Decimal(f"{number:f}".rstrip("0"))


def _from_number(value: CellValue) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _not_a_number()
    return plain(Decimal(f"{value:.{SIGNIFICANT_DIGITS}g}"))


def _from_text(text: str, *, grouped: bool) -> Decimal:
    match = _SIGNED.fullmatch(_SPACES.sub("", text).replace("\u2212", "-")) if len(text) <= 100 else None
    if match is None:
        raise _not_a_number()
    sign, digits = match.groups()
    return plain(Decimal(sign + _decimal_point(digits, grouped=grouped)))


def _precise(number: Decimal) -> Decimal:
    if len(number.as_tuple().digits) > SIGNIFICANT_DIGITS:
        raise _too_precise()
    return number


def _decimal_point(digits: str, *, grouped: bool) -> str:
    """The digits with a point before the decimals and no other separator."""
    marks = [mark for mark in digits if mark in ".,"]
    if len(marks) <= 1:
        if grouped and _AMBIGUOUS.fullmatch(digits):
            raise Unreadable(
                "ambiguous_amount",
                say("Ce montant se lit de deux façons : son séparateur peut marquer milliers ou décimales."),
                say("Écrivez le montant sans séparateur de milliers, par exemple 1000 ou 1000,50."),
            )
        return digits.replace(",", ".")
    last = marks[-1]
    if len(set(marks)) == 1:  # 1.000.000
        if _GROUPED.fullmatch(digits):
            return digits.replace(last, "")
        raise _not_a_number()
    whole, _, decimals = digits.rpartition(last)
    if last in whole or not _GROUPED.fullmatch(whole):
        raise _not_a_number()
    return re.sub("[.,]", "", whole) + "." + (decimals or "0")


def _not_a_number() -> Unreadable:
    return Unreadable(
        "not_a_number",
        say("Cette valeur n'est pas un nombre."),
        say("Écrivez un seul nombre, sans texte ni fourchette, par exemple 124566."),
    )


def _too_precise() -> Unreadable:
    return Unreadable(
        "too_many_digits",
        say("Ce nombre a plus de {digits} chiffres significatifs.", digits=SIGNIFICANT_DIGITS),
        say("Arrondissez-le à {digits} chiffres au plus.", digits=SIGNIFICANT_DIGITS),
    )
