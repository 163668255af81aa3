"""The engine: feeds every live read model from the log. One pull, one batch, one transaction, one position.

A simple worker for now; leadership, rebuild-and-swap, poison handling and lag metrics take this place later.
"""

import threading
from collections.abc import Sequence
from functools import partial
from typing import Any, Protocol
from uuid import UUID

import psycopg
import structlog
from psycopg import Connection
from psycopg.rows import DictRow

from service.domain.concept import Concept, State, advance, concept_of
from service.domain.event import Fact
from service.projections.change import Change
from service.projections.table import ObjectTable
from service.store.log import EventLog

log = structlog.get_logger()
BATCH = 500
POLL_SECONDS = 2.0
STUCK_SECONDS = 5.0


class Projection(Protocol):
    """What the engine asks of a read model."""

    def apply(self, change: Change) -> None:
        """Hear one change; write nothing yet."""

    def flush(self, connection: Connection[DictRow]) -> None:
        """Write what was heard, on the batch's transaction."""

    def discard(self) -> None:
        """Forget what was heard: the batch failed."""


class Projector:
    """Moves the read models along the log. Safe to run twice: the head row is locked for the length of a batch."""

    def __init__(self, event_log: EventLog, tables: Sequence[ObjectTable[Any]], others: Sequence[Projection]) -> None:
        self.log = event_log
        self.tables = {table.concept.name: table for table in tables}
        self.others = others
        self.stopped = threading.Event()

    def run_once(self, limit: int = BATCH) -> int:
        """Project the next batch; the number of events it held."""
        recorder: Any = self.log.recorder
        mapper: Any = self.log.mapper
        try:
            with self.log.database.connection() as connection, connection.transaction():
                head = connection.execute("SELECT position FROM projection_head FOR UPDATE").fetchone()
                position = head["position"] if head else 0
                rows = recorder.select_after(connection, position, limit)
                if not rows:
                    return 0
                self._project(connection, [mapper.to_domain_event(row) for row in rows])
                connection.execute(
                    "UPDATE projection_head SET position = %s, advanced_at = clock_timestamp()", (rows[-1].position,)
                )
                connection.execute("SELECT pg_notify('projected', %s)", (str(rows[-1].position),))
                return len(rows)
        except BaseException:
            for projection in (*self.tables.values(), *self.others):
                projection.discard()
            raise

    def _project(self, connection: Connection[DictRow], facts: Sequence[Fact]) -> None:
        states = self._states(connection, facts)
        histories: dict[UUID, list[Fact]] = {}
        for fact in facts:
            concept = concept_of(fact.topic)
            if concept is None:
                continue
            before = states.get(fact.originator_id)
            after = advance(concept, before, fact, partial(self._history, fact, histories))
            if fact.originator_id in histories:
                histories[fact.originator_id].append(fact)
            states[fact.originator_id] = after
            change = Change(fact, concept, before, after)
            if concept.name in self.tables:
                self.tables[concept.name].apply(change)
            for projection in self.others:
                projection.apply(change)
        for projection in (*self.tables.values(), *self.others):
            projection.flush(connection)

    def _states(self, connection: Connection[DictRow], facts: Sequence[Fact]) -> dict[UUID, State]:
        wanted: dict[str, set[UUID]] = {}
        for fact in facts:
            concept: Concept[Any] | None = concept_of(fact.topic)
            if concept is not None and concept.name in self.tables:
                wanted.setdefault(concept.name, set()).add(fact.originator_id)
        states: dict[UUID, State] = {}
        for name, ids in wanted.items():
            states.update(self.tables[name].states(connection, ids))
        return states

    def _history(self, fact: Fact, histories: dict[UUID, list[Fact]]) -> list[Fact]:
        """The earlier facts of a stream, read once per batch however many of its facts are mended."""
        stream = fact.originator_id
        if stream not in histories:
            histories[stream] = self.log.history(stream, until=fact.originator_version - 1)
        return histories[stream]

    def catch_up(self) -> int:
        """Project everything there is; the number of events."""
        total = 0
        while count := self.run_once():
            total += count
        return total

    def run(self) -> None:
        """Project for ever: woken by NOTIFY, with a poll as a safety net; reconnects by itself."""
        while not self.stopped.is_set():
            try:
                self._follow()
            except psycopg.OperationalError as problem:
                log.warning("projections.reconnecting", problem=str(problem))
                self.stopped.wait(0.5)
            except Exception as problem:
                # An event that cannot be projected must not end the thread unseen: readiness and lag tell it, and a
                # repaired database goes on by itself. Only the kind is logged: a message may quote a personal text.
                log.error("projections.stuck", problem=type(problem).__name__)
                self.stopped.wait(STUCK_SECONDS)

    def _follow(self) -> None:
        with self.log.database.dedicated() as listener:
            listener.execute("LISTEN events")
            while not self.stopped.is_set():
                self.catch_up()  # after LISTEN, so that no wake-up is lost
                for _ in listener.notifies(timeout=POLL_SECONDS, stop_after=1):
                    pass

    def stop(self) -> None:
        self.stopped.set()
