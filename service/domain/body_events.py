"""The events of a governance body's life: constituted, its rules, who sits in it, dissolved."""

from typing import Annotated, Literal

from pydantic import Field

from service.domain.event import Event, Revision, Value
from service.domain.text import PersonalText

BodyKind = Literal["steering", "management", "tools", "other"]
Standing = Literal["titular", "alternate"]
Counted = Annotated[int, Field(ge=1)]
"""Of seats and of times: a correction does not make it nothing either."""


class Cadence(Value):
    """How often a body meets: every so many weeks or months."""

    every: Counted
    unit: Literal["week", "month"]


class BodyConstituted(Event):
    """A governance body exists from now on: its seats by title, its quorum, its cadence."""

    TOPIC = "body.constituted"
    name: str
    kind: BodyKind = "other"
    mission: PersonalText | None = None
    seats: tuple[str, ...] = ()
    quorum: Counted | None = None
    """A number of seats; without one, more than half of the seats filled on the day."""
    second_needs_quorum: bool = True
    """Whether a second convening on the same agenda needs the quorum too."""
    cadence: Cadence | None = None


class BodyDescribed(Revision):
    """The name, the kind or the mission of a body changed."""

    TOPIC = "body.described"
    name: str = ""
    kind: BodyKind = "other"
    mission: PersonalText | None = None


class BodyRulesSet(Revision):
    """The seats, the quorum rule or the cadence of a body changed."""

    TOPIC = "body.rules_set"
    seats: tuple[str, ...] = ()
    quorum: Counted | None = None
    second_needs_quorum: bool = True
    cadence: Cadence | None = None


class BodyMemberAppointed(Event):
    """Somebody sits in the body from the true-on date of the fact, as titular or alternate of a seat (from 1)."""

    TOPIC = "body.member_appointed"
    person_id: str
    seat: int
    standing: Standing = "titular"


class BodyMemberLeft(Event):
    """Somebody no longer sits in the body, from the true-on date of the fact on."""

    TOPIC = "body.member_left"
    person_id: str


class BodyDissolved(Event):
    """The body no longer exists, for a reason."""

    TOPIC = "body.dissolved"


EVENTS: tuple[type[Event], ...] = (
    BodyConstituted,
    BodyDescribed,
    BodyRulesSet,
    BodyMemberAppointed,
    BodyMemberLeft,
    BodyDissolved,
)
