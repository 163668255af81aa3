"""What is due on a day, from the state of a transformation: pure, so that a preview and a tick say the same."""

from collections.abc import Iterator, Mapping
from datetime import date

from service.domain.reminder import Reminder, ReminderRaised
from service.domain.reminder_rules import LASTING, RuleName, Timing
from service.domain.reminder_series import Key, Series, key_of, standing
from service.domain.reminder_sources import SOURCES, Situation
from service.domain.transformation import Transformation
from service.domain.working_time import WorkingCalendar


def reminded(transformation: Transformation) -> bool:
    """Whether anybody is reminded of anything there: not before it exists for good, not after its end."""
    return not transformation.withdrawn and transformation.status != "closed"


def alive(situation: Situation, timings: dict[RuleName, Timing]) -> Iterator[Series]:
    """Every series that a rule which is on could speak of."""
    for source in SOURCES:
        for series in source(situation):
            if series.rule in timings:
                yield series


def due(situation: Situation, timings: dict[RuleName, Timing], calendar: WorkingCalendar) -> Iterator[ReminderRaised]:
    """The reminders that stand today, raised already or not; each names one person."""
    for series in alive(situation, timings):
        offset = standing(calendar, series, timings[series.rule], situation.today)
        if offset is not None:
            for recipient in series.recipients:
                yield series.occurrence(offset, recipient)


def still(raised: ReminderRaised | Reminder, living: Mapping[Key, Series], today: date) -> bool:
    """Whether a raised reminder still says something true: its subject waits, its date stands, it speaks to them.

    Asked again before it is sent: nothing goes out for what was done, cancelled, withdrawn or moved meanwhile.
    """
    if raised.offset <= 0 and today > raised.due_on and raised.rule not in LASTING:
        return False
    series = living.get(key_of(raised))
    return series is not None and raised.recipient in series.recipients
