"""Who uses a data directory: locks on files, which the system lets go of however their holder ends."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from service.store.embedded_errors import DataDirectoryInUse


class Holders:
    """One process's place among the holders: `owner` (one at most), `users` (everyone), `transition` (briefly)."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._folder = data_dir / "locks"
        self._owner: IO[str] | None = None
        self._user: IO[str] | None = None

    @property
    def joined(self) -> bool:
        return self._user is not None

    @property
    def owning(self) -> bool:
        return self._owner is not None

    def own(self) -> None:
        """Takes the directory, or raises DataDirectoryInUse with the process that has it."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        path = self._folder / "owner"
        try:
            self._owner = lock(path, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = path.read_text(encoding="utf-8").strip() or "inconnu"
            raise DataDirectoryInUse(data_dir=self._data_dir, pid=pid) from None
        self._owner.truncate(0)
        self._owner.write(f"{os.getpid()}\n")
        self._owner.flush()

    def join(self) -> None:
        self._user = lock(self._folder / "users", fcntl.LOCK_SH)

    def leave(self) -> None:
        for held in (self._user, self._owner):
            if held is not None:
                held.close()
        self._user = self._owner = None

    @contextlib.contextmanager
    def transition(self) -> Iterator[None]:
        """One process at a time starts, stops, comes or goes."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        with lock(self._folder / "transition", fcntl.LOCK_EX):
            yield

    def last(self) -> bool:
        """True for the last guest, with no owner about. Asked within a transition: nobody comes in between."""
        try:
            lock(self._folder / "owner", fcntl.LOCK_EX | fcntl.LOCK_NB).close()
            if self._user is not None:
                fcntl.flock(self._user, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def server_lock(self) -> IO[str] | None:
        """The lock that a new server inherits and keeps until its last process is gone; None while one has it."""
        with contextlib.suppress(BlockingIOError):
            return lock(self._folder / "server", fcntl.LOCK_EX | fcntl.LOCK_NB)
        return None


def lock(path: Path, kind: int) -> IO[str]:
    """Opens and locks `path`; the lock ends with the file. Raises BlockingIOError if LOCK_NB is refused."""
    file = open(path, "a+", encoding="utf-8")  # noqa: SIM115  the caller closes it
    try:
        fcntl.flock(file, kind)
    except BaseException:
        file.close()
        raise
    return file
