"""One call of `append_events` for many appends: how they travel, and what the log says of each."""

import struct
from collections.abc import Hashable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
from psycopg import Connection
from psycopg.adapt import Buffer, Dumper, PyFormat
from psycopg.pq import Format

from service.store.mapper import StoredFact


class AppendRefused(Exception):
    """The log did not take an append; nothing of it was recorded."""


class StreamMoved(AppendRefused):
    """Another act changed a stream that this one writes or relied on. Decide again on the new state."""


class ClaimTaken(AppendRefused):
    """A unique thing (a code, a verdict of a gate, a row of an import) already exists."""

    def __init__(self, claim: str) -> None:
        self.claim = claim
        super().__init__(claim)


class KeyUsed(AppendRefused):
    """The idempotency key already has its answer."""


@dataclass(frozen=True)
class IdempotentAnswer:
    """What is kept of a 2xx answer: a pointer, never a text. `fingerprint` is of the parsed request."""

    principal: str
    key: str
    fingerprint: bytes
    answer: dict[str, Any]


@dataclass(frozen=True)
class Conditions:
    """What must hold under the append lock, and what commits with the events."""

    reads: tuple[tuple[UUID, int], ...] = ()
    """Streams that the decision relied on, with the version it saw."""
    claims: tuple[tuple[str, UUID], ...] = ()
    """Unique keys, each with the event that takes it."""
    released: tuple[str, ...] = ()
    quiet: tuple[tuple[UUID, int], ...] = ()
    """Transformations in which nothing may have happened since a position."""
    idempotency: IdempotentAnswer | None = None
    at: datetime | None = None
    """The instant, where the installation's clock is supplied."""


@dataclass(frozen=True)
class Recorded:
    """What the log says of an append."""

    positions: Sequence[int] = ()
    recorded_at: datetime | None = None


@dataclass(eq=False)
class Append:
    """One caller's append, waiting for its outcome."""

    rows: Sequence[StoredFact]
    conditions: Conditions
    future: "Future[Recorded]" = field(default_factory=Future)
    changes: frozenset[Hashable] = field(init=False)
    """What it changes: streams, transformations, claims, its key."""
    touches: frozenset[Hashable] = field(init=False)
    """What it changes or relies on: nothing of it may change earlier in the same call."""

    def __post_init__(self) -> None:
        wanted = self.conditions
        changes: set[Hashable] = {row.originator_id for row in self.rows}
        changes.update(("event", row.event_id) for row in self.rows)
        if wanted.idempotency:
            changes.add((wanted.idempotency.principal, wanted.idempotency.key))
        changes.update(claim for claim, _ in wanted.claims)
        changes.update(wanted.released)
        relied: set[Hashable] = {stream for stream, _ in wanted.reads}
        relied.update(("within", transformation) for transformation, _ in wanted.quiet)
        self.touches = frozenset(changes | relied)
        changes.update(("within", row.transformation_id) for row in self.rows)
        self.changes = frozenset(changes)


Outcome = Recorded | BaseException


# -- how the parameters travel: arrays in binary, of one type each, so that one prepared statement serves every batch

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_INT4, _INT8 = struct.Struct("!ii"), struct.Struct("!iq")
_LENGTH, _HEAD = struct.Struct("!i"), struct.Struct("!iiiii")
_UUID_LENGTH, _NULL = _LENGTH.pack(16), _LENGTH.pack(-1)


class Array:
    """A PostgreSQL array in its binary form."""

    def __init__(self, items: Sequence[bytes]) -> None:
        # dimensions, flag for nulls, element type, length, lower bound
        head = _HEAD.pack(1, 1, self.ELEMENT, len(items), 1) if items else _HEAD.pack(0, 0, self.ELEMENT, 0, 0)[:12]
        self.data = head + b"".join(items)

    ELEMENT = 0
    ARRAY = 0


class Integers(Array):
    ELEMENT, ARRAY = 23, 1007

    def __init__(self, items: Iterable[int]) -> None:
        super().__init__([_INT4.pack(4, item) for item in items])


class BigIntegers(Array):
    ELEMENT, ARRAY = 20, 1016

    def __init__(self, items: Iterable[int]) -> None:
        super().__init__([_INT8.pack(8, item) for item in items])


class Uuids(Array):
    ELEMENT, ARRAY = 2950, 2951

    def __init__(self, items: Iterable[Any]) -> None:
        super().__init__([_NULL if item is None else _UUID_LENGTH + item.bytes for item in items])


class Bytes(Array):
    ELEMENT, ARRAY = 17, 1001

    def __init__(self, items: Iterable[bytes]) -> None:
        super().__init__([_LENGTH.pack(len(item)) + item for item in items])


class Texts(Array):
    ELEMENT, ARRAY = 25, 1009

    def __init__(self, items: Iterable[str]) -> None:
        super().__init__([_LENGTH.pack(len(data := item.encode())) + data for item in items])


class Jsons(Array):
    ELEMENT, ARRAY = 3802, 3807

    def __init__(self, items: Iterable[Any]) -> None:
        super().__init__([_LENGTH.pack(len(data := b"\x01" + orjson.dumps(item))) + data for item in items])


