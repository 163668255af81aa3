"""Bring a database to today's schema: Alembic owns every table, one process migrates, the others wait.

Alembic is imported where something is to be migrated: its import takes longer than most commands.
"""

from functools import cache
from inspect import cleandoc
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from alembic.config import Config

LOCK = (7226, 2)
FOLDER = Path(__file__).parents[2] / "alembic"


class DatabaseOfNewerVersion(Exception):
    """Cette base a été mise à jour par une version plus récente de Trajectoire : relancez avec cette version, ou
    restaurez une sauvegarde d’avant."""

    def __init__(self) -> None:
        super().__init__(" ".join(cleandoc(self.__doc__ or "").split()))


def migrate(dsn: str, revision: str | None = None) -> None:
    """Run the missing migrations, up to the newest or to `revision`.

    Twenty processes may call it at once on an empty database: all come up. A leader of the projections that knows the
    earlier schema is fenced off by the same commit. Raises `DatabaseOfNewerVersion`.
    """
    wanted = revision or head()
    with psycopg.connect(dsn, autocommit=True) as guard:
        if _stands_at(guard) == wanted:
            return
        guard.execute("SELECT pg_advisory_lock(%s, %s)", LOCK)
        current = _stands_at(guard)
        if current == wanted:
            return
        if current is not None and current not in revisions():
            raise DatabaseOfNewerVersion()
        _upgrade(dsn, current, wanted)


def _stands_at(connection: psycopg.Connection) -> str | None:
    """The revision of a database, None before the first."""
    if connection.execute("SELECT to_regclass('public.alembic_version')").fetchone() == (None,):
        return None
    row = connection.execute("SELECT version_num FROM public.alembic_version").fetchone()
    return str(row[0]) if row else None


def _upgrade(dsn: str, current: str | None, wanted: str) -> None:
    from alembic import command
    from sqlalchemy import create_engine, text
    from sqlalchemy.pool import NullPool

    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(dsn), poolclass=NullPool)
    with engine.begin() as connection:
        if current is not None:
            # Before the tables are touched: a batch that is under way ends first, then no other begins.
            connection.execute(text("UPDATE projection_head SET epoch = epoch + 1"))
        command.upgrade(config(connection), wanted)


def head() -> str:
    """The newest revision that the code knows."""
    return max(revisions())


@cache
def revisions() -> frozenset[str]:
    """Every revision that the code knows: a migration's file begins with its own."""
    found = frozenset(file.name.partition("_")[0] for file in (FOLDER / "versions").glob("[0-9]*_*.py"))
    if not found:
        raise FileNotFoundError(f"no migrations in {FOLDER}")
    return found


def config(connection: object = None) -> "Config":
    """Alembic's configuration, without an ini file."""
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    settings.attributes["connection"] = connection
    return settings
