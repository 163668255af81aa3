"""What an event is: a frozen fact with a stable wire name, the envelope that says who and why, and the recorded whole.

Nothing here knows how events are stored; the mapper of `service.store` turns a `Fact` into bytes and back.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from uuid_utils.compat import uuid7 as _uuid7

from service.domain.text import PersonalText

type_registry: dict[str, type["Event"]] = {}

Channel = Literal["api", "web", "cli", "import", "job"]
OccurredOnBasis = Literal["stated", "recording"]


def new_id() -> UUID:
    """A time-ordered identifier (UUIDv7, RFC 9562 section 5.7)."""
    return _uuid7()


class Value(BaseModel):
    """An immutable value inside events and states."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Event(BaseModel):
    """Something that happened. `TOPIC` is its name on the wire for ever; the class may move or be renamed.

    A changed shape raises `VERSION` and overrides `upcast`, which turns the data of any older version into today's.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    TOPIC: ClassVar[str] = ""
    VERSION: ClassVar[int] = 1

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if not cls.__dict__.get("TOPIC"):
            return
        if cls.TOPIC in type_registry:
            raise TypeError(f"two events are called {cls.TOPIC!r}")
        type_registry[cls.TOPIC] = cls

    @classmethod
    def upcast(cls, version: int, data: dict[str, Any]) -> dict[str, Any]:
        """Turn the stored data of an older `version` into the shape of `VERSION`."""
        return data


class Revision(Event):
    """An event that carries only the fields that changed; a field that was not sent is absent from the stored fact."""

    def changes(self) -> dict[str, Any]:
        """The fields that changed, with their new values (None clears)."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class Document(Value):
    """A document elsewhere: where it is, and the SHA-256 (hex) that tells it was not changed since."""

    title: str
    uri: str | None = None
    sha256: str | None = None
    dated_on: date | None = None


class Basis(Value):
    """What grounds an act recorded on behalf of somebody: a stage review, a decision, or a document."""

    kind: Literal["review", "decision", "document"]
    id: UUID | None = None
    document: Document | None = None


class OnBehalfOf(Value):
    """The authority that an act is recorded for. `id` is a person (`p_…`) or the UUID of a body."""

    kind: Literal["person", "body"]
    id: str
    basis: Basis


class Envelope(BaseModel):
    """Who recorded the fact, for whom, through what, why, and the date on which it became true (true-on)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    event_id: UUID
    transformation_id: UUID | None = None
    actor: str
    on_behalf_of: OnBehalfOf | None = None
    channel: Channel
    reason: PersonalText | None = None
    occurred_on: date
    occurred_on_basis: OccurredOnBasis = "recording"
    correlation_id: UUID
    causation_id: UUID


@dataclass(frozen=True, slots=True)
class Fact:
    """An event in its stream. `position` and `recorded_at` (known-on) are given by the log when it is recorded."""

    originator_id: UUID
    originator_version: int
    event: Event
    envelope: Envelope
    position: int = 0
    recorded_at: datetime | None = None

    @property
    def topic(self) -> str:
        return self.event.TOPIC

    @property
    def occurred_on(self) -> date:
        """True-on: the Europe/Paris date on which the fact became true."""
        return self.envelope.occurred_on
