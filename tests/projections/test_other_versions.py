"""Workers, rebuilds and migrations of two versions on one database: the older one waits, and calls nothing poison."""

import threading
from collections.abc import Iterator

import psycopg
import pytest
from alembic import command
from sqlalchemy.exc import SQLAlchemyError

from service.projections.leader import Fenced, OtherSchema, lead
from service.projections.poison import list_waiting
from service.projections.rebuild import SchemaMoved
from service.store import migrations
from service.store.migrations import DatabaseOfNewerVersion, head, migrate
from tests.laws.history import House
from tests.projections.house import caught_up, execute, fingerprint, grown, projector, rebuild, until
from tests.projections.house import head as standing

NEWER = "UPDATE alembic_version SET version_num = '9999'"
OURS = f"UPDATE alembic_version SET version_num = '{head()}'"


@pytest.fixture
def house(fresh_database: str) -> Iterator[House]:
    house = House(fresh_database)
    yield house
    house.close()


def test_a_worker_of_an_older_version_waits_and_sets_nothing_aside(house: House) -> None:
    grown(house, "NEWER", 10)
    # A newer version has migrated: our rows no longer fit, which would look like poison in every stream.
    execute(house, NEWER, "ALTER TABLE milestones ADD COLUMN added_later text NOT NULL")
    before = standing(house)["epoch"]
    with pytest.raises(OtherSchema):
        projector(house).catch_up()
    made = projector(house)
    thread = threading.Thread(target=made.run, daemon=True)
    thread.start()
    with house.database.connection() as connection:
        assert list_waiting(connection) == []
    # It asks again and again whether it may, and holds the lock for that long: to lead is to have an epoch.
    assert standing(house)["epoch"] == before
    assert standing(house)["position"] == 0
    execute(house, OURS, "ALTER TABLE milestones DROP COLUMN added_later")
    until(lambda: caught_up(house))  # it goes on by itself
    made.stop()
    execute(house, "NOTIFY events")
    thread.join(10)


def test_a_migration_fences_off_the_leader_that_knew_the_earlier_schema(
    house: House, fresh_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    grown(house, "MIGRATED", 5)
    made = projector(house)
    with house.database.dedicated() as connection:
        epoch = lead(connection)
        assert epoch is not None
        monkeypatch.setattr(migrations, "head", lambda: "9999")  # there is a migration to make, and it fails
        with pytest.raises((SQLAlchemyError, Exception), match="9999"):
            migrate(fresh_database, "9999")
        assert standing(house)["epoch"] == epoch, "a migration that failed changed nothing"
        monkeypatch.setattr(command, "upgrade", lambda *_: None)
        migrate(fresh_database, "9999")
        with pytest.raises(Fenced):
            made._batch(connection, epoch, 500)
    assert standing(house)["position"] == 0


def test_a_database_of_a_newer_version_is_refused_in_one_sentence(house: House, fresh_database: str) -> None:
    execute(house, NEWER)
    with pytest.raises(DatabaseOfNewerVersion, match="version plus récente"):
        migrate(fresh_database)


def test_tables_rebuilt_for_an_earlier_schema_never_take_the_place_of_later_ones(house: House) -> None:
    grown(house, "MOVED", 30)
    projector(house).catch_up()
    before = fingerprint(house)

    def migrated(position: int, until: int) -> None:
        execute(house, NEWER)

    with pytest.raises(SchemaMoved):
        rebuild(house).run(migrated)
    assert fingerprint(house) == before
    with pytest.raises(SchemaMoved):
        rebuild(house).verify()
    execute(house, OURS)
    assert rebuild(house).verify() is None


def test_an_event_of_a_type_that_this_version_does_not_know_waits_visibly(house: House) -> None:
    life = grown(house, "LATER", 20)
    projector(house).catch_up()
    stream = life.objects[0][1]
    with psycopg.connect(house.database.dsn) as connection:
        connection.execute(
            """INSERT INTO events (originator_id, originator_version, topic, state, event_id, transformation_id,
                recorded_at)
               SELECT originator_id, originator_version + 1, 'thing.of_tomorrow', state, gen_random_uuid(),
                transformation_id, recorded_at FROM events WHERE originator_id = %s
               ORDER BY originator_version DESC LIMIT 1""",
            (stream,),
        )
    grown(house, "OTHERS", 10)
    projector(house).catch_up()
    assert standing(house)["position"] == house.log.head()
    with house.database.connection() as connection:
        (waiting,) = list_waiting(connection)
    assert (waiting["stream_id"], waiting["topic"]) == (stream, "thing.of_tomorrow")
