"""Raising reminders: what is due on a day and not in the log yet is recorded, each in the stream of its identity."""

from collections.abc import Sequence
from itertools import groupby
from uuid import UUID

from service.domain.job import act_of
from service.domain.reminder import REMINDER, ReminderRaised, identity
from service.domain.reminders_due import due
from service.domain.transformation import TRANSFORMATION
from service.jobs.reminding import Reminding, Scene
from service.store.database import Database
from service.store.unit import Target, Unit

CHUNK = 500
"""Reminders of one append: so few are held at once, however many are due."""
KNOWN = "SELECT originator_id FROM events WHERE originator_id = ANY (%s) AND originator_version = 1"


def raise_due(house: Reminding, scene: Scene) -> int:
    """Record every reminder that stands and is not in the log; how many that were.

    Two schedulers at once: the log refuses the second one, which then looks again and records only what is missing.
    """
    count = 0
    standing = due(scene.situation, scene.timings, scene.calendar)
    for rule, events in groupby(sorted(standing, key=lambda event: event.rule), key=lambda event: event.rule):
        chunk: list[ReminderRaised] = []
        for event in events:
            chunk.append(event)
            if len(chunk) == CHUNK:
                count += _record(house, scene.id, rule, chunk)
                chunk = []
        if chunk:
            count += _record(house, scene.id, rule, chunk)
    return count


def _record(house: Reminding, transformation_id: UUID, rule: str, events: Sequence[ReminderRaised]) -> int:
    database = house.log.database
    if not unknown(database, events):
        return 0
    act = act_of(rule, house.clock(), transformation_id)

    def work(unit: Unit) -> Target:
        for id, event in unknown(database, events).items():
            unit.create(REMINDER, [event], id)
        return Target(TRANSFORMATION, unit.get(TRANSFORMATION, transformation_id))

    return len(house.recorder.execute(act, work).facts)


def unknown(database: Database, events: Sequence[ReminderRaised]) -> dict[UUID, ReminderRaised]:
    """Those that the log does not hold yet, by their ids."""
    wanted = {identity(event): event for event in events}
    known = {row["originator_id"] for row in database.all(KNOWN, (list(wanted),))}
    return {id: event for id, event in wanted.items() if id not in known}
