"""The gate of consistency: a write waits here until its own events are visible in the read models (CONTRACT 22)."""

import asyncio
import contextlib
import threading
import time
from collections.abc import Iterable

import psycopg

from service.store.database import Database, require_thread

LOOK_UP_SECONDS = 0.1
"""So often the listener sees whether it is to stop: by itself, since a database that is away wakes nobody."""


class ProjectionGate:
    """Hears the projected position through NOTIFY and wakes who waits for it; reads it again after a reconnection."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.position = 0
        self.asides = 0
        """How often something was set aside, or may have been: who shows an object unread compares it."""
        self._moved = threading.Condition()
        self._awaited: list[tuple[int, asyncio.AbstractEventLoop, asyncio.Future[None]]] = []
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="projection-gate", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join(timeout=3)

    def wait(self, position: int, timeout: float = 1.0) -> bool:
        """Whether the read models reached `position` within `timeout` seconds. Raises `MustWait` on the event loop."""
        require_thread()
        deadline = time.monotonic() + timeout
        with self._moved:
            while self.position < position:
                left = deadline - time.monotonic()
                if left <= 0:
                    return False
                self._moved.wait(left)
        return True

    async def reached(self, position: int, timeout: float = 1.0) -> bool:
        """The same for who waits on an event loop."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        with self._moved:
            if self.position >= position:
                return True
            self._awaited.append((position, loop, future))
        try:
            await asyncio.wait((future,), timeout=timeout)
        finally:
            if not future.done():  # in vain, or given up
                future.cancel()
                with self._moved:
                    self._awaited = [waiting for waiting in self._awaited if waiting[2] is not future]
        return self.position >= position

    def _advance(self, position: int) -> None:
        served: dict[asyncio.AbstractEventLoop, list[asyncio.Future[None]]] = {}
        with self._moved:
            if position <= self.position:
                return
            self.position = position
            self._moved.notify_all()
            for wanted, loop, future in self._awaited:
                if wanted <= position:
                    served.setdefault(loop, []).append(future)
            self._awaited = [waiting for waiting in self._awaited if waiting[0] > position]
        for loop, futures in served.items():
            with contextlib.suppress(RuntimeError):  # a loop that was closed meanwhile has nobody waiting
                loop.call_soon_threadsafe(_release, futures)

    def _listen(self) -> None:
        while not self._stopped.is_set():
            try:
                with self.database.dedicated() as connection:
                    connection.execute("LISTEN projected")
                    connection.execute("LISTEN set_aside")
                    self.asides += 1  # what was said meanwhile was not heard
                    row = connection.execute("SELECT position FROM projection_head").fetchone()
                    self._advance(row["position"] if row else 0)
                    while not self._stopped.is_set():
                        for notify in connection.notifies(timeout=LOOK_UP_SECONDS):
                            if notify.channel == "set_aside":
                                self.asides += 1
                            else:
                                self._advance(int(notify.payload))
            except psycopg.Error:
                self._stopped.wait(0.5)


def _release(futures: Iterable[asyncio.Future[None]]) -> None:
    for future in futures:
        if not future.done():
            future.set_result(None)
