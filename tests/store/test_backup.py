"""Backup and restore: consistent while others write, whole or refused, and the history replayed to the same answers."""

import os
import shutil
import stat
import subprocess
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from service.bootstrap import prepare
from service.domain.all_concepts import ALL_CONCEPTS
from service.domain.event import new_id
from service.projections import all_tables
from service.store import backup
from service.store.backup import DERIVED, KEPT, KEYS, fingerprint, keys_beside, restore, save
from service.store.backup_refusals import (
    BackupDamaged,
    BackupFromAnotherVersion,
    BackupMissing,
    BackupNotWritable,
    FileExists,
    KeysOfAnotherLog,
    NothingToSave,
    PlaceNotEmpty,
)
from service.store.database import Database
from service.store.log import EventLog
from tests.commands import command
from tests.running import Running

REPLAYED = ("restricted_objects", "object_links", "audit_events")
MARKER = "Confié à Zoé"


@pytest.fixture(scope="module")
def world(running: Running) -> Running:
    """A transformation with a promise and a personal text."""
    transformation = running.transformation("SAUVE")
    phase = running.service.database.one(
        "SELECT id FROM phases WHERE transformation_id = %s LIMIT 1", (transformation,)
    )
    assert phase
    body = {"subject": {"kind": "phase", "id": str(phase["id"])}, "title": "Promesse", "due_on": "2026-06-01"}
    assert running.post("/transformations/SAUVE/milestones", {**body, "description": MARKER}).status_code == 201
    return running


@pytest.fixture
def empty_database(server: str) -> Iterator[str]:
    name = f"trajectoire_{new_id().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        yield make_conninfo(server, dbname=name)
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def saved(world: Running, tmp_path: Path) -> Path:
    file = tmp_path / "trajectoire.backup"
    save(world.service.database.dsn, file, keys_beside(file))
    return file


def rows(dsn: str, table: str) -> set[str]:
    with psycopg.connect(dsn) as connection:
        return {row[0] for row in connection.execute(f"SELECT t::text FROM {table} t")}  # type: ignore[call-overload]


