"""Commands that run the service: serve, demo, worker, migrate."""

import errno
import gc
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Annotated, Any

import psycopg
import typer
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from service.bootstrap import Service, application, prepare, utc_now
from service.commands.demonstration import address, exports, greet, half_told, told
from service.commands.instance import first_administrator, keep_secret
from service.commands.opening import DATABASE, DEMONSTRATION, CommandRefused, is_empty
from service.commands.supervising import StopSignals, end_with_parent, kept_alive, worker_process
from service.commands.technical_log import configure_log
from service.domain.act import paris_date
from service.jobs.scheduler import ticking
from service.jobs.tick import TICKING
from service.settings import Settings
from service.store.embedded import EmbeddedPostgres
from service.store.migrations import migrate as migrate_database

Host = Annotated[str | None, typer.Option(help="Adresse d’écoute.")]
Port = Annotated[int | None, typer.Option(help="Port d’écoute.", min=0, max=65535)]


def register(app: typer.Typer) -> None:
    for command in (serve, demo, worker, migrate):
        app.command()(command)


def serve(
    host: Host = None,
    port: Port = None,
    no_worker: Annotated[
        bool, typer.Option("--no-worker", help="Sans projections\u202f: un autre processus les tient.")
    ] = False,
) -> None:
    """Sert l’API\u202f; démarre au besoin la base embarquée, et un processus pour les projections."""
    settings = _settings(host, port)
    _require_free(settings)
    with StopSignals() as signals, _database(settings, DATABASE) as dsn:
        prepare(dsn, accept_lost_commits=settings.accept_lost_commits)
        service = Service(settings, dsn)
        service.start(worker=False)
        with worker_process(dsn, settings, wanted=not no_worker):
            _serve(service, _first_key, signals)


def demo(
    host: Host = None,
    port: Port = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Recommencer sur une base neuve.")] = False,
    anchor: Annotated[
        str | None, typer.Option(help="Le jour où l’histoire s’arrête (AAAA-MM-JJ)\u202f; aujourd’hui sinon.")
    ] = None,
    keys: Annotated[
        bool, typer.Option("--keys", help="Afficher les clés comme variables du shell, sans rien démarrer.")
    ] = False,
) -> None:
    """Sert la démonstration\u202f: quatorze mois de la transformation d’une direction parlementaire."""
    os.environ.setdefault("TRAJECTOIRE_LOG_LEVEL", "warning")  # what is printed is for whoever looks around
    settings = _settings(host, port)
    settings.environment = "demo"
    if keys:
        print(exports(settings))
        return
    _require_free(settings)
    day = _day(anchor)
    with StopSignals() as signals, _database(settings, DEMONSTRATION) as dsn:
        if settings.database_url and not (is_empty(dsn) or _is_demonstration(dsn)):
            raise CommandRefused(
                "TRAJECTOIRE_DATABASE_URL désigne une base qui n’est ni vide ni une démonstration\u202f: "
                "la démonstration n’y touchera pas."
            )
        if not fresh and half_told(settings, _demonstrated(dsn)):
            print("La démonstration avait été interrompue pendant qu’elle se racontait\u202f: elle recommence.")
            fresh = True
        if fresh:
            dsn = _recreated(dsn)
        prepare(dsn, clock="supplied", demonstration=True, accept_lost_commits=settings.accept_lost_commits)
        if not _is_demonstration(dsn):
            raise CommandRefused("Cette base n’est pas une démonstration\u202f: rien n’y a été changé.")
        service = Service(settings, dsn)
        service.start(worker=False)
        with service.database.dedicated() as pen:
            # While the story is told no job writes: its instants lie in the past, theirs do not.
            pen.execute("SELECT pg_advisory_lock(%s, %s)", TICKING)
            with worker_process(dsn, settings, wanted=True):
                given = told(service, day)
                pen.close()
                _serve(service, lambda running: greet(running, given), signals)


def worker() -> None:
    """Tient les projections à jour et fait passer les tâches (rappels, escalades), sans servir l’API."""
    settings = Settings()
    configure_log(settings)
    with _database(settings, DATABASE, own=False) as dsn:
        prepare(dsn, accept_lost_commits=settings.accept_lost_commits)
        service = Service(settings, dsn)
        service.database.open()
        projector = service.projector()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: projector.stop())
        end_with_parent(projector)
        _settle()
        with ticking(service.ticker(), settings.tick_seconds):
            projector.run()
        service.database.close()


