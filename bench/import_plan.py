"""A big plan: 5 000 rows of which 3 000 change, applied while somebody else writes."""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from bench.row import Row
from service.acts.principals import ALL_SCOPES, enrol_person, issue_key
from service.acts.transformations import prepare_transformation
from service.bootstrap import Service, prepare
from service.domain import note
from service.domain.act import Act
from service.domain.event import new_id
from service.domain.key import KEY
from service.domain.note import NOTE, NoteSubject
from service.domain.transformation import TRANSFORMATION
from service.settings import Settings
from service.store.embedded import EmbeddedPostgres
from service.store.unit import Target, Unit

HEADINGS = ["Axe (x)", "Sous-axe (x.x)", "Titre de l'action", "Descriptif", "Personne pilote", "Statut", "Date de fin"]


def workbook(rows: int, changed: int, path: Path) -> bytes:
    """A plan of `rows` actions; the descriptions of the first `changed` differ from the plan with 0 changed."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Plan")
    sheet.append(["Grand plan"])
    sheet.append(HEADINGS)
    for number in range(rows):
        text = f"Version {'nouvelle' if number < changed else 'première'} de l’action {number}"
        place = [f"Axe {number % 8}", f"Chantier {number % 40}"]
        sheet.append([*place, f"Action {number}", text, f"Pilote {number % 60}", "En cours", "31/12/2027"])
    book.save(path)
    return path.read_bytes()


def measure_import(*, quick: bool) -> list[Row]:
    """Run in a process of its own, so that its memory is its own."""
    rows, changed = (1000, 600) if quick else (5000, 3000)
    command = [sys.executable, "-m", "bench.import_plan", str(rows), str(changed)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds, memory, slowest, middle = (float(part) for part in done.stdout.split()[-4:])
    name = f"import of {rows} rows of which {changed} change"
    return [
        Row(f"{name}: time", seconds, "s", "<= 60 s", seconds <= 60),
        Row(f"{name}: peak memory of the process", memory, "MB", "<= 300 MB", memory <= 300),
        Row(f"{name}: concurrent write, median", middle, "ms", "answers", True),
        Row(f"{name}: concurrent write, slowest", slowest, "ms", "< 5 000 ms", slowest < 5000),
    ]


def main(rows: int, changed: int) -> None:
    """The measured process."""
    folder = Path(tempfile.mkdtemp(prefix="trajectoire-bench-"))
    folder.chmod(0o711)
    try:
        with EmbeddedPostgres(folder / "data") as postgres:
            dsn = postgres.dsn("bench")
            prepare(dsn)
            service = Service(Settings(data_dir=folder / "keys"), dsn)
            environment = {
                **os.environ,
                "TRAJECTOIRE_DATABASE_URL": dsn,
                "TRAJECTOIRE_DATA_DIR": str(folder / "keys"),
            }
            worker = subprocess.Popen([sys.executable, "-m", "service.cli", "worker"], env=environment)
            service.start(worker=False)
            try:
                _measure(service, environment, rows, changed, folder)
            finally:
                worker.terminate()
                worker.wait(timeout=10)
                service.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _measure(service: Service, environment: dict[str, str], rows: int, changed: int, folder: Path) -> None:
    act, key = _world(service)
    environment = {**environment, "TRAJECTOIRE_API_KEY": key}
    workbook(rows, 0, folder / "a.xlsx")
    workbook(rows, changed, folder / "b.xlsx")
    _import(folder / "a.xlsx", environment)
    service.gate.wait(service.log.head(), 120)
    waits: list[float] = []
    stop = threading.Event()
    writer = threading.Thread(target=_write_meanwhile, args=(service, act, waits, stop))
    writer.start()
    started = time.perf_counter()
    report, memory = _import(folder / "b.xlsx", environment)
    seconds = time.perf_counter() - started
    stop.set()
    writer.join()
    if report["changed"] != changed:
        raise SystemExit(f"{report['changed']} rows changed, {changed} were expected")
    print(seconds, memory, max(waits) * 1000, statistics.median(waits) * 1000)


def _import(file: Path, environment: dict[str, str]) -> tuple[dict[str, Any], float]:
    """`trajectoire import` as a user runs it: its report, and the megabytes of the process at its highest."""
    options = ["--transformation", "BENCH", "--apply", "--format", "json"]
    command = [sys.executable, "-m", "service.cli", "import", str(file), *options]
    with (file.with_suffix(".json")).open("w+") as output:
        process = subprocess.Popen(command, env=environment, stdout=output)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise SystemExit(f"the import ended with {process.returncode}")
        output.seek(0)
        return json.load(output), usage.ru_maxrss / 1024


def _world(service: Service) -> tuple[Act, str]:
    """A transformation BENCH with one lead; the lead's act and key."""
    act = Act(actor="p_" + "0" * 32, now=service.clock(), channel="cli", correlation_id=new_id())
    given: list[str] = []

    def enrol(unit: Unit) -> Target:
        person = enrol_person(unit, service.directory, "Pilote du banc")
        key, whole = issue_key(
            unit, service.directory, owner=person.person_id, name="banc", scopes=ALL_SCOPES, environment="bench"
        )
        given[:] = [person.person_id, whole]
        return Target(KEY, key)

    def create(unit: Unit) -> Target:
        made = prepare_transformation(unit, code="BENCH", name="Banc", lead=given[0], sponsor=given[0])
        return Target(TRANSFORMATION, made)

    service.recorder.execute(act, enrol)
    act = Act(actor=given[0], now=service.clock(), channel="cli", correlation_id=new_id())
    outcome = service.recorder.execute(act, create)
    service.gate.wait(outcome.position, 30)
    return act.within(outcome.id), given[1]


def _write_meanwhile(service: Service, act: Act, waits: list[float], stop: threading.Event) -> None:
    """Somebody writes notes all the while, in the same transformation: each wait is measured."""
    subject = NoteSubject(kind="transformation", id=act.transformation_id or new_id())

    def write(unit: Unit) -> Target:
        return Target(NOTE, unit.create(NOTE, note.write(subject=subject, text="Pendant l’import")))

    while not stop.wait(0.02):
        begun = time.perf_counter()
        service.recorder.execute(replace(act, now=service.clock()), write)
        waits.append(time.perf_counter() - begun)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
