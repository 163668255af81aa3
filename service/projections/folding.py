"""Folding a page of the log into the read models: each stream is folded once, every projection is told the change."""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any, Protocol
from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow

from service.domain.concept import State, advance, concept_of
from service.domain.event import Fact
from service.projections.change import Change
from service.projections.pull import END, NO_KEYS, LogRow, Page
from service.projections.table import ObjectTable
from service.projections.table_feed import BulkFeed, TableFeed
from service.store.log import EventLog


class Projection(Protocol):
    """What the engine asks of a read model that is not the table of one concept."""

    TABLE: str
    SCHEMA: str
    READS_OTHERS: bool
    """Whether `flush` reads other read models: a rebuild then writes them first."""

    def apply(self, change: Change) -> None:
        """Hear one change; write nothing yet."""

    def flush(self, connection: Connection[DictRow]) -> None:
        """Write what was heard, on the batch's transaction."""

    def discard(self) -> None:
        """Forget what was heard: the batch failed."""


NOBODY: Mapping[UUID, int] = {}
Failed = Callable[[LogRow, Exception], None]
"""What to do with an event that cannot be folded."""


class Folding:
    """The projections of one worker, or of one rebuild (`bulk`). Writes on the transaction that it is given."""

    def __init__(
        self,
        log: EventLog,
        tables: Sequence[ObjectTable[Any]],
        others: Sequence[Projection],
        *,
        bulk: bool = False,
    ) -> None:
        self.log = log
        self.feeds: dict[str, TableFeed[Any] | BulkFeed[Any]] = {
            table.concept.name: BulkFeed(table) if bulk else TableFeed(table) for table in tables
        }
        self.others = others
        self.bulk = bulk

    def fold(
        self,
        connection: Connection[DictRow],
        page: Page,
        *,
        aside: Mapping[UUID, int] = NOBODY,
        skipped: Collection[UUID] = (),
        failed: Failed | None = None,
    ) -> None:
        """Fold the events of a page and tell them; nothing is written yet.

        Streams set `aside` wait from a version on; `skipped` events are left out. An event that fails raises, unless
        `failed` takes it.
        """
        opened: Any = self.log.mapper
        keys, feeds, others = page.keys, self.feeds, self.others
        rows = page.rows
        if aside or skipped:
            rows = [
                row
                for row in rows
                if row.originator_version < aside.get(row.originator_id, END) and row.event_id not in skipped
            ]
        states = self._states(connection, rows)
        histories: dict[UUID, list[Fact]] = {}
        broken: set[UUID] = set()
        for row in rows:
            stream = row.originator_id
            concept = concept_of(row.topic)
            if (concept is not None and concept.name not in feeds) or (broken and stream in broken):
                continue
            try:
                fact = opened.opened(row, stream, keys.get(row.event_id, NO_KEYS))
                if concept is None:
                    continue
                before = states.get(stream)
                after = advance(concept, before, fact, partial(self._history, fact, histories))
            except Exception as problem:
                if failed is None:
                    raise
                failed(row, problem)
                broken.add(stream)
                continue
            change = Change(fact, concept, before, after)
            feeds[concept.name].apply(change)
            for projection in others:
                projection.apply(change)
            if histories and stream in histories:
                histories[stream].append(fact)
            states[stream] = after

    def _states(self, connection: Connection[DictRow], rows: Sequence[LogRow]) -> dict[UUID, State]:
        wanted: dict[str, set[UUID]] = {}
        for row in rows:
            concept = concept_of(row.topic)
            if concept is not None and concept.name in self.feeds and row.originator_version > 1:
                wanted.setdefault(concept.name, set()).add(row.originator_id)
        states: dict[UUID, State] = {}
        for name, ids in wanted.items():
            states.update(self.feeds[name].states(connection, ids))
        return states

    def _history(self, fact: Fact, histories: dict[UUID, list[Fact]]) -> list[Fact]:
        """The earlier facts of a stream, read once per page however many of its facts are mended."""
        stream = fact.originator_id
        if stream not in histories:
            histories[stream] = self.log.history(stream, until=fact.originator_version - 1)
        return histories[stream]

    def flush(self, connection: Connection[DictRow]) -> None:
        """Write what was heard, tables first."""
        for feed in self.feeds.values():
            feed.flush(connection)
        for projection in self.others:
            if not (self.bulk and projection.READS_OTHERS):
                projection.flush(connection)

    def finish(self, connection: Connection[DictRow]) -> None:
        """Write what a bulk folding held back."""
        for feed in self.feeds.values():
            if isinstance(feed, BulkFeed):
                feed.finish(connection)
        for projection in self.others:
            projection.flush(connection)

    def discard(self) -> None:
        """Forget what was heard: the batch failed."""
        for feed in self.feeds.values():
            feed.discard()
        for projection in self.others:
            projection.discard()


def schema_of(tables: Sequence[ObjectTable[Any]], others: Sequence[Projection]) -> Mapping[str, str]:
    """The statements that make each table of the read models, by its name."""
    return {table.name: table.create_statement() for table in tables} | {each.TABLE: each.SCHEMA for each in others}
