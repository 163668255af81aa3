"""Rows on their way into a table: COPY for many, one statement over arrays for a few. Never row by row."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow
from psycopg.sql import SQL, Identifier

FEW = 50
"""Below so many rows one INSERT over arrays is quicker than a COPY, which takes one round trip more."""
Columns = Mapping[str, str]
ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})
NEEDS_ESCAPE = re.compile(r"[\\\n\r\t]").search


def write_rows(connection: Connection[DictRow], table: str, columns: Columns, rows: Sequence[Sequence[Any]]) -> None:
    """Add rows to a table. `columns` are names and SQL types in the order of the values; JSON comes as text."""
    if not rows:
        return
    names, kinds = tuple(columns), tuple(columns.values())
    with connection.cursor() as cursor:
        if len(rows) > FEW:
            # The lines are written here: half the time of a rebuild went into adapting its values one by one.
            lines = "".join("\t".join([_text(value) for value in row]) + "\n" for row in rows)
            with cursor.copy(_copy(table, names)) as copy:
                copy.write(lines.encode())
            return
        arrays = [
            [_array(value) for value in values] if kind.endswith("[]") else list(values)
            for kind, values in zip(kinds, zip(*rows, strict=True), strict=True)
        ]
        cursor.execute(_insert(table, names, kinds), arrays, prepare=True)


@lru_cache(maxsize=256)
def _copy(table: str, names: tuple[str, ...]) -> Any:
    return SQL("COPY {} ({}) FROM STDIN").format(Identifier(table), SQL(", ").join(map(Identifier, names)))


@lru_cache(maxsize=256)
def _insert(table: str, names: tuple[str, ...], kinds: tuple[str, ...]) -> Any:
    # An array of arrays cannot be unnested one level: such a column travels as text and is read on arrival.
    travels = [SQL("%s::text[]" if kind.endswith("[]") else f"%s::{kind}[]") for kind in kinds]
    arrives = [SQL("r.{}::" + kind).format(Identifier(name)) for name, kind in zip(names, kinds, strict=True)]
    return SQL("INSERT INTO {table} ({names}) SELECT {arrives} FROM unnest({travels}) AS r({names})").format(
        table=Identifier(table),
        names=SQL(", ").join(map(Identifier, names)),
        arrives=SQL(", ").join(arrives),
        travels=SQL(", ").join(travels),
    )


def _text(value: Any) -> str:
    """A value in the text format of COPY (PostgreSQL documentation, COPY, File Formats)."""
    kind = type(value)
    if kind is str:
        return value.translate(ESCAPES) if NEEDS_ESCAPE(value) else value  # type: ignore[no-any-return]  # a str
    if value is None:
        return "\\N"
    if kind is UUID:
        return value.hex  # type: ignore[no-any-return]  # a str
    if kind is bool:
        return "t" if value else "f"
    if kind is list or kind is tuple:
        return (_array(value) or "").translate(ESCAPES)
    return str(value)


def _array(items: Sequence[str] | None) -> str | None:
    """An array of texts as PostgreSQL reads it."""
    if items is None:
        return None
    quoted = ('"' + str(item).replace("\\", "\\\\").replace('"', '\\"') + '"' for item in items)
    return "{" + ",".join(quoted) + "}"
