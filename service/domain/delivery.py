"""When a raised reminder leaves the service, by the wishes of its recipient; and when a failed try is tried again."""

import hashlib
from datetime import date, datetime, time, timedelta
from uuid import UUID

from service.domain.act import PARIS, paris_date
from service.domain.preference import DIGEST_AT, DIGEST_WEEKDAY, Preference
from service.domain.working_time import WorkingCalendar

MORNING = time(6)
"""The Europe/Paris time from which a day’s reminders are raised: not in the hour that summer time skips or repeats."""
BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720, 1440, 1440))
"""The pauses between tries; after the last one the message is given up."""


def has_begun(instant: datetime) -> bool:
    """Whether the day's reminders may be raised."""
    return instant.astimezone(PARIS).time() >= MORNING


def leaves_at(preference: Preference, raised_at: datetime, due_on: date, calendar: WorkingCalendar) -> datetime:
    """When a reminder is mailed: with the next digest, or at once if it falls due before that one.

    Never in quiet hours, never on a closed day.
    """
    digest = next_digest(preference, raised_at, calendar)
    at_once = digest is None or paris_date(raised_at) <= due_on < paris_date(digest)
    return undisturbed(preference, raised_at if at_once or digest is None else digest, calendar)


def next_digest(preference: Preference, after: datetime, calendar: WorkingCalendar) -> datetime | None:
    """The next digest at or after an instant, that of a closed day on the next open one; None for who wants none."""
    if preference.digest == "none":
        return None
    day = paris_date(after) - timedelta(days=7)
    while True:
        if preference.digest == "weekly":
            day += timedelta(days=(DIGEST_WEEKDAY - day.weekday() - 1) % 7 + 1)
        else:
            day += timedelta(days=1)
        at = _at(calendar.next_working(day), DIGEST_AT)
        if at >= after:
            return at


def undisturbed(preference: Preference, wanted: datetime, calendar: WorkingCalendar) -> datetime:
    """That instant, or the first one after it that is neither in quiet hours nor on a closed day."""
    at = wanted
    day = paris_date(at)
    if not calendar.is_working(day):
        at = _at(calendar.next_working(day), DIGEST_AT)
    if preference.quiet_at(at) and preference.quiet_to is not None:
        until = _at(paris_date(at), preference.quiet_to)
        at = until if until > at else _at(calendar.add_working_days(paris_date(at), 1), preference.quiet_to)
    return at


def _at(day: date, moment: time) -> datetime:
    return datetime.combine(day, moment, tzinfo=PARIS)


def try_again_at(attempts: int, failed_at: datetime, asked: int | None) -> datetime | None:
    """When to try again after so many failed tries, at the earliest when the server asked; None: never again."""
    if attempts > len(BACK_OFF):
        return None
    pause = BACK_OFF[attempts - 1]
    return failed_at + max(pause, timedelta(seconds=min(asked or 0, 86_400)))


def message_id(recipient: str, reminders: list[UUID]) -> str:
    """The same for every try of the same message: derived from what is in it."""
    text = "\n".join([recipient, *sorted(map(str, reminders))])
    return f"reminder.{hashlib.sha256(text.encode()).hexdigest()[:40]}"