def test_every_table_is_kept_or_made_again(database: str) -> None:
    with psycopg.connect(database) as connection:
        tables = {row[0] for row in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
    read_models = {table.name for table in all_tables.TABLES} | set(REPLAYED)
    assert tables == {*KEPT, *KEYS, *DERIVED} | read_models


def test_a_restored_backup_holds_and_answers_the_same(world: Running, saved: Path, empty_database: str) -> None:
    source = world.service.database.dsn
    manifest = restore(empty_database, saved, keys_beside(saved))
    for table in (*KEPT, *KEYS):
        assert rows(empty_database, table) == rows(source, table), table
    assert manifest["tables"]["events"]["rows"] == len(rows(source, "events"))
    database = Database(empty_database, pool_size=2)
    try:
        log = EventLog(database, world.service.log.vault)
        projector = type(world.service.projector())(log, all_tables.TABLES, world.service.projector().others)
        projector.catch_up()
        assert world.service.gate.wait(world.service.log.head(), 10)
        for table in (each.name for each in all_tables.TABLES):
            assert rows(empty_database, table) == rows(source, table), table
        milestone = next(concept for concept in ALL_CONCEPTS if concept.name == "milestone")
        (id,) = (row["id"] for row in database.all("SELECT id FROM milestones WHERE state ->> 'title' = 'Promesse'"))
        assert log.load(milestone, id).description == MARKER
    finally:
        database.close()


def test_numbers_go_on_where_the_log_ends(world: Running, saved: Path, empty_database: str) -> None:
    restore(empty_database, saved, keys_beside(saved))
    source = world.service.database
    theirs = Database(empty_database, pool_size=2)
    try:
        for row in theirs.all("SELECT * FROM reference_counters"):
            last = source.one(
                "SELECT last FROM reference_counters WHERE transformation_id = %s AND letter = %s",
                (row["transformation_id"], row["letter"]),
            )
            assert last is not None
            assert 0 < row["last"] <= last["last"]
        assert theirs.one("SELECT count(*) > 0 AS some FROM reference_counters") == {"some": True}
        head = source.one("SELECT max(notification_id) AS head FROM events")
        drawn = theirs.one("SELECT nextval(pg_get_serial_sequence('events', 'notification_id')) AS next")
        assert head is not None
        assert drawn == {"next": head["head"] + 1}
    finally:
        theirs.close()


def test_a_backup_while_others_write_is_of_one_position(world: Running, tmp_path: Path, empty_database: str) -> None:
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            world.person(f"Personne {new_id().hex}")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(3):
            file = tmp_path / f"{number}.backup"
            save(world.service.database.dsn, file, keys_beside(file))
    finally:
        stop.set()
        writer.join()
    manifest = restore(empty_database, tmp_path / "2.backup", keys_beside(tmp_path / "2.backup"))
    with psycopg.connect(empty_database) as connection:
        head = connection.execute("SELECT max(notification_id) FROM events").fetchone()
        loose = connection.execute(
            "SELECT count(*) FROM idempotency WHERE position > %s", (manifest["position"],)
        ).fetchone()
    assert (head, loose) == ((manifest["position"],), (0,))


def test_the_files_are_private_and_the_keys_are_apart(saved: Path) -> None:
    for file in (saved, keys_beside(saved)):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "text_keys.copy" not in zipfile.ZipFile(saved).namelist()
    assert "text_keys.copy" in zipfile.ZipFile(keys_beside(saved)).namelist()


def test_without_its_keys_a_backup_shows_no_text(world: Running, saved: Path, empty_database: str) -> None:
    restore(empty_database, saved, None)
    database = Database(empty_database, pool_size=2)
    try:
        for row in database.all("SELECT DISTINCT originator_id FROM events"):
            assert MARKER not in str(EventLog(database, world.service.log.vault).history(row["originator_id"]))
    finally:
        database.close()


def test_a_place_that_is_not_empty_is_left_alone(saved: Path, fresh_database: str, world: Running) -> None:
    with pytest.raises(PlaceNotEmpty):
        restore(fresh_database, saved, keys_beside(saved))
    assert rows(fresh_database, "people") == set()


def test_who_moved_in_while_a_restoration_began_is_left_alone(
    saved: Path, empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = backup.migrate

    def moved_in(dsn: str, revision: str | None = None) -> None:
        real(dsn, revision)
        prepare(dsn)  # a service that starts meanwhile

    monkeypatch.setattr(backup, "migrate", moved_in)
    with pytest.raises(PlaceNotEmpty):
        restore(empty_database, saved, keys_beside(saved))
    assert len(rows(empty_database, "installation")) == 1


def test_nothing_is_ever_overwritten(world: Running, saved: Path) -> None:
    before = fingerprint(saved)
    with pytest.raises(FileExists):
        save(world.service.database.dsn, saved, saved.with_name("other"))
    assert fingerprint(saved) == before
    assert not saved.with_name("other").exists()


def test_nothing_to_save_and_nowhere_to_write(empty_database: str, world: Running, tmp_path: Path) -> None:
    with pytest.raises(NothingToSave):
        save(empty_database, tmp_path / "a", tmp_path / "b")
    with pytest.raises(BackupNotWritable):
        save(world.service.database.dsn, tmp_path / "no" / "a", tmp_path / "no" / "b")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("cut", [0, 1000, -30])
def test_a_truncated_file_is_refused_and_the_place_stays_empty(saved: Path, empty_database: str, cut: int) -> None:
    saved.write_bytes(saved.read_bytes()[:cut])
    with pytest.raises(BackupDamaged):
        restore(empty_database, saved, keys_beside(saved))
    with psycopg.connect(empty_database) as connection:
        assert connection.execute("SELECT FROM pg_tables WHERE schemaname = 'public'").fetchall() == []


def changed(file: Path, **members: Any) -> None:
    """The same zip with some members exchanged: its own check sums are right."""
    with zipfile.ZipFile(file) as old:
        content = {name: old.read(name) for name in old.namelist()}
    content.update({f"{name}.{end}": change(content[f"{name}.{end}"]) for (name, end), change in _named(members)})
    with zipfile.ZipFile(file, "w") as new:
        for name, data in content.items():
            new.writestr(name, data)


def _named(members: dict[str, Any]) -> list[tuple[tuple[str, str], Any]]:
    return [((name, "json" if name == "manifest" else "copy"), change) for name, change in members.items()]


@pytest.mark.parametrize("table", ["events", "people"])
def test_an_altered_table_is_refused(saved: Path, empty_database: str, table: str) -> None:
    changed(saved, **{table: lambda data: data.replace(b"a", b"b", 1)})
    with pytest.raises(BackupDamaged):
        restore(empty_database, saved, keys_beside(saved))


def test_a_file_that_is_full_of_wrong_rows_leaves_the_place_empty(saved: Path, empty_database: str) -> None:
    """Its digests are right, its rows are not: what was begun is taken back."""
    changed(saved, manifest=lambda data: data.replace(b'"rows": ', b'"rows": 7'))
    with pytest.raises(BackupDamaged):
        restore(empty_database, saved, keys_beside(saved))
    with psycopg.connect(empty_database) as connection:
        assert connection.execute("SELECT FROM pg_tables WHERE schemaname = 'public'").fetchall() == []


def test_other_files_are_refused(saved: Path, empty_database: str, tmp_path: Path) -> None:
    with pytest.raises(BackupMissing):
        restore(empty_database, tmp_path / "none", None)
    with pytest.raises(BackupFromAnotherVersion):
        restore(empty_database, keys_beside(saved), None)
    changed(saved, manifest=lambda data: data.replace(b'"revision": "0', b'"revision": "9'))
    with pytest.raises(BackupFromAnotherVersion):
        restore(empty_database, saved, keys_beside(saved))


def test_the_keys_of_another_log_are_refused(saved: Path, empty_database: str) -> None:
    changed(keys_beside(saved), manifest=lambda data: data.replace(b'"log_id": "', b'"log_id": "f'))
    with pytest.raises(KeysOfAnotherLog):
        restore(empty_database, saved, keys_beside(saved))


def test_the_commands(world: Running, empty_database: str, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    file = tmp_path / "trajectoire.backup"

    def run(*words: str, dsn: str) -> "subprocess.CompletedProcess[str]":
        environment = {**os.environ, "TRAJECTOIRE_DATABASE_URL": dsn, "TRAJECTOIRE_DATA_DIR": str(data)}
        return command(*words, environment=environment)

    made = run("backup", str(file), dsn=world.service.database.dsn)
    assert made.returncode == 0, made.stderr
    assert fingerprint(file) in made.stdout
    refused = {
        "master.key": run("restore", str(file), dsn=empty_database),
        "empreinte": run("restore", str(file), "--sha256", "0" * 64, dsn=empty_database),
        "clés": run("restore", str(file), "--keys", str(tmp_path / "no"), dsn=empty_database),
        "vide": run("restore", str(file), "--without-keys", dsn=world.service.database.dsn),
        "existe déjà": run("backup", str(file), dsn=world.service.database.dsn),
    }
    for word, done in refused.items():
        assert done.returncode == 4, word
        assert word in done.stderr
        assert done.stderr.count("\n") == 1, done.stderr
    assert not (data / "master.key").exists()
    (data / "master.key").write_text("d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3c=")
    other = run("restore", str(file), dsn=empty_database)
    assert (other.returncode, "maîtresse" in other.stderr) == (4, True)
    shutil.copy(world.service.settings.master_key_file, data / "master.key")
    restored = run("restore", str(file), dsn=empty_database)
    assert restored.returncode == 0, restored.stderr
    assert "rejoués" in restored.stdout
    assert rows(empty_database, "milestones") == rows(world.service.database.dsn, "milestones")
