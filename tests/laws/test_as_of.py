"""The past: as of any position, the tables say what a naive fold of the events up to it says."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from service.domain.event import new_id
from service.projections import all_tables
from tests.laws.history import House, Life, Step, believed, paths, read_back

QUICK = settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
LONG = settings(QUICK, max_examples=300, derandomize=False, phases=list(Phase))


@pytest.fixture(scope="module")
def house(database: str) -> Iterator[House]:
    house = House(database)
    yield house
    house.close()


def every_moment(house: House, path: list[Step]) -> None:
    life = Life(house, f"T{new_id().hex[-12:].upper()}").walk(path)
    house.projector.catch_up()
    facts = life.facts()
    assert len(facts) >= 10
    for number in range(len(facts) + 1):
        position = facts[number - 1].position if number else facts[0].position - 1
        if position:
            assert read_back(house, life.id, position) == believed(facts[:number])
    assert read_back(house, life.id, None) == believed(facts)


@QUICK
@given(path=paths)
def test_the_tables_as_of_every_position_are_the_fold_of_the_events_up_to_it(house: House, path: list[Step]) -> None:
    every_moment(house, path)


@pytest.mark.prove
@LONG
@given(path=paths)
def test_the_same_for_many_more_histories(house: House, path: list[Step]) -> None:
    every_moment(house, path)


READ_TABLES = (*(table.name for table in all_tables.TABLES), "restricted_objects", "object_links", "audit_events")


def rows_of_everything(house: House) -> dict[str, list[str]]:
    return {
        name: sorted(row["whole"] for row in house.database.all(f"SELECT to_jsonb(t)::text AS whole FROM {name} t"))
        for name in READ_TABLES
    }


@settings(QUICK, max_examples=4)
@given(path=paths)
def test_a_rebuild_from_nothing_equals_what_grew_event_by_event(house: House, path: list[Step]) -> None:
    life = Life(house, f"T{new_id().hex[-12:].upper()}")
    for step in path:
        life.walk([step])
        house.projector.run_once(limit=1 + step[1] % 3)
    house.projector.catch_up()
    grown = rows_of_everything(house)
    assert len(grown["audit_events"]) >= 10
    with house.database.connection() as connection:
        connection.execute(f"TRUNCATE {', '.join(READ_TABLES)}")
        connection.execute("UPDATE projection_head SET position = 0")
    house.new_projector().catch_up()
    assert rows_of_everything(house) == grown


def test_a_generated_history_holds_corrections_withdrawals_and_restricted_objects(house: House) -> None:
    """The laws would prove little over histories in which nothing happens."""
    path = [(n % 45, n * 7 % 23, n % 3, n % 5) for n in range(160)]
    life = Life(house, "RICH").walk(path)
    house.projector.catch_up()
    topics = {fact.topic for fact in life.facts()}
    assert len(topics) > 30
    kinds = {topic.partition(".")[2] for topic in topics}
    assert kinds >= {"corrected", "withdrawn", "rescheduled", "raised", "measured"}
    assert house.database.all("SELECT FROM restricted_objects WHERE transformation_id = %s", (life.id,))
    assert life.refused < len(path) // 2
    assert read_back(house, life.id, None) == believed(life.facts())


def test_past_rows_do_not_hear_of_later_events(house: House) -> None:
    life = Life(house, "PAST").walk([(2, 1, 0, 1), (3, 1, 0, 1)])
    house.projector.catch_up()
    position = house.log.head()
    before = read_back(house, life.id, position)
    life.walk([(n % 45, n, 0, 1) for n in range(40)])
    house.projector.catch_up()
    assert read_back(house, life.id, position) == before
