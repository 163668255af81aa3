"""The one writer of a process: takes the appends that wait and records them by one call, one commit, one flush.

Whoever appends waits for the outcome of its own append. What happened to a call that was cut before its answer is
looked up in the log before anything is said.
"""

import asyncio
import os
import threading
import time
import weakref
from collections import deque
from collections.abc import Hashable, Sequence
from typing import Any

import psycopg
import structlog
from psycopg import Connection

from service.domain.refusal import Refusal
from service.store.batch import Append, Conditions, Outcome, Recorded, call, look_for, teach
from service.store.database import KEEPALIVE
from service.store.mapper import StoredFact

log = structlog.get_logger()

MOST_ROWS = 1000
"""Events of one call: more would keep the lock for long. A single append is never cut."""
MOST_WAITING = 2000
LONGEST_WAIT = 20.0
"""Seconds that an append may wait for its turn."""
PATIENCE = 10.0
"""Seconds to find the database again, and the truth about a call that was cut."""
ATTEMPTS = 5
LONGEST_LULL = 0.002


class Overloaded(Refusal):
    """The service cannot take this write now; nothing was recorded. Repeat it in a moment."""

    FR = "Le service ne peut pas prendre cette écriture maintenant\u202f; rien n’a été enregistré. Recommencez bientôt."

    retry_after = 1


class TooManyWrites(Overloaded):
    """Too many writes wait for their turn; nothing was recorded. Repeat this one in a moment."""

    FR = "Trop d’écritures attendent leur tour\u202f; rien n’a été enregistré. Recommencez celle-ci dans un instant."


class WriterClosed(Overloaded):
    """The service is stopping; nothing was recorded. Repeat this act in a moment."""

    FR = "Le service s’arrête\u202f; rien n’a été enregistré. Recommencez cet acte dans un instant."


class NotRecorded(psycopg.OperationalError):
    """The database went away again and again; nothing of the append was recorded."""


async def outcome_of(append: Append) -> Recorded:
    """Wait for an append on the event loop. Raises what `Writer.append` raises."""
    future = asyncio.wrap_future(append.future)
    await asyncio.wait((future,), timeout=LONGEST_WAIT)
    if not future.done() and append.future.cancel():
        raise TooManyWrites()
    return await future  # done, or its call is under way and bounded


