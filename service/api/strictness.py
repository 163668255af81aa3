"""What writes do not let pass in silence: no idempotency key, a parameter that means nothing, another media type."""

from typing import Any

from fastapi import Request
from fastapi.dependencies.utils import get_flat_params
from fastapi.params import Query

from service.api.problems import IdempotencyKeyMissing, UnknownParameter, UnsupportedMediaType
from service.api.writing import AsOfOnWrite

SHOWN = 120


def require_key(request: Request) -> None:
    """Raises `IdempotencyKeyMissing` (400) before anything else of the request is judged."""
    if request.headers.get("idempotency-key", "").strip(' "') == "":
        raise IdempotencyKeyMissing()


def require_known_parameters(request: Request) -> None:
    """Raises `UnknownParameter` (422), or `AsOfOnWrite` (400): the past is not written."""
    given = request.query_params.keys()
    if not given:
        return
    route: Any = request.scope["route"]
    known = {field.alias for field in get_flat_params(route.dependant) if isinstance(field.field_info, Query)}
    for name in sorted(given - known):
        if name in ("as_of", "as_of_position"):
            raise AsOfOnWrite()
        raise UnknownParameter(pointer=name.lstrip("/")[:SHOWN])


def require_media_type(request: Request) -> None:
    """Raises `UnsupportedMediaType` (415) for a body in another format than the one this route reads."""
    length = request.headers.get("content-length", "0")
    if length == "0" and "transfer-encoding" not in request.headers:
        return
    route: Any = request.scope["route"]
    if route.body_field is None:
        return
    expected = route.body_field.field_info.media_type
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != expected:
        raise UnsupportedMediaType(expected=expected)
