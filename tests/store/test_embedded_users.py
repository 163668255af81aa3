"""The embedded PostgreSQL under root, which it refuses to be, and under an ordinary user."""

import os
import pwd
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

import service
import service.store.embedded_binaries as binaries
from service.store.embedded import EmbeddedPostgres
from service.store.embedded_binaries import ServerUser, binaries_for, server_user
from service.store.embedded_errors import DataDirectoryClosed, RootOwnsTheData
from service.store.embedded_server import Server

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


@as_root
def test_root_never_opens_a_closed_parent_but_says_which_one_it_is(empty: Path) -> None:
    closed = empty / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(DataDirectoryClosed, match=f"traverser {closed}\u202f:"):
        EmbeddedPostgres(closed / "data").start(owner=True)
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


@as_root
def test_root_runs_the_server_as_somebody_else(place: Path) -> None:
    with EmbeddedPostgres(place / "data"):
        running = Server(place / "data").postmaster()
        assert running is not None
        assert psutil.Process(running.pid).uids().real != 0
        assert (place / "data" / "password").stat().st_uid == 0


@as_root
def test_data_that_belongs_to_root_is_refused(place: Path) -> None:
    with EmbeddedPostgres(place / "data"):
        pass
    os.chown(place / "data" / "pgdata", 0, 0)
    with pytest.raises(RootOwnsTheData, match="pgdata"):
        EmbeddedPostgres(place / "data").start(owner=True)


@as_root
def test_binaries_out_of_reach_are_copied_once_beside_the_data(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = binaries.wheel()
    closed = place / "closed"
    closed.mkdir(mode=0o700)
    shutil.copytree(wheel, closed / wheel.name, ignore=shutil.ignore_patterns("pginstall", "include", "*.a"))
    libraries = f"{wheel.name}.libs"
    shutil.copytree(wheel.with_name(libraries), closed / libraries)
    monkeypatch.setattr(binaries, "wheel", lambda: closed / wheel.name)
    with EmbeddedPostgres(place / "data") as server:
        assert server.server_version.startswith("18.")
        copy = binaries_for(server_user(place / "data" / "pgdata"), place / "data")
        made_at = copy.stat().st_ctime_ns
    assert copy.is_relative_to(place / "data" / "binaries")
    with EmbeddedPostgres(place / "data") as server:
        assert server.server_version.startswith("18.")
        assert copy.stat().st_ctime_ns == made_at


ORDINARY = """
import os, stat, sys
from pathlib import Path
import psycopg
from service.store import embedded, embedded_errors, embedded_server

def live(data_dir):
    server = embedded.EmbeddedPostgres(data_dir)
    server.start(owner=True)
    try:
        embedded.EmbeddedPostgres(data_dir).start(owner=True)
    except embedded_errors.DataDirectoryInUse:
        pass
    else:
        raise SystemExit("a second owner came in")
    with psycopg.connect(server.dsn()) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS value")
    server.stop()
    with embedded.EmbeddedPostgres(data_dir) as guest, psycopg.connect(guest.dsn()) as connection:
        assert connection.execute("SELECT value FROM kept").fetchone() == (42,)
        assert stat.S_IMODE((data_dir / "password").stat().st_mode) == 0o600
        for path in (data_dir, data_dir / "password", data_dir / "postgres.log"):
            assert path.stat().st_uid == os.geteuid(), path
        assert (data_dir / "pgdata").stat().st_uid != 0
    try:
        embedded.EmbeddedPostgres(closed / "data").start(owner=True)
    except embedded_errors.DataDirectoryForbidden as refusal:
        assert str(closed) in str(refusal)
    else:
        assert os.geteuid() == 0

place, uid, binaries = Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
embedded_server.binaries_for = lambda user, data_dir: binaries
closed = place / "closed"
closed.mkdir(mode=0o711)
live(place / "root")  # as root first: what is imported late is then at hand, wherever this Python lies
os.setgroups([])
os.setgid(uid)
os.setuid(uid)
live(place / "ordinary" / "data")
print("done")
"""


@as_root
def test_an_ordinary_user_needs_nobody_else(empty: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    (empty / "ordinary").mkdir()
    os.chown(empty / "ordinary", nobody.pw_uid, nobody.pw_gid)
    binaries = binaries_for(ServerUser("nobody", nobody.pw_uid, nobody.pw_gid, switch=True), empty)
    environment = {**os.environ, "PYTHONPATH": str(Path(service.__file__).parents[1]), "HOME": str(empty)}
    command = [sys.executable, "-c", ORDINARY, str(empty), str(nobody.pw_uid), str(binaries)]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert run.stdout == "done\n", run.stderr[-3000:]
