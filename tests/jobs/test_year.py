"""A year of the demonstration, told day by day with reminders raised every morning: the log holds those of a table.

Only reminders: the acts that the rules do by themselves would get ahead of people who, in the story, do them by hand.
"""

import os
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from pathlib import Path

import pytest

from service.bootstrap import Service
from service.demonstration import story
from service.demonstration.stage import Stage
from service.domain.act import PARIS
from service.domain.reminder import ReminderRaised
from service.domain.reminder_sources import CONCEPTS
from service.domain.working_time import WorkingCalendar
from service.jobs.raising import raise_due
from service.jobs.reminding import scene_of
from service.projections.reminder_situation import transformations
from service.settings import Settings

ANCHOR = date(2027, 4, 15)
FIRST, LAST = date(2026, 4, 15), date(2027, 4, 14)
TABLE = Path(__file__).with_name("year.txt")


class Clock:
    now = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def told(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Service, dict[str, str]]]:
    """The service at the end of the year, and who is who."""
    clock = Clock()
    settings = Settings(data_dir=tmp_path_factory.mktemp("keys"), environment="test")
    service = Service(settings, database, clock=lambda: clock.now)
    service.database.open()
    calendar = WorkingCalendar(story.people.closed_days(ANCHOR))
    stage = Stage(service, ANCHOR, calendar, service.projector())
    days = {day: list(each) for day, each in groupby(story.told_in_order(), key=lambda entry: stage.day(entry.day))}
    ticker = service.ticker()
    day = min(days)
    while day <= LAST:
        if day >= FIRST:
            clock.now = datetime.combine(day, time(6, 30), PARIS)
            stage.projector.catch_up()
            with service.database.snapshot() as connection:
                scenes = [scene_of(connection, each, day) for each in transformations(connection)]
            for scene in scenes:
                raise_due(ticker.house, scene)
        if day in days:
            story._play_day(stage, day, days[day])
        day += timedelta(days=1)
    stage.projector.catch_up()
    yield service, {id: name for name, id in stage.people.items()}
    service.database.close()


def raised(service: Service, names: dict[str, str]) -> list[str]:
    """One line per occurrence: day, rule, offset, the date it counts from, the subject, and who was told."""
    with service.database.connection() as connection:
        rows = connection.execute("SELECT * FROM events WHERE topic = 'reminder.raised' ORDER BY notification_id")
        facts = service.log.opened(service.log.recorder.with_keys(connection, rows.fetchall()))  # type: ignore[attr-defined]
        refs: dict[object, str] = {}
        for concept in CONCEPTS.values():
            for row in connection.execute(
                f"SELECT id, ref FROM {service.tables[concept.name].name} WHERE valid_to IS NULL"
            ):
                refs[row["id"]] = f"{concept.letter}-{row['ref']}"
    people = defaultdict(list)
    for fact in facts:
        event = fact.event
        assert isinstance(event, ReminderRaised)
        subject = refs[event.subject.id] + (f".{event.subject.number}" if event.subject.number else "")
        line = f"{fact.occurred_on} {event.rule} {event.offset:+d} {event.due_on} {subject}"
        people[line].append(names[event.recipient])
    assert all(len(each) == len(set(each)) for each in people.values()), "somebody was told twice"
    return sorted(f"{line} {','.join(sorted(each))}" for line, each in people.items())


def test_the_reminders_of_a_year_are_those_of_the_table(told: tuple[Service, dict[str, str]]) -> None:
    expected = [line for line in TABLE.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    found = raised(*told)
    if os.environ.get("TRAJECTOIRE_SHOW_YEAR"):
        Path(os.environ["TRAJECTOIRE_SHOW_YEAR"]).write_text("\n".join(found) + "\n", "utf-8")
    assert found == expected
