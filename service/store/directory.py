"""The directory: people and keys as table rows outside the log, so that they can be erased. Events hold ids only."""

import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg import Connection
from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from service.domain import preference_rules
from service.domain.job import SERVICE_ID, SERVICE_NAME
from service.domain.likeness import pattern
from service.domain.preference import Preference
from service.domain.refusal import Conflict, NotFound
from service.store.database import Database


class EmailTaken(Conflict):
    """Somebody with the e-mail address {email} is already in the directory: {id}."""

    FR = "Une personne ayant l’adresse {email} figure déjà dans l’annuaire\u202f: {id}."


class PersonBeingEntered(Conflict):
    """Somebody with the e-mail address {email} is being entered at this moment; ask again in a moment."""

    FR = "Une personne ayant l’adresse {email} est en train d’être inscrite\u202f; redemandez dans un instant."

    retry_after = 5


UNFINISHED = 30
"""Seconds after which an act is over, whatever became of it: a row without its event was left by a crash."""
ENTERED = "EXISTS (SELECT FROM events e WHERE e.originator_id = substr(p.id, 3)::uuid)"
"""Of a row p of `people`: its event is in the log."""
LEFT: Any = f"""
DELETE FROM people p WHERE lower(email) = lower(%s) AND created_at < clock_timestamp() - make_interval(secs => %s)
  AND NOT {ENTERED} RETURNING id
"""
REFUSED: Any = f"DELETE FROM people p WHERE id = %s AND NOT {ENTERED}"
HOLDER: Any = f"SELECT id, {ENTERED} AS entered FROM people p WHERE lower(email) = lower(%s)"


# Two rotations may tell their secrets in the other order: the earlier one's is then the old one.
ROTATED = """
UPDATE api_keys SET
    rotation = GREATEST(rotation, %(rotation)s),
    secret_hash = CASE WHEN rotation < %(rotation)s THEN %(hash)s ELSE secret_hash END,
    old_secret_hash = CASE WHEN rotation < %(rotation)s THEN secret_hash
        WHEN rotation = %(rotation)s + 1 THEN %(hash)s ELSE old_secret_hash END,
    old_secret_until = CASE WHEN rotation < %(rotation)s THEN %(until)s ELSE old_secret_until END,
    expires_at = CASE WHEN rotation < %(rotation)s THEN %(expires)s ELSE expires_at END
WHERE id = %(id)s
"""


class AddressTaken(Conflict):
    """Somebody else in the directory has this e-mail address: give another one, or ask an administrator."""

    FR = (
        "Quelqu’un d’autre a cette adresse dans l’annuaire\u202f: "
        "donnez-en une autre, ou demandez à une administration."
    )


