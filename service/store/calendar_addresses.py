"""The secret addresses of personal calendars: one for each person, table rows known by the hash of their secret."""

import secrets
from datetime import datetime
from typing import Any

from service.store.database import Database
from service.store.directory import hashed


class CalendarAddresses:
    """Who has an address, and whose calendar a secret opens. A row goes with its person."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def open(self, person: str, at: datetime) -> str:
        """A new address in the place of the earlier one. Its secret comes back once and is kept nowhere."""
        secret = secrets.token_urlsafe(32)
        query = """
            INSERT INTO calendar_addresses (person_id, secret_hash, opened_at) VALUES (%s, %s, %s)
            ON CONFLICT (person_id) DO UPDATE
            SET secret_hash = excluded.secret_hash, opened_at = excluded.opened_at, last_used_on = NULL"""
        with self.database.connection() as connection:
            connection.execute(query, (person, hashed(secret), at))
        return secret

    def revoke(self, person: str) -> bool:
        """The address opens nothing any more; whether there was one."""
        with self.database.connection() as connection:
            return connection.execute("DELETE FROM calendar_addresses WHERE person_id = %s", (person,)).rowcount > 0

    def of(self, person: str) -> dict[str, Any] | None:
        """Since when this person has an address, and the day of its last use."""
        query = "SELECT opened_at, last_used_on FROM calendar_addresses WHERE person_id = %s"
        return self.database.one(query, (person,))

    def owner(self, secret: str, now: datetime) -> dict[str, Any] | None:
        """Whose calendar this secret opens (`id`, `display_name`, `language`); None for an unknown or revoked one."""
        query = """
            SELECT p.id, p.display_name, p.language, c.last_used_on FROM calendar_addresses c
            JOIN people p ON p.id = c.person_id WHERE c.secret_hash = %s"""
        row = self.database.one(query, (hashed(secret),))
        if row is not None and row["last_used_on"] != now.date():
            with self.database.connection() as connection:
                connection.execute(
                    "UPDATE calendar_addresses SET last_used_on = %s WHERE person_id = %s", (now.date(), row["id"])
                )
        return row
