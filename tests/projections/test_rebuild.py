"""A rebuild beside equals what grew event by event, takes its place in one moment, leaves nothing when it is cut."""

import threading
from collections.abc import Iterator

import psycopg
import pytest

from service.projections import rebuild as module
from service.projections import table_feed
from service.projections.rebuild import RebuildUnderWay, ViewUnknown
from tests.laws.history import House, read_back
from tests.projections.house import execute, fingerprint, grown, projector, rebuild


@pytest.fixture
def house(fresh_database: str) -> Iterator[House]:
    house = House(fresh_database)
    for number in range(3):
        grown(house, f"LIFE{number}", 70)
    projector(house).catch_up()
    yield house
    house.close()


@pytest.mark.parametrize("room", [15_000, 3])
def test_the_rebuilt_tables_equal_those_that_grew(house: House, monkeypatch: pytest.MonkeyPatch, room: int) -> None:
    monkeypatch.setattr(module, "NEAR", 20)
    monkeypatch.setattr(table_feed.BulkFeed.__init__, "__kwdefaults__", {"room": room})
    before = fingerprint(house)
    work = rebuild(house, page=37)
    assert work.run() == house.log.head()
    assert fingerprint(house) == before
    # and the engine goes on over the new tables
    grown(house, "AFTER", 20)
    projector(house).catch_up()
    assert rebuild(house, page=37).verify() is None


@pytest.mark.parametrize("name", ["milestones", "audit_events", "restricted_objects"])
def test_one_view_can_be_rebuilt_alone(house: House, name: str) -> None:
    before = fingerprint(house)
    house.database.all(f"DELETE FROM {name} RETURNING 1")
    rebuild(house, name).run()
    assert fingerprint(house) == before
    indexes = house.database.all("SELECT indexname FROM pg_indexes WHERE tablename = %s", (name,))
    assert len(indexes) >= len(module._statements({name: rebuild(house).schema[name]})[1])


def test_verify_names_the_first_difference(house: House) -> None:
    assert rebuild(house).verify() is None
    (row,) = house.database.all(
        "UPDATE milestones SET due_on = due_on + 1 WHERE (id, valid_from) IN "
        "(SELECT id, valid_from FROM milestones ORDER BY valid_from LIMIT 1) RETURNING id, valid_from"
    )
    found = rebuild(house).verify()
    assert found is not None
    assert found.startswith(f"milestones (id = {row['id']}, valid_from = {row['valid_from']})")
    assert "due_on" in found
    rebuild(house, "milestones").run()
    house.database.all("DELETE FROM object_links RETURNING 1")
    assert "object_links" in (rebuild(house).verify() or "")


def test_what_a_cut_rebuild_left_is_cleared_by_the_next(house: House) -> None:
    before = fingerprint(house)
    execute(house, "CREATE SCHEMA beside", "CREATE TABLE beside.milestones (x int)")

    def interrupt(position: int, head: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rebuild(house).run(interrupt)
    assert fingerprint(house) == before
    assert house.database.all("SELECT FROM pg_namespace WHERE nspname = 'beside'") == []


def test_two_rebuilds_do_not_meet_and_an_unknown_view_is_refused(house: House) -> None:
    refused = []

    def second(position: int, head: int) -> None:
        with pytest.raises(RebuildUnderWay):
            rebuild(house).run()
        refused.append(True)

    rebuild(house).run(second)
    assert refused
    with pytest.raises(ViewUnknown):
        rebuild(house, "nothing")


def test_a_table_that_is_gone_or_changed_is_named_and_a_rebuild_mends_it(house: House) -> None:
    before = fingerprint(house)
    execute(house, "DROP TABLE milestones")
    grown(house, "MEANWHILE", 10)  # recorded, but the engine stands still: it has nowhere to write
    with pytest.raises(psycopg.errors.UndefinedTable):
        projector(house).catch_up()
    assert rebuild(house).verify() == "milestones\u202f: la table manque"
    rebuild(house, "milestones").run()
    assert fingerprint(house) == before
    projector(house).catch_up()
    assert rebuild(house).verify() is None
    execute(house, "ALTER TABLE audit_events ADD COLUMN of_somebody text")
    assert rebuild(house).verify() == "audit_events\u202f: la table n’a pas les colonnes attendues"
    grown_since = fingerprint(house)
    rebuild(house).run()
    assert {name for name, rows in fingerprint(house).items() if rows != grown_since[name]} == {"audit_events"}
    assert rebuild(house).verify() is None


def test_a_table_that_is_dropped_during_the_rebuild_comes_back(house: House) -> None:
    before = fingerprint(house)
    rebuild(house).run(lambda position, head: execute(house, "DROP TABLE IF EXISTS milestones, object_links"))
    assert fingerprint(house) == before


def test_a_read_whose_snapshot_is_older_than_the_swap_still_finds_its_rows(house: House) -> None:
    count = len(house.database.all("SELECT FROM milestones"))
    swap = threading.Thread(target=rebuild(house, "milestones").run)
    with house.database.snapshot() as connection:
        connection.execute("SELECT 1")  # the snapshot is taken, no table is touched yet
        swap.start()
        swap.join(timeout=1.5)
        assert swap.is_alive()  # it waits for us
        assert len(connection.execute("SELECT FROM milestones").fetchall()) == count
    swap.join(timeout=30)
    assert not swap.is_alive()
    assert len(house.database.all("SELECT FROM milestones")) == count


def test_no_read_is_wrong_while_the_tables_change_places(house: House) -> None:
    position = house.log.head()
    (row,) = house.database.all("SELECT transformation_id AS id FROM milestones LIMIT 1")
    expected = read_back(house, row["id"], position)
    count = len(house.database.all("SELECT FROM milestones"))
    stop, wrong, reads = threading.Event(), [], []

    def read() -> None:
        while not stop.is_set():
            with house.database.snapshot() as connection:
                connection.execute("SELECT 1")  # the snapshot is taken before the table is touched
                if len(connection.execute("SELECT FROM milestones").fetchall()) != count:
                    wrong.append("rows are missing")
            reads.append(1)

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(5):
        rebuild(house).run()
    stop.set()
    for thread in threads:
        thread.join()
    assert not wrong
    assert len(reads) > 20
    assert read_back(house, row["id"], position) == expected
