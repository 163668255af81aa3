"""What surrounds every request, as plain ASGI: its id, its outcome in the log, HEAD wherever GET is, no traceback."""

import re
import time
from typing import Any

import structlog
from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.problems import internal_error
from service.domain.event import new_id

log = structlog.get_logger()
SAFE_ID = re.compile(r"[A-Za-z0-9._:/+-]{1,128}")


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
        scope["request_id"] = request_id
        echoed = [(b"x-request-id", request_id.encode())]
        if traceparent := headers.get(b"traceparent"):
            echoed.append((b"traceparent", traceparent))
        method = scope["method"]
        if method == "HEAD":
            scope["method"] = "GET"
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
        except Exception:
            log.exception("request.failed", request_id=request_id, method=method, path=scope["path"])
            if begun:
                raise
            await internal_error(Request(scope, receive))(scope, receive, answer)
        finally:
            elapsed = round((time.perf_counter() - started) * 1000, 1)
            _log(request_id, method, scope, status, elapsed)


def _log(request_id: str, method: str, scope: Scope, status: int, elapsed: float) -> None:
    route: Any = scope.get("route")
    path = getattr(route, "path", scope["path"])
    log.info("request", request_id=request_id, method=method, route=path, status=status, ms=elapsed)
