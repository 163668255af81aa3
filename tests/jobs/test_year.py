"""A year of the demonstration, told day by day with reminders raised every morning: the log holds those of a table.

Only reminders: the acts that the rules do by themselves would get ahead of people who, in the story, do them by hand.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from pathlib import Path

import pytest

from service.bootstrap import Service
from service.demonstration import story
from service.demonstration.stage import Stage
from service.domain.act import PARIS
from service.domain.event import Fact
from service.domain.mending import Withdrawn, effective
from service.domain.reminder import ReminderRaised
from service.domain.reminder_sources import CONCEPTS
from service.domain.working_time import WorkingCalendar
from service.jobs.raising import raise_due
from service.jobs.reminding import scene_of
from service.projections.reminder_situation import transformations
from service.settings import Settings
from tests.conftest import _copy

ANCHOR = date(2027, 4, 15)
FIRST, LAST = date(2026, 4, 15), date(2027, 4, 14)
SOONER = date(2026, 10, 2)
"""Where the short form of the proof ends."""
TABLE = Path(__file__).with_name("year.txt")


class Clock:
    now = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class Told:
    """The service at the end of what was told, and who is who."""

    service: Service
    names: dict[str, str]
    last: date


@pytest.fixture(scope="module", params=[SOONER, pytest.param(LAST, marks=pytest.mark.prove)], ids=str)
def told(
    request: pytest.FixtureRequest, server: str, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Told]:
    """The story up to a day, in a database of its own."""
    for dsn in _copy(server, template):
        with _telling(dsn, tmp_path_factory.mktemp("keys"), request.param) as service_and_names:
            yield service_and_names


@contextmanager
def _telling(dsn: str, folder: Path, last: date) -> Iterator[Told]:
    clock = Clock()
    settings = Settings(data_dir=folder, environment="test")
    service = Service(settings, dsn, clock=lambda: clock.now)
    service.database.open()
    calendar = WorkingCalendar(story.people.closed_days(ANCHOR))
    stage = Stage(service, ANCHOR, calendar, service.projector())
    days = {day: list(each) for day, each in groupby(story.told_in_order(), key=lambda entry: stage.day(entry.day))}
    ticker = service.ticker()
    day = min(days)
    while day <= last:
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
    yield Told(service, {id: name for name, id in stage.people.items()}, last)
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


def table(last: date) -> list[str]:
    """The lines of the table up to a day."""
    lines = [line for line in TABLE.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    return [line for line in lines if line[:10] <= last.isoformat()]


def test_the_reminders_of_a_year_are_those_of_the_table(told: Told) -> None:
    assert raised(told.service, told.names) == table(told.last)


# The same for milestones and reviews from the bare events, with another arithmetic: a list of all working days.

HOLIDAYS = """
2026-01-01 2026-04-06 2026-05-01 2026-05-08 2026-05-14 2026-05-25 2026-07-14 2026-08-15 2026-11-01 2026-11-11 2026-12-25
2027-01-01 2027-03-29 2027-05-01 2027-05-06 2027-05-08 2027-05-17 2027-07-14 2027-08-15 2027-11-01 2027-11-11 2027-12-25
"""
MOVED = {"milestone.rescheduled": "due_on", "review.rescheduled": "planned_on"}
CREATED = {"milestone.planned": "due_on", "review.scheduled": "planned_on"}
OVER = {"milestone.reached", "milestone.cancelled", "review.cancelled", "review.held"}


def worked_out(service: Service, last: date) -> list[str]:
    """Day, rule, offset, date and object, without people."""
    closed = {*HOLIDAYS.split(), *(day.isoformat() for day in story.people.closed_days(ANCHOR))}
    first = date(2026, 1, 1).toordinal()
    days = [date.fromordinal(first + number) for number in range(730)]
    working = [day for day in days if day.weekday() < 5 and day.isoformat() not in closed]
    topics = [*CREATED, "milestone.corrected", "review.corrected"]
    streams = service.database.all("SELECT DISTINCT originator_id AS id FROM events WHERE topic = ANY (%s)", (topics,))
    told = []
    for row in streams:
        history = service.log.history(row["id"])
        raised = set()
        for today in working:
            if not FIRST <= today <= last:
                continue
            morning = datetime.combine(today, time(6, 30), PARIS)
            known = [fact for fact in history if fact.recorded_at is not None and fact.recorded_at < morning]
            for rule, offset, due_on, changes, ref in _standing(known, today, working):
                if (rule, offset, due_on, changes) not in raised:
                    raised.add((rule, offset, due_on, changes))
                    told.append(f"{today} {rule} {offset:+d} {due_on} {ref}")
    return sorted(told)


def _standing(known: list[Fact], today: date, working: list[date]) -> Iterator[tuple[str, int, date, int, str]]:
    facts = effective(known) if known else []
    gone = any(isinstance(f.event, Withdrawn) and f.event.target_event_id == known[0].envelope.event_id for f in known)
    if not facts or gone:
        return
    kind = facts[0].topic.partition(".")[0]
    due_on = getattr(facts[0].event, CREATED[facts[0].topic])
    said, changes, over, frozen = facts[0].occurred_on, 0, False, False
    for fact in facts[1:]:
        if fact.topic in MOVED and getattr(fact.event, MOVED[fact.topic]) != due_on:
            due_on, said, changes = getattr(fact.event, MOVED[fact.topic]), fact.occurred_on, changes + 1
        over = (over or fact.topic in OVER) and fact.topic != "milestone.reopened"
        frozen = frozen or fact.topic == "review.pack_frozen"
    if over:
        return
    before, after = bisect_left(working, due_on), bisect_right(working, due_on)
    ref = ("J-" if kind == "milestone" else "R-") + str(facts[0].event.model_dump()["ref"])
    upcoming = {"milestone": [("milestone_upcoming", (7, 1))], "review": [("review_upcoming", (14, 7, 1))]}[kind]
    if kind == "review":
        upcoming += [("review_today", (0,))] + ([] if frozen else [("pack_to_freeze", (5,))])
    if today <= due_on:
        for rule, offsets in upcoming:
            come = [n for n in offsets if (working[before - n] if n else working[after - 1]) <= today]
            if come:
                day = working[before - min(come)] if min(come) else working[after - 1]
                if day >= said:
                    yield rule, -min(come), due_on, changes, ref
    elif kind == "milestone":
        passed = working.index(today) - after + 1
        number = (passed - 1) // 5 * 5 + 1
        if passed >= 1 and working[after + number - 1] >= said:
            yield "milestone_overdue", number, due_on, changes, ref


def test_the_dates_of_milestones_and_reviews_are_found_again_from_the_bare_events(told: Told) -> None:
    lines = [line.rpartition(" ")[0] for line in table(told.last)]
    ours = ("milestone_upcoming", "milestone_overdue", "review_upcoming", "review_today", "pack_to_freeze")
    assert worked_out(told.service, told.last) == [line for line in lines if line.split()[1] in ours]
