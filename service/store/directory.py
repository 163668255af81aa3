"""The directory: people and keys as table rows outside the log, so that they can be erased. Events hold ids only."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg import Connection
from psycopg.rows import DictRow

from service.domain.job import SERVICE_ID, SERVICE_NAME
from service.domain.refusal import Conflict
from service.store.database import Database


class EmailTaken(Conflict):
    """Somebody with the e-mail address {email} is already in the directory: {id}."""

    FR = "Une personne ayant l’adresse {email} figure déjà dans l’annuaire\u202f: {id}."


@dataclass(frozen=True, slots=True)
class KeyRow:
    """An API key as the directory holds it: never its secret."""

    id: str
    owner: str
    name: str
    scopes: frozenset[str]
    expires_at: datetime | None
    revoked_at: datetime | None


class Directory:
    """Names, addresses, preferences and key hashes."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def add_person(
        self, id: str, display_name: str, *, email: str | None = None, language: str = "fr", has_account: bool = True
    ) -> None:
        """Enter a person. Raises `EmailTaken`."""
        query = """
            INSERT INTO people (id, display_name, email, language, has_account) VALUES (%s, %s, %s, %s, %s)
            ON CONFLICT (id) DO NOTHING"""
        try:
            with self.database.connection() as connection:
                connection.execute(query, (id, display_name, email, language, has_account))
        except psycopg.errors.UniqueViolation:
            row = self.database.one("SELECT id FROM people WHERE lower(email) = lower(%s)", (email,))
            raise EmailTaken(email=email, id=row["id"] if row else None) from None

    def remove_person(self, id: str) -> None:
        """Take back a row whose event was refused."""
        with self.database.connection() as connection:
            connection.execute("DELETE FROM people WHERE id = %s", (id,))

    def person(self, id: str) -> dict[str, Any] | None:
        return self.database.one("SELECT * FROM people WHERE id = %s", (id,))

    def people(self, *, after: str = "", limit: int = 200, q: str | None = None) -> list[dict[str, Any]]:
        """People in the order of their ids."""
        query = """
            SELECT * FROM people WHERE id > %s AND (%s::text IS NULL OR display_name ILIKE '%%' || %s || '%%')
            ORDER BY id LIMIT %s"""
        return self.database.all(query, (after, q, q, limit))

    def names(self, ids: list[str], connection: Connection[DictRow] | None = None) -> dict[str, str]:
        """The names of people, for the reader's eyes; unknown ids are left out."""
        query = "SELECT id, display_name FROM people WHERE id = ANY (%s)"
        rows = connection.execute(query, (ids,)) if connection else self.database.all(query, (ids,))
        found = {row["id"]: row["display_name"] for row in rows}
        return {**found, SERVICE_ID: SERVICE_NAME} if SERVICE_ID in ids else found

    def named(self, display_name: str) -> list[str]:
        """The ids of the people who bear a name, compared without case, accents kept and spaces collapsed."""
        wanted = " ".join(display_name.split())
        rows = self.database.all("SELECT id FROM people WHERE lower(display_name) = lower(%s) ORDER BY id", (wanted,))
        return [row["id"] for row in rows]

    def revision(self, connection: Connection[DictRow]) -> int:
        """Rises whenever a name may have changed: part of the ETag of every view that shows names."""
        row = connection.execute("SELECT last_value AS revision FROM directory_revision").fetchone()
        return int(row["revision"]) if row else 0

    def add_key(
        self, id: str, owner: str, name: str, secret: str, scopes: list[str], expires_at: datetime | None
    ) -> None:
        query = """
            INSERT INTO api_keys (id, owner, name, secret_hash, scopes, expires_at) VALUES (%s, %s, %s, %s, %s, %s)"""
        with self.database.connection() as connection:
            connection.execute(query, (id, owner, name, _hash(secret), scopes, expires_at))

    def remove_key(self, id: str) -> None:
        with self.database.connection() as connection:
            connection.execute("DELETE FROM api_keys WHERE id = %s", (id,))

    def revoke_key(self, id: str, at: datetime) -> None:
        with self.database.connection() as connection:
            connection.execute("UPDATE api_keys SET revoked_at = %s WHERE id = %s AND revoked_at IS NULL", (at, id))

    def keys(self, owner: str | None = None) -> list[dict[str, Any]]:
        query = """
            SELECT id, owner, name, scopes, expires_at, revoked_at, last_used_on, created_at FROM api_keys
            WHERE %s::text IS NULL OR owner = %s ORDER BY created_at, id"""
        return self.database.all(query, (owner, owner))

    def authenticate(self, key: str, now: datetime) -> KeyRow | None:
        """The row of a presented key `trj_<env>_<id>_<secret>`, or None when it is unknown, expired or revoked."""
        parts = parts_of(key)
        if parts is None:
            return None
        row = self.database.one("SELECT * FROM api_keys WHERE id = %s", (parts[0],))
        if row is None or not opens(row, parts[1], now):
            return None
        if row["last_used_on"] != now.date():
            self.note_use(row["id"], now)
        return KeyRow(
            row["id"], row["owner"], row["name"], frozenset(row["scopes"]), row["expires_at"], row["revoked_at"]
        )

    def note_use(self, id: str, now: datetime) -> None:
        """The day on which a key was last used: once a day is enough."""
        with self.database.connection() as connection:
            connection.execute("UPDATE api_keys SET last_used_on = %s WHERE id = %s", (now.date(), id))


def parts_of(key: str) -> tuple[str, str] | None:
    """The id and the secret of a presented key `trj_<env>_<id>_<secret>`; None for what is no key."""
    parts = key.split("_")
    return (parts[2], parts[3]) if len(parts) == 4 and parts[0] == "trj" else None


def opens(row: Mapping[str, Any], secret: str, now: datetime) -> bool:
    """Whether this secret is that of the key's row, neither expired nor revoked."""
    return (
        secrets.compare_digest(bytes(row["secret_hash"]), _hash(secret))
        and (row["revoked_at"] is None or row["revoked_at"] > now)
        and (row["expires_at"] is None or row["expires_at"] > now)
    )


def new_key(environment: str) -> tuple[str, str, str]:
    """A fresh key: its id, its secret, and the whole that is shown once."""
    id, secret = secrets.token_hex(6), secrets.token_hex(24)
    return id, secret, f"trj_{environment}_{id}_{secret}"


def _hash(secret: str) -> bytes:
    # The secret has 192 random bits: a fast hash is enough, there is nothing to guess.
    return hashlib.sha256(secret.encode()).digest()
