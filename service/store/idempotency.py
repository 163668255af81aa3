"""Idempotency keys: a key, the fingerprint of its request and a pointer to its answer commit with the events."""

import hashlib
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from service.domain.concept import Concept, concepts
from service.domain.refusal import Invalid
from service.store.database import Database


class KeyReused(Invalid):
    """This Idempotency-Key was already used for another request; take a new key for a new request."""

    FR = "Cette Idempotency-Key a déjà servi pour une autre demande\u202f; à nouvelle demande, nouvelle clé."


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """A key of one principal, with the fingerprint of the parsed request it came with."""

    principal: str
    key: str
    fingerprint: bytes


@dataclass(frozen=True, slots=True)
class Replay:
    """The answer that was given to this key: the object, at the version and the position of its commit."""

    concept: Concept[Any]
    id: UUID
    version: int
    position: int
    created: bool
    extra: dict[str, Any]


def fingerprint(method: str, path: str, content: Any) -> bytes:
    """SHA-256 of method, path and parsed content: spelling (a multipart boundary, white space) does not count."""
    text = orjson.dumps([method, path, content], option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS, default=str)
    return hashlib.sha256(text).digest()


def look_up(database: Database, key: IdempotencyKey | None) -> Replay | None:
    """The stored answer of a key, or None. Raises `KeyReused` when the key came with another request."""
    if key is None:
        return None
    query = """
        SELECT fingerprint, answer, position FROM idempotency
        WHERE principal = %s AND key = %s AND expires_at >= clock_timestamp()"""
    row = database.one(query, (key.principal, key.key))
    if row is None:
        return None
    if bytes(row["fingerprint"]) != key.fingerprint:
        raise KeyReused()
    answer = row["answer"]
    return Replay(
        concept=concepts[answer["concept"]],
        id=UUID(answer["id"]),
        version=answer["version"],
        position=row["position"],
        created=answer["created"],
        extra=answer["extra"],
    )
