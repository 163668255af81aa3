"""What start-up refuses: settings under which an acknowledged event could be lost, or a reader miss one.

UnsafeSetting
├── WritesNotFlushed
├── PagesNotProtected
├── CommitsNotFlushed
└── LibraryFunctions
"""

import os
from collections.abc import Mapping
from inspect import cleandoc

import psycopg


class UnsafeSetting(Exception):
    """Un réglage met en danger ce qui est enregistré."""

    def __init__(self) -> None:
        super().__init__(" ".join(cleandoc(self.__doc__ or "").split()))


class WritesNotFlushed(UnsafeSetting):
    """PostgreSQL tourne avec fsync=off : une panne de courant détruirait des événements déjà confirmés ; remettez
    fsync=on, puis relancez."""


class PagesNotProtected(UnsafeSetting):
    """PostgreSQL tourne avec full_page_writes=off : une panne de courant pourrait abîmer la base ; remettez
    full_page_writes=on, puis relancez."""


class CommitsNotFlushed(UnsafeSetting):
    """PostgreSQL tourne avec synchronous_commit=off : les derniers événements confirmés se perdraient dans une panne ;
    remettez synchronous_commit=on, ou acceptez cette perte par TRAJECTOIRE_ACCEPT_LOST_COMMITS=true."""


class LibraryFunctions(UnsafeSetting):
    """POSTGRES_ENABLE_DB_FUNCTIONS est défini dans l'environnement : ces fonctions de la bibliothèque écrivent sans
    verrou, et des lecteurs manqueraient des événements ; retirez cette variable, puis relancez."""


def require_durable(
    dsn: str, *, accept_lost_commits: bool = False, environment: Mapping[str, str] = os.environ
) -> None:
    """Raises the `UnsafeSetting` that the server, its sessions or the environment hold."""
    if environment.get("POSTGRES_ENABLE_DB_FUNCTIONS", "").strip().lower() not in ("", "0", "n", "no", "f", "false"):
        raise LibraryFunctions()
    names = ("fsync", "full_page_writes", "synchronous_commit")
    with psycopg.connect(dsn) as connection:
        found = connection.execute("SELECT name, setting FROM pg_settings WHERE name = ANY (%s)", (list(names),))
        settings: dict[str, str] = dict(found.fetchall())
    if settings["fsync"] == "off":
        raise WritesNotFlushed()
    if settings["full_page_writes"] == "off":
        raise PagesNotProtected()
    if settings["synchronous_commit"] == "off" and not accept_lost_commits:
        raise CommitsNotFlushed()
