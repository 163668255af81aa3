"""A service whose clock tests move, with a mailer that keeps what it is given and fails when it is told to."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from typing import Any
from uuid import UUID

from service.domain.act import PARIS
from service.domain.event import Fact
from service.domain.reminder import ReminderRaised
from service.integrations.mail import Mail, Sent
from service.jobs.tick import Ticked, Ticker
from tests.running import Running


@dataclass
class KeptMail:
    """Keeps every mail; answers what stands first in `answers`, else that it was sent."""

    mails: list[Mail] = field(default_factory=list)
    answers: list[Sent] = field(default_factory=list)

    def send(self, mail: Mail) -> Sent:
        self.mails.append(mail)
        return self.answers.pop(0) if self.answers else Sent("sent", "250 ok")


def at(running: Running, day: str, hour: str = "08:00") -> datetime:
    """Move the clock to a day and an hour in Paris."""
    running.now = datetime.combine(
        datetime.fromisoformat(day).date(), time.fromisoformat(hour), tzinfo=PARIS
    ).astimezone(UTC)
    return running.now


def caught_up(running: Running) -> None:
    """The read models have heard all there is."""
    assert running.service.gate.wait(running.service.log.head(), 20)


def tick(running: Running, ticker: Ticker | None = None) -> Ticked:
    """One tick that nobody else holds, over read models that have heard all there is."""
    caught_up(running)
    ticked = (ticker or running.service.ticker()).tick()
    assert ticked is not None
    caught_up(running)
    return ticked


def raised(running: Running) -> list[Fact]:
    """Every reminder of the log, counted there."""
    database = running.service.database
    with database.connection() as connection:
        rows = connection.execute(
            "SELECT * FROM events WHERE topic = 'reminder.raised' ORDER BY notification_id"
        ).fetchall()
        recorder: Any = running.service.log.recorder
        return running.service.log.opened(recorder.with_keys(connection, rows))


def lines(running: Running, transformation: str | UUID) -> list[tuple[str, str, int, str]]:
    """(day, rule, offset, whom by name) of what was raised in a transformation."""
    names = {id: name for name, id in running.people.items()}
    found = []
    for fact in raised(running):
        event = fact.event
        assert isinstance(event, ReminderRaised)
        if str(fact.envelope.transformation_id) == str(transformation):
            found.append((fact.occurred_on.isoformat(), event.rule, event.offset, names[event.recipient]))
    return sorted(found)


def address(running: Running, name: str, email: str | None, language: str = "fr") -> None:
    with running.service.database.connection() as connection:
        connection.execute(
            "UPDATE people SET email = %s, language = %s WHERE id = %s", (email, language, running.people[name])
        )
