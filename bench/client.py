"""The load generator: a few keep-alive connections over bare sockets, the same for every server that is measured.

A client library would cost more than the servers do, and the machine is shared by both.
"""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Requests = Callable[[], bytes]
"""Gives the bytes of the next request."""


class UnexpectedAnswer(Exception):
    """A server under measurement answered something else than was asked for."""


@dataclass
class Load:
    """What a run of load found."""

    seconds: float
    waits: list[float] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        return len(self.waits) / self.seconds

    def quantile(self, share: float) -> float:
        """The wait in milliseconds that this share of the requests did not exceed."""
        ordered = sorted(self.waits)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000


class _Connection(asyncio.Protocol):
    """One keep-alive connection that sends the next request as soon as the last one is answered."""

    def __init__(self, requests: Requests, expected: int, until: float, waits: list[float]) -> None:
        self.requests, self.until, self.waits = requests, until, waits
        self.expected = b"HTTP/1.1 %d " % expected
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.received = bytearray()
        self.missing = -1

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self._send()

    def _send(self) -> None:
        self.sent = time.perf_counter()
        if self.sent >= self.until:
            self.transport.close()
            if not self.done.done():
                self.done.set_result(None)
            return
        self.received.clear()
        self.missing = -1
        try:
            request = self.requests()
        except Exception as problem:  # a protocol's own exception is heard by nobody
            self._fail(f"no request could be made: {problem!r}")
            return
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        if self.missing < 0:
            self.received += data
            end = self.received.find(b"\r\n\r\n")
            if end < 0:
                return
            if not self.received.startswith(self.expected):
                self._fail(bytes(self.received[:2000]).decode(errors="replace"))
                return
            self.missing = length_of(bytes(self.received[:end])) - (len(self.received) - end - 4)
        else:
            self.missing -= len(data)
        if self.missing == 0:
            self.waits.append(time.perf_counter() - self.sent)
            self._send()

    def connection_lost(self, problem: Exception | None) -> None:
        if not self.done.done():
            self._fail("the server closed the connection")

    def _fail(self, why: str) -> None:
        self.transport.abort()
        if not self.done.done():
            self.done.set_exception(UnexpectedAnswer(why))


def length_of(head: bytes) -> int:
    """The length of the body that a response head announces; a 304 and a 204 have none."""
    for line in head.split(b"\r\n"):
        if line[:15].lower() == b"content-length:":
            return int(line[15:])
    return 0


def press(port: int, requests: Requests, *, connections: int, seconds: float, expected: int = 200) -> Load:
    """Keep so many connections busy for so many seconds."""

    async def run() -> Load:
        loop = asyncio.get_running_loop()
        waits: list[float] = []
        started = time.perf_counter()
        protocols = []
        for _ in range(connections):
            _, protocol = await loop.create_connection(
                lambda: _Connection(requests, expected, started + seconds, waits), "127.0.0.1", port
            )
            protocols.append(protocol)
        await asyncio.gather(*(protocol.done for protocol in protocols))
        return Load(time.perf_counter() - started, waits)

    return asyncio.run(run())


def get(path: str, key: str, **headers: str) -> bytes:
    """The bytes of a GET."""
    lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", f"Authorization: Bearer {key}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def post(path: str, key: str, body: Any, **headers: str) -> bytes:
    """The bytes of a POST of JSON."""
    sent = json.dumps(body).encode()
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Authorization: Bearer {key}"]
    lines += ["Content-Type: application/json", f"Content-Length: {len(sent)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + sent
