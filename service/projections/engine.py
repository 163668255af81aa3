"""The engine: feeds every live read model from the log. One pull, one batch, one transaction, one position.

Who may do so is in `leader`, how a page is folded in `folding`, what happens to an event that cannot be in `poison`.
"""

import threading
import time
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import psycopg
import structlog
from psycopg import Connection
from psycopg.rows import DictRow

from service.projections.folding import Folding, Projection
from service.projections.holdups import Watch
from service.projections.leader import Fenced, OtherSchema, beat, lead, resign
from service.projections.poison import SKIP, Aside, is_poison, read_aside, set_aside, told
from service.projections.pull import Page, pull, pull_stream
from service.projections.table import ObjectTable
from service.store.log import EventLog

log = structlog.get_logger()
BATCH = 500
POLL_SECONDS = 1.0
"""The safety net under NOTIFY, and the longest silence of a leader with nothing to do."""
RETRY_SECONDS = 0.5
STUCK_SECONDS = 3.0

HEAD = "SELECT position, epoch FROM projection_head FOR UPDATE"
MOVE = """
WITH moved AS (
    UPDATE projection_head SET position = %s, advanced_at = clock_timestamp(), heartbeat_at = clock_timestamp()
    WHERE epoch = %s RETURNING position)
SELECT pg_notify('projected', position::text) FROM moved
"""


class Projector:
    """Moves the read models along the log, as long as it leads."""

    def __init__(self, event_log: EventLog, tables: Sequence[ObjectTable[Any]], others: Sequence[Projection]) -> None:
        self.log = event_log
        self.tables = tables
        self.others = others
        self.folding = Folding(event_log, tables, others)
        self.stopped = threading.Event()
        self._position = -1

    # -- one batch

    def _batch(self, connection: Connection[DictRow], epoch: int, limit: int) -> int:
        """Project the next batch; the number of events it held. Raises `Fenced`."""
        try:
            return self._project(connection, epoch, limit, careful=False)
        except Exception as problem:
            if isinstance(problem, Fenced) or not is_poison(problem):
                raise
            log.warning("projections.careful", problem=told(problem))
            return self._project(connection, epoch, limit, careful=True)

    def _project(self, connection: Connection[DictRow], epoch: int, limit: int, *, careful: bool) -> int:
        try:
            with connection.transaction():
                position = self._head(connection, epoch)
                aside = read_aside(connection)
                for stream in aside.asked:
                    self._go_on(connection, stream, position, aside)
                page = pull(connection, position, limit)
                if page.rows:
                    if careful:
                        self._one_by_one(connection, page, aside)
                    else:
                        self.folding.fold(connection, page, aside=aside.streams, skipped=aside.skipped)
                        self.folding.flush(connection)
                    position = page.rows[-1].position
                elif not aside.asked:
                    return 0
                # Said again under the lock of the row: a leader that was replaced meanwhile writes nothing at all.
                if connection.execute(MOVE, (position, epoch), prepare=True).fetchone() is None:
                    raise Fenced
        except BaseException:
            self._forget()
            raise
        self._position = position
        return len(page.rows)

    def _head(self, connection: Connection[DictRow], epoch: int) -> int:
        head = connection.execute(HEAD, prepare=True).fetchone()
        if head is None or head["epoch"] != epoch:
            raise Fenced
        position: int = head["position"]
        if position != self._position:
            self._forget()  # somebody else moved them: what we remember may be old
        return position

    def _one_by_one(self, connection: Connection[DictRow], page: Page, aside: Aside) -> None:
        """Each event in a savepoint of its own: the one that fails is set aside, and the later ones of its stream."""
        for one in page.one_by_one():
            (row,) = one.rows
            if row.originator_id in aside.streams or row.event_id in aside.skipped:
                continue
            try:
                with connection.transaction():
                    self.folding.fold(connection, one)
                    self.folding.flush(connection)
            except Exception as problem:
                self.folding.discard()
                if not is_poison(problem):
                    raise
                set_aside(connection, row, problem)
                aside.streams[row.originator_id] = row.originator_version

    def _go_on(self, connection: Connection[DictRow], stream: UUID, position: int, aside: Aside) -> None:
        """An operator decided: project what waited of a stream, with or without the event that it stumbled over."""
        self.folding.discard()
        row = connection.execute("SELECT * FROM projection_set_aside WHERE stream_id = %s", (stream,)).fetchone()
        if row is None:
            return
        if row["asked"] == "skip":
            connection.execute(SKIP, (stream,))
            aside.skipped.add(row["event_id"])
        aside.streams.pop(stream, None)
        self._one_by_one(connection, pull_stream(connection, stream, row["version"], position), aside)
        if stream not in aside.streams:
            connection.execute("DELETE FROM projection_set_aside WHERE stream_id = %s", (stream,))
        log.info(
            "projections.decided", decision=row["asked"], position=row["position"], freed=stream not in aside.streams
        )

    def _forget(self) -> None:
        self.folding.discard()
        self._position = -1

    # -- by hand

    def run_once(self, limit: int = BATCH) -> int:
        """Project one batch, now; the number of events it held. Where another leads, wait until it has done so."""
        return self._by_hand(limit, once=True)

    def catch_up(self) -> int:
        """Project everything there is; the number of events."""
        return self._by_hand(BATCH, once=False)

    def _by_hand(self, limit: int, *, once: bool) -> int:
        goal = self.log.head()
        with self.log.database.connection() as connection:
            while (epoch := lead(connection)) is None:
                row = connection.execute("SELECT position FROM projection_head").fetchone()
                if row is not None and row["position"] >= goal:
                    return 0
                time.sleep(0.003)
            try:
                total = self._batch(connection, epoch, limit)
                while not once and (count := self._batch(connection, epoch, limit)):
                    total += count
            finally:
                resign(connection)
        return total

    # -- for ever

    def run(self) -> None:
        """Project for ever: woken by NOTIFY, with a poll as a safety net; reconnects by itself."""
        while not self.stopped.is_set():
            try:
                with self.log.database.dedicated() as connection:
                    self._follow(connection)
            except Fenced:
                log.warning("projections.fenced", done="another process leads; waiting")
            except OtherSchema:
                log.error(
                    "projections.other_schema", done="not leading", advice="run the version that migrated the database"
                )
                self.stopped.wait(STUCK_SECONDS)
            except psycopg.OperationalError as problem:
                log.warning("projections.reconnecting", problem=type(problem).__name__)
                self.stopped.wait(RETRY_SECONDS)
            except Exception as problem:
                # No event is to blame, and the thread must not end unseen: readiness and lag tell it, and a repaired
                # database goes on by itself. Only the kind is logged: a message may quote a personal text.
                log.error("projections.stuck", problem=told(problem))
                self.stopped.wait(STUCK_SECONDS)
            finally:
                self._forget()

    def _follow(self, connection: Connection[DictRow]) -> None:
        while (epoch := lead(connection)) is None:
            if self.stopped.wait(POLL_SECONDS):
                return
        log.info("projections.leading", epoch=epoch)
        watch = Watch()
        connection.execute("LISTEN events")
        while not self.stopped.is_set():
            # Cleared before the pull, after LISTEN: what is committed from now on wakes us again.
            for _ in connection.notifies(timeout=0):
                pass
            while self._batch(connection, epoch, BATCH) and not self.stopped.is_set():
                watch.look(connection)
            beat(connection, epoch, caught_up=True)
            watch.look(connection)
            for _ in connection.notifies(timeout=POLL_SECONDS, stop_after=1):
                pass

    def stop(self) -> None:
        self.stopped.set()
