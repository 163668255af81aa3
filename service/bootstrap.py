"""The only wiring: settings become a store, read models, a clock and an application."""

import contextlib
import hashlib
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import psycopg

from service.domain.all_concepts import ALL_CONCEPTS
from service.domain.concept import Concept
from service.domain.event import new_id
from service.integrations.mail import Mailer, NoMailer
from service.jobs.reminding import Reminding
from service.jobs.tick import Ticker
from service.projections import all_tables
from service.projections.audit_events import AuditEvents
from service.projections.engine import Projector
from service.projections.folding import Projection
from service.projections.gate import ProjectionGate
from service.projections.links import Links
from service.projections.rebuild import Rebuild
from service.projections.restricted import RestrictedObjects
from service.settings import Settings
from service.store.calendar_addresses import CalendarAddresses
from service.store.database import Database
from service.store.directory import Directory
from service.store.durability import require_durable
from service.store.log import EventLog
from service.store.migrations import migrate
from service.store.recording import Recorder
from service.store.texts import TextVault, master_key

if TYPE_CHECKING:
    from fastapi import FastAPI

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    return datetime.now(UTC)


def others() -> list[Projection]:
    """The read models that hear every concept, fresh: one set per worker or rebuild."""
    return [RestrictedObjects(), Links(), AuditEvents()]


def mailer_of(settings: Settings, clock: Clock) -> Mailer:
    """Mail by the configured server; without one, every mail says why it was not sent."""
    if settings.smtp_host is None or settings.smtp_from is None:
        return NoMailer()
    # Templates and TLS: only who sends mail waits for them.
    from service.integrations.mail_message import mailbox
    from service.integrations.smtp import SmtpMailer, SmtpServer

    server = SmtpServer(
        settings.smtp_host,
        settings.smtp_port,
        settings.smtp_security,
        settings.smtp_user,
        settings.smtp_password.get_secret_value() if settings.smtp_password else None,
        settings.smtp_ca_file,
        settings.smtp_timeout,
    )
    return SmtpMailer(server, mailbox("Trajectoire", settings.smtp_from), settings.address, clock)


class Service:
    """Everything that lives as long as the process."""

    def __init__(self, settings: Settings, dsn: str, clock: Clock = utc_now) -> None:
        self.settings = settings
        self.clock = clock
        secret = master_key(
            settings.master_key.get_secret_value() if settings.master_key else None, settings.master_key_file
        )
        self.cursor_secret = hashlib.sha256(b"cursors" + secret).digest()
        self.database = Database(dsn, pool_size=settings.pool_size)
        self.directory = Directory(self.database)
        self.mailer = mailer_of(settings, lambda: self.clock())
        self.calendar_addresses = CalendarAddresses(self.database)
        self.log = EventLog(self.database, TextVault(secret))
        self.recorder = Recorder(self.log)
        self.concepts: dict[str, Concept[Any]] = {concept.name: concept for concept in ALL_CONCEPTS}
        self.tables = {table.concept.name: table for table in all_tables.TABLES}
        self.log.present = self._present
        self.gate = ProjectionGate(self.database)
        self._worker: tuple[Projector, threading.Thread] | None = None

    def _present(self, concept: Concept[Any], id: UUID) -> Any:
        """An object by its read model, which is the snapshot of a long history: kept, erased and rebuilt there."""
        with self.database.connection() as connection:
            return self.tables[concept.name].states(connection, [id]).get(id) if concept.name in self.tables else None

    def projector(self) -> Projector:
        """A new engine over fresh projections: one per worker."""
        return Projector(self.log, all_tables.TABLES, others())

    def rebuild(self, names: Sequence[str] = ()) -> Rebuild:
        """A rebuild of these read models, of all without names."""
        return Rebuild(self.log, all_tables.TABLES, others, names)

    def ticker(self) -> Ticker:
        """What the scheduler ticks: one per worker."""
        house = Reminding(self.log, self.recorder, self.directory, self.mailer, lambda: self.clock())
        return Ticker(house)

    def start(self, *, worker: bool) -> None:
        """Open the pool and listen; with `worker`, project in a thread of this process."""
        self.database.open()
        self.gate.start()
        if worker:
            projector = self.projector()
            thread = threading.Thread(target=projector.run, name="projector", daemon=True)
            thread.start()
            self._worker = (projector, thread)

    def stop(self) -> None:
        if self._worker:
            self._worker[0].stop()
            # Wakes the worker, so that it sees that it is to stop; without a database it wakes by itself.
            with contextlib.suppress(psycopg.Error), self.database.connection() as connection:
                connection.execute("NOTIFY events")
            self._worker[1].join(timeout=5)
        self.gate.stop()
        self.database.close()

    def is_administrator(self, principal: str) -> bool:
        """Whether a principal administers the instance, by the read model of people."""
        row = self.database.one(
            "SELECT administrator FROM persons WHERE person_id = %s AND valid_to IS NULL", (principal,)
        )
        return bool(row and row["administrator"])

    def administrators(self) -> set[str]:
        """The people who administer the instance."""
        rows = self.database.all("SELECT person_id FROM persons WHERE administrator AND valid_to IS NULL")
        return {row["person_id"] for row in rows}

    def installation(self) -> dict[str, Any]:
        row = self.database.one("SELECT * FROM installation")
        if row is None:
            raise LookupError("the installation row is missing: run the migrations")
        return row


def prepare(
    dsn: str, *, clock: str = "database", demonstration: bool = False, accept_lost_commits: bool = False
) -> UUID:
    """Migrate and fix the installation's clock, once and for all before the first event. The id of the log.

    Raises `UnsafeSetting` where an acknowledged event could be lost.
    """
    require_durable(dsn, accept_lost_commits=accept_lost_commits)
    migrate(dsn)
    database = Database(dsn, pool_size=2)
    try:
        with database.connection() as connection:
            connection.execute(
                "INSERT INTO installation (clock, demonstration, log_id) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
                (clock, demonstration, new_id()),
            )
            row = connection.execute("SELECT log_id FROM installation").fetchone()
    finally:
        database.close()
    if row is None:
        raise LookupError("the installation row is missing")
    log_id: UUID = row["log_id"]
    return log_id


def application(service: Service) -> "FastAPI":
    """The HTTP application over a service."""
    from service.api.app import create_app  # a second of imports, which only those who serve have to wait for

    return create_app(service)
