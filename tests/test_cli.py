"""The command `trajectoire`, run as a user runs it: what it prints, and how it ends."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
from openpyxl import Workbook
from psycopg.conninfo import make_conninfo

from service.commands.demonstration import half_told
from service.domain.event import new_id
from service.settings import Settings
from service.store.embedded_server import Server
from tests.commands import ROOT, Command, command

HEADINGS = ["Axe (x)", "Titre de l'action", "Personne pilote", "Statut", "Date de fin"]


@pytest.fixture
def environment(fresh_database: str, tmp_path: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TRAJECTOIRE_")}
    return {
        **kept,
        "TRAJECTOIRE_DATABASE_URL": fresh_database,
        "TRAJECTOIRE_DATA_DIR": str(tmp_path),
        "TRAJECTOIRE_LOG_LEVEL": "error",
        "COLUMNS": "200",
    }


def plan(file: Path, *rows: list[str]) -> str:
    book = Workbook()
    for row in (HEADINGS, *rows):
        book.active.append(row)
    book.save(file)
    return str(file)


def test_from_nothing_to_an_exported_plan(environment: dict[str, str], tmp_path: Path) -> None:
    first = command("init", environment=environment)
    assert first.returncode == 0, first.stderr
    key = first.stdout.strip()
    assert key.startswith("trj_live_")
    again = command("init", environment=environment)
    assert (again.returncode, "déjà une administration" in again.stderr) == (4, True)

    nobody = command("people", "list", environment=environment)
    assert (nobody.returncode, "TRAJECTOIRE_API_KEY" in nobody.stderr) == (4, True)
    environment["TRAJECTOIRE_API_KEY"] = key
    person = command("people", "add", "Zoé Lenoir", environment=environment).stdout.strip()
    assert person.startswith("p_")
    template = ["--template", "direction-4-phases", "--lead", "Zoé Lenoir"]
    named = ["--code", "ESSAI", "--name", "Essai"]
    made = command("transformations", "create", *named, *template, environment=environment)
    assert made.returncode == 0, made.stderr
    listed = json.loads(command("transformations", "list", environment=environment).stdout)
    assert (listed["code"], listed["status"]) == ("ESSAI", "prepared")

    scopes = ["--scope", "read", "--scope", "import"]
    issued = command("keys", "issue", person, *scopes, environment=environment)
    environment["TRAJECTOIRE_API_KEY"] = issued.stdout.strip()
    good = plan(tmp_path / "bon.xlsx", ["Outils", "Essayer l’outil", "Zoé Lenoir", "En cours", "30/06/2027"])
    to = ["--transformation", "ESSAI", "--format", "json"]
    simulated = command("import", good, *to, environment=environment)
    assert simulated.returncode == 0, simulated.stderr
    report = json.loads(simulated.stdout)
    assert (report["mode"], report["created"], report["errors"]) == ("simulate", 1, [])
    applied = json.loads(command("import", good, *to, "--apply", environment=environment).stdout)
    assert (applied["mode"], applied["created"]) == ("apply", 1)
    same = json.loads(command("import", good, *to, "--apply", environment=environment).stdout)
    assert (same["created"], same["changed"], same["unchanged"]) == (0, 0, 1)

    bad = plan(tmp_path / "faux.xlsx", ["Outils", "Autre", "", "En court", "31/02/2027"])
    wrong = command("import", bad, *to, "--apply", environment=environment)
    assert wrong.returncode == 3, wrong.stderr
    cells = {error["cell"] for error in json.loads(wrong.stdout)["errors"]}
    assert cells == {"D2", "E2"}
    text = command("import", bad, "--transformation", "ESSAI", environment=environment)
    assert text.returncode == 3
    assert "rien n’est enregistré" in text.stdout
    assert "En cours" in text.stdout
    unsaved = command("import", bad, "--transformation", "ESSAI", "--apply", environment=environment)
    assert (unsaved.returncode, "Rien n’a été enregistré" in unsaved.stdout) == (3, True)
    odd = plan(tmp_path / "crochets.xlsx", ["Outils", "Essayer l’outil", "Zoé Lenoir", "[/rouge]", "30/06/2027"])
    marked = command("import", odd, "--transformation", "ESSAI", environment=environment)
    assert (marked.returncode, "[/rouge]" in marked.stdout) == (3, True), marked.stderr
    moved = plan(tmp_path / "bouge.xlsx", ["Outils", "Essayer l’outil", "Zoé Lenoir", "Réalisé", "30/06/2027"])
    told = command("import", moved, "--transformation", "ESSAI", environment=environment)
    assert (told.returncode, "Statut" in told.stdout, "Réalisé" in told.stdout) == (0, True, True)

    no_workbook = tmp_path / "lettre.xlsx"
    no_workbook.write_bytes(b"%PDF-1.7 ceci n'est pas un classeur" * 20)
    refused = command("import", str(no_workbook), *to, environment=environment)
    assert (refused.returncode, len(refused.stderr.strip().splitlines())) == (4, 1)
    assert command("import", good, *to, "--prefer", "moi", environment=environment).returncode == 2

    output = tmp_path / "plan.xlsx"
    exported = command("export", "--transformation", "ESSAI", "--output", str(output), environment=environment)
    assert exported.returncode == 0, exported.stderr
    assert output.read_bytes()[:2] == b"PK"
    nowhere = str(tmp_path / "absent" / "plan.xlsx")
    unwritten = command("export", "--transformation", "ESSAI", "--output", nowhere, environment=environment)
    assert (unwritten.returncode, len(unwritten.stderr.strip().splitlines())) == (4, 1)
    later = ["--as-of", "2999-01-01T00:00:00Z"]
    unborn = command("export", "--transformation", "ESSAI", "-o", str(output), *later, environment=environment)
    assert (unborn.returncode, "passé" in unborn.stderr) == (4, True)
    before = ["--as-of", "2020-01-01T00:00:00Z"]
    unknown = command("export", "--transformation", "ESSAI", "-o", str(output), *before, environment=environment)
    assert (unknown.returncode, "ESSAI" in unknown.stderr) == (4, True)


def test_a_key_without_the_scope_and_an_as_on_a_given_database_are_refused(environment: dict[str, str]) -> None:
    environment["TRAJECTOIRE_API_KEY"] = command("init", environment=environment).stdout.strip()
    person = command("people", "add", "Zoé Lenoir", environment=environment).stdout.strip()
    small = command("keys", "issue", person, "--scope", "read", environment=environment).stdout.strip()
    as_somebody = command("people", "list", "--as", person, environment=environment)
    assert (as_somebody.returncode, "embarquée" in as_somebody.stderr) == (4, True)
    environment["TRAJECTOIRE_API_KEY"] = small
    refused = command("people", "list", environment=environment)
    assert (refused.returncode, "portée admin" in refused.stderr) == (4, True)


def test_a_key_is_rotated_and_only_the_new_one_is_printed(environment: dict[str, str]) -> None:
    first = command("init", environment=environment).stdout.strip()
    environment["TRAJECTOIRE_API_KEY"] = first
    id = first.split("_")[2]
    rotated = command("keys", "rotate", id, environment=environment)
    assert rotated.returncode == 0, rotated.stderr
    second = rotated.stdout.strip()
    assert (second.rpartition("_")[0], second != first) == (first.rpartition("_")[0], True)
    at_once = command("keys", "rotate", id, "--overlap-hours", "0", environment=environment)
    environment["TRAJECTOIRE_API_KEY"] = second
    refused = command("keys", "list", environment=environment)
    assert (refused.returncode, "révoquée" in refused.stderr) == (4, True)
    environment["TRAJECTOIRE_API_KEY"] = at_once.stdout.strip()
    listed = command("keys", "list", environment=environment)
    assert (json.loads(listed.stdout)["id"], "hash" in listed.stdout) == (id, False)
    nowhere = command("keys", "rotate", "0" * 12, environment=environment)
    assert (nowhere.returncode, len(nowhere.stderr.strip().splitlines())) == (4, 1)
    assert command("keys", "rotate", id, "--overlap-hours", "721", environment=environment).returncode == 2


def test_a_busy_port_is_one_clear_sentence(environment: dict[str, str]) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        refused = command("serve", "--port", str(busy.getsockname()[1]), environment=environment)
    assert refused.returncode == 4
    assert "choisissez un autre port" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_services_that_start_at_once_on_an_empty_database_all_serve_and_one_shows_the_first_key(
    environment: dict[str, str],
) -> None:
    """Nobody loses the race for the first administrator: it leaves one key, and no person without an event."""
    arguments = [sys.executable, "-m", "service.cli", "serve", "--no-worker", "--port"]
    servers = []
    for _ in range(3):
        port = free_port()
        server = subprocess.Popen(
            [*arguments, str(port)],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        servers.append((server, port))
    try:
        for server, port in servers:
            answered_livez(server, port)
    finally:
        for server, _ in servers:
            server.send_signal(signal.SIGINT)
        said = "".join(server.communicate(timeout=30)[0] for server, _ in servers)
    assert said.count("trj_live_") == 1
    with psycopg.connect(environment["TRAJECTOIRE_DATABASE_URL"]) as connection:
        assert connection.execute("SELECT count(*) FROM people").fetchone() == (1,)
        assert connection.execute("SELECT count(*) FROM api_keys").fetchone() == (1,)


def answered_livez(server: subprocess.Popen[str], port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert server.poll() is None, server.communicate()[1]
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/livez", timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("it does not answer")


@pytest.mark.parametrize(
    ("changed", "arguments", "code", "said"),
    [
        ({"TRAJECTOIRE_PORT": "beaucoup"}, (), 2, "TRAJECTOIRE_PORT ne convient pas"),
        ({}, ("--port", "70000"), 2, "--port"),
        ({"TRAJECTOIRE_DATA_DIR": str(ROOT / "run")}, ("--port", "0"), 4, "n’est pas un dossier\u202f: choisissez"),
        ({"TRAJECTOIRE_MASTER_KEY": "courte"}, ("--port", "0"), 4, "La clé maîtresse ne convient pas"),
    ],
)
def test_what_cannot_be_served_with_is_told_in_a_sentence(
    environment: dict[str, str],
    tmp_path: Path,
    changed: dict[str, str],
    arguments: tuple[str, ...],
    code: int,
    said: str,
) -> None:
    own = {name: value for name, value in environment.items() if name != "TRAJECTOIRE_DATABASE_URL"}
    if "TRAJECTOIRE_MASTER_KEY" in changed:
        own = environment
    refused = command("serve", *arguments, environment={**own, **changed})
    assert (refused.returncode, said in refused.stderr) == (code, True), refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_demonstration_never_touches_a_database_that_holds_something_else(environment: dict[str, str]) -> None:
    refused = command("demo", "--port", "0", environment=environment)
    assert refused.returncode == 4
    assert "ni vide ni une démonstration" in refused.stderr


@pytest.fixture
def embedded(environment: dict[str, str]) -> Iterator[Path]:
    """A data directory for the embedded server, which another user may have to reach."""
    del environment["TRAJECTOIRE_DATABASE_URL"]
    with tempfile.TemporaryDirectory(prefix="trajectoire-cli-") as folder:
        os.chmod(folder, 0o711)
        environment["TRAJECTOIRE_DATA_DIR"] = f"{folder}/data"
        yield Path(folder) / "data"


@contextmanager
def serving(environment: dict[str, str], word: str = "serve") -> Iterator[tuple[Command, int]]:
    """The command `serve` or `demo`, and its port."""
    port = free_port()
    with tempfile.TemporaryDirectory() as elsewhere:
        said = Path(elsewhere) / "said"
        words = (word, "--port", str(port))
        process = Command(*words, environment=environment, folder=Path(elsewhere), stdout=said, stderr=said)
        try:
            yield process, port
        finally:
            process.kill()
            process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def ready(process: Command, port: int) -> dict[str, Any]:
    """What /readyz answers once it does."""
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
                found: dict[str, Any] = json.load(answer)
                return found
        except OSError:
            assert process.poll() is None, process.said()
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_serve_answers_with_its_worker_and_ends_with_ctrl_c(environment: dict[str, str]) -> None:
    with serving(environment) as (process, port):
        found = ready(process, port)
        assert found["lag"] == 0
        assert found["log_head"] > 0  # the first administrator, projected by the worker process
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as kept:
            for method in ("HEAD", "GET", "HEAD"):  # on one connection: a HEAD leaves it usable
                kept.request(method, "/api/v1/problems")
                looked = kept.getresponse()
                assert (looked.status, len(looked.read()) > 0) == (200, method == "GET")
        children = psutil.Process(process.pid).children(recursive=True)
        assert children  # the worker
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
        said = process.said()
    assert "Première clé d’administration" in said
    assert "Traceback" not in said
    assert not [child for child in children if child.is_running()]


def test_a_set_aside_event_is_decided_about_by_an_administrator_with_a_reason(environment: dict[str, str]) -> None:
    key = command("init", environment=environment).stdout.strip()
    dsn = environment["TRAJECTOIRE_DATABASE_URL"]
    columns = "originator_id, originator_version, topic, state, event_id, transformation_id, recorded_at"
    copied = "originator_id, originator_version + 100, topic, '{}', gen_random_uuid(), transformation_id, recorded_at"
    with psycopg.connect(dsn, autocommit=True) as connection:
        row = connection.execute(
            f"INSERT INTO events ({columns}) SELECT {copied} FROM events ORDER BY notification_id LIMIT 1 "
            "RETURNING originator_id, notification_id"
        ).fetchone()  # an event without content: no version of the code makes sense of it
    assert row is not None
    stream, position = str(row[0]), row[1]

    compared = command("projections", "verify", environment=environment)  # it lets the live views go first
    assert compared.returncode == 0, compared.stderr
    waits = command("projections", "status", environment=environment)
    assert f"Mis de côté\u202f: position {position} (person.enrolled, flux {stream})" in waits.stdout, waits.stderr
    nobody = command("projections", "retry", stream, "--reason", "essai", environment=environment)
    assert (nobody.returncode, "TRAJECTOIRE_API_KEY" in nobody.stderr) == (4, True)
    environment["TRAJECTOIRE_API_KEY"] = key
    retried = command("projections", "retry", stream, "--reason", "pour voir", environment=environment)
    assert (retried.returncode, "attend toujours" in retried.stdout) == (5, True), retried.stderr
    skipped = command("projections", "skip", stream, "--reason", "doublon", environment=environment)
    assert (skipped.returncode, "Plus rien" in skipped.stdout) == (0, True), skipped.stderr
    assert command("projections", "skip", stream, "--reason", "encore", environment=environment).returncode == 4
    told = json.loads(command("projections", "status", "--format", "json", environment=environment).stdout)
    assert told["set_aside"] == []
    decisions = [(made["decision"], made["reason"], made["principal"][:2]) for made in told["decisions"]]
    assert decisions == [("skip", "doublon", "p_"), ("retry", "pour voir", "p_")]


def test_a_rebuild_that_is_interrupted_changes_nothing_and_the_next_one_is_done(
    environment: dict[str, str], tmp_path: Path
) -> None:
    assert command("init", environment=environment).returncode == 0
    dsn = environment["TRAJECTOIRE_DATABASE_URL"]
    order = "SELECT oid FROM pg_class WHERE relname = 'persons' AND relnamespace = 'public'::regnamespace"
    waits = "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'LOCK TABLE projection_gate%' AND wait_event_type = 'Lock'"
    with psycopg.connect(dsn) as reader, psycopg.connect(dsn, autocommit=True) as looking:
        reader.execute("LOCK TABLE projection_gate IN ACCESS SHARE MODE")  # a long read keeps it from its last step
        before = looking.execute(order).fetchone()
        said = tmp_path / "said"
        running = Command("projections", "rebuild", "--all", environment=environment, stderr=said)
        deadline = time.monotonic() + 60
        while not looking.execute(waits).fetchone():
            assert running.poll() is None, said.read_text()
            assert time.monotonic() < deadline, "it never came so far"
        running.send_signal(signal.SIGINT)
        assert running.wait(30) == 4, said.read_text()
        assert (said.read_text().count("\n"), "restent comme elles étaient" in said.read_text()) == (1, True)
        assert looking.execute(order).fetchone() == before
        assert looking.execute("SELECT FROM pg_namespace WHERE nspname = 'beside'").fetchall() == []
    assert command("projections", "rebuild", "--all", environment=environment).returncode == 0
    with psycopg.connect(dsn) as looking:
        assert looking.execute(order).fetchone() != before
    assert command("projections", "verify", environment=environment).returncode == 0


def test_serve_shows_its_first_key_where_no_file_can_be_written(environment: dict[str, str]) -> None:
    """As in a container whose file system is read-only: the key is made once, and must not be lost."""
    environment |= {"TRAJECTOIRE_DATA_DIR": "/proc/nowhere", "TRAJECTOIRE_MASTER_KEY": "k" * 43 + "="}
    with serving(environment) as (process, port):
        ready(process, port)
        process.send_signal(signal.SIGINT)
        process.wait(20)
        said = process.said()
    assert "gardée nulle part" in said
    assert "trj_live_" in said


def test_demo_tells_nothing_where_its_keys_cannot_be_kept(environment: dict[str, str]) -> None:
    name = f"trajectoire_{new_id().hex}"
    with psycopg.connect(environment["TRAJECTOIRE_DATABASE_URL"], autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
        empty = make_conninfo(environment["TRAJECTOIRE_DATABASE_URL"], dbname=name)
        environment |= {"TRAJECTOIRE_DATA_DIR": "/proc/nowhere", "TRAJECTOIRE_MASTER_KEY": "k" * 43 + "="}
        environment["TRAJECTOIRE_DATABASE_URL"] = empty
        refused = command("demo", "--port", str(free_port()), environment=environment)
        assert (refused.returncode, refused.stderr.count("\n")) == (4, 1), refused.stderr
        assert "TRAJECTOIRE_DATA_DIR" in refused.stderr
        with psycopg.connect(empty) as looking:
            assert looking.execute("SELECT count(*) FROM events").fetchone() == (0,)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_only_who_may_import_imports_from_the_terminal(environment: dict[str, str], tmp_path: Path) -> None:
    """As through the API: no member, an administrator too, knows of nothing; the sponsor's role does not import."""
    environment["TRAJECTOIRE_API_KEY"] = admin = command("init", environment=environment).stdout.strip()
    keys = {}
    for name in ("Zoé Lenoir", "Paul Amar", "Une Passante"):
        person = command("people", "add", name, environment=environment).stdout.strip()
        scopes = ["--scope", "read", "--scope", "import"]
        keys[name] = command("keys", "issue", person, *scopes, environment=environment).stdout.strip()
    named = ["--code", "ESSAI", "--name", "Essai", "--template", "direction-4-phases"]
    people = ["--lead", "Zoé Lenoir", "--sponsor", "Paul Amar"]
    assert command("transformations", "create", *named, *people, environment=environment).returncode == 0
    file = plan(tmp_path / "plan.xlsx", ["Outils", "Essayer l’outil", "Zoé Lenoir", "En cours", "30/06/2027"])
    for key, words in ((keys["Une Passante"], "Introuvable"), (admin, "ESSAI"), (keys["Paul Amar"], "rôle")):
        for more in ([], ["--apply"]):
            given = {**environment, "TRAJECTOIRE_API_KEY": key}
            refused = command("import", file, "--transformation", "ESSAI", *more, environment=given)
            assert (refused.returncode, words in refused.stderr) == (4, True), (refused.stdout, refused.stderr)
            assert "Essayer" not in refused.stdout
    given = {**environment, "TRAJECTOIRE_API_KEY": keys["Zoé Lenoir"]}
    assert command("import", file, "--transformation", "ESSAI", "--apply", environment=given).returncode == 0


