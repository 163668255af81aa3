"""Versioned rows: a row is valid from a position until the next change of its key. Now is "valid_to is null".

The past probes the latest version at or before a position per key, so that its cost follows the rows returned and not
the length of history. Every read model that can be asked `as_of` is such a table; there is no second mechanism.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Generic, TypeVar
from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow
from psycopg.sql import SQL, Composable, Composed, Identifier, Literal

from service.domain.concept import Concept, State
from service.projections.as_of import AsOf

S = TypeVar("S", bound=State)

ALWAYS = SQL("TRUE")
Row = tuple[Any, ...]

COMMON: dict[str, str] = {
    "id": "uuid",
    "valid_from": "bigint",
    "valid_to": "bigint",
    "changed_at": "timestamptz",
    "first": "boolean",
    "transformation_id": "uuid",
    "ref": "integer",
    "version": "bigint",
    "status": "text",
    "withdrawn": "boolean",
}


@dataclass(frozen=True)
class ObjectTable(Generic[S]):
    """The versioned table of one concept: typed columns for filters and sorting, and the whole state.

    `columns` maps a column to its SQL type, `row` computes them from the state. The table is written in Alembic; a test
    compares it with this declaration (`create_statement`).
    """

    name: str
    concept: Concept[S]
    columns: Mapping[str, str]
    row: Callable[[S], Mapping[str, Any]]
    indexes: Sequence[str] = ()
    past_indexes: Sequence[str] = ()
    """Columns of further indexes over all versions, for what is probed in the past."""
    named_by: str | None = None
    """The column of a person whose name, which stands in the directory alone, is looked into as well."""

    @cached_property
    def all_columns(self) -> dict[str, str]:
        return {**COMMON, **self.columns, "state": "jsonb"}

    def rendered(self, state: S, position: int, recorded_at: datetime, first: bool, until: int | None) -> Row:
        """The row of one version, in the order of `all_columns`."""
        values = self.row(state)
        return (
            state.id,
            position,
            until,
            recorded_at,
            first,
            state.transformation_id,
            state.ref,
            state.version,
            state.status,
            state.withdrawn,
            *[values[name] for name in self.columns],
            state.model_dump_json(),
        )

    # -- reading

    def rows_at(self, as_of: AsOf, where: Composable = ALWAYS) -> Composed:
        """A sub-select named after nothing: the rows of this table as of a point, filtered on columns of `t`.

        `where` is applied to the version that was valid then, so a filter never resurrects an older version.
        """
        table = Identifier(self.name)
        if as_of.position is None:
            return SQL("(SELECT t.* FROM {table} t WHERE t.valid_to IS NULL AND {where})").format(
                table=table, where=where
            )
        return SQL(
            "(SELECT t.* FROM (SELECT id, transformation_id FROM {table} WHERE first AND valid_from <= {at}) k "
            "CROSS JOIN LATERAL (SELECT v.* FROM {table} v WHERE v.id = k.id AND v.valid_from <= {at} "
            "ORDER BY v.valid_from DESC LIMIT 1) t WHERE {where})"
        ).format(table=table, at=Literal(as_of.position), where=where)

    def of_transformation(
        self, connection: Connection[DictRow], transformation_id: UUID, as_of: AsOf, visible: Composable = ALWAYS
    ) -> list[S]:
        """The states of all objects of a transformation, withdrawn ones left out, in the order of their creation."""
        where = SQL("t.transformation_id = {id} AND NOT t.withdrawn AND {visible}").format(
            id=Literal(transformation_id), visible=visible
        )
        rows = self.rows_of(transformation_id, as_of, where)
        query = SQL("SELECT r.state FROM {rows} r ORDER BY r.id").format(rows=rows)
        return [self.concept.state.model_validate(row["state"]) for row in connection.execute(query)]

    def rows_of(self, transformation_id: UUID, as_of: AsOf, where: Composable) -> Composed:
        """As `rows_at`, with the keys of one transformation found by index."""
        if as_of.position is None:
            return self.rows_at(as_of, where)
        table = Identifier(self.name)
        return SQL(
            "(SELECT t.* FROM (SELECT id FROM {table} WHERE first AND transformation_id = {owner} "
            "AND valid_from <= {at}) k CROSS JOIN LATERAL (SELECT v.* FROM {table} v WHERE v.id = k.id "
            "AND v.valid_from <= {at} ORDER BY v.valid_from DESC LIMIT 1) t WHERE {where})"
        ).format(table=table, owner=Literal(transformation_id), at=Literal(as_of.position), where=where)

    def find(self, connection: Connection[DictRow], id: UUID, as_of: AsOf) -> S | None:
        """The state of one object as of a point, or None where it did not exist."""
        if as_of.position is None:
            query = SQL("SELECT state FROM {table} WHERE id = %s AND valid_to IS NULL")
            row = connection.execute(query.format(table=Identifier(self.name)), (id,)).fetchone()
        else:
            query = SQL("SELECT state FROM {table} WHERE id = %s AND valid_from <= %s ORDER BY valid_from DESC LIMIT 1")
            row = connection.execute(query.format(table=Identifier(self.name)), (id, as_of.position)).fetchone()
        return self.concept.state.model_validate(row["state"]) if row else None

    def states(self, connection: Connection[DictRow], ids: Iterable[UUID]) -> dict[UUID, S]:
        """The present states of several objects."""
        query = SQL("SELECT id, state FROM {table} WHERE id = ANY (%s) AND valid_to IS NULL")
        rows = connection.execute(query.format(table=Identifier(self.name)), (list(ids),))
        return {row["id"]: self.concept.state.model_validate(row["state"]) for row in rows}

    # -- schema

    def create_statement(self) -> str:
        """The table as Alembic must create it."""
        columns = ",\n    ".join(
            f"{name} {kind}{'' if name in NULLABLE or name in self.columns else ' NOT NULL'}"
            for name, kind in self.all_columns.items()
        )
        indexes = [
            f"CREATE UNIQUE INDEX {self.name}_now ON {self.name} (id) WHERE valid_to IS NULL;",
            f"CREATE INDEX {self.name}_list ON {self.name} (transformation_id, id) WHERE valid_to IS NULL;",
            f"CREATE INDEX {self.name}_keys ON {self.name} (transformation_id, valid_from) WHERE first;",
            *(
                f"CREATE INDEX {self.name}_{column} ON {self.name} ({column}) WHERE valid_to IS NULL;"
                for column in self.indexes
            ),
            *(
                f"CREATE INDEX {self.name}_past_{number} ON {self.name} ({columns});"
                for number, columns in enumerate(self.past_indexes, 1)
            ),
        ]
        settings = (
            "WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02)"
        )
        return (
            f"CREATE TABLE {self.name} (\n    {columns},\n    PRIMARY KEY (id, valid_from)\n) {settings};\n"
            + "\n".join(indexes)
        )


NULLABLE = frozenset({"valid_to", "transformation_id", "ref"})
