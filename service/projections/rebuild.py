"""Rebuilding read models beside the live ones, and taking their place in one moment; or comparing the two.

The new tables grow in a schema of their own under their own names, so no projection knows where it writes. Whoever
stops half-way (Ctrl-C, kill -9) leaves only that schema, which the next run clears away.
"""

import contextlib
import gc
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import Connection
from psycopg.rows import DictRow
from psycopg.sql import SQL, Identifier

from service.domain.refusal import Conflict, NotFound
from service.projections.folding import Folding, Projection, schema_of
from service.projections.poison import Aside, read_aside, set_aside, told
from service.projections.pull import LogRow, Page, pull
from service.projections.table import ObjectTable
from service.projections.verify import GROWING, first_difference, first_difference_of_versions
from service.store.log import EventLog
from service.store.migrations import head as schema_version

LOCK = (7226, 4)
BESIDE = "beside"
PAGE = 4_000
NEAR = 2_000
"""So close to the head, the indexes are built and the rest is followed as the live engine does."""
PATIENCE = "250ms"
"""How long all reads may wait for one that is slow, while the tables change places."""
TRIES = 400
Progress = Callable[[int, int], None]
"""Told the position reached and the head."""


class RebuildUnderWay(Conflict):
    """Another rebuild or verification is under way; wait for its end."""

    FR = "Une autre reconstruction ou vérification est en cours\u202f; attendez sa fin."


class ViewUnknown(NotFound):
    """There is no read model called {name}; there are: {known}."""

    FR = "Aucune vue ne s’appelle {name}\u202f; il y a\u202f: {known}."


class WaitingChanged(Conflict):
    """What is set aside changed while the tables were rebuilt; nothing was changed, try again."""

    FR = "Ce qui est mis de côté a changé pendant la reconstruction ; rien n’a changé, recommencez."


class SchemaMoved(Conflict):
    """The database has the schema of another version of the service; nothing was changed: run it with that version."""

    FR = "La base a le schéma d’une autre version du service\u202f; rien n’a changé, recommencez avec cette version."


class EventUnprojectable(Conflict):
    """The event at position {position} ({topic}) cannot be projected: {problem}. Rebuild all, or repair first."""

    FR = (
        "L’événement {position} ({topic}) ne peut pas être projeté : {problem}. Reconstruisez tout, ou réparez d’abord."
    )


class ReadersInTheWay(Conflict):
    """Long reads kept the new tables from taking their place; nothing was changed, try again."""

    FR = "De longues lectures ont empêché les nouvelles tables de prendre place\u202f; rien n’a changé, recommencez."


