"""The order of a list, and the condition that begins after a cursor in that order (CONTRACT 16, 18)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from psycopg.sql import SQL, Composable, Identifier, Literal

from service.domain.refusal import Invalid
from service.projections.table import ObjectTable

ORDERED = ("date", "integer", "timestamptz")
SORTABLE = (*ORDERED, "text")
HIDDEN = frozenset({"search", "person_ids"})
WORDS = ("title", "name")
"""What people wrote; other texts are codes and ids."""


class UnknownField(Invalid):
    """There is no such field here; there are: {known}."""

    FR = "Il n’y a pas de tel champ ici\u202f; il y a\u202f: {known}."


def sorted_by(table: ObjectTable[Any]) -> list[str]:
    """The names that `sort` takes."""
    columns = [column for column, kind in table.columns.items() if kind in SORTABLE and column not in HIDDEN]
    titled = ["title"] if "title" in table.concept.state.model_fields else []
    return sorted({*columns, *titled, "status", "ref"})


@dataclass(frozen=True)
class Sorting:
    """What rows `r` are compared by, and its SQL type; equal ones stay in the order of their creation."""

    key: Composable
    kind: str
    down: bool = False

    @classmethod
    def of(cls, sort: str | None, table: ObjectTable[Any]) -> Self:
        """As `sort` asks; without it, the order of creation. Raises `UnknownField`."""
        if sort is None:
            return cls(SQL("r.id"), "uuid")
        name, known = sort.removeprefix("-"), sorted_by(table)
        if name not in known:
            raise UnknownField(pointer="sort", known=", ".join(known))
        kind = table.columns.get(name, "integer" if name == "ref" else "text")
        column = SQL("r.{}").format(Identifier(name)) if name != "title" else SQL("(r.state ->> 'title')")
        key = _dictionary(column) if name in WORDS else column
        return cls(SQL('{} COLLATE "C"').format(key) if kind == "text" else key, kind, sort.startswith("-"))

    @property
    def order(self) -> Composable:
        """The ORDER BY."""
        return SQL("{} {} NULLS LAST, r.id").format(self.key, SQL("DESC" if self.down else "ASC"))

    def after(self, cursor: Mapping[str, Any]) -> Composable:
        """The condition on the rows that come after the last one of a page, which the cursor holds."""
        id, value = Literal(UUID(cursor["id"])), cursor["value"]
        if self.kind == "uuid":
            return SQL("{} > {}").format(self.key, id)
        if value is None:
            return SQL("({} IS NULL AND r.id > {})").format(self.key, id)
        literal = SQL("{}::{}").format(Literal(value), SQL(self.kind))
        return SQL("({k} {beyond} {v} OR {k} IS NULL OR ({k} = {v} AND r.id > {id}))").format(
            k=self.key, beyond=SQL("<" if self.down else ">"), v=literal, id=id
        )


def _dictionary(text: Composable) -> Composable:
    """The key of the order of a French dictionary: « É » with « E », « œ » as « oe », capitals with the others. Then it
    is compared byte by byte: the embedded server has no ICU, and collations differ from one system to the next."""
    bare = SQL("regexp_replace(normalize({}, NFKD), '[\\u0300-\\u036f]', '', 'g')").format(text)
    for sign, letters in (("œ", "oe"), ("Œ", "oe"), ("æ", "ae"), ("Æ", "ae"), ("’", "'")):
        bare = SQL("replace({}, {}, {})").format(bare, Literal(sign), Literal(letters))
    return SQL('lower({} COLLATE "C")').format(bare)
