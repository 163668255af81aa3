"""Opening the service for one command: on the given database, or on the embedded one as a guest."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from service.bootstrap import Service, prepare
from service.commands.technical_log import configure_log
from service.domain.act import Act
from service.domain.event import new_id
from service.settings import Settings
from service.store.embedded import EmbeddedPostgres

DATABASE = "trajectoire"
DEMONSTRATION = "demonstration"


class CommandRefused(Exception):
    """The command cannot be done; the message is one sentence for the person at the terminal."""


@contextmanager
def opened(settings: Settings | None = None) -> Iterator[Service]:
    """The service for one command, read models included: whoever writes here also projects."""
    settings = settings or Settings()
    quiet = (
        settings if "log_level" in settings.model_fields_set else settings.model_copy(update={"log_level": "warning"})
    )
    configure_log(quiet)
    with place(settings) as dsn, _started(settings, dsn) as service:
        yield service


@contextmanager
def place(settings: Settings) -> Iterator[str]:
    """The database of these settings, as it is: the given one, or the embedded one as a guest."""
    if settings.database_url:
        yield settings.database_url
        return
    with EmbeddedPostgres(settings.data_dir) as postgres:
        yield postgres.dsn(DATABASE)


@contextmanager
def _started(settings: Settings, dsn: str) -> Iterator[Service]:
    prepare(dsn, accept_lost_commits=settings.accept_lost_commits)
    service = Service(settings, dsn)
    service.start(worker=True)
    try:
        yield service
    finally:
        service.stop()


def acting(service: Service, person: str | None, *, scope: str = "admin") -> Act:
    """The act of a command: as the owner of TRAJECTOIRE_API_KEY, or `--as PERSON` on the embedded database.

    Raises `CommandRefused` when nobody is named or the key does not carry the scope.
    """
    key = service.settings.api_key
    if person is not None:
        if service.settings.database_url:
            raise CommandRefused(
                "«\u202f--as\u202f» ne vaut que sur la base embarquée\u202f; ailleurs, donnez TRAJECTOIRE_API_KEY."
            )
        return Act(actor=somebody(service, person), now=service.clock(), channel="cli", correlation_id=new_id())
    if key is None:
        raise CommandRefused(
            "Au nom de qui\u202f? Donnez TRAJECTOIRE_API_KEY, ou «\u202f--as PERSONNE\u202f» sur la base embarquée."
        )
    row = service.directory.authenticate(key.get_secret_value(), service.clock())
    if row is None:
        raise CommandRefused("TRAJECTOIRE_API_KEY est inconnue, expirée ou révoquée.")
    if scope not in row.scopes:
        raise CommandRefused(f"Cette clé ne porte pas la portée {scope}.")
    return Act(actor=row.owner, now=service.clock(), channel="cli", correlation_id=new_id())


def somebody(service: Service, person: str) -> str:
    """The id of somebody given by id or by name. Raises `CommandRefused` for nobody, and for homonyms."""
    found = [person] if service.directory.person(person) else service.directory.named(person)
    if len(found) != 1:
        how = "plusieurs personnes portent ce nom" if found else "personne ne porte ce nom"
        raise CommandRefused(f"«\u202f{person}\u202f»\u202f: {how}\u202f; donnez l’identifiant p_….")
    return found[0]


def is_empty(dsn: str) -> bool:
    """Whether a database holds no table of anybody."""
    with psycopg.connect(dsn) as connection:
        row = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    return row is not None and row[0] == 0
