"""The server of one data directory: made, started, found, waited for, stopped. Who may do so is decided elsewhere."""

import contextlib
import os
import re
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import psutil
import psycopg
from psycopg.conninfo import make_conninfo

from service.store.embedded_binaries import MAJOR, ServerUser, binaries_for, server_user
from service.store.embedded_errors import (
    DataDirectoryForbidden,
    DataVersionUnsupported,
    DiskFull,
    EmbeddedPostgresError,
    PasswordMissing,
    ServerBusy,
    ServerNotInitialised,
    ServerNotStarted,
)
from service.store.embedded_holders import Holders

SUPERUSER = "postgres"
SOCKET = ".s.PGSQL.5432"
PREFIX = "trajectoire-"  # of the private folders in the temporary one
SOCKET_PATH_LIMIT = 100  # bytes: a socket's address holds 104 on macOS, 108 on Linux
START_WITHIN = 300.0  # seconds: after a crash, recovery of a long log takes its time
STOP_WITHIN = 30.0
LOG_KEPT = 4_000_000  # bytes of server log before it makes room for a new one
NO_PROCESS = 2**31 - 1  # above every pid

SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",  # a Unix socket only, in a folder that only the server's user enters
    "unix_socket_permissions": "0700",
    "cluster_name": "trajectoire",
    "max_connections": "60",
    # service and server share one small machine
    "shared_buffers": "32MB",
    "effective_cache_size": "512MB",
    "io_method": "sync",  # three worker processes less; the kernel caches and reads ahead
    "jit": "off",
    # durability stays as PostgreSQL ships it: fsync, full pages, checksums
    "min_wal_size": "64MB",
    "max_wal_size": "512MB",
    "checkpoint_timeout": "15min",
    # the log holds no text of anybody, and sentences that _why can read
    "log_checkpoints": "off",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "lc_messages": "C",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class Postmaster(NamedTuple):
    """A server that runs, as its postmaster.pid describes it."""

    pid: int
    socket_dir: Path | None  # None until it has written it down
    status: str


