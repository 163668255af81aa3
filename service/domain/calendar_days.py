"""The days that can be written down: others are slips of the pen, and what is reckoned from them overflows."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2200, 12, 31)


def within_calendar(value: Any) -> bool:
    """Whether every date in a value, however deep, lies between the first and the last day."""
    return all(FIRST_DAY <= day <= LAST_DAY for day in _days(value))


def _days(value: Any) -> Iterator[date]:
    match value:
        case datetime():
            yield value.date()
        case date():
            yield value
        case BaseModel():
            yield from _days([getattr(value, name) for name in type(value).model_fields])
        case dict():
            yield from _days(list(value.values()))
        case list() | tuple():
            for item in value:
                yield from _days(item)
