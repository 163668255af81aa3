"""The narrator: plays the entries of the story in the order of time, one act each, under the supplied clock."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from itertools import groupby

from service.demonstration import (
    bodies,
    decisions,
    direction_project,
    indicators,
    notes,
    obstacles,
    people,
    reviews,
    submitted,
    turns,
    weather,
    workstreams,
)
from service.demonstration.entry import Entry
from service.demonstration.stage import Scene, Service, Stage, typeset
from service.domain.act import PARIS, Act
from service.domain.event import Basis, OnBehalfOf
from service.domain.refusal import Refusal
from service.domain.working_time import WorkingCalendar
from service.store.unit import Target, Unit

FIRST_ACT = time(9, 0)
WORKING_DAY = timedelta(hours=8, minutes=30)
NOBODY_YET = "p_" + "0" * 32
"""Who enrols the administrator: nobody is there yet."""

Keys = dict[str, tuple[str, str]]
"""By role: the name of the person who holds it, and the key that the demonstration hands out."""


class StoryRefused(Exception):
    """The story says something that the rules refuse: its data are wrong, or the database is not empty."""


def told_in_order() -> list[Entry]:
    """All entries by day; on one day in the order of the data."""
    before = (people, bodies, workstreams, turns, indicators, obstacles, submitted, direction_project)
    chapters = (*before, reviews, decisions, weather, notes)
    return sorted((entry for chapter in chapters for entry in chapter.entries()), key=lambda entry: entry.day)


def tell(service: Service, anchor: date) -> Keys:
    """Tell the founding case as about fourteen months that end on the eve of `anchor`, at the latest.

    The database is empty, its clock supplied, its pool open. Raises `StoryRefused`.
    """
    calendar = WorkingCalendar(people.closed_days(anchor))
    stage = Stage(service, anchor, calendar, service.projector())
    for day, entries in groupby(told_in_order(), key=lambda entry: stage.day(entry.day)):
        _play_day(stage, day, list(entries))
    stage.projector.catch_up()
    return stage.keys


def _play_day(stage: Stage, day: date, entries: Sequence[Entry]) -> None:
    """The acts of a day, spread over its working hours."""
    morning = datetime.combine(day, FIRST_ACT, PARIS)
    for number, entry in enumerate(entries):
        _play(stage, entry, morning + WORKING_DAY * number / len(entries))


def _play(stage: Stage, entry: Entry, now: datetime) -> None:
    before = dict(stage.things)

    def deed(unit: Unit) -> Target:
        # The recorder may try once more: what the last try entered was not recorded.
        stage.things.clear()
        stage.things.update(before)
        return entry.deed(Scene(stage, unit))

    try:
        stage.service.recorder.execute(_act(stage, entry, now), deed)
    except Refusal as refusal:
        raise StoryRefused(f"{entry.day}, {entry.who}: {refusal.message()}") from refusal


def _behalf(stage: Stage, entry: Entry) -> OnBehalfOf | None:
    if entry.named_for is None:
        return None
    if entry.review is not None:
        grounds = Basis(kind="review", id=stage.things[entry.review][1])
        return OnBehalfOf(kind="body", id=str(stage.things[entry.named_for][1]), basis=grounds)
    if entry.document is None:
        return None
    document = stage.said(entry.document)
    return OnBehalfOf(kind="person", id=stage.person(entry.named_for), basis=Basis(kind="document", document=document))


def _act(stage: Stage, entry: Entry, now: datetime) -> Act:
    return Act(
        actor=stage.people.get(entry.who, NOBODY_YET),
        now=now,
        role=stage.roles.get(entry.who),
        channel=entry.channel,
        transformation_id=stage.transformation_id,
        on_behalf_of=_behalf(stage, entry),
        reason=None if entry.reason is None else typeset(entry.reason),
        occurred_on=None if entry.since is None else stage.day(entry.since),
    )