class Server:
    """Knows the running server by its own postmaster.pid, never by a command line."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.pgdata = data_dir / "pgdata"
        self.log_path = data_dir / "postgres.log"
        self.password_path = data_dir / "password"
        self.child: subprocess.Popen[bytes] | None = None
        self._socket_dir: Path | None = None
        self._log_start = 0

    def run(self, holders: Holders) -> None:
        """Finds the server of this directory or starts one, and returns when it answers."""
        user = server_user(self.pgdata)
        user.require_access(self.data_dir)
        self._await_end_of_stop()
        if (found := self.postmaster()) and found.status == "ready" and not _reachable(found):
            self.stop()  # somebody cleaned the temporary folder: nothing can reach this server any more
        if self.postmaster() is None:
            if not (self.pgdata / "PG_VERSION").exists():
                self._initialise(user)
            if (version := (self.pgdata / "PG_VERSION").read_text(encoding="ascii").strip()) != str(MAJOR):
                raise DataVersionUnsupported(data_dir=self.data_dir, found=version, expected=MAJOR)
            self._launch(user, holders)
        self._socket_dir = self._await_ready().socket_dir
        self._await_connection()

    def postmaster(self) -> Postmaster | None:
        """Reads postmaster.pid, and believes it only if that process lives in this very directory."""
        try:
            lines = (self.pgdata / "postmaster.pid").read_text(encoding="utf-8").splitlines()
            process = psutil.Process(int(lines[0]))
            if process.status() == psutil.STATUS_ZOMBIE or not os.path.samefile(process.cwd(), self.pgdata):
                return None
        except (FileNotFoundError, IndexError, ValueError, psutil.Error):
            return None
        if len(lines) <= 7:
            return Postmaster(process.pid, None, "starting")
        return Postmaster(process.pid, Path(lines[4]) if lines[4] else None, lines[7].strip())

    def conninfo(self, dbname: str) -> str:
        if self._socket_dir is None:
            raise RuntimeError("the embedded server has not been started")
        try:
            password = self.password_path.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            raise PasswordMissing(path=self.password_path) from None
        return make_conninfo(host=str(self._socket_dir), user=SUPERUSER, password=password, dbname=dbname)

    def stop(self, *, keep_address: bool = False) -> None:
        """Fast shutdown (sessions end, a checkpoint is written); the immediate one if that takes too long."""
        for order in (signal.SIGINT, signal.SIGQUIT):
            deadline = time.monotonic() + STOP_WITHIN
            if (running := self.postmaster()) and running.socket_dir is not None:
                self._socket_dir = running.socket_dir
            if pid := running.pid if running else self._living_child():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, order)
            while (self.postmaster() or self._living_child()) and time.monotonic() < deadline:
                time.sleep(0.005)
        self.child = None
        if self._socket_dir is not None and not keep_address:
            if self._socket_dir.name.startswith(PREFIX):  # nothing else is ever removed, whatever a file says
                shutil.rmtree(self._socket_dir, ignore_errors=True)
            self._socket_dir = None

    def _living_child(self) -> int | None:
        return self.child.pid if self.child is not None and self.child.poll() is None else None

    def _initialise(self, user: ServerUser) -> None:
        """Makes the cluster in a draft folder and renames it, so that one cut short is never taken for real."""
        self._write_password()
        draft = self.data_dir / "pgdata.draft"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        user.give(draft)
        with tempfile.TemporaryDirectory(prefix=PREFIX, dir=_temporary(user)) as private:
            secret = Path(shutil.copy(self.password_path, private))
            user.give(secret)
            user.give(Path(private))
            status, said = user.run(
                binaries_for(user, self.data_dir) / "initdb",
                f"--pgdata={draft}",
                f"--username={SUPERUSER}",
                f"--pwfile={secret}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--no-instructions",
            )
        if status != 0:
            shutil.rmtree(draft, ignore_errors=True)
            raise self._why(said) or ServerNotInitialised(data_dir=self.data_dir, log=said)
        draft.rename(self.pgdata)

    def _write_password(self) -> None:
        self.password_path.unlink(missing_ok=True)
        descriptor = os.open(self.password_path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(32) + "\n")
            file.flush()
            os.fsync(descriptor)

    def _launch(self, user: ServerUser, holders: Holders) -> None:
        """Starts `postgres` in its own session: Ctrl-C on the terminal reaches the service, which stops it in order."""
        program = binaries_for(user, self.data_dir) / "postgres"
        if self.child is not None:
            self.child.poll()  # of a server that ended, so that nothing is left of it
        self._clear_traces(user)
        self._socket_dir = self._socket_folder(user)
        user.give(self._socket_dir)
        if self.log_path.exists() and self.log_path.stat().st_size > LOG_KEPT:
            self.log_path.replace(self.log_path.with_suffix(".log.1"))
        settings = {**SETTINGS, "unix_socket_directories": f'"{self._socket_dir}"'}
        deadline = time.monotonic() + STOP_WITHIN
        while (lock := holders.server_lock()) is None:  # the last processes of a server that was killed
            if time.monotonic() > deadline:
                raise ServerBusy(data_dir=self.data_dir)
            time.sleep(0.02)
        with lock, open(os.open(self.log_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as log:
            self._log_start = os.fstat(log.fileno()).st_size
            options = [f"--{name}={value}" for name, value in settings.items()]
            self.child = user.spawn(program, "-D", self.pgdata, *options, output=log, keep=[lock.fileno()])

    def _socket_folder(self, user: ServerUser) -> Path:
        """A new private folder: the one of before, where this process has used one, so that its conninfos hold good."""
        if (before := self._socket_dir) is not None:
            with contextlib.suppress(FileExistsError):
                before.mkdir(mode=0o700)
                return before
            if not before.is_symlink() and before.is_dir() and before.stat().st_uid == user.uid:
                return before  # a server that ended in order leaves it, empty
        return Path(tempfile.mkdtemp(prefix=PREFIX, dir=_temporary(user)))

    def _clear_traces(self, user: ServerUser) -> None:
        """What a killed server left: its socket's folder, and a postmaster.pid which PostgreSQL clears by itself unless
        its number now belongs to a stranger; then the number is made nobody's. The file stays: it also names the
        shared memory that must be free first."""
        path = self.pgdata / "postmaster.pid"
        with contextlib.suppress(FileNotFoundError):
            text = path.read_text(encoding="utf-8")
            first, newline, rest = text.partition("\n")
            if first.isdigit() and psutil.pid_exists(int(first)):
                with path.open("r+", encoding="utf-8") as file:
                    file.write(f"{NO_PROCESS}{newline}{rest}")
            old = Path("".join(text.splitlines()[4:5]))
            ours = old == self._socket_dir  # a server that is started again keeps its address
            if not ours and old.name.startswith(PREFIX) and not old.is_symlink() and old.stat().st_uid == user.uid:
                shutil.rmtree(old, ignore_errors=True)

    def _await_end_of_stop(self) -> None:
        deadline = time.monotonic() + STOP_WITHIN
        while (found := self.postmaster()) is not None and found.status == "stopping":
            if time.monotonic() > deadline:
                raise self._not_started()
            time.sleep(0.02)

    def _await_ready(self) -> Postmaster:
        deadline = time.monotonic() + START_WITHIN
        while (running := self.postmaster()) is None or running.status != "ready":
            if (running is None and not self._living_child()) or time.monotonic() > deadline:
                raise self._not_started()
            time.sleep(0.005)
        return running

    def _await_connection(self) -> None:
        deadline = time.monotonic() + START_WITHIN
        while True:
            try:
                psycopg.connect(self.conninfo("postgres"), connect_timeout=10).close()
                return
            except psycopg.OperationalError as refusal:
                if "password authentication failed" in str(refusal):
                    raise PasswordMissing(path=self.password_path) from None
                if self.postmaster() is None or time.monotonic() > deadline:
                    raise self._not_started() from refusal
                time.sleep(0.02)

    def _not_started(self) -> EmbeddedPostgresError:
        with self.log_path.open("rb") as log:
            log.seek(self._log_start)
            said = log.read().decode("utf-8", "replace").strip()
        tail = "\n".join(said.splitlines()[-8:])
        return self._why(said) or ServerNotStarted(data_dir=self.data_dir, log_path=self.log_path, log=tail)

    def _why(self, said: str) -> EmbeddedPostgresError | None:
        if "No space left on device" in said or "Disk quota exceeded" in said:
            return DiskFull(data_dir=self.data_dir)
        if refused := re.search(r'"([^"]+)": Permission denied', said):
            return DataDirectoryForbidden(path=refused[1])
        return None


def _reachable(server: Postmaster) -> bool:
    return server.socket_dir is not None and (server.socket_dir / SOCKET).exists()


def _temporary(user: ServerUser) -> Path:
    """Where the server's user can have a private folder whose socket's path is short enough."""
    own = [] if user.switch else [os.environ.get("XDG_RUNTIME_DIR", "")]
    for folder in filter(None, [*own, tempfile.gettempdir()]):
        address = os.path.join(folder, f"{PREFIX}12345678", SOCKET)
        short = len(os.fsencode(address)) < SOCKET_PATH_LIMIT
        if short and os.access(folder, os.W_OK) and user.can_enter(Path(folder)):
            return Path(folder)
    return Path("/tmp")
