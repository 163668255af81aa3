"""The one pool of connections. Every query of the service goes through it; psycopg is the only way to the database."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from eventsourcing.postgres import ConnectionPool, PostgresDatastore
from psycopg import Connection
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import DictRow, dict_row
from psycopg_pool.base import AttemptWithBackoff

# Every pool of the process is back half a second after its server is: by themselves their pauses double, up to minutes.
AttemptWithBackoff.INITIAL_DELAY = 0.5
AttemptWithBackoff.DELAY_BACKOFF = 1.0
# A server that vanished without a word is noticed in seconds.
KEEPALIVE = {"keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3, "tcp_user_timeout": 10_000}


class MustWait(Exception):
    """What was asked for takes a query, and the event loop waits for none of these: ask again in a thread."""


class Database(PostgresDatastore):
    """The library's datastore on any conninfo (sockets, TLS options, service files), shared by log and read models."""

    def __init__(self, dsn: str, *, pool_size: int = 8) -> None:
        self.dsn = make_conninfo(dsn, application_name=conninfo_to_dict(dsn).get("application_name", "trajectoire"))
        self.schema = "public"
        self.originator_id_type = "uuid"
        self.enable_db_functions = False
        self.lock_timeout = 0
        self.pool_open_timeout = None
        self.single_row_tracking = True
        self.db_type_names = set()
        self.psycopg_type_adapters = {}
        self.psycopg_python_types = {}
        self.pool: ConnectionPool[Connection[DictRow]] = ConnectionPool(
            self.dsn,
            connection_class=Connection[DictRow],
            kwargs={"row_factory": dict_row, "autocommit": True},
            min_size=1,
            max_size=pool_size,
            open=False,
            check=ConnectionPool.check_connection,
            timeout=10,
        )

        self._users: list[Callable[[], None]] = []

    def before_close(self, end: Callable[[], None]) -> None:
        """`end` is called when the database is to be closed, while it still answers."""
        self._users.append(end)

    def close(self) -> None:
        """Let those end who still have something to write, then close the pool."""
        while self._users:
            self._users.pop()()
        super().close()

    def open(self) -> None:
        """Open the pool and wait for a first connection. Raises `psycopg_pool.PoolTimeout` when nothing answers."""
        self.pool.open(wait=True, timeout=10)

    @contextmanager
    def connection(self) -> Iterator[Connection[DictRow]]:
        """A connection of the pool in autocommit, with psycopg's own errors. Raises `MustWait` on the event loop."""
        require_thread()
        self.pool.open()
        with self.pool.connection() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection[DictRow]]:
        """A read-only connection on one snapshot: all queries of one answer see the same rows."""
        with self.connection() as connection, connection.transaction():
            # The lock comes before the snapshot: a read model that is being replaced is seen before or after, never
            # empty (projections/rebuild.py).
            connection.execute(
                "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY; "
                "LOCK TABLE projection_gate IN ACCESS SHARE MODE"
            )
            yield connection

    def one(self, query: Any, params: Any = ()) -> DictRow | None:
        """The first row of a query, or None."""
        with self.connection() as connection:
            return connection.execute(query, params).fetchone()

    def all(self, query: Any, params: Any = ()) -> list[DictRow]:
        """All rows of a query."""
        with self.connection() as connection:
            return connection.execute(query, params).fetchall()

    def dedicated(self) -> psycopg.Connection[DictRow]:
        """A connection of its own, outside the pool: for LISTEN and for locks of a session."""
        return psycopg.connect(self.dsn, autocommit=True, row_factory=dict_row, connect_timeout=5, **KEEPALIVE)  # type: ignore[arg-type]


def require_thread() -> None:
    """Raises `MustWait` on an event loop, where everybody else would wait too."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    raise MustWait()
