"""The events of an indicator's life. Its measures live in its own stream, each true on the day it was measured."""

from datetime import date
from decimal import Decimal
from typing import Literal
from uuid import UUID

from service.domain.event import Event, Revision, Value
from service.domain.imported import ImportStamp
from service.domain.period import Cadence
from service.domain.text import PersonalText

Family = Literal["doing", "being", "benefit"]
Direction = Literal["up", "down", "hold"]


class DatedValue(Value):
    """A value on a day: the baseline, or a target."""

    value: Decimal
    on: date


class IndicatorSubject(Value):
    """What the indicator tells about."""

    kind: Literal["transformation", "axis", "workstream", "action"]
    id: UUID


class IndicatorDefined(Event):
    """What will be measured, from where, to where, how often, by whom."""

    TOPIC = "indicator.defined"
    ref: int
    title: str
    description: PersonalText | None = None
    family: Family
    unit: str
    direction: Direction
    tolerance: Decimal | None = None
    baseline: DatedValue | None = None
    targets: tuple[DatedValue, ...] = ()
    cadence: Cadence
    availability_delay_days: int = 0
    owner: str | None = None
    collector: str | None = None
    weight: Decimal = Decimal(1)
    subject: IndicatorSubject | None = None
    external_id: str | None = None
    row: ImportStamp | None = None


class IndicatorDescribed(Revision):
    """What it is or how it is measured was put differently; baseline, targets and people did not change."""

    TOPIC = "indicator.described"
    title: str = ""
    description: PersonalText | None = None
    family: Family = "doing"
    unit: str = ""
    direction: Direction = "up"
    tolerance: Decimal | None = None
    cadence: Cadence = "monthly"
    availability_delay_days: int = 0
    weight: Decimal = Decimal(1)
    subject: IndicatorSubject | None = None
    external_id: str | None = None


class IndicatorRetargeted(Event):
    """The targets are these from now on."""

    TOPIC = "indicator.retargeted"
    targets: tuple[DatedValue, ...]


class IndicatorRebaselined(Event):
    """Progress is measured from another value or day."""

    TOPIC = "indicator.rebaselined"
    baseline: DatedValue | None = None


class IndicatorReassigned(Revision):
    """Somebody else answers for it, or collects its values."""

    TOPIC = "indicator.reassigned"
    owner: str | None = None
    collector: str | None = None


class IndicatorMeasured(Event):
    """A value, true on the day it was measured."""

    TOPIC = "indicator.measured"
    value: Decimal
    comment: PersonalText | None = None


class IndicatorValueProposed(Event):
    """A value that somebody else must accept before it counts."""

    TOPIC = "indicator.value_proposed"
    value: Decimal
    comment: PersonalText | None = None


class IndicatorValueAccepted(Event):
    """A proposed value counts, on the day it was measured."""

    TOPIC = "indicator.value_accepted"
    proposal_event_id: UUID


class IndicatorValueRefused(Event):
    """A proposed value does not count; the reason says why."""

    TOPIC = "indicator.value_refused"
    proposal_event_id: UUID


class IndicatorRetired(Event):
    """It is no longer followed; the reason says why."""

    TOPIC = "indicator.retired"


class IndicatorConfirmed(Event):
    """Somebody looked: nothing changed."""

    TOPIC = "indicator.confirmed"


EVENTS: tuple[type[Event], ...] = (
    IndicatorDefined,
    IndicatorDescribed,
    IndicatorRetargeted,
    IndicatorRebaselined,
    IndicatorReassigned,
    IndicatorMeasured,
    IndicatorValueProposed,
    IndicatorValueAccepted,
    IndicatorValueRefused,
    IndicatorRetired,
    IndicatorConfirmed,
)
