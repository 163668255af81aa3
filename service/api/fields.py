"""The types of request bodies: limits live here, not in events, so that history stays readable for ever.

A correction takes its fields from the bodies of the acts (`service.api.mending`), and their limits with them.
"""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from service.domain.event import Basis, Document, OnBehalfOf
from service.domain.legible import is_seen
from service.domain.obstacle_events import Grade

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2200, 12, 31)
"""The days that can be written down: others are slips of the pen, and what is reckoned from them overflows."""
ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
RFC_3339 = re.compile(ISO_DATE.pattern + r"[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})")
FORBIDDEN = {chr(code) for code in range(32)} - {"\n", "\t", "\r"} | {"\x7f", "\ufffe", "\uffff"}


def _clean(text: str) -> str:
    if any(character in FORBIDDEN or "\ud800" <= character <= "\udfff" for character in text):
        raise PydanticCustomError("not_text", "control characters and lone surrogates are not text")
    return text


def _seen(text: str) -> str:
    if not is_seen(text):
        raise PydanticCustomError("nothing_seen", "nothing of this text can be seen")
    return _clean(text)


def _short_number(value: Decimal) -> Decimal:
    digits = value.normalize().as_tuple() if value.is_finite() else None
    if digits is None or len(digits.digits) > 15 or not -15 <= int(digits.exponent) <= 15:
        raise PydanticCustomError("number_not_exact", "a finite number of at most 15 significant digits is expected")
    return value


def _exact(value: Any) -> Any:
    if isinstance(value, str | bool):  # numbers are JSON numbers, as the published schema says
        raise PydanticCustomError("decimal_type", "a number is expected")
    # A JSON number arrives as a float whose shortest form is what was typed.
    return Decimal(repr(value)) if isinstance(value, float) else value


def _iso_date(value: Any) -> Any:
    # Pydantic also takes an instant at midnight and seconds since 1970 for a date.
    if not isinstance(value, date) and not (isinstance(value, str) and ISO_DATE.fullmatch(value)):
        raise PydanticCustomError("date_parsing", "a date YYYY-MM-DD is expected")
    return value


def _rfc3339(value: Any) -> Any:
    # … and seconds since 1970 for an instant.
    if not isinstance(value, datetime) and not (isinstance(value, str) and RFC_3339.fullmatch(value)):
        raise PydanticCustomError("datetime_parsing", "an RFC 3339 instant with offset is expected")
    return value


def _utc(value: datetime) -> datetime:
    # PostgreSQL takes offsets of less than 16 hours only, RFC 3339 and Python of less than 24.
    try:
        return value.astimezone(UTC)
    except OverflowError:  # the first or the last day of all, elsewhere already the day before or after
        raise PydanticCustomError("instant_beyond_calendar", "this instant lies outside of the calendar") from None


def _sensible(value: datetime) -> datetime:
    if not FIRST_DAY <= value.date() <= LAST_DAY:
        raise PydanticCustomError("instant_beyond_calendar", "this instant lies outside of the calendar")
    return value


PlainDate = Annotated[date, BeforeValidator(_iso_date)]
Instant = Annotated[AwareDatetime, BeforeValidator(_rfc3339), AfterValidator(_utc)]
"""In UTC, whatever the offset it came with."""
RecordedInstant = Annotated[Instant, AfterValidator(_sensible)]
"""An instant that is kept: between 1900 and 2200, as days are."""
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300), AfterValidator(_seen)]
Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120), AfterValidator(_seen)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000), AfterValidator(_seen)]
Number = Annotated[
    Decimal,
    BeforeValidator(_exact),
    AfterValidator(_short_number),
    Field(json_schema_extra={"type": "number"}),
    PlainSerializer(float, return_type=float, when_used="json"),
]
Weight = Annotated[Number, Field(gt=0, le=1000)]
Money = Annotated[Number, Field(ge=0, le=10**12)]
PersonId = Annotated[str, StringConstraints(pattern=r"^[ps]_[0-9a-f]{32}$")]
Email = Annotated[str, StringConstraints(strip_whitespace=True, max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
Day = Annotated[PlainDate, Field(ge=FIRST_DAY, le=LAST_DAY)]


def _a_number(value: Any) -> Any:
    if isinstance(value, bool):  # which equals 0 or 1 to Python, not to JSON
        raise PydanticCustomError("int_type", "Input should be a valid integer")
    return value


Graded = Annotated[Grade, BeforeValidator(_a_number)]


def left_alone() -> Any:
    """The default of a field that a revision leaves as it is unless it is sent; null is refused."""
    return Field(default_factory=lambda: None)


class Body(BaseModel):
    """A request body: unknown fields are refused, and so is any character that cannot be stored as text."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _storable(cls, data: Any) -> Any:
        _walk(data)
        return data


MAX_DEPTH = 40


def _walk(value: Any, *at: str | int) -> None:
    if len(at) > MAX_DEPTH:
        raise PydanticCustomError("too_deep", "nested too deeply")
    match value:
        case str():
            try:
                _clean(value)
            except PydanticCustomError as wrong:  # a validator of the whole says itself where it is wrong
                details = InitErrorDetails(type=wrong, loc=at, input=None)
                raise ValidationError.from_exception_data("body", [details]) from None
        case dict():
            for key, item in value.items():
                _walk(key, *at)
                _walk(item, *at, key)
        case list():
            for number, item in enumerate(value):
                _walk(item, *at, number)


Uri = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000, pattern=r"^(https?|file|urn):\S+$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class DocumentBody(Document):
    """A document elsewhere: its title, where it is, and the SHA-256 that tells it was not changed since."""

    title: Title
    uri: Uri | None = None
    sha256: Sha256 | None = None
    dated_on: Day | None = None


class BasisBody(Basis):
    """What grounds the act: a review, a decision (by id), or a document."""

    document: DocumentBody | None = None


def _of_its_kind(id: str, given: ValidationInfo) -> str:
    if given.data.get("kind") == ("body" if id.startswith(("p_", "s_")) else "person"):
        raise PydanticCustomError("string_pattern_mismatch", "a person is named by p_… or s_…, a body by its UUID")
    return id


AuthorityId = Annotated[
    str,
    StringConstraints(pattern=r"^([ps]_[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$"),
    AfterValidator(_of_its_kind),
]
"""Of a person or a body, as the `kind` beside it says."""


class OnBehalfOfBody(OnBehalfOf):
    """The authority the act is recorded for: a person (`p_…`) or a body (UUID)."""

    id: AuthorityId
    basis: BasisBody


class ActBody(Body):
    """What every act may carry: why, on which date it became true, and for whom it is recorded."""

    reason: Text | None = Field(None, description="Pourquoi. Texte personnel\u202f: conservé chiffré.")
    occurred_on: Day | None = Field(
        None, description="Le jour où c’est devenu vrai (Europe/Paris)\u202f; aujourd’hui sinon."
    )
    on_behalf_of: OnBehalfOfBody | None = Field(None, description="L’autorité au nom de laquelle c’est enregistré.")


def content(body: ActBody) -> dict[str, Any]:
    """The fields of an act's own body, as keyword arguments of its decision."""
    return {name: getattr(body, name) for name in type(body).model_fields if name not in ActBody.model_fields}


def changes(body: ActBody) -> dict[str, Any]:
    """The same, but only the fields that were sent (null clears)."""
    return {name: value for name, value in content(body).items() if name in body.model_fields_set}
