"""One real PostgreSQL for the whole run: the embedded one, or the one that TRAJECTOIRE_DATABASE_URL names."""

import gc
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
from hypothesis import HealthCheck, settings
from psycopg import sql
from psycopg.conninfo import make_conninfo

from service.bootstrap import prepare
from service.domain.event import new_id
from service.store.embedded import EmbeddedPostgres
from tests.running import Running

# A run in a shell's background ignores SIGINT, and so would the programs that it starts, which tests interrupt.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# How long an example takes says what else the machine does: no law is about it.
settings.register_profile("unhurried", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")

TEMPLATE = f"trajectoire_template_{os.getpid()}"
MEMORY = Path("/dev/shm")
ROOM = 2**30
"""What a worker leaves in its folders while it lasts, several times over."""


def work_in_memory() -> None:
    """Temporary folders, the servers' data in them, lie in memory where there is room: a disk would be waited for at
    every commit, which shows nothing more: what is killed is a process, never the machine. TMPDIR says otherwise."""
    if "TMPDIR" in os.environ or not os.access(MEMORY, os.W_OK | os.X_OK):
        return
    found, workers = os.statvfs(MEMORY), int(os.environ.get("PYTEST_XDIST_AUTO_NUM_WORKERS", "3"))
    room = min(found.f_bavail * found.f_frsize, psutil.virtual_memory().available)
    if room >= ROOM * workers and not found.f_flag & os.ST_NOEXEC:
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


work_in_memory()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What asks for the server is marked so, to be asked again on another version of it: `-m server`."""
    for item in items:
        if "server" in getattr(item, "fixturenames", ()):
            item.add_marker("server")


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What was imported and collected stays: the collector of garbage need not walk it, nor look so often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The conninfo of a server on which databases may be created."""
    given = os.environ.get("TRAJECTOIRE_DATABASE_URL")
    if given:
        yield given
        return
    folder = Path(tempfile.mkdtemp(prefix="trajectoire-tests-"))
    folder.chmod(0o711)
    postgres = EmbeddedPostgres(folder / "data")
    postgres.start(owner=True)
    try:
        yield postgres.dsn("postgres")
    finally:
        postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def template(server: str) -> Iterator[str]:
    """A migrated, empty database with a supplied clock, to be copied."""
    name = f"{TEMPLATE}_{os.environ.get('PYTEST_XDIST_WORKER', 'gw0')}"
    _admin(server, sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(sql.Identifier(name)))
    prepare(make_conninfo(server, dbname=name), clock="supplied")
    yield name
    _admin(server, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="module")
def database(server: str, template: str) -> Iterator[str]:
    """A database of this module's own."""
    yield from _copy(server, template)


@pytest.fixture
def fresh_database(server: str, template: str) -> Iterator[str]:
    """A database of this test's own."""
    yield from _copy(server, template)


@pytest.fixture(scope="module")
def running(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The service over the module's database: application, worker, a clock that tests move, people and keys."""
    with Running(database, tmp_path_factory.mktemp("keys")) as started:
        yield started


def _copy(server: str, template: str) -> Iterator[str]:
    name = f"trajectoire_{new_id().hex}"
    _admin(server, sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
    yield make_conninfo(server, dbname=name)
    _admin(server, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _admin(server: str, statement: sql.Composed) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement)