def test_serve_starts_its_killed_database_again(environment: dict[str, str], embedded: Path) -> None:
    with serving(environment) as (process, port):
        head = ready(process, port)["log_head"]
        killed = Server(embedded).postmaster()
        assert killed is not None
        os.kill(killed.pid, signal.SIGKILL)
        deadline = time.monotonic() + 60
        while (again := Server(embedded).postmaster()) is None or again.pid == killed.pid:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert ready(process, port)["log_head"] == head
        process.send_signal(signal.SIGTERM)
        process.wait(30)
    assert Server(embedded).postmaster() is None


def test_a_signal_during_the_start_of_serve_is_never_lost(
    environment: dict[str, str], embedded: Path, tmp_path: Path
) -> None:
    """Even in a shell's background, where SIGINT is ignored until somebody takes it."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    started = [sys.executable, "-P", "-m", "service.cli", "serve", "--port", str(free_port())]
    given = {**environment, "PYTHONPATH": str(ROOT)}
    try:
        with (tmp_path / "said").open("wb") as said:
            process = subprocess.Popen(started, env=given, cwd=tmp_path, stdout=said, stderr=said)
        try:
            deadline = time.monotonic() + 60
            while Server(embedded).postmaster() is None:
                assert process.poll() is None, (tmp_path / "said").read_text()
                assert time.monotonic() < deadline
                time.sleep(0.02)
            process.send_signal(signal.SIGINT)
            process.wait(60)
        finally:
            process.kill()
    finally:
        signal.signal(signal.SIGINT, before)
    assert Server(embedded).postmaster() is None


def test_the_read_models_stand_are_rebuilt_and_compared(environment: dict[str, str]) -> None:
    assert command("init", environment=environment).returncode == 0
    stands = command("projections", "status", "--format", "json", environment=environment)
    assert json.loads(stands.stdout)["standing"]["lag"] == 0, stands.stderr
    assert command("projections", "verify", environment=environment).returncode == 0
    with psycopg.connect(environment["TRAJECTOIRE_DATABASE_URL"], autocommit=True) as connection:
        connection.execute("UPDATE persons SET person_id = 'p_' || repeat('0', 32)")
    different = command("projections", "verify", environment=environment)
    assert (different.returncode, "persons" in different.stdout, "person_id" in different.stdout) == (5, True, True)
    assert command("projections", "rebuild", environment=environment).returncode == 2
    assert command("projections", "rebuild", "persons", environment=environment).returncode == 0
    assert command("projections", "rebuild", "--all", environment=environment).returncode == 0
    assert command("projections", "verify", environment=environment).returncode == 0
    assert command("projections", "rebuild", "rien", environment=environment).returncode == 4


def test_reminders_are_foreseen_and_one_tick_is_made_by_hand(environment: dict[str, str]) -> None:
    assert command("init", environment=environment).returncode == 0
    foreseen = command("reminders", "preview", "--on", "2027-05-03", environment=environment)
    assert (foreseen.returncode, foreseen.stdout) == (0, "0 rappel(s) le 3 mai 2027.\n"), foreseen.stderr
    unknown = command("reminders", "preview", "--transformation", "RIEN", environment=environment)
    assert (unknown.returncode, "RIEN" in unknown.stderr) == (4, True)
    assert command("reminders", "preview", "--on", "hier", environment=environment).returncode == 2
    ticked = command("reminders", "run", environment=environment)
    assert ticked.returncode == 0, ticked.stderr
    assert ticked.stdout.startswith("0 acte(s) automatique(s), 0 rappel(s) émis")


def test_a_demonstration_cut_while_it_was_told_is_told_again(environment: dict[str, str], tmp_path: Path) -> None:
    dsn = environment["TRAJECTOIRE_DATABASE_URL"]
    with psycopg.connect(dsn) as connection:
        marked = connection.execute("UPDATE installation SET demonstration = true RETURNING log_id").fetchone()
    assert marked is not None
    assert not half_told(Settings(data_dir=tmp_path), str(marked[0]))
    (tmp_path / "demonstration.telling").write_text(str(marked[0]))
    assert half_told(Settings(data_dir=tmp_path), str(marked[0]))
    assert not half_told(Settings(data_dir=tmp_path), str(new_id())), "another database's story was cut"
    assert not half_told(Settings(data_dir=tmp_path), "")
    with serving(environment, "demo") as (process, port):
        ready(process, port)
        with psycopg.connect(dsn) as connection:
            told = connection.execute("SELECT log_id FROM installation").fetchone()
    assert told != marked
    assert not (tmp_path / "demonstration.telling").exists()


def test_a_demonstration_does_not_end_in_the_future(environment: dict[str, str]) -> None:
    refused = command("demo", "--anchor", "2999-01-01", "--port", "0", environment=environment)
    assert (refused.returncode, "après aujourd’hui" in refused.stderr) == (2, True), refused.stderr
