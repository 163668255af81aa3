"""Bytes out: one way to write JSON, the names of the people in it, ETags and conditional answers (RFC 9110)."""

import hashlib
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
from fastapi import Request
from fastapi.responses import Response
from pydantic import BaseModel

from service.domain.number import json_number

PRINCIPAL = re.compile(rb'"([ps]_[0-9a-f]{32})"')
ETAG = re.compile(r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
CACHE = "private, no-cache"


def to_json(value: Any) -> bytes:
    """JSON as this API writes it: decimals as numbers, dates as dates, instants with their offset."""
    return orjson.dumps(value, default=_plain)


def _plain(value: Any) -> Any:
    match value:
        case Decimal():
            return json_number(value)
        case BaseModel():
            return value.model_dump()
        case set() | frozenset():
            return sorted(value)
        case UUID():
            return str(value)
    raise TypeError(type(value).__name__)


def with_people(body: bytes, names: Callable[[list[str]], dict[str, str]]) -> bytes:
    """The JSON object with `people`, the names of all principals it mentions: ids are for machines, names for eyes."""
    ids = principals(body)
    people = names(ids) if ids else {}
    return (
        body[:-1]
        + (b"," if len(body) > 2 else b"")
        + b'"people":'
        + orjson.dumps(people, option=orjson.OPT_SORT_KEYS)
        + b"}"
    )


def principals(body: bytes) -> list[str]:
    """The ids of the people and services that a JSON text mentions."""
    return sorted({match.decode() for match in PRINCIPAL.findall(body)})


def object_etag(version: int, body: bytes) -> str:
    """Strong: the version that acts compare, then a digest of the bytes that conditional reads compare."""
    return f'"{version}.{hashlib.sha256(body).hexdigest()[:16]}"'


def not_modified(request: Request, etag: str) -> bool:
    """Whether the reader already holds these bytes (`If-None-Match`, weak comparison)."""
    given = request.headers.get("if-none-match")
    if given is None:
        return False
    return given.strip() == "*" or any(f'"{tag}"' == etag for _, tag in ETAG.findall(given))


def held_versions(request: Request) -> Sequence[int] | None:
    """The versions that `If-Match` names: only their version part counts; weak ones never match."""
    given = request.headers.get("if-match")
    if given is None:
        return None
    versions = []
    for weak, tag in ETAG.findall(given):
        number = tag.partition(".")[0]
        if not weak and number.isdigit() and len(number) < 18:
            versions.append(int(number))
    return versions


def answer(request: Request, body: bytes, *, status: int = 200, etag: str | None = None, **headers: str) -> Response:
    """A JSON answer; 304 without a body where the reader already holds it."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    named["Cache-Control"] = CACHE
    named["Vary"] = "Authorization, Accept-Language"
    if etag is not None:
        named["ETag"] = etag
        if request.method in ("GET", "HEAD") and not_modified(request, etag):
            return Response(status_code=304, headers=named)
    return Response(body, status, headers=named, media_type="application/json")