class Writer:
    """A queue and a thread, which starts with the first append. A forked process gets its own."""

    def __init__(self, dsn: str, master_key_id: str, *, most_waiting: int = MOST_WAITING) -> None:
        self.dsn = dsn
        self.master_key_id = master_key_id
        self.most_waiting = most_waiting
        self._begin()
        begin = weakref.WeakMethod(self._begin)
        os.register_at_fork(after_in_child=lambda: here() if (here := begin()) else None)

    def _begin(self) -> None:
        self._changed = threading.Condition()
        self._waiting: deque[Append] = deque()
        self._thread: threading.Thread | None = None
        self._closing = False
        self._expected = 0
        self._lull = 0.0
        self._connection: Connection[Any] | None = None
        self._backend: tuple[Any, ...] | None = None

    def append(self, rows: Sequence[StoredFact], conditions: Conditions) -> Recorded:
        """Record one append and wait for it. Raises `AppendRefused`, `TooManyWrites`, `WriterClosed`."""
        append = self.submit(rows, conditions)
        try:
            return append.future.result(LONGEST_WAIT)
        except TimeoutError:
            if append.future.cancel():
                raise TooManyWrites() from None
        return append.future.result()  # its call is under way and bounded

    def submit(self, rows: Sequence[StoredFact], conditions: Conditions) -> Append:
        """Put an append in the queue; its future tells the outcome. Raises `TooManyWrites`, `WriterClosed`."""
        append = Append(rows, conditions)
        with self._changed:
            if self._closing:
                raise WriterClosed()
            if len(self._waiting) >= self.most_waiting:
                raise TooManyWrites()
            self._waiting.append(append)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
                self._thread.start()
            if len(self._waiting) >= self._expected:
                self._changed.notify()
        return append

    def close(self) -> None:
        """Take no more, record what waits, end. What was acknowledged is in the log; nobody is left waiting."""
        with self._changed:
            self._closing = True
            self._expected = 0
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()
        self._disconnect()

    def _run(self) -> None:
        while batch := self._take():
            began = time.monotonic()
            outcomes = self._write(batch)
            # Those just answered come back together: without a short lull one of them would go alone, the others after.
            self._expected = len(batch)
            self._lull = min(LONGEST_LULL, (time.monotonic() - began) / 4)
            for append, outcome in zip(batch, outcomes, strict=True):
                if isinstance(outcome, Recorded):
                    append.future.set_result(outcome)
                else:
                    append.future.set_exception(outcome)

    def _take(self) -> list[Append]:
        """The next batch: what waits, but for appends that touch what an earlier one of the batch changes."""
        with self._changed:
            while True:
                if self._expected > 1:
                    self._changed.wait_for(lambda: len(self._waiting) >= self._expected, self._lull)
                self._expected = 0
                while not self._waiting:
                    if self._closing:
                        return []
                    self._changed.wait()
                batch: list[Append] = []
                held: list[Append] = []
                changed: set[Hashable] = set()
                rows = 0
                while self._waiting and rows < MOST_ROWS:
                    append = self._waiting.popleft()
                    if not changed.isdisjoint(append.touches):
                        held.append(append)
                    elif append.future.set_running_or_notify_cancel():
                        batch.append(append)
                        changed |= append.changes
                        rows += len(append.rows)
                self._waiting.extendleft(reversed(held))
                if batch:
                    return batch

    def _write(self, batch: Sequence[Append]) -> list[Outcome]:
        """The outcome of each append. An error that is no conflict is told to the one that caused it alone."""
        try:
            return self._record(batch)
        except Exception as problem:  # told to its callers, each of whom waits for it
            if len(batch) == 1 or isinstance(problem, psycopg.OperationalError):
                return [problem] * len(batch)
        return [outcome for append in batch for outcome in self._write([append])]

    def _record(self, batch: Sequence[Append]) -> list[Outcome]:
        outcomes: list[Outcome | None] = [None] * len(batch)
        for attempt in range(ATTEMPTS):
            missing = [number for number, outcome in enumerate(outcomes) if outcome is None]
            connection = self._connected()
            try:
                found: Sequence[Outcome | None] = call(connection, [batch[n] for n in missing], self.master_key_id)
            except psycopg.Error as problem:
                if not connection.broken:
                    raise  # the server answered: nothing was recorded
                log.warning("writer.connection_lost", attempt=attempt, appends=len(missing))
                found = self._truth([batch[n] for n in missing], problem)
            for number, outcome in zip(missing, found, strict=True):
                outcomes[number] = outcome
            if None not in outcomes:
                break
        lost = NotRecorded("the connection was lost; nothing was recorded")
        return [lost if outcome is None else outcome for outcome in outcomes]

    def _truth(self, batch: Sequence[Append], lost: psycopg.Error) -> list[Recorded | None]:
        """What became of a call that was never answered: first its session must have ended, then the log is read.

        Without that, a session that still commits would be told as a failure, and the repetition as a conflict.
        """
        backend = self._backend
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            self._disconnect()
            try:
                connection = self._connected()
                self._await_end(connection, backend, deadline)
                return look_for(connection, batch)
            except psycopg.OperationalError as problem:
                lost = problem
                time.sleep(0.05)
        raise psycopg.OperationalError(
            "the connection was lost, and whether the act was recorded is not known"
        ) from lost

    @staticmethod
    def _await_end(connection: Connection[Any], backend: tuple[Any, ...] | None, deadline: float) -> None:
        query = """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE (pid, backend_start) = (%s, %s)"""
        while backend is not None and connection.execute(query, backend).fetchone() is not None:
            if time.monotonic() > deadline:
                raise psycopg.OperationalError("the session that was cut does not end")
            time.sleep(0.005)

    def _connected(self) -> Connection[Any]:
        if self._connection is None or self._connection.closed:
            deadline = time.monotonic() + PATIENCE
            while True:
                try:
                    self._connection = psycopg.connect(self.dsn, autocommit=True, connect_timeout=5, **KEEPALIVE)  # type: ignore[arg-type]
                    break
                except psycopg.OperationalError:
                    if time.monotonic() > deadline:
                        raise
                    time.sleep(0.1)
            teach(self._connection)
            query = "SELECT pid, backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()"
            self._backend = self._connection.execute(query).fetchone()
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
