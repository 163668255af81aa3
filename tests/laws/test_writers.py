"""Many at once: one winner per version, one set of events per key, and an order that readers can follow."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from service.domain import action_course, milestone
from service.domain.action import ACTION
from service.domain.event import new_id
from service.domain.milestone import MILESTONE
from service.domain.refusal import Refusal, StaleVersion
from service.store.idempotency import IdempotencyKey, KeyReused
from service.store.recording import TooBusy
from service.store.unit import Target, Unit, expect
from tests.laws.history import DAY, House, Life


@pytest.fixture(scope="module")
def house(database: str) -> Iterator[House]:
    house = House(database)
    yield house
    house.close()


def test_of_fifty_edits_on_one_version_exactly_one_wins(house: House) -> None:
    life = Life(house, "FIFTY")
    id = life.step(2, 1, 0).id
    version = house.log.load(MILESTONE, id).version
    start = threading.Barrier(50)

    def edit(number: int) -> Any:
        def work(unit: Unit) -> Target:
            state = unit.get(MILESTONE, id)
            expect(state, [version])
            return Target(MILESTONE, unit.record(MILESTONE, id, milestone.revise(state, title=f"Titre {number}")))

        start.wait()
        try:
            return house.recorder.execute(house.act(transformation_id=life.id), work)
        except Refusal as refusal:
            return refusal

    with ThreadPoolExecutor(50) as threads:
        results = list(threads.map(edit, range(50)))
    losers = [result for result in results if isinstance(result, Refusal)]
    assert len(results) - len(losers) == 1
    assert {type(loser) for loser in losers} == {StaleVersion}
    assert house.log.load(MILESTONE, id).version == version + 1


def test_without_a_version_every_edit_finds_its_place(house: House) -> None:
    life = Life(house, "PLACE")
    id = life.step(0, 1, 0).id
    before = house.log.load(ACTION, id).version

    def confirm(_: int) -> None:
        def work(unit: Unit) -> Target:
            return Target(ACTION, unit.record(ACTION, id, action_course.confirm(unit.get(ACTION, id))))

        house.recorder.execute(house.act(transformation_id=life.id), work)

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(confirm, range(24)))
    assert house.log.load(ACTION, id).version == before + 24


def test_twenty_parallel_acts_with_one_key_leave_one_set_of_events(house: House) -> None:
    life = Life(house, "TWENTY")
    key = IdempotencyKey(house.people[0], str(new_id()), b"f" * 32)
    head = house.log.head()
    start = threading.Barrier(20)

    def propose(_: int) -> Any:
        def work(unit: Unit) -> Target:
            ref = unit.reference(ACTION, life.id)
            return Target(ACTION, unit.create(ACTION, action_course.propose(ref=ref, title="Une", end_on=DAY)), True)

        start.wait()
        return house.recorder.execute(house.act(transformation_id=life.id), work, key)

    with ThreadPoolExecutor(20) as threads:
        outcomes = list(threads.map(propose, range(20)))
    assert len({outcome.id for outcome in outcomes}) == 1
    assert sorted(outcome.replayed for outcome in outcomes) == [False] + [True] * 19
    assert len({(o.version, o.position, o.created) for o in outcomes}) == 1
    recorded = house.database.all("SELECT FROM events WHERE notification_id > %s", (head,))
    assert len(recorded) == 1
    other = IdempotencyKey(key.principal, key.key, b"g" * 32)
    with pytest.raises(KeyReused):
        house.recorder.execute(house.act(transformation_id=life.id), _refusing, other)


def _refusing(unit: Unit) -> Target:
    raise TooBusy()  # the key is looked at before any refusal is told


def test_a_reader_that_polls_while_four_write_skips_no_event(house: House) -> None:
    """Position order is commit order: whoever has read up to a position has read all that will ever be before it."""
    life = Life(house, "ORDER")
    start = house.log.head()
    writing = threading.Event()
    writing.set()
    seen: list[int] = []
    instants: list[Any] = []

    def poll() -> None:
        last = start
        while True:
            more = writing.is_set()
            query = "SELECT notification_id AS p, recorded_at FROM events WHERE notification_id > %s ORDER BY 1"
            for row in house.database.all(query, (last,)):
                last = row["p"]
                seen.append(last)
                instants.append(row["recorded_at"])
            if not more:
                return

    def write(writer: int) -> None:
        for number in range(30):
            life.step((writer + number) % 8, number, 0)

    reader = threading.Thread(target=poll)
    reader.start()
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(write, range(4)))
    writing.clear()
    reader.join()
    whole = [
        row["p"]
        for row in house.database.all(
            "SELECT notification_id AS p FROM events WHERE notification_id > %s ORDER BY 1", (start,)
        )
    ]
    assert len(whole) == 120
    assert seen == whole
    assert instants == sorted(instants)
