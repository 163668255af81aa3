"""What `serve` keeps going beside itself — its worker, its embedded server — and the signals that end it all."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Self

import structlog

from service.projections.engine import Projector
from service.settings import Settings
from service.store.embedded import EmbeddedPostgres
from service.store.embedded_errors import EmbeddedPostgresError

log = structlog.get_logger()
RESTART_SECONDS = 0.5
RETRY_SECONDS = 5.0
HOUSE = Path(__file__).parents[2]
"""Where the package `service` is: the worker must find the same one."""


class StopSignals:
    """SIGINT, SIGTERM and SIGHUP end the start of the service in order, by an exception; and they are remembered, for
    Python drops an exception that is raised within a destructor or a callback of its importer. `heed` raises it again.
    """

    def __init__(self) -> None:
        self.asked: int | None = None
        self._old: dict[int, Callable[[int, FrameType | None], Any] | int | None] = {}

    def __enter__(self) -> Self:
        # A shell's background ignores SIGINT, and nohup SIGHUP: the first is taken all the same, as it is once we
        # serve; the second is left alone, for that is what nohup is for.
        hung_up = () if signal.getsignal(signal.SIGHUP) == signal.SIG_IGN else (signal.SIGHUP,)
        for number in (signal.SIGINT, signal.SIGTERM, *hung_up):
            self._old[number] = signal.signal(number, self._note)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._old.items():
            signal.signal(number, handler)

    def heed(self) -> None:
        """Raises KeyboardInterrupt or SystemExit if a signal has come."""
        if self.asked == signal.SIGINT:
            raise KeyboardInterrupt
        if self.asked is not None:
            sys.exit(128 + self.asked)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.asked = number
        self.heed()


@contextmanager
def kept_alive(postgres: EmbeddedPostgres, *, wanted: bool) -> Iterator[None]:
    """The embedded server, started again if it ends before us: whoever waits for it goes on with the same address."""
    if not wanted:
        yield
        return
    stopping = threading.Event()

    def watch() -> None:
        pause = RESTART_SECONDS
        while not stopping.wait(pause):
            pause = RESTART_SECONDS
            try:
                if postgres.revive():
                    log.warning("database.ended", done="started again")
            except (EmbeddedPostgresError, OSError) as refusal:
                log.error("database.ended", done="not started again", why=type(refusal).__name__)
                pause = RETRY_SECONDS

    watcher = threading.Thread(target=watch, name="database-watch", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        stopping.set()
        watcher.join()


@contextmanager
def worker_process(dsn: str, settings: Settings, *, wanted: bool) -> Iterator[None]:
    """The child process of the projections, started again if it ends before us."""
    if not wanted:
        yield
        return
    environment = {
        **os.environ,
        "TRAJECTOIRE_DATABASE_URL": dsn,
        "TRAJECTOIRE_DATA_DIR": str(settings.data_dir),
        "TRAJECTOIRE_PARENT_PID": str(os.getpid()),
        "PYTHONPATH": os.pathsep.join(filter(None, [str(HOUSE), os.environ.get("PYTHONPATH")])),
    }
    command = [sys.executable, "-P", "-m", "service.cli", "worker"]
    stopping = threading.Event()

    def start() -> "subprocess.Popen[bytes]":
        # Its own session: Ctrl-C on the terminal reaches us, and we stop it. Its input is a pipe that ends with us,
        # however we end: a worker never outlives its `serve`.
        return subprocess.Popen(command, env=environment, start_new_session=True, stdin=subprocess.PIPE)

    child = start()

    def watch() -> None:
        nonlocal child
        while not stopping.wait(RESTART_SECONDS):
            if child.poll() is not None:
                log.warning("worker.ended", code=child.returncode, done="started again")
                child = start()

    watcher = threading.Thread(target=watch, name="worker-watch", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        stopping.set()
        watcher.join(timeout=2)
        child.terminate()
        try:
            child.wait(timeout=5)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def end_with_parent(projector: Projector) -> None:
    """A worker whose `serve` was killed ends too, so that nobody is left behind: its input is closed then."""
    if os.environ.get("TRAJECTOIRE_PARENT_PID") is None:
        return

    def watch() -> None:
        while os.read(0, 1):
            pass
        projector.stop()

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()
