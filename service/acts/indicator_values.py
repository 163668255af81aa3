"""Values of indicators in PILOTE's template: imported (simulated and applied by one and the same reading), exported."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal
from uuid import UUID

from service.acts.import_refusals import ImportInProgress, RowsInError
from service.acts.indicator_values_draft import Draft, Names
from service.acts.indicator_values_record import ValuesRecorder
from service.acts.plan_import_record import Progress
from service.acts.plan_import_run import PROJECTION_WAIT, ImportOrder, one_at_a_time, silent
from service.domain import import_run
from service.domain.act import Act
from service.domain.event import Event
from service.domain.import_run import IMPORT_RUN, ImportCounts
from service.domain.indicator import Indicator
from service.exchange.indicator_values import IndicatorValue, IndicatorValuesFile, write_indicator_values
from service.exchange.report import Mode, Report, report_of
from service.store.idempotency import IdempotencyKey
from service.store.unit import Outcome, Target, Unit

FORMAT: Literal["indicator_values"] = "indicator_values"


@dataclass
class ValuesImport:
    """One import of values into one transformation. `service` is the wired service: its recorder, database, gate."""

    service: Any
    transformation_id: UUID
    order: ImportOrder
    file: IndicatorValuesFile
    progress: Progress = silent

    def simulate(self, act: Act) -> Report:
        """What applying would do. Nothing is recorded."""
        unit = Unit(self.service.log, act.within(self.transformation_id))
        return self._report("simulate", self._record(unit))

    def apply(self, act: Act, key: IdempotencyKey | None = None) -> tuple[Outcome, Report | None]:
        """Record everything in one append. The report is None where an idempotent replay answers.

        Raises `RowsInError` unless only the valid rows were asked for, `ImportInProgress`.
        """
        act = replace(act.within(self.transformation_id), channel="import")
        reports: list[Report] = []

        def work(unit: Unit) -> Target:
            report = self._report("apply", self._record(unit))
            if report.invalid and not self.order.valid_rows_only:
                raise RowsInError(report=report)
            run = unit.create(IMPORT_RUN, self._applied(report))
            reports.append(report.model_copy(update={"import_id": run.id}))
            return Target(IMPORT_RUN, run, created=True)

        try:
            with one_at_a_time(self.service, self.transformation_id):
                outcome: Outcome = self.service.recorder.execute(act, work, key)
        except ImportInProgress as refusal:
            return self.service.recorder.replayed_or(refusal, key), None
        report = None if outcome.replayed else reports[-1].model_copy(update={"position": outcome.position})
        return outcome, report

    def _record(self, unit: Unit) -> list[Draft]:
        unit.require_open()
        self.service.gate.wait(self.service.log.head(), PROJECTION_WAIT)
        recorder = ValuesRecorder(unit, self.file)
        with self.service.database.snapshot() as connection:
            drafts = recorder.draft(connection, self.transformation_id, self.order.prefer)
        recorder.record(drafts, self.progress)
        return drafts

    def _report(self, mode: Mode, drafts: Sequence[Draft]) -> Report:
        found = [draft.problem for draft in drafts if draft.problem is not None]
        return report_of(
            mode,
            self.file.sheet,
            [draft.report() for draft in drafts],
            sorted([*self.file.problems, *found], key=lambda problem: problem.row or 0),
            format=FORMAT,
            omitted=self.file.omitted,
            unread=len(self.file.invalid_rows),
        )

    def _applied(self, report: Report) -> list[Event]:
        return import_run.apply(
            file_name=self.order.file_name,
            sha256=self.order.sha256,
            format=FORMAT,
            sheet=report.sheet,
            valid_rows_only=self.order.valid_rows_only,
            counts=ImportCounts(
                created=report.created,
                changed=report.changed,
                unchanged=report.unchanged,
                conflicts=report.conflicts,
                errors=report.invalid,
            ),
        )


def export_values(indicators: Sequence[Indicator], position: int) -> bytes:
    """The workbook of all values, by indicator, kind and day; read back, it changes nothing."""
    names = Names(indicators)
    rows = []
    for indicator in indicators:
        name = names.name_of(indicator)
        if indicator.baseline is not None:
            rows.append(IndicatorValue(name, indicator.baseline.on, "baseline", indicator.baseline.value))
        rows += [IndicatorValue(name, each.on, "measure", each.value) for each in indicator.measures]
        rows += [IndicatorValue(name, each.on, "target", each.value) for each in indicator.targets]
    return write_indicator_values(rows, position=position)
