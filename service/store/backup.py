"""A backup: the log and the tables that stand beside it, in one zip file; the keys of the texts in another.

Each member of the zip is a table in PostgreSQL's COPY text format (UTF-8), `manifest.json` says rows, columns and
SHA-256 of each. Both files are of one snapshot, hence of one position of the log, while the service goes on writing.
Read models are not kept: they are replayed. Counters of references are derived from the log again.
"""

import hashlib
import json
import os
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import psycopg
from psycopg import Connection, sql

from service.domain.all_concepts import ALL_CONCEPTS
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
from service.store.migrations import migrate, revisions

FORMAT = "trajectoire-backup-1"
KEPT = (
    "installation",
    "events",
    "idempotency",
    "claims",
    "people",
    "api_keys",
    "calendar_addresses",
    "audit_reads",
    "inbox",
    "deliveries",
    "delivery_attempts",
    "projection_decisions",
    "projection_skipped",
)
"""What the main file holds, in the order of its restoration."""
KEYS = ("text_keys",)
"""What the file of keys holds: destroying a key means to destroy it there too."""
DERIVED = (
    "reference_counters", "projection_head", "projection_gate", "projection_set_aside",
    "alembic_version", "reminder_head", "inbox_acts", "directory_revision",
)  # fmt: skip
"""What a restoration makes anew, beside the read models."""
BLOCK = 1 << 20

Manifest = dict[str, Any]


def keys_beside(file: Path) -> Path:
    """Where the keys of a backup are by default."""
    return file.with_name(f"{file.name}.keys")


def save(dsn: str, file: Path, keys_file: Path) -> Manifest:
    """Write both files, 0600, whole or not at all. Raises the `BackupRefused` that says why not."""
    for path in (file, keys_file):
        if path.exists():
            raise FileExists(path=path)
    with psycopg.connect(dsn) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        there = connection.execute("SELECT to_regclass('events') IS NOT NULL").fetchone()
        if there != (True,):
            raise NothingToSave()
        head = {
            "format": FORMAT,
            "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
            **_one(
                connection,
                "SELECT log_id::text, (SELECT version_num FROM alembic_version) AS revision, "
                "(SELECT COALESCE(max(notification_id), 0) FROM events) AS position, "
                "(SELECT last_value FROM directory_revision) AS directory_revision FROM installation",
            ),
        }
        masters = connection.execute("SELECT DISTINCT master_key_id FROM text_keys ORDER BY 1").fetchall()
        keys_head = {**head, "master_keys": [row[0] for row in masters]}
        _write(connection, keys_file, KEYS, keys_head)
        try:
            return _write(connection, file, KEPT, head)
        except BaseException:
            keys_file.unlink(missing_ok=True)
            raise


def restore(dsn: str, file: Path, keys_file: Path | None) -> Manifest:
    """Fill an empty database from a backup, in one transaction; without its keys, texts stay closed for ever.

    Everything is checked before anything is written. Raises the `BackupRefused` that says why not.
    """
    with _opened(file, KEPT) as (members, manifest), _opened_keys(keys_file, manifest) as (key_members, key_manifest):
        if manifest["revision"] not in revisions():
            raise BackupFromAnotherVersion(path=file)
        with psycopg.connect(dsn) as connection:
            if connection.execute("SELECT FROM pg_tables WHERE schemaname = 'public' LIMIT 1").fetchone() is not None:
                raise PlaceNotEmpty()
        try:
            migrate(dsn, manifest["revision"])
            with psycopg.connect(dsn) as connection:
                for tables, source, described in ((KEPT, members, manifest), (KEYS, key_members, key_manifest)):
                    for table in tables if source is not None else ():
                        _fill(connection, table, source, described["tables"][table])
                _count_on(connection, manifest)
        except BaseException:
            _clear(dsn)
            raise
        migrate(dsn)
    return manifest


def master_keys(keys_file: Path) -> list[str]:
    """The ids of the master keys that wrapped the keys of a backup."""
    with _opened(keys_file, KEYS) as (_, manifest):
        found: list[str] = manifest["master_keys"]
        return found


COUNT = """
    INSERT INTO reference_counters
    SELECT transformation_id, %s, max((convert_from(state, 'UTF8')::jsonb -> 'data' ->> 'ref')::integer)
    FROM events WHERE topic = %s AND transformation_id IS NOT NULL
    GROUP BY transformation_id
    HAVING max((convert_from(state, 'UTF8')::jsonb -> 'data' ->> 'ref')::integer) IS NOT NULL"""


def _count_on(connection: Connection[Any], manifest: Manifest) -> None:
    """Sequences and counters go on where the log ends."""
    connection.execute(
        "SELECT setval(pg_get_serial_sequence('events', 'notification_id'), GREATEST(%s, 1), %s > 0), "
        "setval(pg_get_serial_sequence('audit_reads', 'id'), "
        "(SELECT COALESCE(max(id), 0) + 1 FROM audit_reads), false)",
        (manifest["position"], manifest["position"]),
    )
    connection.execute("UPDATE directory_revision SET last_value = %s", (manifest["directory_revision"] + 1,))
    for concept in ALL_CONCEPTS:
        if concept.letter:
            connection.execute(COUNT, (concept.letter, concept.creation.TOPIC))


