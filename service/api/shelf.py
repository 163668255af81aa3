"""Views that were computed before, as bytes. The ETag of a view determines its bytes, so a hit needs no other check."""

import threading
from collections import OrderedDict

Key = tuple[str, str]
"""The ETag, and the address with its query."""


class Shelf:
    """The least recently used go first, once all together hold more than `room` bytes."""

    def __init__(self, room: int) -> None:
        self.room = room
        self._held: OrderedDict[Key, tuple[bytes, dict[str, str]]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, key: Key) -> tuple[bytes, dict[str, str]] | None:
        """The body and the headers of a view, if it is held."""
        with self._lock:
            found = self._held.get(key)
            if found is not None:
                self._held.move_to_end(key)
            return found

    def put(self, key: Key, body: bytes, headers: dict[str, str]) -> None:
        """Hold a view, unless it alone is larger than a quarter of the room."""
        if len(body) > self.room // 4:
            return
        with self._lock:
            old = self._held.pop(key, None)
            self._bytes += len(body) - (len(old[0]) if old else 0)
            self._held[key] = (body, headers)
            while self._bytes > self.room:
                _, (gone, _) = self._held.popitem(last=False)
                self._bytes -= len(gone)