class Instants(Array):
    ELEMENT, ARRAY = 1184, 1185

    def __init__(self, items: Iterable[datetime | None]) -> None:
        super().__init__([_NULL if item is None else _INT8.pack(8, _microseconds(item)) for item in items])


def _microseconds(instant: datetime) -> int:
    since = instant - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def _dumper(kind: type[Array]) -> type[Dumper]:
    def dump(self: Dumper, obj: Array) -> Buffer:
        return obj.data

    return type(f"{kind.__name__}Dumper", (Dumper,), {"oid": kind.ARRAY, "format": Format.BINARY, "dump": dump})


def teach(connection: Connection[Any]) -> None:
    """Let a connection send these arrays."""
    for kind in (Integers, BigIntegers, Uuids, Bytes, Texts, Jsons, Instants):
        connection.adapters.register_dumper(kind, _dumper(kind))


APPEND = "SELECT * FROM append_events({})".format(", ".join(["%b"] * 12 + ["%s"] + ["%b"] * 16))
assert PyFormat.BINARY.value == "b"


def call(connection: Connection[Any], batch: Sequence[Append], master_key_id: str) -> list[Outcome]:
    """Append all of a batch in one call; the outcome of each, in order."""
    numbered = list(enumerate(batch, 1))
    rows = [(number, row) for number, append in numbered for row in append.rows]
    texts = [(number, row.event_id, *key) for number, row in rows for key in row.keys.items()]
    answers = [(n, a.conditions.idempotency) for n, a in numbered if a.conditions.idempotency]
    claims = [(n, claim, id) for n, a in numbered for claim, id in a.conditions.claims]
    released = [(n, claim) for n, a in numbered for claim in a.conditions.released]
    reads = [(n, stream, version) for n, a in numbered for stream, version in a.conditions.reads]
    quiet = [(n, id, position) for n, a in numbered for id, position in a.conditions.quiet]
    parameters = (
        Instants(append.conditions.at for append in batch),
        Integers(number for number, _ in rows),
        Uuids(row.event_id for _, row in rows),
        Uuids(row.originator_id for _, row in rows),
        BigIntegers(row.originator_version for _, row in rows),
        Texts(row.topic for _, row in rows),
        Bytes(row.state for _, row in rows),
        Uuids(row.transformation_id for _, row in rows),
        Integers(text[0] for text in texts),
        Uuids(text[1] for text in texts),
        Texts(text[2] for text in texts),
        Bytes(text[3] for text in texts),
        master_key_id,
        Integers(number for number, _ in answers),
        Texts(answer.principal for _, answer in answers),
        Texts(answer.key for _, answer in answers),
        Bytes(answer.fingerprint for _, answer in answers),
        Jsons(answer.answer for _, answer in answers),
        Integers(claim[0] for claim in claims),
        Texts(claim[1] for claim in claims),
        Uuids(claim[2] for claim in claims),
        Integers(claim[0] for claim in released),
        Texts(claim[1] for claim in released),
        Integers(read[0] for read in reads),
        Uuids(read[1] for read in reads),
        BigIntegers(read[2] for read in reads),
        Integers(each[0] for each in quiet),
        Uuids(each[1] for each in quiet),
        BigIntegers(each[2] for each in quiet),
    )
    found = connection.execute(APPEND, parameters, prepare=True, binary=True).fetchone()
    positions, instants, answered, moved, taken, claimed = found  # type: ignore[misc]  # a function gives one row
    refused: dict[int, AppendRefused] = {number: StreamMoved() for number in moved or ()}
    refused.update((number, ClaimTaken(claim)) for number, claim in zip(taken or (), claimed or (), strict=True))
    refused.update((number, KeyUsed()) for number in answered or ())
    outcomes: list[Outcome] = []
    begin = 0
    for number, append in numbered:
        if number in refused:
            outcomes.append(refused[number])
        elif not append.rows:
            outcomes.append(Recorded())
        else:
            end = begin + len(append.rows)
            outcomes.append(Recorded(positions[begin:end], instants[end - 1]))
            begin = end
    return outcomes


def look_for(connection: Connection[Any], batch: Sequence[Append]) -> list[Recorded | None]:
    """What the log holds of appends whose call was never answered; None for each that was not recorded."""
    query = "SELECT event_id, notification_id, recorded_at FROM events WHERE event_id = ANY (%s)"
    wanted = [row.event_id for append in batch for row in append.rows]
    rows = {row[0]: row for row in connection.execute(query, (wanted,))}
    found: list[Recorded | None] = []
    for append in batch:
        mine = [rows[row.event_id] for row in append.rows if row.event_id in rows]
        if mine:
            found.append(Recorded([row[1] for row in mine], mine[-1][2]))
        elif not append.rows and _answered(connection, append.conditions.idempotency):
            found.append(Recorded())
        else:
            found.append(None)
    return found


def _answered(connection: Connection[Any], key: IdempotentAnswer | None) -> bool:
    """Whether an act that changed nothing has left its answer."""
    query = "SELECT FROM idempotency WHERE principal = %s AND key = %s AND fingerprint = %s"
    return key is not None and bool(connection.execute(query, (key.principal, key.key, key.fingerprint)).fetchall())
