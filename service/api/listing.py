"""Lists: filters, sorting, sparse fields and pages. One page query is pinned to the position of its first page,
so following `next` yields each item once while others are being written (CONTRACT 15-18)."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Annotated, Any, get_args
from uuid import UUID

import anyio.to_thread
from fastapi import Depends, Query, Request
from fastapi.responses import Response
from psycopg.sql import SQL, Composable, Identifier, Literal
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, create_model

from service.api.answers import answer, to_json, with_people
from service.api.as_of_query import AsOfQuery, last_change, resolve
from service.api.fields import Instant, PlainDate
from service.api.ordering import HIDDEN, ORDERED, Sorting, UnknownField, sorted_by
from service.api.paging import PageQuery, Pages, link
from service.api.reader import Incomplete, Present, Reader, marked
from service.api.who import Caller, membership
from service.domain.concept import Concept
from service.domain.likeness import pattern
from service.domain.permissions import require
from service.domain.refusal import NotFound
from service.projections.as_of import AsOf
from service.projections.table import ObjectTable

TYPES: Mapping[str, Any] = {
    "date": PlainDate,
    "integer": Annotated[int, Field(ge=-(2**31), lt=2**31)],
    "boolean": bool,
    "uuid": UUID,
    "timestamptz": Instant,
    "text": Annotated[str, StringConstraints(max_length=2000, pattern=r"^[^\x00]*$")],
}

PresentPage = Callable[[Sequence[Any], Reader], Sequence[Any]]


class ListQuery(AsOfQuery, PageQuery):
    """What every list of a transformation's objects takes."""

    sort: str | None = Field(None, max_length=100, description="Un champ, précédé de - pour l’ordre décroissant.")
    fields: str | None = Field(None, max_length=2000, description="Les champs voulus, séparés par des virgules.")
    q: str | None = Field(None, min_length=1, max_length=200, pattern=r"^[^\x00]*$", description="Texte recherché.")


def query_model(table: ObjectTable[Any]) -> type[ListQuery]:
    """The query parameters of a list: equality on each column, `[gte]` and `[lte]` on ordered ones."""
    orders: Any = {"enum": [sign + name for name in sorted_by(table) for sign in ("", "-")]}
    order = Field(None, description=ListQuery.model_fields["sort"].description, json_schema_extra=orders)
    fields: dict[str, Any] = {"status": (str | None, _several(table, "status")), "sort": (str | None, order)}
    if table.concept.letter:
        pattern = rf"^{table.concept.letter}-[1-9][0-9]{{0,8}}$"
        fields["ref"] = (
            str | None,
            Field(None, pattern=pattern, description=f"Référence, par exemple {table.concept.letter}-7."),
        )
    for name, kind in table.columns.items():
        if name in HIDDEN or kind not in TYPES:
            continue
        fields[name] = (TYPES[kind] | None, _several(table, name) if kind == "text" else Field(None))
        if kind in ORDERED:
            for bound in ("gte", "lte"):
                fields[f"{name}_{bound}"] = (TYPES[kind] | None, Field(None, alias=f"{name}[{bound}]"))
    return create_model(f"{table.concept.name.title().replace('_', '')}Query", __base__=ListQuery, **fields)


def _several(table: ObjectTable[Any], name: str) -> Any:
    """One or several values of a column, by commas; only known ones where the state has a closed list of them."""
    state = table.concept.state.model_fields.get(name)
    annotation = state.annotation if state else None
    choices = [value for part in (annotation, *get_args(annotation)) for value in get_args(part)]
    words = [value for value in dict.fromkeys(choices) if isinstance(value, str)]
    known = "|".join(words)
    pattern = f"^({known})(,({known}))*$" if known else r"^[^\x00]*$"
    item = {"type": "string", **({"enum": words} if words else {"minLength": 1, "maxLength": 80})}

    def publish(schema: dict[str, Any]) -> None:
        for keyword in ("anyOf", "pattern", "maxLength"):
            schema.pop(keyword, None)
        schema |= {"type": "array", "items": item, "minItems": 1, "maxItems": 20}

    return Field(
        None,
        max_length=2000,
        pattern=pattern,
        description="Un ou plusieurs, par virgules.",
        json_schema_extra=publish,
    )


def filters(table: ObjectTable[Any]) -> Any:
    """The dependency that reads the query parameters of a list: `query: Annotated[ListQuery, filters(MILESTONES)]`."""
    model: Any = query_model(table)

    def read(query: Annotated[model, Query()]) -> ListQuery:
        given: ListQuery = query
        return given

    return Depends(read)


class Page(BaseModel):
    """What every list answers beside its items."""

    next: str | None = Field(description="L’adresse de la page suivante\u202f; null sur la dernière.")
    position: int = Field(description="Le dernier événement que cette réponse prend en compte.")
    as_of: datetime | None
    today: date
    people: dict[str, str]
    incomplete: list[Incomplete] = Field([], description="Les événements qui manquent à cette réponse.")


def page_of(shown: type[BaseModel]) -> type[BaseModel]:
    """The schema of a page of objects; with `fields=` an item holds only some of its fields."""
    fields: dict[str, Any] = {
        name: (field.annotation, Field(None, description=field.description) if name != "id" else field)
        for name, field in shown.model_fields.items()
        if name not in ("people", "warnings", "incomplete")
    }
    item: Any = create_model(f"{shown.__name__}Item", __config__=ConfigDict(extra="forbid"), **fields)
    return create_model(f"{shown.__name__}Page", __base__=Page, items=(list[item], ...))


