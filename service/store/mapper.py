"""Facts to stored bytes and back: stable topics, upcasts, personal texts sealed going in and opened coming out."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
from eventsourcing.persistence import JSONTranscoder, Mapper, StoredEvent

from service.domain.event import Envelope, Event, Fact, Revision, type_registry
from service.domain.text import personal_fields, replace_texts, texts_of
from service.store.texts import MARK, TextVault, WrappedKey

ENVELOPE = Envelope.__pydantic_validator__.validate_python
SEALED = f'"{MARK}"'.encode()


class UnknownTopic(Exception):
    """The log holds an event whose topic this version of the service does not know."""


@dataclass(frozen=True)
class StoredFact(StoredEvent):
    """A row of the log. `keys` maps the wire path of each personal text to its wrapped key (absent: erased)."""

    event_id: UUID
    transformation_id: UUID | None
    keys: dict[str, bytes]
    position: int = 0
    recorded_at: datetime | None = None


class FactMapper(Mapper[UUID]):
    """The library's extension point: how a domain event becomes bytes."""

    def __init__(self, vault: TextVault) -> None:
        super().__init__(transcoder=JSONTranscoder())
        self.vault = vault

    def to_stored_event(self, domain_event: Any) -> StoredFact:
        """Seal one fact. The bytes are what the audit tree hashes; they never change afterwards."""
        fact: Fact = domain_event
        event, envelope = fact.event, fact.envelope
        keys: list[WrappedKey] = []
        data = event.model_dump(mode="json", exclude_unset=isinstance(event, Revision))
        if not isinstance(event, Revision):
            required = _required_fields(type(event))
            data = {name: value for name, value in data.items() if value is not None or name in required}
        for name in personal_fields(type(event)) & data.keys():
            data[name] = self._seal(fact, name, data[name], "", keys)
        head = envelope.model_dump(mode="json", exclude_none=True)
        if envelope.reason is not None:
            head["reason"] = self._seal(fact, "reason", envelope.reason, "envelope.", keys)
        return StoredFact(
            originator_id=fact.originator_id,
            originator_version=fact.originator_version,
            topic=event.TOPIC,
            state=orjson.dumps({"v": event.VERSION, "envelope": head, "data": data}),
            event_id=envelope.event_id,
            transformation_id=envelope.transformation_id,
            keys={key.path: key.wrapped for key in keys},
        )

    def to_domain_event(self, stored_event: StoredEvent) -> Any:
        """Open one row of the log, upcast to today's shape. Raises `UnknownTopic`, `TextTampered`."""
        if not isinstance(stored_event, StoredFact):
            raise TypeError("rows of the log are StoredFact")
        return self.opened(stored_event, UUID(str(stored_event.originator_id)), stored_event.keys)

    def opened(self, row: Any, stream: UUID, keys: Mapping[str, bytes]) -> Fact:
        """The same for a row of the log by its columns, with the keys of its texts: asked a million times in a row."""
        kind = type_registry.get(row.topic)
        if kind is None:
            raise UnknownTopic(row.topic)
        stored = orjson.loads(row.state)
        data, head = stored["data"], stored["envelope"]
        if SEALED in row.state:
            for name, value in data.items():
                if _sealed(value):
                    data[name] = self._open(row, stream, keys, value)
            if "reason" in head:
                head["reason"] = self._open(row, stream, keys, head["reason"])
        if stored["v"] != kind.VERSION:
            data = kind.upcast(stored["v"], data)
        event, envelope = kind.__pydantic_validator__.validate_python(data), ENVELOPE(head)
        return Fact(stream, row.originator_version, event, envelope, row.position, row.recorded_at)

    def _seal(self, fact: Fact, name: str, value: Any, prefix: str, keys: list[WrappedKey]) -> Any:
        sealed = {}
        for path, text in texts_of(name, value):
            sealed[path], key = self.vault.encrypt(
                text,
                event_id=fact.envelope.event_id,
                topic=fact.topic,
                path=prefix + path,
                version=fact.event.VERSION,
                stream=fact.originator_id,
                number=fact.originator_version,
            )
            keys.append(key)
        return replace_texts(name, value, sealed)

    def _open(self, row: Any, stream: UUID, keys: Mapping[str, bytes], value: Any) -> Any:
        if isinstance(value, list):
            return [self._open(row, stream, keys, item) for item in value]
        if isinstance(value, dict):
            if MARK not in value:
                return {key: self._open(row, stream, keys, item) for key, item in value.items()}
            wrapped = keys.get(value["path"].partition("#")[2])
            return self.vault.decrypt(
                value, wrapped, event_id=row.event_id, stream=stream, number=row.originator_version
            )
        return value


@lru_cache(maxsize=1024)
def _required_fields(kind: type[Event]) -> frozenset[str]:
    """The fields without a default: a null in them is a value and must be stored."""
    return frozenset(name for name, field in kind.model_fields.items() if field.is_required())


def _sealed(value: Any) -> bool:
    if isinstance(value, dict):
        return MARK in value or any(_sealed(item) for item in value.values())
    return isinstance(value, list) and any(_sealed(item) for item in value)


def placed(fact: Fact, position: int, recorded_at: datetime) -> Fact:
    """The fact as the log recorded it."""
    return replace(fact, position=position, recorded_at=recorded_at)
