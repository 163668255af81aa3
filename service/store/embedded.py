"""The embedded PostgreSQL: one server per data directory, started by whoever needs it first.

The owner (`serve`, `demo`) holds the directory and stops the server when it ends. Guests (other commands) use the
server that runs, or start one, which the last of them stops. A server that outlived its owner is adopted.
"""

import atexit
import contextlib
import errno
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType, TracebackType
from typing import NoReturn, Self

import psycopg
from psycopg import sql

from service.store.embedded_errors import DataDirectoryForbidden, DataDirectoryIsAFile, DiskFull
from service.store.embedded_holders import Holders
from service.store.embedded_server import Server


class EmbeddedPostgres:
    """One process's hold on the server of `data_dir`: start, dsn, stop. `with` does so as a guest, or keeps the
    hold that start(owner=True) took before. Every refusal is an EmbeddedPostgresError: one French sentence."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir.expanduser().absolute()
        self._server = Server(self.data_dir)
        self._holders = Holders(self.data_dir)
        self._databases: set[str] = set()
        self._started_in = 0
        self._old_handlers: dict[int, Callable[[int, FrameType | None], object] | int | None] = {}

    def start(self, owner: bool) -> None:
        """Uses the server that runs, else starts it. A second owner is refused with DataDirectoryInUse."""
        if self._holders.joined:
            return
        with self._one_sentence():
            # root's server runs as another user, who has to pass through
            self.data_dir.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
            self._started_in = os.getpid()
            try:
                if owner:
                    self._holders.own()
                with self._holders.transition():
                    self._holders.join()
                    self._stop_on_exit()
                    self._run()
            except BaseException:
                self._holders.leave()
                self._forget_exit()
                raise

    def stop(self) -> None:
        """Lets go of the server: its owner stops it, a guest only as the last one with no owner about."""
        if not self._holders.joined or self._started_in != os.getpid():
            return  # never started, or a fork of the process that did
        with self._holders.transition():
            self._let_go(stop_server=self._holders.owning or self._holders.last())

    def revive(self) -> bool:
        """Starts the server again if it ended (somebody killed it): at the same address. True if it had."""
        if not self._holders.joined or self._server.postmaster() is not None:
            return False
        with self._holders.transition(), self._one_sentence():
            if self._server.postmaster() is not None:
                return False
            try:
                self._server.run(self._holders)
            except BaseException:
                self._server.stop(keep_address=True)
                raise
        return True

    def dsn(self, dbname: str = "trajectoire") -> str:
        """The libpq connection string of database `dbname`, which is created if missing."""
        if dbname not in self._databases:
            self.ensure_database(dbname)
        return self._server.conninfo(dbname)

    def ensure_database(self, name: str) -> None:
        with psycopg.connect(self._server.conninfo("postgres"), autocommit=True) as connection:
            if not connection.execute("SELECT FROM pg_database WHERE datname = %s", [name]).fetchall():
                create = sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name))
                with contextlib.suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                    connection.execute(create)
        self._databases.add(name)

    @property
    def server_version(self) -> str:
        with psycopg.connect(self._server.conninfo("postgres")) as connection:
            return connection.info.parameter_status("server_version") or ""

    def __enter__(self) -> Self:
        self.start(owner=False)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self) -> None:
        """A server that this start made and that did not come up ends before anybody else looks."""
        try:
            self._server.run(self._holders)
        except BaseException:
            if self._server.child is not None:
                self._server.stop()
            raise

    def _let_go(self, stop_server: bool) -> None:
        try:
            if stop_server:
                self._server.stop()
        finally:
            self._holders.leave()
            self._databases.clear()
            self._forget_exit()

    def _stop_on_exit(self) -> None:
        """SIGTERM and SIGHUP become SystemExit, so that `with`, `finally` and atexit run and the server stops."""
        atexit.register(self.stop)
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGHUP):
                if signal.getsignal(number) is signal.SIG_DFL:
                    self._old_handlers[number] = signal.signal(number, _exit)

    def _forget_exit(self) -> None:
        atexit.unregister(self.stop)
        if threading.current_thread() is threading.main_thread():
            while self._old_handlers:
                number, handler = self._old_handlers.popitem()
                if signal.getsignal(number) is _exit:
                    signal.signal(number, handler)

    @contextlib.contextmanager
    def _one_sentence(self) -> Iterator[None]:
        try:
            yield
        except PermissionError as refusal:
            raise DataDirectoryForbidden(path=refusal.filename or self.data_dir) from refusal
        except (FileExistsError, NotADirectoryError) as refusal:
            raise DataDirectoryIsAFile(path=self.data_dir) from refusal
        except OSError as refusal:
            if refusal.errno in (errno.ENOSPC, errno.EDQUOT):
                raise DiskFull(data_dir=self.data_dir) from refusal
            raise


def _exit(number: int, frame: FrameType | None) -> NoReturn:
    sys.exit(128 + number)