class Rebuild:
    """One rebuild of some read models (all without `names`), on one session of its own."""

    def __init__(
        self,
        event_log: EventLog,
        tables: Sequence[ObjectTable[Any]],
        others: Callable[[], Sequence[Projection]],
        names: Sequence[str] = (),
        *,
        page: int = PAGE,
    ) -> None:
        self.log = event_log
        self.page = page
        known = schema_of(tables, others())
        for name in names:
            if name not in known:
                raise ViewUnknown(name=name, known=", ".join(known))
        self.names = [name for name in known if name in names] or list(known)
        chosen = [table for table in tables if table.name in self.names]
        alone = {table.name for table in chosen} >= set(self.names)
        # A table needs its own concept alone; the trail, the links and the restrictions hear everybody.
        self.tables = chosen if alone else list(tables)
        self.others: Callable[[], Sequence[Projection]] = (lambda: ()) if alone else others
        self.topics = (
            sorted(kind.TOPIC for t in chosen for kind in (*t.concept.events, t.concept.corrected, t.concept.withdrawn))
            if alone
            else None
        )
        self.schema: Mapping[str, str] = schema_of(self.tables, self.others())
        self.position = 0
        self.events = 0
        self.aside = Aside()
        self.broken: list[tuple[LogRow, Exception]] = []

    def run(self, progress: Progress = lambda position, head: None) -> int:
        """Rebuild and take the place of the live tables; the number of events. Reads never stop."""
        with self._session() as connection:
            self._grow(connection, progress)
            self._take_place(connection)
        return self.events

    def verify(self, progress: Progress = lambda position, head: None) -> str | None:
        """Compare the rebuilt tables with the live ones; the first difference in words, or None."""
        with self._session() as connection:
            self._grow(connection, progress)
            kept = [name for name in self.names if name not in GROWING]
            with connection.transaction():
                self._to_the_head(connection)
                plain = [name for name in kept if name not in {table.name for table in self.tables}]
                found = first_difference(connection, plain, self.position)
            for table in self.tables:
                if found is None and table.name in self.names:
                    found = first_difference_of_versions(connection, table, self.position)
            if found is None and set(GROWING) <= set(self.names):
                found = first_difference(connection, GROWING, self.position)
            return found

    # -- the place beside

    @contextmanager
    def _session(self) -> Iterator[Connection[DictRow]]:
        frozen = gc.isenabled()
        with self.log.database.dedicated() as connection:
            row = connection.execute("SELECT pg_try_advisory_lock(%s, %s) AS taken", LOCK).fetchone()
            if row is None or not row["taken"]:
                raise RebuildUnderWay
            gc.disable()  # nothing here makes circles, and a million facts would be looked at again and again
            try:
                self._clear(connection)
                connection.execute(SQL("CREATE SCHEMA {}").format(Identifier(BESIDE)))
                connection.execute(SQL("SET search_path = {}, public").format(Identifier(BESIDE)))
                # What is lost in a crash is only work: the place is taken in a durable commit.
                connection.execute("SET synchronous_commit = off")
                yield connection
            finally:
                if frozen:
                    gc.enable()
                # Who was interrupted may find the session unusable: the next run clears away then.
                with contextlib.suppress(psycopg.Error):
                    connection.rollback()
                    self._clear(connection)
                    # The server ends a closed session in its own time: the next run would find the lock still held.
                    connection.execute("SELECT pg_advisory_unlock(%s, %s)", LOCK)
                    connection.commit()

    def _clear(self, connection: Connection[DictRow]) -> None:
        connection.execute("SET client_min_messages = warning")
        connection.execute(SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(Identifier(BESIDE)))

    def _grow(self, connection: Connection[DictRow], progress: Progress) -> None:
        tables, indexes = _statements(self.schema)
        for statement in tables:
            connection.execute(statement)
        self.aside = read_aside(connection)
        self.waiting = dict(self.aside.streams), set(self.aside.skipped)
        folding = Folding(self.log, self.tables, self.others(), bulk=True)
        head = self._live()
        while head - self.position > NEAR:
            if not self._step(connection, folding, head):
                break
            progress(self.position, head)
            if self.position >= head - NEAR:
                head = self._live()
        with connection.transaction():
            folding.finish(connection)
        for statement in indexes:
            connection.execute(statement)
        for name in self.schema:
            connection.execute(SQL("ANALYZE {}").format(Identifier(BESIDE, name)))
        self._follow(connection)
        progress(self.position, self.position)

    def _step(self, connection: Connection[DictRow], folding: Folding, until: int) -> bool:
        with connection.transaction():
            page = self._pull(connection, until, self.page)
            self._fold(connection, folding, page)
        return bool(page.rows)

    def _pull(self, connection: Connection[DictRow], until: int, limit: int) -> Page:
        page = pull(connection, self.position, limit, until=until, topics=self.topics)
        self.position = page.rows[-1].position if len(page.rows) == limit else until
        self.events += len(page.rows)
        return page

    def _fold(self, connection: Connection[DictRow], folding: Folding, page: Page) -> None:
        folding.fold(connection, page, aside=self.aside.streams, skipped=self.aside.skipped, failed=self._failed)
        folding.flush(connection)

    def _failed(self, row: LogRow, problem: Exception) -> None:
        if len(self.names) < len(self.schema) or self.topics is not None:
            # The other views hold this stream: it cannot wait in one of them alone.
            raise EventUnprojectable(position=row.position, topic=row.topic, problem=told(problem)) from problem
        self.broken.append((row, problem))
        self.aside.streams[row.originator_id] = row.originator_version

    def _follow(self, connection: Connection[DictRow]) -> None:
        """The events that came meanwhile, until few are left."""
        self.live = Folding(self.log, self.tables, self.others())
        while (head := self._live()) > self.position:
            self._step(connection, self.live, head)
            if head - self.position < self.page and self._live() - self.position < 100:
                break

    def _live(self) -> int:
        """Where the live tables are: never read beyond, for it may be that only their rebuild lets them go on."""
        row = self.log.database.one("SELECT position FROM projection_head")
        return row["position"] if row else 0

    # -- taking the place

    def _to_the_head(self, connection: Connection[DictRow]) -> None:
        """Up to the very position of the live tables, which then stand still until this transaction ends."""
        row = connection.execute("SELECT position FROM projection_head FOR UPDATE").fetchone()
        goal = row["position"] if row else 0
        while self.position < goal:
            self._fold(connection, self.live, self._pull(connection, goal, self.page))
        if self.position > goal:
            raise RuntimeError("the rebuilt tables are ahead of the live ones")
        if connection.execute("SELECT version_num FROM alembic_version").fetchone() != {
            "version_num": schema_version()
        }:
            raise SchemaMoved

    def _take_place(self, connection: Connection[DictRow]) -> None:
        for _ in range(TRIES):
            before = (self.position, self.events)
            try:
                with connection.transaction():
                    connection.execute("SET LOCAL synchronous_commit = on")
                    self._to_the_head(connection)
                    now = read_aside(connection)
                    if (now.streams, now.skipped) != self.waiting:
                        raise WaitingChanged
                    connection.execute(f"SET LOCAL lock_timeout = '{PATIENCE}'")
                    connection.execute("LOCK TABLE projection_gate IN ACCESS EXCLUSIVE MODE")
                    for name in self.names:
                        connection.execute(SQL("DROP TABLE IF EXISTS {}").format(Identifier("public", name)))
                        connection.execute(SQL("ALTER TABLE {} SET SCHEMA public").format(Identifier(BESIDE, name)))
                    for broken, problem in self.broken:
                        set_aside(connection, broken, problem)
                    # The live engine remembers rows of the old tables: a new epoch makes it begin afresh.
                    connection.execute("UPDATE projection_head SET epoch = epoch + 1")
            except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
                self.position, self.events = before
                self.live.discard()
                time.sleep(0.05)
                continue
            return
        raise ReadersInTheWay


def _statements(schema: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """What makes the tables, and what makes their secondary indexes (last: one pass over all rows is quicker)."""
    statements = [one.strip() for text in schema.values() for one in re.split(r";\s*(?:\n|$)", text) if one.strip()]
    tables = [one for one in statements if one.startswith("CREATE TABLE")]
    return tables, [one for one in statements if one not in tables]
