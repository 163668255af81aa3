"""A real proxy between the service and PostgreSQL, which can cut a connection in the middle of an append."""

import contextlib
import os
import socket
import threading
from types import TracebackType
from typing import Literal, Self

from psycopg.conninfo import conninfo_to_dict, make_conninfo

Cut = Literal["before", "at once", "after"]
"""Before the append reaches the server; as soon as it was sent; after it was committed, its answer withheld."""

BIND = b"B"  # the first message of a prepared statement's execution


class Proxy:
    """Forwards bytes; `cuts` are spent one by one on the next appends that pass."""

    def __init__(self, dsn: str) -> None:
        self.target = conninfo_to_dict(dsn)
        self.cuts: list[Cut] = []
        self.done: list[Cut] = []
        self._sockets: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        port = self._listener.getsockname()[1]
        self.dsn = make_conninfo(dsn, host="127.0.0.1", port=port, sslmode="disable", gssencmode="disable")
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()
        for each in self._sockets:
            _shut(each)
            each.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = self._server()
            self._sockets += [client, server]
            withheld = threading.Event()
            for source, sink, forth in ((client, server, True), (server, client, False)):
                threading.Thread(target=self._pump, args=(source, sink, forth, withheld), daemon=True).start()

    def _server(self) -> socket.socket:
        host, port = str(self.target.get("host") or "localhost"), int(self.target.get("port") or 5432)
        if not host.startswith("/"):
            return socket.create_connection((host, port))
        server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        server.connect(os.path.join(host, f".s.PGSQL.{port}"))
        return server

    def _pump(self, source: socket.socket, sink: socket.socket, forth: bool, withheld: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                if not forth and withheld.is_set():
                    break  # the server has answered, hence committed: nobody will hear it
                cut = self.cuts.pop(0) if forth and self.cuts and data[:1] == BIND else None
                if cut:
                    self.done.append(cut)
                if cut == "before":
                    break
                if cut == "after":
                    withheld.set()
                sink.sendall(data)
                if cut == "at once":
                    break
        _shut(source)
        _shut(sink)


def _shut(each: socket.socket) -> None:
    with contextlib.suppress(OSError):
        each.shutdown(socket.SHUT_RDWR)
