"""An event that cannot be projected stops its own stream only; an operator retries or skips it, and says why."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from service.domain.milestone import MILESTONE
from service.projections import folding
from service.projections.milestones import MILESTONES
from service.projections.poison import AlreadyAsked, NotSetAside, decide, list_waiting
from service.projections.table_feed import TableFeed
from service.store.idempotency import IdempotencyKey
from tests.laws.history import CREATIONS, House
from tests.projections.house import execute, fingerprint, grown, head, projector, rebuild, replayed

KEY = IdempotencyKey("p_" + "1" * 32, "clé", b"f" * 32)


@pytest.fixture
def house(fresh_database: str) -> Iterator[House]:
    house = House(fresh_database)
    yield house
    house.close()


def poisoned(house: House, monkeypatch: pytest.MonkeyPatch, where: str) -> Any:
    """The third event of a milestone cannot be folded, or cannot be written. Gives the stream."""
    life = grown(house, "POISON", 120)
    planning = next(n for n, (concept, _) in enumerate(CREATIONS) if concept is MILESTONE)
    stream, last = life.step(planning, 1, 0).id, len(life.objects) - 1
    life.walk([(30 + n, last, n % 3, 1) for n in range(20)])
    numbers = [fact.originator_version for fact in life.facts() if fact.originator_id == stream]
    assert len(numbers) >= 4
    number = numbers[2]
    if where == "fold":
        real = folding.advance

        def advance(concept: Any, state: Any, fact: Any, history: Any) -> Any:
            if fact.originator_id == stream and fact.originator_version == number:
                raise ZeroDivisionError("a text that nobody may read in a log")
            return real(concept, state, fact, history)

        monkeypatch.setattr(folding, "advance", advance)
    else:
        flush = TableFeed.flush

        def flush_badly(self: Any, connection: psycopg.Connection[Any]) -> None:
            if any(id == stream and row[7] == number for id, row in self._heard):
                connection.execute("SELECT 1 / 0")
            flush(self, connection)

        monkeypatch.setattr(TableFeed, "flush", flush_badly)
    return stream


@pytest.mark.parametrize("where", ["fold", "flush"])
def test_others_go_on_and_after_the_fix_a_retry_equals_a_replay(
    house: House, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    stream = poisoned(house, monkeypatch, where)
    projector(house).catch_up()
    assert head(house)["position"] == house.log.head()
    with house.database.connection() as connection:
        (waiting,) = list_waiting(connection)
        assert (waiting["stream_id"], waiting["waiting"] >= 2, waiting["tries"]) == (stream, True, 1)
        assert "DivisionByZero" in waiting["problem"] or "ZeroDivisionError" in waiting["problem"]
        assert "nobody may read" not in waiting["problem"]
        versions = house.database.all("SELECT version FROM milestones WHERE id = %s", (stream,))
        assert max(row["version"] for row in versions) == waiting["version"] - 1
        # retried too early, it waits again
        decide(connection, stream, "retry", KEY, "pour voir")
    projector(house).catch_up()
    with house.database.connection() as connection:
        assert [row["tries"] for row in list_waiting(connection)] == [2]
        monkeypatch.undo()
        decide(connection, stream, "retry", IdempotencyKey(KEY.principal, "autre", b"g" * 32), "réparé")
    projector(house).catch_up()
    with house.database.connection() as connection:
        assert list_waiting(connection) == []
    grown = fingerprint(house)
    assert grown == replayed(house)


def test_a_skipped_event_is_left_out_and_every_rebuild_leaves_it_out(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = poisoned(house, monkeypatch, "fold")
    projector(house).catch_up()
    with house.database.connection() as connection:
        made, replay = decide(connection, stream, "skip", KEY, "jamais réparable")
        assert not replay
        assert decide(connection, stream, "skip", KEY, "jamais réparable") == (made, True)
        with pytest.raises(AlreadyAsked):
            decide(connection, stream, "retry", IdempotencyKey(KEY.principal, "2", b""), "non")
    projector(house).catch_up()
    with house.database.connection() as connection:
        assert list_waiting(connection) == []
        with pytest.raises(NotSetAside):
            decide(connection, stream, "retry", IdempotencyKey(KEY.principal, "3", b""), "non")
    assert house.database.all("SELECT FROM projection_skipped WHERE stream_id = %s", (stream,))
    grown = fingerprint(house)
    rebuild(house).run()
    assert fingerprint(house) == grown


def test_a_rebuild_leaves_a_waiting_stream_where_it_waits(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    poisoned(house, monkeypatch, "fold")
    projector(house).catch_up()
    grown = fingerprint(house)
    rebuild(house).run()
    assert fingerprint(house) == grown


def test_a_missing_table_is_nobodys_poison(house: House) -> None:
    grown(house, "TABLE", 10)
    execute(house, "ALTER TABLE milestones RENAME TO elsewhere")
    with pytest.raises(psycopg.errors.UndefinedTable):
        projector(house).catch_up()
    with house.database.connection() as connection:
        assert list_waiting(connection) == []
    execute(house, "ALTER TABLE elsewhere RENAME TO milestones")
    projector(house).catch_up()
    assert MILESTONES.concept is MILESTONE