def migrate() -> None:
    """Amène la base au schéma de cette version."""
    settings = Settings()
    with _database(settings, DATABASE, own=False) as dsn:
        migrate_database(dsn)
        prepare(dsn, accept_lost_commits=settings.accept_lost_commits)
    print("La base est au schéma de cette version.")


def _settings(host: str | None, port: int | None) -> Settings:
    settings = Settings()
    if host is not None:
        settings.host = host
    if port is not None:
        settings.port = port
    configure_log(settings)
    return settings


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"«\u202f{text}\u202f» n’est pas une date AAAA-MM-JJ", param_hint="--anchor") from None
    if day > paris_date(utc_now()):  # nobody could read what is to come, and what is recorded next would lie there too
        raise typer.BadParameter("l’histoire ne peut pas s’arrêter après aujourd’hui", param_hint="--anchor")
    return day


def _require_free(settings: Settings) -> None:
    """One clear sentence for a busy port, before anything is started."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except PermissionError:
            raise CommandRefused(
                f"Le port {settings.port} est réservé\u202f: choisissez-en un au-dessus de 1024 avec --port."
            ) from None
        except OSError as problem:
            if problem.errno == errno.EADDRINUSE:
                sentence = f"Le port {settings.port} est déjà pris\u202f: choisissez un autre port avec --port."
            else:
                sentence = (
                    f"Impossible d’écouter sur {settings.host}:{settings.port} ({problem.strerror})\u202f: "
                    "choisissez une autre adresse avec --host."
                )
            raise CommandRefused(sentence) from None


@contextmanager
def _database(settings: Settings, name: str, *, own: bool = True) -> Iterator[str]:
    if settings.database_url:
        yield settings.database_url
        return
    postgres = EmbeddedPostgres(settings.data_dir)
    postgres.start(owner=own)
    try:
        with kept_alive(postgres, wanted=own):
            yield postgres.dsn(name)
    finally:
        postgres.stop()


def _is_demonstration(dsn: str) -> bool:
    return bool(_demonstrated(dsn))


def _demonstrated(dsn: str) -> str:
    """The id of the log of a demonstration; nothing where the database holds none."""
    with psycopg.connect(dsn) as connection:
        there = connection.execute("SELECT to_regclass('installation')").fetchone()
        if there is None or there[0] is None:
            return ""
        row = connection.execute("SELECT log_id FROM installation WHERE demonstration").fetchone()
    return str(row[0]) if row else ""


def _recreated(dsn: str) -> str:
    """The same database, empty again; only ever done to a demonstration."""
    name = str(conninfo_to_dict(dsn)["dbname"])
    with psycopg.connect(make_conninfo(dsn, dbname="postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
    return dsn


def _serve(service: Service, ready: Any, signals: StopSignals) -> None:
    """Serve until Ctrl-C or SIGTERM; not at all if one came during the start."""
    import uvicorn  # only who serves waits for it

    settings = service.settings
    config = uvicorn.Config(
        application(service),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=4,
    )
    server = uvicorn.Server(config)
    try:
        ready(service)
        _settle()
        signals.heed()
        server.run()
    except KeyboardInterrupt:
        pass
    finally:
        service.stop()


def _first_key(service: Service) -> None:
    """The first start on an empty database makes the first administrator's key."""
    settings = service.settings
    # Like any answer: where no worker runs yet, the service is up all the same.
    key = first_administrator(service, "Administration", wait=service.settings.consistency_wait)
    if key is not None:
        file = settings.data_dir / "administrator.key"
        kept = f"et gardée dans {file}"
        try:
            settings.data_dir.mkdir(parents=True, exist_ok=True)
            keep_secret(file, key + "\n")
        except OSError:  # a container whose file system is read-only: the key stands in its log alone
            kept = "notez-la\u202f: elle n’est gardée nulle part"
        print(f"Première clé d’administration, montrée une seule fois ({kept})\u202f:\n  {key}")
    print(f"Trajectoire écoute sur {address(settings)} — documentation\u202f: /api/v1/docs")
    sys.stdout.flush()


def _settle() -> None:
    """Take what start-up made out of the collector's sight: fewer and shorter pauses."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
