"""What a process remembers for its writes is never older than it says, and one caller's trouble is not another's."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
import pytest

from service.api.at_hand import AtHand
from service.api.door import Door
from service.domain.event import new_id
from service.domain.job import SERVICE_ID
from service.projections.table_feed import TableFeed
from service.store.directory import SERVICE_NAME
from service.store.writer import TooManyWrites
from tests.running import Running

APPENDING = "SELECT pg_advisory_lock(7226, 1)"
OBSTACLE = {"title": "Salle prise", "statement": "En juin.", "nature": "obstacle", "impact": 2, "urgency": 3}
PLAN = UUID(int=1)


def test_a_name_is_never_remembered_under_a_revision_that_comes_after_it(running: Running) -> None:
    transformation = running.transformation()
    person = running.person("Avant")
    running.post(f"/transformations/{transformation}/members", {"person_id": person, "role": "contributor"})
    path, body = f"/transformations/{transformation}/obstacles", {**OBSTACLE, "owner": person}
    with psycopg.connect(running.service.database.dsn) as renaming:
        renaming.execute("UPDATE people SET display_name = 'Après' WHERE id = %s", (person,))
        meanwhile = running.post(path, body)
    after = running.post(path, body)
    assert meanwhile.json()["people"][person] == "Avant"
    assert after.json()["people"][person] == "Après"


def test_those_who_wait_for_an_instant_leave_the_door_open(running: Running) -> None:
    async def ask() -> None:
        door = Door(running.service.database.dsn)
        await door.open()
        try:
            instants = [asyncio.create_task(door.position_at(datetime.now(UTC))) for _ in range(8)]
            await asyncio.sleep(0.1)
            assert await asyncio.wait_for(door.key("nobody"), timeout=5) is None
            assert not any(each.done() for each in instants)
        finally:
            appending.execute("SELECT pg_advisory_unlock(7226, 1)")
            assert len(await asyncio.gather(*instants)) == 8
            await door.close()

    with psycopg.connect(running.service.database.dsn, autocommit=True) as appending:
        appending.execute(APPENDING)
        asyncio.run(ask())


def test_an_act_that_is_set_aside_is_answered_like_its_repetition(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    transformation = running.transformation()
    path, key = f"/transformations/{transformation}/obstacles", str(new_id())
    flush = TableFeed.flush

    def poisoned(feed: TableFeed[Any], connection: psycopg.Connection[Any]) -> None:
        if feed.table.name == "obstacles" and feed._heard:
            connection.execute("SELECT 1 / 0")
        flush(feed, connection)

    monkeypatch.setattr(TableFeed, "flush", poisoned)
    made = running.post(path, OBSTACLE, key=key)
    repeated = running.post(path, OBSTACLE, key=key)
    assert (made.status_code, made.json().get("title")) == (201, None)
    assert repeated.headers["Idempotent-Replayed"] == "true"
    assert made.content == repeated.content


def test_an_overloaded_writer_is_asked_once(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    transformation = running.transformation()
    path, key = f"/transformations/{transformation}/obstacles", str(new_id())
    first = running.post(path, OBSTACLE, key=key)
    asked = []

    async def overloaded(*given: Any) -> None:
        asked.append(given)
        raise TooManyWrites()

    monkeypatch.setattr(running.service.recorder, "perform", overloaded)
    monkeypatch.setattr(running.service.recorder, "execute", lambda *given: asked.append(given))
    refused, repeated = running.post(path, OBSTACLE), running.post(path, OBSTACLE, key=key)
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
    assert repeated.content == first.content  # what was done before is answered, however busy it is now
    assert len(asked) == 2


def test_the_service_itself_has_a_name(running: Running) -> None:
    async def ask() -> dict[str, str]:
        door = Door(running.service.database.dsn)
        await door.open()
        try:
            return await AtHand(door, running.service.gate).names([SERVICE_ID, running.people["lead"]], 1)
        finally:
            await door.close()

    running.transformation()
    assert asyncio.run(ask()) == {SERVICE_ID: SERVICE_NAME, running.people["lead"]: "lead"}


class Counter:
    """A door whose references are given when the test says so."""

    def __init__(self) -> None:
        self.last = 0
        self.calls: list[int] = []
        self.open = asyncio.Event()

    async def references(self, transformation_id: UUID, letter: str, count: int) -> range:
        self.calls.append(count)
        await self.open.wait()
        self.last += count
        return range(self.last - count + 1, self.last + 1)


def references(gone: Sequence[int]) -> tuple[list[Any], list[int]]:
    """Four ask for one, two, three and four references, and some give up; what each got, and the calls that it took."""

    async def ask() -> tuple[list[Any], list[int]]:
        counter: Any = Counter()
        hand = AtHand(counter, None)  # type: ignore[arg-type]
        tasks = [asyncio.create_task(hand.references(PLAN, "J", count)) for count in (1, 2, 3, 4)]
        await asyncio.sleep(0)
        for number in gone:
            tasks[number].cancel()
        await asyncio.sleep(0)
        counter.open.set()
        got = await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), timeout=5)
        assert not hand._asked, "nobody is waited for any more"
        return [None if isinstance(each, BaseException) else list(each) for each in got], counter.calls

    return asyncio.run(ask())


def test_those_who_come_meanwhile_share_the_next_call() -> None:
    assert references(gone=()) == ([[1], [2, 3], [4, 5, 6], [7, 8, 9, 10]], [1, 9])


@pytest.mark.parametrize("gone", [0, 1, 2, 3])
def test_who_gives_up_takes_nobody_along(gone: int) -> None:
    got, _ = references(gone=(gone,))
    assert got[gone] is None
    others = [number for each in got if each for number in each]
    assert len(others) == len(set(others)) == 10 - (gone + 1)