def _clear(dsn: str) -> None:
    """What was begun in a place that was empty goes, so that it is empty again: unless somebody has moved in."""
    with psycopg.connect(dsn) as connection:
        there = connection.execute("SELECT to_regclass('public.installation') IS NOT NULL").fetchone()
        if there == (True,) and connection.execute("SELECT FROM public.installation").fetchone() is not None:
            raise PlaceNotEmpty()
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")


def _one(connection: Connection[Any], query: str) -> dict[str, Any]:
    with connection.cursor(row_factory=psycopg.rows.dict_row) as cursor:
        row = cursor.execute(query).fetchone()
        if row is None:
            raise NothingToSave()
        return row


def _write(connection: Connection[Any], file: Path, tables: tuple[str, ...], head: Mapping[str, Any]) -> Manifest:
    draft = file.with_name(f"{file.name}.draft.{os.getpid()}")
    described: dict[str, Any] = {}
    try:
        with open(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as out:
            with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
                for table in tables:
                    with archive.open(f"{table}.copy", "w", force_zip64=True) as member:
                        described[table] = _copy_out(connection, table, member)
                manifest = {**head, "tables": described}
                archive.writestr("manifest.json", json.dumps(manifest, indent=1))
            out.flush()
            os.fsync(out.fileno())
        os.link(draft, file)  # never over a file that came meanwhile
    except FileExistsError:
        raise FileExists(path=file) from None
    except OSError as problem:
        raise BackupNotWritable(path=file, problem=problem.strerror) from problem
    finally:
        draft.unlink(missing_ok=True)
    return manifest


def _copy_out(connection: Connection[Any], table: str, member: IO[bytes]) -> dict[str, Any]:
    query = (
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped "
        "ORDER BY attnum"
    )
    columns = [row[0] for row in connection.execute(query, (table,))]
    digest = hashlib.sha256()
    with connection.cursor() as cursor:
        with cursor.copy(_copy(table, columns, "TO STDOUT")) as rows:
            for block in rows:
                digest.update(block)
                member.write(block)
        return {"columns": columns, "rows": cursor.rowcount, "sha256": digest.hexdigest()}


def _copy(table: str, columns: list[str], direction: str) -> sql.Composed:
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    return sql.SQL("COPY {} ({}) " + direction).format(sql.Identifier(table), names)


@contextmanager
def _opened(file: Path, tables: tuple[str, ...]) -> Iterator[tuple[zipfile.ZipFile, Manifest]]:
    """The archive and its manifest, every byte of it checked. Raises `BackupMissing`, `BackupDamaged`."""
    try:
        with zipfile.ZipFile(file) as archive:
            manifest: Manifest = json.loads(archive.read("manifest.json"))
            if manifest["format"] != FORMAT or manifest["tables"].keys() != set(tables):
                raise BackupFromAnotherVersion(path=file)
            if sorted(archive.namelist()) != sorted([*(f"{table}.copy" for table in tables), "manifest.json"]):
                raise BackupDamaged(path=file)
            for table, described in manifest["tables"].items():
                digest = hashlib.sha256()
                with archive.open(f"{table}.copy") as member:
                    while block := member.read(BLOCK):
                        digest.update(block)
                if digest.hexdigest() != described["sha256"]:
                    raise BackupDamaged(path=file)
            yield archive, manifest
    except FileNotFoundError:
        raise BackupMissing(path=file) from None
    except (zipfile.BadZipFile, KeyError, ValueError, EOFError, zipfile.zlib.error) as problem:  # type: ignore[attr-defined]
        raise BackupDamaged(path=file) from problem


@contextmanager
def _opened_keys(file: Path | None, main: Manifest) -> Iterator[tuple[Any, Manifest]]:
    if file is None:
        yield None, {}
        return
    with _opened(file, KEYS) as (archive, manifest):
        if manifest["log_id"] != main["log_id"] or manifest["position"] < main["position"]:
            raise KeysOfAnotherLog(path=file)
        yield archive, manifest


def _fill(connection: Connection[Any], table: str, archive: zipfile.ZipFile, described: Mapping[str, Any]) -> None:
    with connection.cursor() as cursor:
        with (
            cursor.copy(_copy(table, described["columns"], "FROM STDIN")) as rows,
            archive.open(f"{table}.copy") as member,
        ):
            while block := member.read(BLOCK):
                rows.write(block)
        if cursor.rowcount != described["rows"]:
            raise BackupDamaged(path=archive.filename)


def fingerprint(file: Path) -> str:
    """SHA-256 of a whole file: kept elsewhere, it tells whether the file was exchanged."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
