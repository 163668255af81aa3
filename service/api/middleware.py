"""What surrounds every request, as plain ASGI: its id, its outcome in the log, HEAD wherever GET is, no traceback."""

import re
import time
import traceback
from typing import Any

import structlog
from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.problems import internal_error
from service.domain.event import new_id

log = structlog.get_logger()
SAFE_ID = re.compile(r"[A-Za-z0-9._:/+-]{1,128}")
TRACEPARENT = re.compile(rb"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
SECURITY = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)


class RequestEnvelope:
    """Takes or makes the request id, echoes it with `traceparent`, logs the outcome and hides defects."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        given = headers.get(b"x-request-id", b"").decode("latin-1")
        request_id = given if SAFE_ID.fullmatch(given) else str(new_id())
        method = scope["method"]
        # A copy: the server reads in its own that a HEAD was asked for, and so expects no body.
        scope = {**scope, "request_id": request_id, "method": "GET" if method == "HEAD" else method}
        echoed = [(b"x-request-id", request_id.encode()), *SECURITY]
        traceparent = headers.get(b"traceparent", b"")
        if TRACEPARENT.fullmatch(traceparent):  # W3C Trace Context; anything else is not echoed
            echoed.append((b"traceparent", traceparent))
        started = time.perf_counter()
        status = 500
        begun = False

        async def answer(message: Message) -> None:
            nonlocal status, begun
            if message["type"] == "http.response.start":
                begun = True
                status = message["status"]
                message["headers"] = [*message["headers"], *echoed]
            elif method == "HEAD" and message["type"] == "http.response.body":
                message = {"type": "http.response.body", "body": b"", "more_body": message.get("more_body", False)}
            await send(message)

        try:
            await self.app(scope, receive, answer)
        except Exception as defect:
            log.error("request.failed", request_id=request_id, method=method, route=_route(scope), **_told(defect))
            if begun:
                raise
            await internal_error(Request(scope, receive))(scope, receive, answer)
        finally:
            elapsed = round((time.perf_counter() - started) * 1000, 1)
            log.info("request", request_id=request_id, method=method, route=_route(scope), status=status, ms=elapsed)


def _route(scope: Scope) -> str:
    """The template of the route, never the path as sent: it may hold anything."""
    route: Any = scope.get("route")
    path: str = getattr(route, "path", "unmatched")
    return path


def _told(defect: BaseException) -> dict[str, Any]:
    """A defect for the log: its types and where it happened. Messages and variables may hold what people wrote."""
    kinds, at = [type(defect).__name__], defect
    while at.__cause__ is not None:
        at = at.__cause__
        kinds.append(type(at).__name__)
    frames = traceback.extract_tb(at.__traceback__)
    return {"defect": " < ".join(kinds), "at": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]}
