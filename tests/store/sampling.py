"""An event of every kind, filled in every field: what the store must carry, whatever the domain declares."""

import types
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from uuid import UUID

from pydantic import BaseModel

import service.domain.all_concepts  # noqa: F401  # registers every event
from service.domain.act import Act
from service.domain.event import Event, Fact, new_id, type_registry
from service.domain.text import Personal
from service.store.database import Database

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
EVENTS: dict[str, type[Event]] = {
    topic: kind for topic, kind in sorted(type_registry.items()) if kind.__module__.startswith("service.")
}
SIMPLE: dict[Any, Any] = {
    str: "texte",
    int: 3,
    bool: True,
    Decimal: Decimal("12.5"),
    date: date(2026, 3, 1),
    datetime: NOW,
    UUID: UUID("01980000-0000-7000-8000-000000000001"),
}


def sample(annotation: Any, text: str, name: str = "") -> Any:
    """A value of a type; every personal text in it is `text`."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        if any(isinstance(part, Personal) for part in annotation.__metadata__):
            return text
        return sample(arguments[0], text, name)
    if origin is Literal:
        return arguments[0]
    if origin in (Union, types.UnionType):
        return sample(next(part for part in arguments if part is not type(None)), text, name)
    if origin in (tuple, list):
        return (sample(arguments[0], text, name), sample(arguments[0], text, name))
    if origin is dict:
        return {"title": sample(arguments[1], text, name)}
    if annotation is Any:
        return "Corrigé"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return filled(annotation, text)
    if annotation in SIMPLE:
        return SIMPLE[annotation]
    raise TypeError(f"no sample of {annotation!r} ({name})")


def filled(model: type[BaseModel], text: str) -> Any:
    """A model with every field set."""
    values = {}
    for name, field in model.model_fields.items():
        if any(isinstance(part, Personal) for part in field.metadata):
            values[name] = text
        else:
            values[name] = sample(field.annotation, text, name)
    return model.model_validate(values)


def act(**more: Any) -> Act:
    return Act(actor="p_" + "1" * 32, now=NOW, **more)


def fact(event: Event, *, stream: UUID | None = None, version: int = 1, reason: str | None = None, **more: Any) -> Fact:
    """The event as a fact of a stream of its own."""
    return Fact(stream or new_id(), version, event, act(reason=reason, **more).envelope())


def everything_stored(database: Database) -> str:
    """Every row of the log and of the tables that commit with it, as text; bytes are read as text, not as hex."""
    found = []
    for table in ("events", "text_keys", "idempotency", "claims", "reference_counters", "api_keys", "audit_reads"):
        for row in database.all(f"SELECT * FROM {table}"):
            found += [v.decode("latin-1") if isinstance(v, bytes | memoryview) else str(v) for v in row.values()]
    return "\n".join(found)
