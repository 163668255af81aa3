"""Recording what a file of indicator values says: one revision per indicator, one fact per measure."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow

from service.acts.indicator_values_draft import Draft, Names, draft_rows, merge
from service.acts.indicator_values_past import past_of
from service.acts.plan_import_record import Progress
from service.domain import indicator_course as course
from service.domain.act import TrueOnInFuture
from service.domain.indicator import INDICATOR, Indicator, IndicatorNoLongerFollowed
from service.domain.indicator_events import DatedValue, IndicatorValueAccepted
from service.domain.indicator_shape import require_side
from service.domain.mending import effective
from service.domain.number import require_exact
from service.domain.refusal import Invalid, Refusal
from service.exchange.indicator_values import IndicatorValuesFile
from service.exchange.merge import Prefer
from service.projections.as_of import AsOf
from service.projections.indicators import INDICATORS
from service.store.unit import Unit

REASON = "Repris de l’import."
"""Of what an import corrects or withdraws, where the act gives no reason of its own."""


class ValuesRecorder:
    """One reading of a file: rows are merged into the indicators, then recorded on the unit."""

    def __init__(self, unit: Unit, file: IndicatorValuesFile) -> None:
        self.unit, self.file = unit, file
        unit.act = self.act = replace(unit.act, channel="import", occurred_on=None, reason=unit.act.reason or REASON)

    def draft(self, connection: Connection[DictRow], transformation_id: UUID, prefer: Prefer | None) -> list[Draft]:
        """What each row would do; nothing is recorded yet."""
        listed = INDICATORS.of_transformation(connection, transformation_id, AsOf(self.act.now))
        drafts = draft_rows(self.file, Names(listed))
        named = {draft.indicator.id for draft in drafts if draft.indicator is not None}
        present = {id: self.unit.get(INDICATOR, id) for id in sorted(named)}
        for draft in drafts:
            draft.indicator = draft.indicator and present[draft.indicator.id]
        position = self.file.position if (self.file.position or 0) <= self.unit.log.head() else None
        merge(drafts, {id: past_of(self.unit.history(id), position) for id in present}, prefer)
        return drafts

    def record(self, drafts: Sequence[Draft], progress: Progress) -> None:
        """Record the rows that write; what a rule forbids becomes an error of its row."""
        own: dict[UUID, list[Draft]] = {}
        for draft in drafts:
            if draft.indicator is not None:
                own.setdefault(draft.indicator.id, []).append(draft)
        done = len(drafts) - sum(map(len, own.values()))
        for rows in own.values():
            indicator = rows[0].indicator
            writing = [draft for draft in rows if draft.writes]
            if indicator is not None and writing:
                self._refuse_retired(indicator, writing)
                self._define([draft for draft in writing if draft.row.kind != "measure"], indicator)
                for draft in writing:
                    if draft.row.kind == "measure" and draft.writes:
                        self._measure(draft, indicator)
            done += len(rows)
            progress(done, len(drafts))

    def _refuse_retired(self, indicator: Indicator, drafts: Sequence[Draft]) -> None:
        if indicator.status == "retired":
            refusal = IndicatorNoLongerFollowed(ref=INDICATOR.reference(indicator), retired_on=indicator.retired_on)
            for draft in drafts:
                draft.refuse(self.file, "identifiant_indic", refusal)

    def _define(self, drafts: list[Draft], indicator: Indicator) -> None:
        """Baseline and targets of one indicator, in one revision: what is wrong is left out, row by row."""
        while any(draft.writes for draft in drafts):
            baseline, targets = _wanted(indicator, [draft for draft in drafts if draft.writes])
            wrong = _first_refusal(indicator, baseline, targets)
            if wrong is None:
                wanted: dict[str, Any] = {"baseline": baseline, "targets": targets}
                self.unit.record(INDICATOR, indicator.id, course.revise(indicator, **wanted))
                return
            on, refusal = wrong
            writing = [draft for draft in drafts if draft.writes]
            targets_told = [d for d in writing if d.row.kind == "target" and d.row.valued_on == on]
            baseline_told = [d for d in writing if d.row.kind == "baseline"]
            for draft in targets_told or baseline_told or writing:
                draft.refuse(self.file, "date_valeur" if refusal.pointer.endswith("/on") else "valeur", refusal)

    def _measure(self, draft: Draft, indicator: Indicator) -> None:
        row = draft.row
        wanted = draft.wanted_value()
        recorded = next((measure for measure in indicator.measures if measure.on == row.valued_on), None)
        try:
            if recorded is None and wanted is not None:
                self.unit.act = replace(self.act, occurred_on=row.valued_on)
                self.unit.record(INDICATOR, indicator.id, course.measure(indicator, value=wanted.value))
            elif recorded is not None and wanted is not None:
                self.unit.correct(INDICATOR, indicator.id, recorded.event_id, {"value": str(wanted.value)})
            elif recorded is not None:
                self.unit.withdraw(INDICATOR, indicator.id, self._counts_by(indicator, recorded.event_id))
        except TrueOnInFuture as refusal:
            draft.refuse(self.file, "date_valeur", refusal)
        except Refusal as refusal:
            draft.refuse(self.file, "valeur", refusal)
        finally:
            self.unit.act = self.act

    def _counts_by(self, indicator: Indicator, event_id: UUID) -> UUID:
        """The fact that makes a value count: its acceptance, where it was proposed."""
        for fact in effective(self.unit.history(indicator.id)):
            if isinstance(fact.event, IndicatorValueAccepted) and fact.event.proposal_event_id == event_id:
                return fact.envelope.event_id
        return event_id


def _wanted(indicator: Indicator, drafts: Sequence[Draft]) -> tuple[DatedValue | None, tuple[DatedValue, ...]]:
    baseline = indicator.baseline
    targets = {target.on: target for target in indicator.targets}
    for draft in sorted(
        drafts, key=lambda draft: draft.row.value is not None
    ):  # what is given wins over what is emptied
        value = draft.wanted_value()
        if draft.row.kind == "baseline":
            baseline = value
        elif value is None:
            targets.pop(draft.row.valued_on, None)
        else:
            targets[value.on] = value
    return baseline, tuple(targets[on] for on in sorted(targets))


def _first_refusal(
    indicator: Indicator, baseline: DatedValue | None, targets: tuple[DatedValue, ...]
) -> tuple[date | None, Invalid] | None:
    """The rule that forbids these values, with the day of the target that it is about (None for the baseline)."""
    try:
        if baseline is not None:
            require_exact(baseline.value, "/value")
    except Invalid as refusal:
        return None, refusal
    for target in targets:
        try:
            require_exact(target.value, "/value")
            require_side(indicator.direction, baseline, target)
        except Invalid as refusal:
            return target.on, refusal
    return None
