"""Migrations: many processes may start at once on an empty database; its tables are those that the code declares."""

import multiprocessing
from collections.abc import Iterator

import psycopg
import pytest
from alembic.script import ScriptDirectory
from psycopg import sql
from psycopg.conninfo import make_conninfo

from service.bootstrap import prepare
from service.domain.event import new_id
from service.projections.all_tables import TABLES
from service.store.migrations import config, head, migrate, revisions


@pytest.fixture
def empty_database(server: str) -> Iterator[str]:
    name = sql.Identifier(made := f"trajectoire_empty_{new_id().hex}")
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(name))
    yield make_conninfo(server, dbname=made)
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def test_twenty_processes_migrate_an_empty_database_at_once_and_all_come_up(empty_database: str) -> None:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["service.bootstrap"])
    processes = [context.Process(target=prepare, args=(empty_database,), daemon=True) for _ in range(20)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0] * 20
    with psycopg.connect(empty_database) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(head(),)]
        assert connection.execute("SELECT count(*), min(clock) FROM installation").fetchone() == (1, "database")
        assert connection.execute("SELECT position FROM projection_head").fetchall() == [(0,)]


def test_the_files_are_named_after_their_revisions_in_order() -> None:
    """Whether there is anything to migrate is told by them, without Alembic."""
    walked = list(ScriptDirectory.from_config(config()).walk_revisions())
    assert [script.revision for script in walked] == sorted(revisions(), reverse=True)
    assert head() == walked[0].revision


def test_migrating_again_changes_nothing(database: str) -> None:
    before = columns(database)
    migrate(database)
    assert columns(database) == before


def test_the_clock_of_an_installation_is_fixed_once(database: str) -> None:
    first = prepare(database, clock="supplied")
    assert prepare(database, clock="database") == first
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT clock FROM installation").fetchall() == [("supplied",)]


def columns(dsn: str) -> dict[str, dict[str, str]]:
    query = """
        SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public'"""
    found: dict[str, dict[str, str]] = {}
    with psycopg.connect(dsn) as connection:
        for table, column, kind in connection.execute(query):
            found.setdefault(table, {})[column] = kind
    return found


SPOKEN = {"timestamptz": "timestamp with time zone", "text[]": "ARRAY", "uuid[]": "ARRAY", "date[]": "ARRAY"}


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_the_migrated_table_is_the_declared_one(table: object, database: str) -> None:
    declared = {name: SPOKEN.get(kind, kind) for name, kind in table.all_columns.items()}  # type: ignore[attr-defined]
    assert columns(database)[table.name] == declared  # type: ignore[attr-defined]
