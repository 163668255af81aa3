"""Reminder (rappel): one word to one person about one occurrence of one rule, raised once in the log.

Its stream is derived from its identity, so the log itself refuses the second one, however many schedulers run or die.
When a rule speaks is in `reminder_rules`; how it is brought to people is no event: see `service.jobs`.
"""

import hashlib
from datetime import date
from typing import Any, Literal
from uuid import UUID

from service.domain.authority import Visibility
from service.domain.concept import Concept, State, created
from service.domain.event import Event, Fact, Value
from service.domain.reminder_rules import RuleName

# Events


class ReminderSubject(Value):
    """What the reminder is about; `number` names one of its conditions."""

    kind: Literal["review", "milestone", "obstacle", "indicator", "decision"]
    id: UUID
    number: int | None = None


class ReminderRaised(Event):
    """Somebody is to be reminded of something: this occurrence of this rule, to this person, once."""

    TOPIC = "reminder.raised"
    rule: RuleName
    offset: int
    """Working days from `due_on`: negative before, positive after."""
    subject: ReminderSubject
    due_on: date
    """The date that the offset counts from."""
    revision: int
    """How many times that date had been changed: a changed date re-arms the rule."""
    recipient: str
    visibility: Visibility = "members"
    """That of the subject, when it was raised."""


# State


class Reminder(State):
    """A reminder as it was raised: nothing ever happens to it in the log."""

    status: Literal["raised", "withdrawn"] = "raised"
    rule: RuleName
    offset: int
    subject: ReminderSubject
    due_on: date
    revision: int
    recipient: str
    visibility: Visibility = "members"
    raised_on: date


def evolve(reminder: Reminder | None, fact: Fact) -> Reminder:
    """The reminder after one more fact."""
    event = fact.event
    if isinstance(event, ReminderRaised):
        fields: dict[str, Any] = {name: getattr(event, name) for name in ReminderRaised.model_fields}
        return Reminder(**created(fact), **fields, raised_on=fact.occurred_on)
    assert reminder is not None  # a stream begins with its creation; `fold` has checked it
    return reminder


def check(reminder: Reminder | None, fact: Fact) -> None:
    """Nothing forbids a reminder but its own identity."""


# Identity


def identity(event: ReminderRaised) -> UUID:
    """The id of the reminder: (rule, offset, subject, schedule revision, recipient), as DOMAIN section 3 has it."""
    return _derived(event, str(event.offset))


def series(event: ReminderRaised) -> UUID:
    """What the occurrences of one rule on one date have in common: a later one says all that an earlier one said."""
    return _derived(event, "*")


def _derived(event: ReminderRaised, offset: str) -> UUID:
    """A UUIDv8 (RFC 9562 section 5.8): the due date in its first 48 bits, so that ids sort by it, then a hash."""
    subject = event.subject
    parts = (event.rule, offset, subject.kind, str(subject.id), str(subject.number or ""))
    text = "\n".join((*parts, event.due_on.isoformat(), str(event.revision), event.recipient))
    digest = int.from_bytes(hashlib.sha256(text.encode()).digest()[:10], "big")
    milliseconds = (event.due_on.toordinal() - _EPOCH) * 86_400_000
    value = (milliseconds & (1 << 48) - 1) << 80 | digest
    value = value & ~(0xF << 76) | 8 << 76
    return UUID(int=value & ~(0x3 << 62) | 2 << 62)


_EPOCH = date(1970, 1, 1).toordinal()

REMINDER: Concept[Reminder] = Concept(
    name="reminder",
    collection="reminders",
    state=Reminder,
    events=(ReminderRaised,),
    evolve=evolve,
    check=check,
    owners=lambda reminder: (reminder.recipient,),
    restricted=lambda reminder: reminder.visibility == "restricted",
)
