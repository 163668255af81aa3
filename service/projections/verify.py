"""Comparing rebuilt tables with the live ones, row by row: the first difference, in words."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from psycopg import Connection
from psycopg.rows import DictRow
from psycopg.sql import SQL, Composable, Identifier, Literal

from service.projections.table import ObjectTable

# Versioned rows never change but for their end, and one that lies beyond the position is still open there; so the live
# table may go on while it is compared.
VERSIONED = """
SELECT {columns} FROM {table} WHERE valid_from <= {until}
"""
COMPARE = """
SELECT to_jsonb(l) AS live, to_jsonb(b) AS rebuilt FROM ({live}) l FULL JOIN ({rebuilt}) b ON {same}
WHERE l IS DISTINCT FROM b ORDER BY {order} LIMIT 1
"""
KEYS = {"audit_events": ("position",), "restricted_objects": ("id",), "object_links": ("from_id", "to_id")}


GROWING = ("audit_events",)
"""Tables whose rows never change: they too may grow while they are compared."""


def first_difference(connection: Connection[DictRow], names: Sequence[str], until: int) -> str | None:
    """The first row that differs: its table, its key, the columns that differ. None where all are equal."""
    for name in names:
        if found := differs_in_shape(connection, name):
            return found
        prefix = SQL("position <= {}").format(Literal(until)) if name in GROWING else SQL("TRUE")
        rows = partial(SQL("SELECT * FROM {place} WHERE {prefix}").format, prefix=prefix)
        found = _differs(connection, name, KEYS[name], lambda place, rows=rows: rows(place=place))
        if found:
            return found
    return None


def first_difference_of_versions(connection: Connection[DictRow], table: ObjectTable[Any], until: int) -> str | None:
    """The same for a versioned table, as it was at a position."""
    return differs_in_shape(connection, table.name) or _differs(
        connection, table.name, ("id", "valid_from"), _versions(table, until)
    )


SHAPE = """
SELECT array_agg((attname || ' ' || format_type(atttypid, atttypmod)) ORDER BY attname) AS columns FROM pg_attribute
WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped
"""


def differs_in_shape(connection: Connection[DictRow], name: str) -> str | None:
    """A live table that is gone, or that has other columns."""
    live, rebuilt = (connection.execute(SHAPE, (f"{place}.{name}",)).fetchone() for place in ("public", "beside"))
    if live == rebuilt:
        return None
    if live is None or live["columns"] is None:
        return f"{name}\u202f: la table manque"
    return f"{name}\u202f: la table n’a pas les colonnes attendues"


def _versions(table: ObjectTable[Any], until: int) -> Any:
    def select(place: Identifier) -> Composable:
        columns = [
            SQL("CASE WHEN valid_to <= {} THEN valid_to END AS valid_to").format(Literal(until))
            if name == "valid_to"
            else Identifier(name)
            for name in table.all_columns
        ]
        return SQL(VERSIONED).format(columns=SQL(", ").join(columns), table=place, until=Literal(until))

    return select


def _differs(connection: Connection[DictRow], name: str, key: Sequence[str], select: Any) -> str | None:
    query = SQL(COMPARE).format(
        live=select(Identifier("public", name)),
        rebuilt=select(Identifier("beside", name)),
        same=SQL(" AND ").join(SQL("l.{k} = b.{k}").format(k=Identifier(column)) for column in key),
        order=SQL(", ").join(SQL("COALESCE(l.{k}, b.{k})").format(k=Identifier(column)) for column in reversed(key)),
    )
    row = connection.execute(query).fetchone()
    if row is None:
        return None
    live, rebuilt = row["live"], row["rebuilt"]
    place = ", ".join(f"{column} = {(live or rebuilt)[column]}" for column in key)
    if live is None or rebuilt is None:
        return f"{name} ({place})\u202f: ligne {'absente' if live is None else 'en trop'} dans la vue en service"
    # Columns only: their values may be what somebody wrote.
    columns = ", ".join(column for column in live if live[column] != rebuilt[column])
    return f"{name} ({place})\u202f: diffère par {columns}"
