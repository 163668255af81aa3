"""Acts in flight: the second of two requests with one idempotency key waits for the first, then hears its answer.

What makes a key count once is the append (key and events commit together). This only spares a second decision. A flight
lives in its process, or in a session of the database: nothing of it is stored, so nothing is left of it by a crash.
Its session has a lease: of a process that stands still, or of a machine that vanished, the server lets the key go.
"""

import hashlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from service.domain.refusal import Conflict
from service.store.database import Database, MustWait
from service.store.idempotency import IdempotencyKey

WAIT = 5.0
LEASE = 60
"""Seconds: an act takes a fraction of one."""


class RequestInFlight(Conflict):
    """A request with this Idempotency-Key is being done; ask again in a moment, with the same key."""

    FR = "Une demande portant cette Idempotency-Key est en cours\u202f; redemandez dans un instant, avec la même clé."

    retry_after = 1


class Flights:
    """The keys whose acts are being done."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._landed = threading.Condition()
        self._flying: set[tuple[str, str]] = set()

    @contextmanager
    def of(self, key: IdempotencyKey | None, *, everywhere: bool = False) -> Iterator[bool]:
        """Do an act alone among those with its key; whether it had to wait for another. Raises `RequestInFlight`.

        `everywhere`: in all processes, for acts whose decision leaves something outside the append (directory rows).
        """
        if key is None:
            yield False
            return
        name = (key.principal, key.key)
        with self._landed:
            waited = name in self._flying
            if not self._landed.wait_for(lambda: name not in self._flying, WAIT):
                raise RequestInFlight()
            self._flying.add(name)
        try:
            if everywhere:
                with self.alone(*name) as elsewhere:
                    yield waited or elsewhere
            else:
                yield waited
        finally:
            with self._landed:
                self._flying.discard(name)
                self._landed.notify_all()

    @contextmanager
    def at_once(self, key: IdempotencyKey | None) -> Iterator[None]:
        """As `of`, for who does not wait. Raises `MustWait` where another act with this key is being done."""
        name = (key.principal, key.key) if key else None
        with self._landed:
            if name in self._flying:
                raise MustWait()
            if name:
                self._flying.add(name)
        try:
            yield
        finally:
            if name:
                with self._landed:
                    self._flying.discard(name)
                    self._landed.notify_all()

    @contextmanager
    def alone(self, *name: str) -> Iterator[bool]:
        """One at a time under a name, in all processes; whether it had to wait. Raises `RequestInFlight`.

        A lock of a session of its own: it ends with its holder, however that ends, and with the lease.
        """
        number = int.from_bytes(hashlib.sha256(repr(name).encode()).digest()[:8], signed=True)
        deadline = time.monotonic() + WAIT
        waited = False
        with self.database.dedicated() as session:
            session.execute("SELECT set_config('idle_session_timeout', %s, false)", (f"{LEASE}s",))
            while not session.execute("SELECT pg_try_advisory_lock(%s) AS mine", (number,)).fetchone()["mine"]:  # type: ignore[index]  # one row
                waited = True
                if time.monotonic() > deadline:
                    raise RequestInFlight()
                time.sleep(0.02)
            yield waited
