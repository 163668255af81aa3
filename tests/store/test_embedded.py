"""The embedded PostgreSQL on real servers: as the current user and, where that is root, as an ordinary one too."""

import contextlib
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

import service
from service.store.embedded import EmbeddedPostgres
from service.store.embedded_binaries import server_user
from service.store.embedded_errors import (
    DataDirectoryForbidden,
    DataDirectoryInUse,
    DataVersionUnsupported,
    DiskFull,
    EmbeddedPostgresError,
    PasswordMissing,
    ServerNotInitialised,
    ServerNotStarted,
)
from service.store.embedded_holders import Holders
from service.store.embedded_server import Server

as_user = pytest.mark.skipif(os.geteuid() == 0, reason="root is never refused a file")

# It waits in short turns: a signal that arrives just before a blocking read would be seen only after it. It takes its
# signals even where whoever runs the tests ignores them (nohup, a shell's background).
HOLD = """
import select, signal, sys
from pathlib import Path
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
from service.store.embedded import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]))
server.start(owner=sys.argv[2] == "owner")
print(server.dsn(), flush=True)
while not select.select([sys.stdin], [], [], 0.1)[0]: pass
server.stop()
"""


@contextlib.contextmanager
def held(data_dir: Path, role: str) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds `data_dir` as "owner" or "guest" until the end of its input."""
    environment = {**os.environ, "PYTHONPATH": str(Path(service.__file__).parents[1])}
    command = [sys.executable, "-c", HOLD, str(data_dir), role]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("host="), "the other process did not start"
        try:
            yield process
        finally:
            process.kill()


def postmaster_of(data_dir: Path) -> int | None:
    running = Server(data_dir).postmaster()
    return running.pid if running else None


def write(dsn: str) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (value int)")
        connection.execute("INSERT INTO kept VALUES (1)")


def count(dsn: str) -> int:
    with psycopg.connect(dsn) as connection:
        row = connection.execute("SELECT count(*) FROM kept").fetchone()
        assert row is not None
        return int(row[0])


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_was_written_is_there_after_a_restart(empty: Path) -> None:
    with EmbeddedPostgres(empty / "data") as first:
        write(first.dsn())
        assert first.server_version.startswith("18.")
    assert postmaster_of(empty / "data") is None
    with EmbeddedPostgres(empty / "data") as second:
        assert count(second.dsn()) == 1


def test_a_path_with_spaces_and_accents_serves_as_well(empty: Path) -> None:
    with EmbeddedPostgres(empty / "été à l'école" / "données du plan") as server:
        write(server.dsn("base d'été"))
        assert count(server.dsn("base d'été")) == 1


def test_a_very_long_path_still_gives_a_short_socket(empty: Path) -> None:
    with EmbeddedPostgres(empty / ("long" * 20) / ("long" * 20)) as server:
        write(server.dsn())


def test_a_second_owner_is_refused_by_the_pid_of_the_first(place: Path) -> None:
    with held(place / "data", "owner") as first:
        second = EmbeddedPostgres(place / "data")
        with pytest.raises(DataDirectoryInUse) as refusal:
            second.start(owner=True)
        assert str(first.pid) in str(refusal.value)
        assert postmaster_of(place / "data") is not None


def test_a_guest_uses_the_owners_server_and_leaves_it_running(place: Path) -> None:
    with held(place / "data", "owner"):
        before = postmaster_of(place / "data")
        with EmbeddedPostgres(place / "data") as guest:
            write(guest.dsn())
        assert postmaster_of(place / "data") == before


def test_the_last_of_two_guests_stops_the_server(place: Path) -> None:
    with held(place / "data", "guest") as first:
        with EmbeddedPostgres(place / "data") as second:
            first.communicate("")  # the one that started the server ends before the other
            write(second.dsn())
        assert postmaster_of(place / "data") is None


def test_the_owner_stops_the_server_even_while_a_guest_is_about(place: Path) -> None:
    with held(place / "data", "owner") as owner, EmbeddedPostgres(place / "data"):
        owner.communicate("")
        assert postmaster_of(place / "data") is None


def test_an_owner_takes_over_the_server_of_a_guest(place: Path) -> None:
    with held(place / "data", "guest") as guest:
        owner = EmbeddedPostgres(place / "data")
        owner.start(owner=True)
        guest.communicate("")
        write(owner.dsn())
        owner.stop()
    assert postmaster_of(place / "data") is None


def test_twelve_guests_at_once_on_an_empty_directory_share_one_server(empty: Path) -> None:
    with contextlib.ExitStack() as stack:
        program = HOLD.replace("while not select.select([sys.stdin], [], [], 0.1)[0]: pass", "")
        environment = {**os.environ, "PYTHONPATH": str(Path(service.__file__).parents[1])}
        command = [sys.executable, "-c", program, str(empty / "data"), "guest"]
        guests = [stack.enter_context(subprocess.Popen(command, env=environment)) for _ in range(12)]
        assert [guest.wait() for guest in guests] == [0] * 12
    assert postmaster_of(empty / "data") is None


def test_the_server_of_a_killed_owner_is_adopted(place: Path) -> None:
    with held(place / "data", "owner") as owner:
        orphan = postmaster_of(place / "data")
        owner.kill()
        owner.wait()
    heir = EmbeddedPostgres(place / "data")
    heir.start(owner=True)
    assert postmaster_of(place / "data") == orphan
    heir.stop()
    assert postmaster_of(place / "data") is None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_an_owner_asked_to_end_stops_its_server_first(place: Path, number: signal.Signals) -> None:
    with held(place / "data", "owner") as owner:
        owner.send_signal(number)
        owner.wait(20)
        assert postmaster_of(place / "data") is None


def test_a_killed_server_starts_again_with_what_was_committed(place: Path) -> None:
    server = EmbeddedPostgres(place / "data")
    server.start(owner=True)
    write(server.dsn())
    killed = postmaster_of(place / "data")
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    server.stop()
    server.start(owner=True)
    assert count(server.dsn()) == 1
    server.stop()


def test_a_server_stopped_while_it_starts_takes_nothing_else_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has not yet written where its socket is: that is no place, and not the folder where the user stands."""
    here, data = tmp_path / "here", tmp_path / "data" / "pgdata"
    here.mkdir()
    data.mkdir(parents=True)
    (here / "precious").touch()
    monkeypatch.chdir(here)
    with subprocess.Popen(["/bin/sleep", "60"], cwd=data) as starting:
        (data / "postmaster.pid").write_text(f"{starting.pid}\n{data}\n1\n")
        server = Server(tmp_path / "data")
        assert server.postmaster() == (starting.pid, None, "starting")
        server.stop()
        assert starting.wait(5) == -signal.SIGINT
    assert (here / "precious").exists()


