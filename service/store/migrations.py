"""Bring a database to today's schema: Alembic owns every table, one process migrates, the others wait.

Alembic is imported where it is used: half a second, for which a command that opens no database does not wait.
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
    from alembic import command
    from alembic.runtime.migration import MigrationContext
    from sqlalchemy import create_engine, text
    from sqlalchemy.pool import NullPool

    with psycopg.connect(dsn, autocommit=True) as guard:
        guard.execute("SELECT pg_advisory_lock(%s, %s)", LOCK)
        engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(dsn), poolclass=NullPool)
        with engine.begin() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
            if current == (revision or head()):
                return
            if current is not None:
                if current not in revisions():
                    raise DatabaseOfNewerVersion()
                # Before the tables are touched: a batch that is under way ends first, then no other begins.
                connection.execute(text("UPDATE projection_head SET epoch = epoch + 1"))
            command.upgrade(config(connection), revision or "head")


@cache
def head() -> str:
    """The newest revision that the code knows."""
    from alembic.script import ScriptDirectory

    revision = ScriptDirectory.from_config(config()).get_current_head()
    if revision is None:
        raise FileNotFoundError(f"no migrations in {FOLDER}")
    return revision


def revisions() -> set[str]:
    """Every revision that the code knows."""
    from alembic.script import ScriptDirectory

    return {script.revision for script in ScriptDirectory.from_config(config()).walk_revisions()}


def config(connection: object = None) -> "Config":
    """Alembic's configuration, without an ini file."""
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    settings.attributes["connection"] = connection
    return settings
