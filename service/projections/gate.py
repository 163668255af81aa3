"""The gate of consistency: a write waits here until its own events are visible in the read models (CONTRACT 22)."""

import threading
import time

import psycopg

from service.store.database import Database


class ProjectionGate:
    """Hears the projected position through NOTIFY and wakes who waits for it; reads it again after a reconnection."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.position = 0
        self._moved = threading.Condition()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="projection-gate", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join(timeout=3)

    def wait(self, position: int, timeout: float = 1.0) -> bool:
        """Whether the read models reached `position` within `timeout` seconds."""
        deadline = time.monotonic() + timeout
        with self._moved:
            while self.position < position:
                left = deadline - time.monotonic()
                if left <= 0:
                    return False
                self._moved.wait(left)
        return True

    def _advance(self, position: int) -> None:
        with self._moved:
            if position > self.position:
                self.position = position
                self._moved.notify_all()

    def _listen(self) -> None:
        while not self._stopped.is_set():
            try:
                with self.database.dedicated() as connection:
                    connection.execute("LISTEN projected")
                    row = connection.execute("SELECT position FROM projection_head").fetchone()
                    self._advance(row["position"] if row else 0)
                    while not self._stopped.is_set():
                        for notify in connection.notifies(timeout=0.5):
                            self._advance(int(notify.payload))
            except psycopg.Error:
                self._stopped.wait(0.5)
