"""Writing, then reading it back: what the promise of CONTRACT 22 costs beyond the write alone."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable

from bench.client import UnexpectedAnswer, get, length_of
from bench.post import path, planned
from bench.row import Row
from bench.stage import Stage, World

CLIENTS = 4
GOAL = 10.0


def measure(stage: Stage, *, quick: bool) -> list[Row]:
    """Four clients; the 99th percentile of the write with its reading, and of the write alone (respond-async)."""
    runs, seconds = (5, 1.0) if quick else (7, 4.0)
    pairs = []
    with stage.world("consistency", events=3000) as world, stage.serve(world) as port:
        for _ in range(runs):
            alone = asyncio.run(_run(port, seconds, lambda client: _write(client, world, Prefer="respond-async")))
            both = asyncio.run(_run(port, seconds, lambda client: _read_back(client, world)))
            pairs.append((_p99(both), _p99(alone)))
    more = sorted(both - alone for both, alone in pairs)
    middle = more[len(more) // 2]
    alone_ms = sorted(alone for _, alone in pairs)[len(pairs) // 2]
    goal = f"<= {GOAL:g} ms"
    name = "write then read it back, p99, 4 clients, beyond the write alone"
    return [Row(name, middle, "ms", goal, middle <= GOAL, baseline=alone_ms, spread=(more[0], more[-1]))]


class Client:
    """One connection that asks one thing after another."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def ask(self, request: bytes, expected: int) -> bytes:
        """The body. Raises `UnexpectedAnswer`."""
        self.writer.write(request)
        head = await self.reader.readuntil(b"\r\n\r\n")
        body = await self.reader.readexactly(length_of(head))
        if not head.startswith(b"HTTP/1.1 %d " % expected):
            raise UnexpectedAnswer((head + body)[:1000].decode(errors="replace"))
        return body


async def _run(port: int, seconds: float, act: Callable[[Client], Awaitable[object]]) -> list[float]:
    waits: list[float] = []
    until = time.perf_counter() + seconds

    async def one() -> None:
        client = Client(*await asyncio.open_connection("127.0.0.1", port))
        while (begun := time.perf_counter()) < until:
            await act(client)
            waits.append(time.perf_counter() - begun)
        client.writer.close()

    await asyncio.gather(*(one() for _ in range(CLIENTS)))
    return waits


async def _write(client: Client, world: World, **headers: str) -> str:
    made = json.loads(await client.ask(planned(world, path(world), **headers), 201))
    id: str = made["id"]
    return id


async def _read_back(client: Client, world: World) -> None:
    id = await _write(client, world)
    shown = json.loads(await client.ask(get(f"/api/v1/milestones/{id}", world.key), 200))
    if shown["id"] != id:
        raise UnexpectedAnswer("another milestone was shown")


def _p99(waits: list[float]) -> float:
    return sorted(waits)[int(0.99 * (len(waits) - 1))] * 1000
