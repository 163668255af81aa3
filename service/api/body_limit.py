"""How large a request may be, as plain ASGI: a problem document says no before anything is parsed."""

from fastapi import Request
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.problems import problem

MAX_BODY = 1024 * 1024
MAX_UPLOAD = 21_000_000
"""A file of the size that the exchange opens at most, and the form around it."""


class BodyLimit:
    """Refuses with 413 by the length announced, or as soon as more than the limit has arrived."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        form = headers.get("content-type", "").lower().startswith("multipart/form-data")
        limit = MAX_UPLOAD if form else MAX_BODY
        announced = headers.get("content-length", "0")
        if announced.isdecimal() and int(announced[:20]) > limit:
            await problem(Request(scope, receive), 413)(scope, receive, send)
            return
        arrived = 0

        async def counted() -> Message:
            nonlocal arrived
            message = await receive()
            arrived += len(message.get("body", b""))
            if arrived > limit:
                raise HTTPException(413)
            return message

        await self.app(scope, counted, send)
