"""An application called in this process: no server, no socket, and no more steps than the protocol has."""

import asyncio
import threading
from types import TracebackType
from typing import Any, NamedTuple, Self
from urllib.parse import unquote

import httpx
from fastapi import FastAPI

ADDRESS = "http://testserver"


class Answer(NamedTuple):
    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


async def ask(
    app: FastAPI, method: str, path: bytes, query: bytes, headers: list[tuple[bytes, bytes]], body: bytes
) -> Answer:
    """One request, its path as on the wire, and the whole answer. What the application does not catch is raised."""
    sent = iter([{"type": "http.request", "body": body, "more_body": False}])
    status, answered, parts = 0, [], []
    ended = asyncio.Event()

    async def receive() -> Any:
        if message := next(sent, None):
            return message
        await ended.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        nonlocal status, answered
        if message["type"] == "http.response.start":
            status, answered = message["status"], list(message["headers"])
        else:
            parts.append(message.get("body", b""))
            if not message.get("more_body"):
                ended.set()

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(path.decode("ascii")),
        "raw_path": path,
        "root_path": "",
        "query_string": query,
        "headers": headers,
        "client": ("testclient", 50000),
        "server": ("testserver", 80),
        "state": {},
    }
    await app(scope, receive, send)
    assert status, "the application did not answer"
    return Answer(status, answered, b"".join(parts))


class Hosted(httpx.BaseTransport):
    """The application on an event loop in a thread of its own, from start to end: many threads may ask at once."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app
        self._loop = asyncio.new_event_loop()
        self._over = asyncio.Event()
        # One task that lasts: threads that answer for the application are kept as long as the task that asked first.
        self._thread = threading.Thread(
            target=self._loop.run_until_complete, args=(self._over.wait(),), name="application", daemon=True
        )
        self._lifespan = app.router.lifespan_context(app)

    def __enter__(self) -> Self:
        self._thread.start()
        try:
            self._run(self._lifespan.__aenter__())
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None = None,
        problem: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None:
        try:
            self._run(self._lifespan.__aexit__(None, None, None))
        finally:
            self._end()

    def _end(self) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()
        self._loop.close()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        path, _, query = request.url.raw_path.partition(b"?")
        headers = [(name.lower(), value) for name, value in request.headers.raw]
        found = self._run(ask(self.app, request.method, path, query, headers, request.read()))
        return httpx.Response(
            found.status, headers=found.headers, stream=httpx.ByteStream(found.body), request=request
        )  # from a stream it takes no length that the application did not tell

    def _run(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()


def client(app: FastAPI) -> httpx.Client:
    """An HTTP client whose calls the application answers, from its `with` to the end; redirections are followed."""
    return httpx.Client(transport=Hosted(app), base_url=ADDRESS, follow_redirects=True, trust_env=False)
