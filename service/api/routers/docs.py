"""The interactive documentation at `/api/v1/docs`, from vendored files: no other host is asked for anything."""

import hashlib
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

from fastapi import Request
from fastapi.responses import Response

from service.api.answers import not_modified
from service.api.routing import api_router

router = api_router("docs", include_in_schema=False)
FOLDER = Path(__file__).parents[2] / "web" / "static" / "swagger-ui"
File = Literal["swagger-ui.css", "swagger-ui-bundle.js", "trajectoire.js", "favicon-32x32.png"]
KINDS = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".json": "application/json",
}
POLICY = (
    # Swagger UI writes style attributes into the page; scripts come from its files only.
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class Static(NamedTuple):
    """A file as it is served."""

    content: bytes
    etag: str


@cache
def _file(name: str) -> Static:
    return _static((FOLDER / name).read_bytes())


@cache
def _described(openapi: Callable[[], dict[str, Any]]) -> Static:
    return _static(json.dumps(openapi(), ensure_ascii=False, separators=(",", ":")).encode())


def _static(content: bytes) -> Static:
    return Static(content, f'"{hashlib.sha256(content).hexdigest()[:24]}"')


@router.get("/docs")
async def read_documentation(request: Request) -> Response:
    """The page."""
    return _serve(request, "index.html", _file("index.html"))


@router.get("/docs/{file}")
async def read_documentation_file(file: File, request: Request) -> Response:
    """A file of the page."""
    return _serve(request, file, _file(file))


@router.get("/openapi.json")
def read_description(request: Request) -> Response:
    """The OpenAPI document. The first to ask waits for it in a thread, and nobody with them."""
    return _serve(request, "openapi.json", _described(request.app.openapi))


def _serve(request: Request, name: str, static: Static) -> Response:
    headers = {"ETag": static.etag, "Cache-Control": "no-cache", "Content-Security-Policy": POLICY}
    if not_modified(request, static.etag):
        return Response(status_code=304, headers=headers)
    return Response(static.content, headers=headers, media_type=KINDS[Path(name).suffix])
