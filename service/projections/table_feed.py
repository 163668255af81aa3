"""What moves one versioned table forward: it hears the changes of a concept and writes one row per change.

The newest versions of recently heard objects stay in memory, so that the next change finds its state there. A bulk feed
goes further: it writes a row only when its end is known (or memory is short), so almost no row is written twice.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow
from psycopg.sql import SQL, Identifier

from service.domain.concept import State
from service.projections.bulk import write_rows
from service.projections.change import Change
from service.projections.table import ObjectTable, Row

S = TypeVar("S", bound=State)
REMEMBERED = 2_000
"""Objects of one concept whose state a live feed remembers."""
OPEN = 15_000
"""Objects of one concept whose newest row a bulk feed holds back: a bound on its memory."""

CLOSE = """
UPDATE {table} AS t SET valid_to = e.position
FROM unnest(%s::uuid[], %s::bigint[]) AS e(id, position) WHERE t.id = e.id AND t.valid_to IS NULL
"""


class Version(NamedTuple):
    """One version of an object that is not written yet."""

    state: Any
    position: int
    recorded_at: datetime
    first: bool


class TableFeed(Generic[S]):
    """The live feed: everything that was heard is written with its batch."""

    def __init__(self, table: ObjectTable[S]) -> None:
        self.table = table
        self._close = SQL(CLOSE).format(table=Identifier(table.name))
        self._states: dict[UUID, S] = {}
        self._heard: list[tuple[UUID, Row]] = []
        self._known: set[UUID] = set()

    def states(self, connection: Connection[DictRow], ids: Iterable[UUID]) -> dict[UUID, S]:
        """The present states of these objects, as far as they exist."""
        states = self._states
        found: dict[UUID, S] = {}
        missing: list[UUID] = []
        for id in ids:
            state = states.pop(id, None)
            if state is None:
                missing.append(id)
            else:
                states[id] = found[id] = state  # the last used stay longest
        if missing:
            found.update(self._read(connection, missing))
        return found

    def _read(self, connection: Connection[DictRow], ids: list[UUID]) -> dict[UUID, S]:
        return self.table.states(connection, ids)

    def apply(self, change: Change) -> None:
        """Hear one change of an object of this concept."""
        fact, after = change.fact, change.after
        row = self.table.rendered(after, fact.position, _instant(fact.recorded_at), change.before is None, None)  # type: ignore[arg-type]  # of this concept
        self._heard.append((after.id, row))
        if change.before is not None:
            self._known.add(after.id)
        self._states[after.id] = after  # type: ignore[assignment]  # of this concept

    def flush(self, connection: Connection[DictRow]) -> None:
        """Write what was heard: one version of a row per event, the earlier version closed where the next begins."""
        if not self._heard:
            return
        ends: dict[UUID, int] = {}
        rows: list[Row] = []
        for id, row in reversed(self._heard):
            rows.append((*row[:2], ends.get(id), *row[3:]))
            ends[id] = row[1]
        rows.reverse()
        earlier = [id for id in ends if id in self._known]
        if earlier:
            connection.execute(self._close, (earlier, [ends[id] for id in earlier]), prepare=True)
        write_rows(connection, self.table.name, self.table.all_columns, rows)
        self._heard.clear()
        self._known.clear()
        for id in list(self._states)[: max(0, len(self._states) - REMEMBERED)]:
            del self._states[id]

    def discard(self) -> None:
        """Forget what was heard, and what is remembered: the batch failed."""
        self._heard.clear()
        self._known.clear()
        self._states.clear()


class BulkFeed(Generic[S]):
    """The feed of a rebuild. `room` is how many objects it may hold back; `finish` writes all of them."""

    def __init__(self, table: ObjectTable[S], *, room: int = OPEN) -> None:
        self.table = table
        self.room = room
        self._close = SQL(CLOSE).format(table=Identifier(table.name))
        self._open: dict[UUID, Version] = {}
        self._rows: list[Row] = []
        self._ends: dict[UUID, int] = {}

    def states(self, connection: Connection[DictRow], ids: Iterable[UUID]) -> dict[UUID, S]:
        """The present states of these objects, as far as they exist."""
        found: dict[UUID, S] = {}
        missing: list[UUID] = []
        for id in ids:
            version = self._open.get(id)
            if version is None:
                missing.append(id)
            else:
                found[id] = version.state
        if missing:
            found.update(self.table.states(connection, missing))
        return found

    def apply(self, change: Change) -> None:
        """Hear one change of an object of this concept."""
        fact, id, opened = change.fact, change.after.id, self._open
        earlier = opened.pop(id, None)
        first = change.before is None
        if earlier is not None:
            self._rows.append(self.table.rendered(*earlier, fact.position))
        elif not first:
            self._ends[id] = fact.position  # its row is written already, with an open end
        opened[id] = Version(change.after, fact.position, _instant(fact.recorded_at), first)

    def flush(self, connection: Connection[DictRow]) -> None:
        """Write what is closed, and what there is no room for."""
        surplus = len(self._open) - self.room
        if surplus > 0:
            self._let_go(surplus + self.room // 4)
        self._write(connection)

    def finish(self, connection: Connection[DictRow]) -> None:
        """Write everything that was held back."""
        self._let_go(len(self._open))
        self._write(connection)

    def _let_go(self, count: int) -> None:
        for id in list(self._open)[:count]:
            version = self._open.pop(id)
            self._rows.append(self.table.rendered(*version, None))

    def _write(self, connection: Connection[DictRow]) -> None:
        if self._ends:
            connection.execute(self._close, (list(self._ends), list(self._ends.values())))
            self._ends.clear()
        write_rows(connection, self.table.name, self.table.all_columns, self._rows)
        self._rows.clear()

    def discard(self) -> None:
        """A bulk feed does not go back: who fails begins again."""
        self._open.clear()
        self._rows.clear()
        self._ends.clear()


def _instant(recorded_at: datetime | None) -> datetime:
    if recorded_at is None:
        raise ValueError("a fact without its instant does not come from the log")
    return recorded_at
