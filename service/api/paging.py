"""Pages of lists, asked for with an opaque cursor that is signed and bound to its list and filters (CONTRACT 15-17).

A cursor holds the place of the last item of its page in the order of the list, so that following `next` yields each
item once while others are being written.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

import orjson
from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field

from service.api.problems import Malformed

T = TypeVar("T")


class CursorInvalid(Malformed):
    """This cursor was not made for this list and these filters; begin again without it."""

    FR = "Ce curseur n’a pas été fait pour cette liste et ces filtres\u202f; recommencez sans lui."


class PageQuery(BaseModel):
    """What every list takes."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(50, ge=1, le=200, description="Nombre d’éléments par page.")
    cursor: str | None = Field(None, max_length=2000, description="Le curseur de la page suivante, tel que reçu.")


class Pages:
    """The pages of one list: where the page of this request begins, and the address of the next one."""

    def __init__(self, request: Request, query: PageQuery) -> None:
        """Raises `CursorInvalid` for a cursor that was altered or made for other filters."""
        self.limit = query.limit
        self._request = request
        self._secret: bytes = request.app.state.service.cursor_secret
        self.after: dict[str, Any] | None = None
        """The place after which this page begins; None for the first."""
        if query.cursor is not None:
            self.after = _opened(query.cursor, self._filters(), self._secret)

    def turn(self, found: Sequence[T], place: Callable[[T], Mapping[str, Any]]) -> tuple[Sequence[T], str | None]:
        """The page, and the address of the next one; `found` holds one item more than the page where there is one."""
        if len(found) <= self.limit:
            return found, None
        page = found[: self.limit]
        text = orjson.dumps({**place(page[-1]), "filters": self._filters()})
        sealed = base64.urlsafe_b64encode(_seal(self._secret, text) + text).decode().rstrip("=")
        pairs = [(k, v) for k, v in self._request.query_params.multi_items() if k != "cursor"]
        return page, f"{self._request.url.path}?{urlencode([*pairs, ('cursor', sealed)])}"

    def _filters(self) -> str:
        """What a cursor is bound to: the path and every parameter but the page's own."""
        pairs = sorted((k, v) for k, v in self._request.query_params.multi_items() if k not in ("cursor", "limit"))
        return hashlib.sha256(f"{self._request.url.path}?{urlencode(pairs)}".encode()).hexdigest()[:16]


def link(following: str | None) -> dict[str, Any]:
    """The header that names the next page (RFC 8288); none on the last one."""
    return {"Link": f'<{following}>; rel="next"'} if following else {}


def _opened(cursor: str, filters: str, secret: bytes) -> dict[str, Any]:
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise CursorInvalid(problem="cursor") from None
    seal, text = raw[:12], raw[12:]
    if not hmac.compare_digest(seal, _seal(secret, text)):
        raise CursorInvalid(problem="cursor")
    place: dict[str, Any] = orjson.loads(text)
    if place["filters"] != filters:
        raise CursorInvalid(problem="cursor")
    return place


def _seal(secret: bytes, text: bytes) -> bytes:
    """Nobody can make a cursor up."""
    return hmac.digest(secret, text, "sha256")[:12]