def test_a_killed_server_is_revived_at_the_same_address(place: Path) -> None:
    server = EmbeddedPostgres(place / "data")
    server.start(owner=True)
    address = server.dsn()
    write(address)
    assert not server.revive()  # it lives
    killed = postmaster_of(place / "data")
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    while postmaster_of(place / "data") is not None:
        time.sleep(0.02)
    assert server.revive()
    assert count(address) == 1
    server.stop()
    assert postmaster_of(place / "data") is None


def test_a_stale_pid_that_now_belongs_to_a_stranger_harms_neither(place: Path) -> None:
    data_dir = place / "data"
    with EmbeddedPostgres(data_dir) as server:
        write(server.dsn())
    user = server_user(data_dir / "pgdata")
    with tempfile.TemporaryFile() as output:
        stranger = user.spawn("/bin/sleep", "60", output=output)
    pid_file = data_dir / "pgdata" / "postmaster.pid"
    pid_file.write_text(f"{stranger.pid}\n{data_dir}/pgdata\n1\n5432\n/nowhere\n\n 0 0\nready   \n", encoding="utf-8")
    user.give(pid_file)
    try:
        with EmbeddedPostgres(data_dir) as server:
            assert count(server.dsn()) == 1
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_server_whose_socket_was_cleaned_away_is_replaced(place: Path) -> None:
    with held(place / "data", "owner") as owner:
        owner.kill()
    orphan = Server(place / "data").postmaster()
    assert orphan is not None
    shutil.rmtree(orphan.socket_dir)
    with EmbeddedPostgres(place / "data") as server:
        write(server.dsn())
        assert postmaster_of(place / "data") != orphan.pid


def test_an_initialisation_cut_short_is_done_again(empty: Path) -> None:
    (empty / "data" / "pgdata.draft").mkdir(parents=True)
    (empty / "data" / "pgdata.draft" / "PG_VERSION").write_text("18\n")
    (empty / "data").chmod(0o711)
    with EmbeddedPostgres(empty / "data") as server:
        write(server.dsn())