async def list_objects(
    request: Request,
    caller: Caller,
    transformation: str | UUID,
    concept: Concept[Any],
    query: ListQuery,
    present: Present,
    model: type[BaseModel],
    narrow: Composable | None = None,
    present_page: PresentPage | None = None,
    act: str = "read",
) -> Response:
    """One page of the objects of a transformation; `present_page` shows a whole page at once, for what is costly."""
    service = request.app.state.service
    table: ObjectTable[Any] = service.tables[concept.name]

    def run() -> Response:
        caller.require_scope("read")
        chosen = _fields(query, model)
        pages = Pages(request, query)
        cursor = pages.after
        point = AsOfQuery(as_of=query.as_of, as_of_position=query.as_of_position)
        as_of = resolve(service, point)
        with service.database.snapshot() as connection:
            member = membership(connection, caller, transformation, act)
            require(act, member.role)
            own = member.transformation.id
            position = cursor["position"] if cursor else last_change(connection, own, as_of)
            if not position:
                raise NotFound(what="transformation", id=transformation)
            if cursor:
                as_of = AsOf(datetime.fromisoformat(cursor["instant"]), position)
            where = _where(query, table, caller, member.viewer.visible(), own, narrow)
            sorting = Sorting.of(query.sort, table)
            rows = table.rows_of(own, as_of, where)
            statement = SQL(
                "SELECT r.*, {key} AS sort_key FROM {rows} r WHERE {after} ORDER BY {order} LIMIT {limit}"
            ).format(
                key=sorting.key,
                rows=rows,
                after=sorting.after(cursor) if cursor else SQL("TRUE"),
                order=sorting.order,
                limit=Literal(query.limit + 1),
            )
            found = connection.execute(statement).fetchall()
            reader = Reader(service, connection, caller, member, as_of, position)
            shown_rows, following = pages.turn(found, partial(_place, as_of, position))
            states = [concept.state.model_validate(row["state"]) for row in shown_rows]
            page = present_page(states, reader) if present_page else [present(state, reader) for state in states]
            items = [_sparse(item, chosen) for item in page]
            body = {"items": items, "next": following, **reader.echo()}
            content = with_people(to_json(body), reader.names)
        etag = f'"{position}.{hashlib.sha256(content).hexdigest()[:24]}"'
        headers: dict[str, Any] = {"Trajectoire_Position": str(position), "Content_Language": caller.language}
        return answer(request, content, etag=etag, **headers, **marked(reader), **link(following))

    return await anyio.to_thread.run_sync(run)


def _place(as_of: AsOf, position: int, row: Mapping[str, Any]) -> dict[str, Any]:
    """Where a page ends; the next one reads at the same position."""
    return {"id": row["id"], "value": row["sort_key"], "position": position, "instant": as_of.instant}


def _fields(query: ListQuery, model: type[BaseModel]) -> frozenset[str] | None:
    if query.fields is None:
        return None
    names = frozenset(name.strip() for name in query.fields.split(",") if name.strip())
    if names - model.model_fields.keys():
        raise UnknownField(pointer="fields", known=", ".join(sorted(model.model_fields)))
    return names | {"id"}


def _sparse(shown: Any, names: frozenset[str] | None) -> Any:
    data = shown.model_dump() if isinstance(shown, BaseModel) else shown
    return data if names is None else {name: value for name, value in data.items() if name in names}


def _where(
    query: ListQuery, table: ObjectTable[Any], caller: Caller, visible: Composable, own: UUID, narrow: Composable | None
) -> Composable:
    parts: list[Composable] = [SQL("t.transformation_id = {}").format(Literal(own)), SQL("NOT t.withdrawn"), visible]
    if narrow is not None:
        parts.append(narrow)
    given = query.model_dump(exclude_unset=True, exclude={*ListQuery.model_fields})
    for name, value in given.items():
        if value is None:
            continue
        column, operator = name, "="
        for suffix, symbol in (("_gte", ">="), ("_lte", "<=")):
            if name.endswith(suffix) and name.removesuffix(suffix) in table.columns:
                column, operator = name.removesuffix(suffix), symbol
        if name == "ref":
            parts.append(SQL("t.ref = {}").format(Literal(int(value.partition("-")[2]))))
        elif isinstance(value, str):
            wanted = [caller.principal if item == "me" else item for item in value.split(",")]
            parts.append(SQL("t.{} = ANY ({})").format(Identifier(column), Literal(wanted)))
        else:
            parts.append(SQL("t.{} {} {}").format(Identifier(column), SQL(operator), Literal(value)))
    if query.q is not None:
        looked_for = Literal(pattern(query.q))
        found: list[Composable] = []
        if "search" in table.columns:
            found.append(SQL("t.search ~ {}").format(looked_for))
        if table.named_by is not None:
            of_people = SQL("t.{} IN (SELECT p.id FROM people p WHERE p.display_name ~ {})")
            found.append(of_people.format(Identifier(table.named_by), looked_for))
        parts.append(SQL("({})").format(SQL(" OR ").join(found)))
    return SQL(" AND ").join(parts)
