"""A big plan: 5 000 rows of which 3 000 change, applied while somebody else writes."""

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from openpyxl import Workbook

from bench.row import Row
from service.acts.plan_import import run_import
from service.acts.principals import enrol_person
from service.acts.transformations import prepare_transformation
from service.bootstrap import Service, prepare
from service.domain import note
from service.domain.act import Act
from service.domain.event import new_id
from service.domain.note import NOTE, NoteSubject
from service.domain.principal import PERSON
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
        Row(f"{name}: memory it added", memory, "MB", "<= 300 MB", memory <= 300),
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
            worker = subprocess.Popen(
                [sys.executable, "-m", "service.cli", "worker"],
                env={**os.environ, "TRAJECTOIRE_DATABASE_URL": dsn, "TRAJECTOIRE_DATA_DIR": str(folder / "keys")},
            )
            service.start(worker=False)
            try:
                _measure(service, rows, changed, folder)
            finally:
                worker.terminate()
                worker.wait(timeout=10)
                service.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _measure(service: Service, rows: int, changed: int, folder: Path) -> None:
    act = _world(service)
    first, second = workbook(rows, 0, folder / "a.xlsx"), workbook(rows, changed, folder / "b.xlsx")
    run_import(service, act, "BENCH", first, "a.xlsx", apply=True, valid_rows_only=False, prefer=None, progress=None)
    service.gate.wait(service.log.head(), 120)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    waits: list[float] = []
    stop = threading.Event()
    writer = threading.Thread(target=_write_meanwhile, args=(service, act, waits, stop))
    writer.start()
    started = time.perf_counter()
    report = run_import(
        service, act, "BENCH", second, "b.xlsx", apply=True, valid_rows_only=False, prefer=None, progress=None
    )
    seconds = time.perf_counter() - started
    stop.set()
    writer.join()
    if report.changed != changed:
        raise SystemExit(f"{report.changed} rows changed, {changed} were expected")
    memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(seconds, memory, max(waits) * 1000, statistics.median(waits) * 1000)


def _world(service: Service) -> Act:
    act = Act(actor="p_" + "0" * 32, now=service.clock(), channel="cli", correlation_id=new_id())
    ids: list[str] = []

    def enrol(unit: Unit) -> Target:
        person = enrol_person(unit, service.directory, "Pilote du banc")
        ids.append(person.person_id)
        return Target(PERSON, person)

    def create(unit: Unit) -> Target:
        made = prepare_transformation(unit, code="BENCH", name="Banc", lead=ids[0], sponsor=ids[0])
        return Target(TRANSFORMATION, made)

    service.recorder.execute(act, enrol)
    act = Act(actor=ids[0], now=service.clock(), channel="cli", correlation_id=new_id())
    outcome = service.recorder.execute(act, create)
    service.gate.wait(outcome.position, 30)
    return act.within(outcome.id)


def _write_meanwhile(service: Service, act: Act, waits: list[float], stop: threading.Event) -> None:
    """Somebody writes notes all the while, in the same transformation: each wait is measured."""
    subject = NoteSubject(kind="transformation", id=act.transformation_id or new_id())

    def write(unit: Unit) -> Target:
        return Target(NOTE, unit.create(NOTE, note.write(subject=subject, text="Pendant l’import")))

    while not stop.wait(0.02):
        begun = time.perf_counter()
        service.recorder.execute(Act(actor=act.actor, now=service.clock(), transformation_id=act.transformation_id), write)
        waits.append(time.perf_counter() - begun)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
