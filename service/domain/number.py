"""Numbers that survive the way through JSON: finite, at most 15 significant digits (SHAPES: numbers and dates)."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from service.domain.refusal import Invalid

MAX_DIGITS = 15


class NumberNotExact(Invalid):
    """A number must be finite and have at most {max_digits} significant digits."""

    FR = "Un nombre doit être fini et compter au plus {max_digits} chiffres significatifs."


class WeightNegative(Invalid):
    """A weight cannot be negative: {weight}."""

    FR = "Un poids ne peut pas être négatif\u202f: {weight}."


def is_exact(value: Decimal) -> bool:
    """Whether a double, which JSON numbers become, gives the same decimal back without an exponent."""
    if not value.is_finite():
        return False
    digits = "".join(map(str, value.as_tuple().digits)).strip("0")
    return not digits or (len(digits) <= MAX_DIGITS and -MAX_DIGITS <= value.adjusted() < MAX_DIGITS)


def json_number(value: Decimal) -> int | float:
    """A decimal as JSON writes it: a number (at most 15 significant digits survive, and no more are ever recorded)."""
    return int(value) if value == value.to_integral_value() and abs(value) < 10**MAX_DIGITS else float(value)


def json_value(value: Any) -> Any:
    """A dumped value as the API shows it: decimals as numbers; dates, instants and ids as texts."""
    match value:
        case Decimal():
            return json_number(value)
        case dict():
            return {name: json_value(item) for name, item in value.items()}
        case list() | tuple():
            return [json_value(item) for item in value]
        case date():
            return value.isoformat()
        case UUID():
            return str(value)
        case _:
            return value


def require_exact(value: Decimal, pointer: str) -> None:
    """Raises `NumberNotExact`."""
    if not is_exact(value):
        raise NumberNotExact(pointer=pointer, max_digits=MAX_DIGITS)


def require_weight(weight: Decimal, pointer: str = "/weight") -> None:
    """A weight is exact and not negative. Raises `NumberNotExact` or `WeightNegative`."""
    require_exact(weight, pointer)
    if weight < 0:
        raise WeightNegative(pointer=pointer, weight=weight)