@dataclass(frozen=True, slots=True)
class Wishes:
    """How one person wants to be reminded, and at which e-mail address."""

    preference: Preference
    email: str | None


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
        """Enter a person; the event follows. Raises `EmailTaken`, `PersonBeingEntered`.

        Who was entered by an act that a crash cut before its event gives way.
        """
        query = """
            INSERT INTO people (id, display_name, email, language, has_account) VALUES (%s, %s, %s, %s, %s)
            ON CONFLICT (id) DO NOTHING"""
        try:
            with self.database.connection() as connection:
                connection.execute(query, (id, display_name, email, language, has_account))
        except psycopg.errors.UniqueViolation:
            if self.database.all(LEFT, (email, UNFINISHED)):
                return self.add_person(id, display_name, email=email, language=language, has_account=has_account)
            row = self.database.one(HOLDER, (email,))
            if row is None or not row["entered"]:
                raise PersonBeingEntered(email=email) from None
            raise EmailTaken(email=email, id=row["id"]) from None

    def remove_person(self, id: str) -> None:
        """Take back a row whose event was refused; who did enter the log keeps the name."""
        with self.database.connection() as connection:
            connection.execute(REFUSED, (id,))

    def person(self, id: str) -> dict[str, Any] | None:
        return self.database.one("SELECT * FROM people WHERE id = %s", (id,))

    def people(self, *, after: str = "", limit: int = 200, q: str | None = None) -> list[dict[str, Any]]:
        """People in the order of their ids; not those whom an act left that a crash cut, or that is not over yet."""
        query: Any = f"""
            SELECT * FROM people p WHERE id > %s AND (%s::text IS NULL OR display_name ~ %s) AND {ENTERED}
            ORDER BY id LIMIT %s"""
        wanted = None if q is None else pattern(q)
        return self.database.all(query, (after, wanted, wanted, limit))

    def names(self, ids: list[str], connection: Connection[DictRow] | None = None) -> dict[str, str]:
        """The names of people, for the reader's eyes; unknown ids are left out."""
        query = "SELECT id, display_name FROM people WHERE id = ANY (%s)"
        rows = connection.execute(query, (ids,)) if connection else self.database.all(query, (ids,))
        return names_of(rows, ids)

    def named(self, display_name: str) -> list[str]:
        """The ids of the people who bear a name, compared without case, accents kept and spaces collapsed."""
        wanted = " ".join(display_name.split())
        query: Any = f"SELECT id FROM people p WHERE lower(display_name) = lower(%s) AND {ENTERED} ORDER BY id"
        rows = self.database.all(query, (wanted,))
        return [row["id"] for row in rows]

    def revision(self, connection: Connection[DictRow]) -> int:
        """Rises whenever a name may have changed: part of the ETag of every view that shows names."""
        row = connection.execute("SELECT last_value AS revision FROM directory_revision").fetchone()
        return int(row["revision"]) if row else 0

    def preferences(self, ids: Sequence[str], connection: Connection[DictRow] | None = None) -> dict[str, Preference]:
        """How these people want to be reminded; unknown ids are left out."""
        query = "SELECT id, language, preferences FROM people WHERE id = ANY (%s)"
        rows = connection.execute(query, (list(ids),)) if connection else self.database.all(query, (list(ids),))
        return {row["id"]: _preference(row) for row in rows}

    def wishes(self, id: str) -> Wishes:
        """The preferences of one person, with the address. Raises `NotFound`."""
        return _wishes(self.person(id), id)

    def revise_wishes(self, id: str, changes: Mapping[str, Any]) -> Wishes:
        """Keep new wishes: fields of `Preference`, and `email`. What was never chosen is not stored: its default may
        improve. Two at once do not lose each other's.

        Raises `NotFound`, `AddressTaken`, and what `preference_rules.revise` refuses.
        """
        try:
            with self.database.connection() as connection, connection.transaction():
                row = connection.execute("SELECT * FROM people WHERE id = %s FOR UPDATE", (id,)).fetchone()
                before = _wishes(row, id)
                email = changes.get("email", before.email)
                stored = {**(row["preferences"] if row else {}), **_stored(changes)}
                wanted = {name: value for name, value in changes.items() if name != "email"}
                after = preference_rules.revise(before.preference, wanted, address=email, chosen="channels" in stored)
                connection.execute(
                    "UPDATE people SET email = %s, language = %s, preferences = %s WHERE id = %s",
                    (email, after.language, Jsonb(stored), id),
                )
        except psycopg.errors.UniqueViolation:
            raise AddressTaken() from None
        return Wishes(after, email)

    def add_key(
        self, id: str, owner: str, name: str, secret: str, scopes: list[str], expires_at: datetime | None
    ) -> None:
        query = """
            INSERT INTO api_keys (id, owner, name, secret_hash, scopes, expires_at) VALUES (%s, %s, %s, %s, %s, %s)"""
        with self.database.connection() as connection:
            connection.execute(query, (id, owner, name, hashed(secret), scopes, expires_at))

    def remove_key(self, id: str) -> None:
        with self.database.connection() as connection:
            connection.execute("DELETE FROM api_keys WHERE id = %s", (id,))

    def rotate_key(
        self, id: str, secret: str, rotation: int, old_secret_until: datetime | None, expires_at: datetime | None
    ) -> None:
        """The secret of the key's rotation of this number; the one before it is the old one, the only one."""
        asked = {"id": id, "hash": hashed(secret), "rotation": rotation}
        with self.database.connection() as connection:
            connection.execute(ROTATED, {**asked, "until": old_secret_until, "expires": expires_at})

    def revoke_key(self, id: str, at: datetime) -> None:
        with self.database.connection() as connection:
            connection.execute("UPDATE api_keys SET revoked_at = %s WHERE id = %s AND revoked_at IS NULL", (at, id))

    def key(self, id: str) -> dict[str, Any] | None:
        """The row of one key, without its secret."""
        return self.keys([id]).get(id)

    def keys(self, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """The rows of several keys by their ids, without their secrets."""
        rows = self.database.all("SELECT id, name, last_used_on FROM api_keys WHERE id = ANY (%s)", (list(ids),))
        return {row["id"]: row for row in rows}

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


def names_of(rows: Iterable[Mapping[str, Any]], ids: Sequence[str]) -> dict[str, str]:
    """The names that rows of `people` give to these ids; the service itself has no row."""
    found = {row["id"]: row["display_name"] for row in rows}
    return {**found, SERVICE_ID: SERVICE_NAME} if SERVICE_ID in ids else found


def _preference(row: Mapping[str, Any]) -> Preference:
    return Preference.model_validate({**row["preferences"], "language": row["language"]})


def _wishes(row: Mapping[str, Any] | None, id: str) -> Wishes:
    if row is None:
        raise NotFound(what="person", id=id)
    return Wishes(_preference(row), row["email"])


def _stored(changes: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a preference that have no column of their own, as JSON."""
    plain = {name: value for name, value in changes.items() if name not in ("email", "language")}
    return Preference.model_construct(**plain).model_dump(mode="json", include=set(plain))


def parts_of(key: str) -> tuple[str, str] | None:
    """The id and the secret of a presented key `trj_<env>_<id>_<secret>`; None for what is no key."""
    parts = key.split("_")
    return (parts[2], parts[3]) if len(parts) == 4 and parts[0] == "trj" else None


def opens(row: Mapping[str, Any], secret: str, now: datetime) -> bool:
    """Whether this secret is that of the key's row, or its old one in time; the key neither expired nor revoked."""
    presented = hashed(secret)
    present = secrets.compare_digest(bytes(row["secret_hash"]), presented)
    old = secrets.compare_digest(bytes(row["old_secret_hash"] or b""), presented)
    overlapping = row["old_secret_until"] is not None and row["old_secret_until"] > now
    return (
        (present or (old and overlapping))
        and (row["revoked_at"] is None or row["revoked_at"] > now)
        and (row["expires_at"] is None or row["expires_at"] > now)
    )


def new_key(environment: str, id: str | None = None) -> tuple[str, str, str]:
    """A fresh key, or a fresh secret for the key `id`: its id, its secret, and the whole that is shown once."""
    id, secret = id or secrets.token_hex(6), secrets.token_hex(24)
    return id, secret, f"trj_{environment}_{id}_{secret}"


def hashed(secret: str) -> bytes:
    """What is stored of a secret. It has 192 random bits or more: a fast hash is enough, there is nothing to guess."""
    return hashlib.sha256(secret.encode()).digest()
