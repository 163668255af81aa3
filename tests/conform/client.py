"""The application called in this very thread: no server, no socket, no thread that carries calls to and fro.

The transports at hand hand each call to an event loop in another thread, which costs more than many an answer.
"""

import asyncio
import io
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

import requests
from fastapi import FastAPI
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse

from tests.asgi import ask


@contextmanager
def session_over(app: FastAPI) -> Iterator[requests.Session]:
    """A session whose calls the application answers, from its start to its end.

    So do all other sessions meanwhile: schemathesis opens one of its own to ask again without credentials.
    """
    with asyncio.Runner() as runner, requests.Session() as session:
        session.trust_env = False  # no proxies and no netrc to be looked for at each call
        called = Application(app, runner)
        lifespan = app.router.lifespan_context(app)
        runner.run(lifespan.__aenter__())
        try:
            with patch.object(requests.Session, "get_adapter", lambda session, url: called):
                yield session
        finally:
            runner.run(lifespan.__aexit__(None, None, None))


class Application(HTTPAdapter):
    """Sends prepared requests to an application."""

    def __init__(self, app: FastAPI, runner: asyncio.Runner) -> None:
        super().__init__()
        self.app = app
        self._loop = runner.get_loop()  # its `run` exchanges the handler of signals at each call

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        return self.build_response(request, self._loop.run_until_complete(self._answer(request)))

    async def _answer(self, request: requests.PreparedRequest) -> HTTPResponse:
        address = urlsplit(str(request.url))
        headers = [
            (b"host", b"testserver"),
            *(
                (name.lower().encode("latin-1"), value if isinstance(value, bytes) else value.encode("latin-1"))
                for name, value in request.headers.items()
            ),
        ]
        sent: Any = request.body or b""
        found = await ask(
            self.app,
            str(request.method),
            address.path.encode(),
            address.query.encode(),
            headers,
            sent.encode() if isinstance(sent, str) else sent,
        )
        return HTTPResponse(
            io.BytesIO(found.body),
            [(name.decode("latin-1"), value.decode("latin-1")) for name, value in found.headers],
            found.status,
            version=11,
            reason=HTTPStatus(found.status).phrase,
            preload_content=False,
            request_method=request.method,
        )
