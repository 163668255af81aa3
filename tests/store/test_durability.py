"""Start-up refuses settings under which an acknowledged event could be lost: on a real server, in one sentence."""

import os
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from service.bootstrap import prepare
from service.store.durability import CommitsNotFlushed, LibraryFunctions, PagesNotProtected, WritesNotFlushed
from service.store.embedded import EmbeddedPostgres
from tests.commands import command


def test_the_servers_that_we_start_are_durable(database: str) -> None:
    prepare(database)


@pytest.mark.parametrize(("setting", "refusal"), [("fsync", WritesNotFlushed), ("full_page_writes", PagesNotProtected)])
def test_a_server_that_can_lose_events_is_refused(place: Path, setting: str, refusal: type[Exception]) -> None:
    with EmbeddedPostgres(place / "data") as postgres:
        dsn = postgres.dsn()
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(f"ALTER SYSTEM SET {setting} = off")  # type: ignore[call-overload]
            connection.execute("SELECT pg_reload_conf()")
        for _ in range(200):
            with psycopg.connect(dsn) as connection:
                if connection.execute(f"SHOW {setting}").fetchone() == ("off",):  # type: ignore[call-overload]
                    break
        with pytest.raises(refusal, match=f"{setting}=off"):
            prepare(dsn)


def test_commits_that_do_not_wait_must_be_accepted_by_name(fresh_database: str) -> None:
    relaxed = make_conninfo(fresh_database, options="-c synchronous_commit=off")
    with pytest.raises(CommitsNotFlushed, match="TRAJECTOIRE_ACCEPT_LOST_COMMITS"):
        prepare(relaxed)
    prepare(relaxed, accept_lost_commits=True)


def test_the_functions_of_the_library_are_refused(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTGRES_ENABLE_DB_FUNCTIONS", "n")
    prepare(database)
    monkeypatch.setenv("POSTGRES_ENABLE_DB_FUNCTIONS", "y")
    with pytest.raises(LibraryFunctions):
        prepare(database)


def test_the_command_says_it_in_one_sentence(database: str, tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "TRAJECTOIRE_DATABASE_URL": make_conninfo(database, options="-c synchronous_commit=off"),
        "TRAJECTOIRE_DATA_DIR": str(tmp_path),
    }
    done = command("worker", environment=environment)
    assert done.returncode == 4
    assert done.stderr.count("\n") == 1
    assert "synchronous_commit=off" in done.stderr
