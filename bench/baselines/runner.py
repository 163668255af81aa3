"""The library's ProjectionRunner over the same events and the same view: one event, one transaction.

It is spared the opening of personal texts, and it keeps the states that it has seen in memory.
"""

import time
from typing import Any
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.persistence import Mapper, StoredEvent, Tracking
from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL, Identifier
from psycopg.types.json import Jsonb

from bench.stage import World
from service.domain.concept import State
from service.domain.event import Fact
from service.domain.milestone import MILESTONE
from service.projections.milestones import MILESTONES
from service.store.mapper import FactMapper, StoredFact
from service.store.texts import TextVault

TABLE = "runner_milestones"
NAMES = tuple(MILESTONES.all_columns)
INSERT = SQL("INSERT INTO {} ({}) VALUES ({})").format(
    Identifier(TABLE), SQL(", ").join(map(Identifier, NAMES)), SQL(", ").join([SQL("%s")] * len(NAMES))
)


class _Opened(FactMapper):
    """Our events as the library's recorder gives them back: without the keys of their texts."""

    def to_domain_event(self, stored_event: StoredEvent) -> Any:
        row = stored_event
        id = UUID(str(row.originator_id))
        fact = StoredFact(
            id, row.originator_version, row.topic, row.state, event_id=id, transformation_id=None, keys={}
        )
        return super().to_domain_event(fact)


class Log(Application[UUID]):
    """The same events in the library's own table."""

    name = "runner"

    def construct_mapper(self) -> Mapper[UUID]:
        return _Opened(TextVault(b"k" * 32))


class View(PostgresTrackingRecorder):
    """The versioned table of the milestones."""

    def write(self, fact: Fact, state: Any, first: bool, tracking: Tracking) -> None:
        """The event's version of its row, with the tracking of its position, in one transaction."""
        common = {
            "id": state.id,
            "valid_from": tracking.notification_id,
            "valid_to": None,
            "changed_at": fact.envelope.occurred_on,
            "first": first,
            "state": Jsonb(state.model_dump(mode="json")),
        }
        row = {**common, **MILESTONES.row(state)}
        values = [row[name] if name in row else getattr(state, name) for name in NAMES]
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            cursor.execute(
                f"UPDATE {TABLE} SET valid_to = %s WHERE id = %s AND valid_to IS NULL",
                (tracking.notification_id, state.id),
                prepare=True,
            )
            cursor.execute(INSERT, values, prepare=True)


class Milestones(Projection[View]):
    """Hears the events of milestones only."""

    name = "runnerview"
    topics = tuple(kind.TOPIC for kind in MILESTONE.events)

    def __init__(self, view: View) -> None:
        super().__init__(view)
        self.states: dict[UUID, State] = {}

    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        fact: Fact = domain_event
        before: Any = self.states.get(fact.originator_id)
        state = MILESTONE.evolve(before, fact)
        self.states[fact.originator_id] = state
        self.view.write(fact, state, before is None, tracking)


def run(world: World, events: int) -> float:
    """Events a second over the first so many of the world's log."""
    given = conninfo_to_dict(world.dsn)
    environment = {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": str(given["dbname"]),
        "POSTGRES_HOST": str(given["host"]),
        "POSTGRES_PORT": str(given.get("port", "5432")),
        "POSTGRES_USER": str(given["user"]),
        "POSTGRES_PASSWORD": str(given.get("password", "")),
        "POSTGRES_ORIGINATOR_ID_TYPE": "uuid",
        "ORIGINATOR_ID_TYPE": "uuid",
    }
    with world.service.database.connection() as connection:
        for table in (TABLE, "runner_events", "runnerview_tracking"):
            connection.execute(SQL("DROP TABLE IF EXISTS {}").format(Identifier(table)))
        connection.execute(SQL("CREATE TABLE {} (LIKE milestones INCLUDING ALL)").format(Identifier(TABLE)))
    Log(env=environment).close()  # makes its table
    with world.service.database.connection() as connection:
        connection.execute(
            "INSERT INTO runner_events (originator_id, originator_version, topic, state) SELECT originator_id, "
            "originator_version, topic, state FROM events ORDER BY notification_id LIMIT %s",
            (events,),
        )
        connection.execute("ANALYZE runner_events")
        last = connection.execute(
            "SELECT max(notification_id) AS last FROM runner_events WHERE topic = ANY (%s)", (list(Milestones.topics),)
        ).fetchone()
    started = time.perf_counter()
    with ProjectionRunner(
        application_class=Log, projection_class=Milestones, view_class=View, env=environment
    ) as runner:
        runner.wait(last["last"] if last else None, timeout=600)
    return events / (time.perf_counter() - started)
