"""The events of a transformation's life; that of its reminders is in `reminder_rules`."""

from datetime import date
from uuid import UUID

from service.domain.activity import ActivityPeriod
from service.domain.event import Event, Revision
from service.domain.text import PersonalText


class TransformationPrepared(Event):
    """A transformation is prepared, with its first lead and its sponsor."""

    TOPIC = "transformation.prepared"
    code: str
    name: str
    description: PersonalText | None = None
    template: str | None = None
    lead: str
    sponsor: str
    closed_days: tuple[date, ...] = ()
    activity_periods: tuple[ActivityPeriod, ...] = ()


class TransformationDescribed(Revision):
    """The name or the description changed; the code never does."""

    TOPIC = "transformation.described"
    name: str = ""
    description: PersonalText | None = None


class TransformationCalendarSet(Event):
    """The days on which the institution is closed, beside the public holidays."""

    TOPIC = "transformation.calendar_set"
    closed_days: tuple[date, ...]


class TransformationActivityCalendarSet(Event):
    """The peaks and lows of an activity that is cyclic."""

    TOPIC = "transformation.activity_calendar_set"
    periods: tuple[ActivityPeriod, ...]


class TransformationLaunched(Event):
    """The sponsor launched the transformation: its first phase opens."""

    TOPIC = "transformation.launched"


class TransformationPlanValidated(Event):
    """A decision validated the action plan: from here on, slippage is measured."""

    TOPIC = "transformation.plan_validated"
    decision_id: UUID


class TransformationReplanned(Event):
    """A decision to replan set new baselines; the original ones stay."""

    TOPIC = "transformation.replanned"
    decision_id: UUID


class TransformationClosingStarted(Event):
    """A decision stopped the transformation or brought it to its end: the closing begins."""

    TOPIC = "transformation.closing_started"
    decision_id: UUID


class TransformationEnded(Event):
    """The transformation is closed: its impacts are evaluated, and from here on it is only read."""

    TOPIC = "transformation.closed"
    evaluation_id: UUID


class TransformationConfirmed(Event):
    """Somebody looked: nothing changed."""

    TOPIC = "transformation.confirmed"
