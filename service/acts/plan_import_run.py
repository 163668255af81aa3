"""One import of a plan: simulate, then apply the same file (DOMAIN section 5; SHAPES: Import).

Both run the same drafting and the same recording; a simulation throws its unit of work away.
"""

import hashlib
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow

from service.acts.import_refusals import ImportInProgress, RowsInError
from service.acts.plan_import_draft import Draughts, draft, found_rows
from service.acts.plan_import_match import Pointer
from service.acts.plan_import_people import PeopleBook
from service.acts.plan_import_record import ImportRecorder, Numbers, Progress
from service.acts.plan_import_world import read_bases, read_people, read_world
from service.domain import import_run
from service.domain.act import Act
from service.domain.concept import Concept
from service.domain.event import new_id
from service.domain.import_run import IMPORT_RUN, ImportCounts
from service.exchange.merge import Prefer
from service.exchange.plan_reader import PlanFile
from service.exchange.report import Mode, Report, RowReport, report_of
from service.store.batch import StreamMoved
from service.store.idempotency import IdempotencyKey
from service.store.unit import Outcome, Target, Unit

FORMAT = "plan"
PROJECTION_WAIT = 30.0
LOCK = 7227
"""The class of the advisory locks of imports; that of the append function is another one."""
DOOR = (7226, 7)
"""The lock under which imports, of whatever transformation, enter people in the directory."""


def silent(done: int, total: int) -> None:
    """No progress bar."""


@dataclass(frozen=True)
class ImportOrder:
    """A file and how to take it. `prefer` settles the cells that both sides changed."""

    content: bytes
    file_name: str
    prefer: Prefer | None = None
    valid_rows_only: bool = False

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@contextmanager
def one_at_a_time(service: Any, transformation_id: UUID) -> Iterator[Connection[DictRow]]:
    """Imports of one transformation follow one another. The lock ends with its connection, whatever happens.

    Raises `ImportInProgress`.
    """
    with service.database.dedicated() as connection:
        query = "SELECT pg_try_advisory_lock(%s, hashtext(%s)) AS mine"
        row = connection.execute(query, (LOCK, str(transformation_id))).fetchone()
        if not row or not row["mine"]:
            raise ImportInProgress()
        yield connection


def alone(lock: Connection[DictRow], people: PeopleBook) -> None:
    """The newcomers of a file enter while no other import enters anybody: until `lock` ends. Somebody whom another
    import entered meanwhile is nobody new: the file is to be drafted again.
    """
    lock.execute("SELECT pg_advisory_lock(%s, %s)", DOOR)
    if people.met(read_people(lock)):
        raise StreamMoved


