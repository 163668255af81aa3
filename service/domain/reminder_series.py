"""The arithmetic of reminders: a rule on a date, and the occurrence that stands on a given day."""

from dataclasses import dataclass
from datetime import date

from service.domain.authority import Visibility
from service.domain.reminder import Reminder, ReminderRaised, ReminderSubject
from service.domain.reminder_rules import LASTING, RuleName, Timing
from service.domain.working_time import WorkingCalendar

Key = tuple[RuleName, ReminderSubject, date, int]


def key_of(raised: ReminderRaised | Reminder) -> Key:
    """The series of a raised reminder: the same rule on the same date of the same subject."""
    return raised.rule, raised.subject, raised.due_on, raised.revision


@dataclass(frozen=True, slots=True)
class Series:
    """One rule on one date of one subject that is still alive, and who is to be told."""

    rule: RuleName
    subject: ReminderSubject
    due_on: date
    recipients: tuple[str, ...]
    revision: int = 0
    since: date | None = None
    """When that date was said: what would have come before is not made up for."""
    visibility: Visibility = "members"

    def occurrence(self, offset: int, recipient: str) -> ReminderRaised:
        return ReminderRaised(
            rule=self.rule,
            offset=offset,
            subject=self.subject,
            due_on=self.due_on,
            revision=self.revision,
            recipient=recipient,
            visibility=self.visibility,
        )

    @property
    def key(self) -> Key:
        return self.rule, self.subject, self.due_on, self.revision


def day_of(calendar: WorkingCalendar, due_on: date, offset: int) -> date:
    """The working day of an offset: the day itself or the one before a closed one for 0, else counted from it."""
    return calendar.add_working_days(due_on, offset) if offset else calendar.previous_working(due_on)


def standing(calendar: WorkingCalendar, series: Series, timing: Timing, today: date) -> int | None:
    """The offset that stands on a day: the last one whose working day has come. None where none has, or no more.

    Later occurrences of a series say all that earlier ones said: after missed ticks only the present one is raised.
    Nothing stands on a closed day.
    """
    if not calendar.is_working(today):
        return None
    if timing.before:
        offset = _before(calendar, series, timing, today)
    else:
        offset = _after(calendar, series.due_on, timing, today)
    if offset is None or (series.since is not None and day_of(calendar, series.due_on, offset) < series.since):
        return None
    return offset


def _before(calendar: WorkingCalendar, series: Series, timing: Timing, today: date) -> int | None:
    if today > series.due_on and series.rule not in LASTING:
        return None
    come = [offset for offset in timing.offsets if day_of(calendar, series.due_on, offset) <= today]
    return max(come, default=None)


def _after(calendar: WorkingCalendar, due_on: date, timing: Timing, today: date) -> int | None:
    passed = calendar.working_days_between(due_on, today)
    last = timing.offsets[-1]
    if timing.every is not None and passed > last:
        return last + (passed - last) // timing.every * timing.every
    return max((offset for offset in timing.offsets if offset <= passed), default=None)
