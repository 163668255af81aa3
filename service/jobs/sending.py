"""Bringing reminders to people: into the inbox, then out by mail, each message looked at again before it leaves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow

from service.domain.act import paris_date
from service.domain.delivery import leaves_at, undisturbed
from service.domain.preference import DEFAULT
from service.domain.refusal import Language
from service.domain.reminder import ReminderRaised, series
from service.domain.reminder_sources import CONCEPTS
from service.domain.reminder_words import sentence, why
from service.domain.reminders_due import still
from service.domain.working_time import WorkingCalendar
from service.integrations.mail import Mail, MailItem
from service.jobs.reminding import Reminding, Scene, scene_of
from service.projections.reminder_situation import find_transformation
from service.store import outbox
from service.store.outbox import Leased, Raised


def take_in(house: Reminding) -> int:
    """Enter all raised reminders into the inbox and queue the mails; how many reminders there were."""
    total = 0
    while count := outbox.take_in(house.log, lambda connection, new: _channels(house, connection, new)):
        total += count
    return total


def _channels(
    house: Reminding, connection: Connection[DictRow], new: Sequence[Raised]
) -> Mapping[UUID, Mapping[str, datetime]]:
    """Every reminder goes to the inbox; by mail when its recipient wants mail, at the time of that person's digest."""
    wishes = house.directory.preferences([raised.event.recipient for raised in new], connection)
    calendars: dict[UUID, WorkingCalendar] = {}
    found: dict[UUID, Mapping[str, datetime]] = {}
    for raised in new:
        owner = raised.transformation_id
        if owner not in calendars:
            transformation = find_transformation(connection, owner)
            calendars[owner] = WorkingCalendar(transformation.closed_days if transformation else ())
        wish = wishes.get(raised.event.recipient, DEFAULT)
        if "email" in wish.channels:
            found[raised.id] = {"email": leaves_at(wish, raised.raised_at, raised.event.due_on, calendars[owner])}
    return found


@dataclass
class Sender:
    """One round of sending: what it reads of each transformation is read once."""

    house: Reminding
    scenes: dict[UUID, Scene | None] = field(default_factory=dict)

    def send_all(self) -> int:
        """Send what is ready; the number of messages tried."""
        database, tried = self.house.log.database, 0
        asked: set[str] = set()
        while True:
            with database.connection() as connection:
                people = [p for p in outbox.ready(connection, self.house.clock()) if p not in asked]
            if not people:
                return tried
            for person in people:
                tried += self._send_to(person)
            asked.update(people)

    def _send_to(self, person: str) -> int:
        tried = 0
        with self.house.log.database.connection() as connection:
            while (held := outbox.lease(connection, person, self.house.clock())) is not None:
                mail = self._written(connection, held)
                if mail is not None:
                    sent = self.house.mailer.send(mail)
                    at = self.house.clock()
                    outbox.settle(connection, held, sent.outcome, sent.detail, at, sent.retry_after)
                    tried += 1
        return tried

    def _written(self, connection: Connection[DictRow], held: Leased) -> Mail | None:
        """The message as it should be now; None where nothing of it is to leave, or not yet."""
        now = self.house.clock()
        row = self.house.directory.person(held.recipient)
        if row is None:
            outbox.drop(connection, held, list(held.reminders), now, "this person is no longer in the directory")
            return None
        wish = self.house.directory.preferences([held.recipient], connection).get(held.recipient, DEFAULT)
        language: Language = "en" if row["language"] == "en" else "fr"
        items: list[tuple[ReminderRaised, MailItem]] = []
        gone: list[UUID] = []
        said: set[UUID] = set()
        events = outbox.events_of(connection, held.reminders)
        for id in sorted(held.reminders, key=lambda id: -_offset(events, id)):
            owner, event = events[id]
            item = self._item(connection, owner, event, language, now)
            if item is None or series(event) in said:
                gone.append(id)
                continue
            scene = self._scene(connection, owner, now)
            open_at = undisturbed(wish, now, scene.calendar if scene else WorkingCalendar())
            if open_at > now:
                outbox.put_off(connection, held, [id], open_at)
                continue
            said.add(series(event))
            items.append((event, item))
        if gone:
            outbox.drop(connection, held, gone, now, "no longer true, or said by a later one")
        if not items:
            return None
        if not row["email"]:
            outbox.refuse(connection, held, list(held.reminders), now, "the directory has no address for this person")
            return None
        items.sort(key=lambda pair: (pair[0].due_on, pair[1].sentence))
        return Mail(
            message_id=held.message_id,
            recipient_address=row["email"],
            recipient_name=row["display_name"],
            language=language,
            items=tuple(item for _, item in items),
            digest=len(items) > 1,
        )

    def _item(
        self, connection: Connection[DictRow], owner: UUID, event: ReminderRaised, language: Language, now: datetime
    ) -> MailItem | None:
        scene = self._scene(connection, owner, now)
        if scene is None or not still(event, scene.living, paris_date(now)):
            return None
        state, concept = scene.situation.find(event.subject), CONCEPTS[event.subject.kind]
        return MailItem(
            transformation=f"{scene.transformation.code} — {scene.transformation.name}",
            sentence=sentence(event, concept.reference(state), state.title, language),
            why=why(event, language),
            path=f"/api/v1/{concept.collection}/{state.id}",
            due_on=event.due_on,
        )

    def _scene(self, connection: Connection[DictRow], owner: UUID, now: datetime) -> Scene | None:
        """The transformation as it stands; None once it is closed or withdrawn: nobody is reminded of anything then."""
        if owner not in self.scenes:
            found = find_transformation(connection, owner)
            open_still = found is not None and not found.withdrawn and found.status != "closed"
            self.scenes[owner] = scene_of(connection, found, paris_date(now)) if found and open_still else None
        return self.scenes[owner]


def _offset(events: Mapping[UUID, tuple[UUID, ReminderRaised]], id: UUID) -> int:
    return events[id][1].offset