@dataclass
class PlanImport:
    """One import into one transformation. `service` is the wired service: its recorder, database, directory, gate."""

    service: Any
    transformation_id: UUID
    order: ImportOrder
    file: PlanFile
    progress: Progress = silent

    def simulate(self, act: Act) -> Report:
        """What applying would do. Nothing is recorded, no reference is taken, nobody enters the directory."""
        unit = Unit(self.service.log, act.within(self.transformation_id))
        draughts, _ = self._record(unit, lambda concept, count: itertools.count(1), all_or_nothing=False)
        return self._report("simulate", draughts)

    def apply(self, act: Act, key: IdempotencyKey | None = None) -> tuple[Outcome, Report | None]:
        """Record everything in one append. The report is None where an idempotent replay answers.

        Raises `RowsInError` unless only the valid rows were asked for, `ImportInProgress`.
        """
        act = replace(act.within(self.transformation_id), channel="import")
        entered: set[str] = set()
        reports: list[Report] = []

        def work(unit: Unit) -> Target:
            reports.clear()
            self._forget(entered)

            def numbers(concept: Concept[Any], count: int) -> Iterator[int]:
                return iter(unit.references(concept, self.transformation_id, count))

            draughts, import_id = self._record(unit, numbers, all_or_nothing=not self.order.valid_rows_only)
            report = self._report("apply", draughts)
            if report.invalid and not self.order.valid_rows_only:
                raise RowsInError(report=report)
            run = unit.create(IMPORT_RUN, self._applied(report), import_id)
            if draughts.people.new:
                alone(lock, draughts.people)
            for person in draughts.people.new.values():
                entered.add(person.person_id)
                self.service.directory.add_person(person.person_id, person.name, has_account=False)
            reports.append(report.model_copy(update={"import_id": import_id}))
            return Target(IMPORT_RUN, run, created=True)

        try:
            with one_at_a_time(self.service, self.transformation_id) as lock:
                outcome: Outcome = self.service.recorder.execute(act, work, key)
        except ImportInProgress as refusal:
            return self.service.recorder.replayed_or(refusal, key), None
        except Exception:  # not Ctrl-C: what it left in the queue is recorded all the same
            self._forget(entered)
            raise
        if outcome.replayed:
            self._forget(entered)
            return outcome, None
        return outcome, reports[-1].model_copy(update={"position": outcome.position})

    def _record(self, unit: Unit, numbers: Numbers, *, all_or_nothing: bool) -> tuple[Draughts, UUID]:
        unit.require_open()
        head = self.service.log.head()
        self.service.gate.wait(head, PROJECTION_WAIT)
        with self.service.database.snapshot() as connection:
            world = read_world(connection, self.transformation_id)
            found = found_rows(self.file, world)
            known = [one.action.id for one in found if one.action is not None]
            exported = {}
            if self.file.position is not None and self.file.position <= head:  # beyond it, another log is meant
                exported = {one.action.id: self.file.position for one in found if one.action and one.exported}
            read_bases(connection, world, known, exported)
        draughts = draft(self.file, found, world, self.order.prefer)
        import_id = new_id()
        if all_or_nothing and (draughts.problems or self.file.errors):
            return draughts, import_id  # refused: no reference is taken for nothing
        recorder = ImportRecorder(unit, self.transformation_id, import_id, world, Pointer(self.file), numbers)
        recorder.record(draughts, self.progress)
        return draughts, import_id

    def _report(self, mode: Mode, draughts: Draughts) -> Report:
        known = {one.row.number for one in draughts.rows}
        wrong = [
            RowReport(sheet=row.sheet, row=row.number, kind=row.kind, outcome="error", title=row.title)
            for row in self.file.rows
            if row.number not in known
        ]
        rows = [*(one.report(created=mode == "apply") for one in draughts.rows), *wrong]
        rows.sort(key=lambda row: row.row or 0)
        return report_of(
            mode,
            self.file.sheet,
            rows,
            [*self.file.problems, *draughts.problems],
            brought=self._brought(draughts),
            omitted=self.file.omitted,
            unread=len(self.file.invalid_rows - {row.number for row in self.file.rows}),
        )

    def _brought(self, draughts: Draughts) -> Iterator[RowReport]:
        for place in draughts.places.new:
            if place.used:
                yield RowReport(
                    sheet=self.file.sheet,
                    row=place.row,
                    kind="axis" if place.is_axis else "workstream",
                    outcome="create",
                    title=" › ".join(place.titles),
                )
        for person in draughts.people.new.values():
            yield RowReport(sheet=self.file.sheet, row=person.row, kind="person", outcome="create", title=person.name)

    def _applied(self, report: Report) -> list[Any]:
        return import_run.apply(
            file_name=self.order.file_name,
            sha256=self.order.sha256,
            format=FORMAT,
            sheet=self.file.sheet,
            valid_rows_only=self.order.valid_rows_only,
            counts=ImportCounts(
                created=report.created,
                changed=report.changed,
                unchanged=report.unchanged,
                conflicts=report.conflicts,
                errors=report.invalid,
            ),
        )

    def _forget(self, entered: set[str]) -> None:
        """Names stand outside the log: what a refused attempt entered is taken back."""
        for person in entered:
            self.service.directory.remove_person(person)
        entered.clear()