def test_nobody_else_reads_the_password_or_reaches_the_socket(place: Path) -> None:
    with EmbeddedPostgres(place / "data") as server:
        running = Server(place / "data").postmaster()
        assert running is not None
        assert mode(place / "data" / "password") == 0o600
        assert mode(place / "data" / "postgres.log") == 0o600
        assert mode(running.socket_dir) == 0o700
        assert mode(place / "data" / "pgdata") == 0o700
        listening = psutil.Process(running.pid).net_connections("tcp")
        assert listening == []
        wrong = server.dsn().replace("password=", "password=x")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(wrong)


def test_the_server_is_durable_and_speaks_unicode(place: Path) -> None:
    with EmbeddedPostgres(place / "data") as server, psycopg.connect(server.dsn()) as connection:
        for setting in ("fsync", "full_page_writes", "synchronous_commit", "data_checksums"):
            assert connection.execute(f"SHOW {setting}").fetchone() == ("on",)
        assert connection.execute("SELECT lower('ÉTÉ À NOËL')").fetchone() == ("été à noël",)


def test_the_log_keeps_no_value_of_a_refused_statement(place: Path) -> None:
    with EmbeddedPostgres(place / "data") as server:
        with psycopg.connect(server.dsn(), autocommit=True) as connection:
            connection.execute("CREATE TABLE names (name text PRIMARY KEY)")
            connection.execute("INSERT INTO names VALUES ('Zébulon')")
            with pytest.raises(psycopg.errors.UniqueViolation):
                connection.execute("INSERT INTO names VALUES ('Zébulon')")
        log = (place / "data" / "postgres.log").read_text(encoding="utf-8")
        assert "duplicate key" in log
        assert "Zébulon" not in log


def test_data_of_another_version_is_refused(place: Path) -> None:
    with EmbeddedPostgres(place / "data"):
        pass
    (place / "data" / "pgdata" / "PG_VERSION").write_text("16\n")
    with pytest.raises(DataVersionUnsupported, match="PostgreSQL 16"):
        EmbeddedPostgres(place / "data").start(owner=True)


@pytest.mark.parametrize("content", [None, "un autre mot de passe\n"])
def test_a_lost_password_is_said(place: Path, content: str | None) -> None:
    with EmbeddedPostgres(place / "data"):
        pass
    password = place / "data" / "password"
    password.unlink() if content is None else password.write_text(content)
    with pytest.raises(PasswordMissing, match="password"):
        EmbeddedPostgres(place / "data").start(owner=True)
    assert postmaster_of(place / "data") is None


def test_a_server_that_dies_at_start_shows_its_last_words(place: Path) -> None:
    with EmbeddedPostgres(place / "data"):
        pass
    (place / "data" / "pgdata" / "global" / "pg_control").unlink()
    with pytest.raises(ServerNotStarted, match="pg_control"):
        EmbeddedPostgres(place / "data").start(owner=True)


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ("initdb: error: could not write to file: No space left on device", DiskFull),
        ("initdb: error: something unheard of", ServerNotInitialised),
        ('initdb: error: could not access directory "/closed": Permission denied', DataDirectoryForbidden),
    ],
)
def test_a_failed_initialisation_is_one_sentence_and_leaves_no_cluster(
    empty: Path, monkeypatch: pytest.MonkeyPatch, said: str, refusal: type[EmbeddedPostgresError]
) -> None:
    program = empty / "initdb"
    program.write_text(f"#!/bin/sh\necho '{said}' >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setattr("service.store.embedded_server.binaries_for", lambda user, data_dir: empty)
    with pytest.raises(refusal):
        EmbeddedPostgres(empty / "data").start(owner=True)
    assert not (empty / "data" / "pgdata").exists()
    next_one = Holders(empty / "data")
    next_one.own()  # the refused owner has let go
    next_one.leave()


@as_user
def test_a_folder_that_refuses_us_is_named(empty: Path) -> None:
    empty.chmod(0o500)
    with pytest.raises(DataDirectoryForbidden, match=str(empty)):
        EmbeddedPostgres(empty / "data").start(owner=True)
    empty.chmod(0o700)


def test_every_refusal_is_one_french_sentence() -> None:
    for refusal in EmbeddedPostgresError.__subclasses__():
        assert refusal.__doc__, refusal
        assert " : " in refusal.__doc__ or refusal.__doc__.endswith(":\n    {log}"), refusal.__name__
