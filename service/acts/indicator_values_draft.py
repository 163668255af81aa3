"""What each row of a file of indicator values would do: which indicator, create, change, unchanged, conflict, error."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from service.acts.indicator_values_past import DAY, VALUE, Past, cells_of, key_of
from service.domain.indicator import INDICATOR, Indicator
from service.domain.indicator_events import DatedValue
from service.domain.refusal import Refusal
from service.exchange.dates import french_date
from service.exchange.indicator_values import IndicatorValue, IndicatorValuesFile
from service.exchange.merge import Prefer, RowMerge, merge_row
from service.exchange.plan_row import Cells
from service.exchange.problem import Problem
from service.exchange.report import RowOutcome, RowReport, conflicts_of, differences_of
from service.exchange.typography import say
from service.exchange.wording import identity, nearest

SUGGESTIONS = {
    "true-on-in-future": "Corrigez la date, ou notez cette valeur comme une cible (vc).",
    "indicator-no-longer-followed": "Retirez cette ligne du fichier : l'indicateur n'est plus suivi.",
}
OTHERWISE = "Corrigez la cellule, ou retirez la ligne du fichier."


@dataclass
class Draft:
    """One row, the value it speaks of as it stands, and what the merge decided."""

    row: IndicatorValue
    indicator: Indicator | None = None
    current: Cells | None = None
    merge: RowMerge | None = None
    problem: Problem | None = None

    @property
    def outcome(self) -> RowOutcome:
        if self.problem is not None or self.merge is None:
            return "error"
        return "create" if self.merge.outcome == "change" and self.current is None else self.merge.outcome

    @property
    def writes(self) -> bool:
        return self.outcome in ("create", "change")

    @property
    def wanted(self) -> Cells:
        """The cells once the row is applied."""
        changes = self.merge.changes if self.merge else {}
        return {**(self.current or {}), **{name: after for name, (_, after) in changes.items()}}

    def wanted_value(self) -> DatedValue | None:
        """The value on its day once the row is applied, None where it is withdrawn."""
        value, day = self.wanted.get(VALUE), self.wanted.get(DAY, self.row.valued_on)
        return DatedValue(value=value, on=day) if isinstance(value, Decimal) and isinstance(day, date) else None

    def refuse(self, file: IndicatorValuesFile, heading: str, refusal: Refusal) -> None:
        """A rule of the service says no to this row."""
        suggestion = say(SUGGESTIONS.get(refusal.code, OTHERWISE))
        code = refusal.code.replace("-", "_")
        self.problem = file.problem(self.row, heading, code, refusal.message("fr"), suggestion)

    def report(self) -> RowReport:
        """The row as the report tells it."""
        ref = INDICATOR.reference(self.indicator) if self.indicator else None
        name = f"{ref} {self.indicator.title}" if self.indicator else self.row.indicator
        merge = self.merge if self.problem is None else None
        return RowReport(
            sheet=self.row.sheet,
            row=self.row.number,
            kind=self.row.kind,
            outcome=self.outcome,
            title=f"{name}, {french_date(self.row.valued_on)}",
            id=self.indicator.id if self.indicator else None,
            ref=ref,
            differences=differences_of(merge.changes or merge.withheld) if merge else {},
            conflicts=conflicts_of(merge.conflicts) if merge else {},
            settled=conflicts_of(merge.resolved) if merge else {},
        )


class Names:
    """The indicators by what a file may call them: PILOTE's identifier, or the reference said aloud."""

    def __init__(self, indicators: Iterable[Indicator]) -> None:
        self.found: dict[str, list[Indicator]] = {}
        for indicator in indicators:
            for name in {identity(indicator.external_id or ""), identity(INDICATOR.reference(indicator))} - {""}:
                self.found.setdefault(name, []).append(indicator)

    def called(self, name: str) -> list[Indicator]:
        return self.found.get(identity(name), [])

    def name_of(self, indicator: Indicator) -> str:
        """What an export calls it: its identifier at PILOTE unless two have it."""
        external = indicator.external_id
        return external if external and len(self.called(external)) == 1 else INDICATOR.reference(indicator)

    def near(self, name: str) -> str | None:
        known = [i.external_id or INDICATOR.reference(i) for found in self.found.values() for i in found]
        return nearest(name, dict.fromkeys(known))


def draft_rows(file: IndicatorValuesFile, names: Names) -> list[Draft]:
    """Each row with its indicator; a row that names none, or tells what another row tells, is in error."""
    zones: dict[UUID, IndicatorValue] = {}
    baselines: dict[UUID, IndicatorValue] = {}
    drafts = []
    for row in file.rows:
        draft = Draft(row)
        drafts.append(draft)
        found = names.called(row.indicator)
        if len(found) != 1:
            draft.problem = _not_one(file, row, found, names)
            continue
        draft.indicator = found[0]
        draft.problem = _second_zone(file, row, zones.setdefault(found[0].id, row))
        if row.kind == "baseline" and row.value is not None and draft.problem is None:
            draft.problem = _second_baseline(file, row, baselines.setdefault(found[0].id, row))
    return drafts


def merge(drafts: Iterable[Draft], pasts: Mapping[UUID, Past], prefer: Prefer | None) -> None:
    """Compare each row with what was last agreed and what stands now (DOMAIN section 5: merge, not overwrite)."""
    for draft in drafts:
        row, indicator = draft.row, draft.indicator
        if indicator is None or draft.problem is not None:
            continue
        key = key_of(row)
        draft.current = cells_of(indicator).get(key)
        base = pasts[indicator.id].base(key)
        said: Cells = {VALUE: row.value}
        nothing: Cells = {VALUE: None}
        if row.kind == "baseline":
            said, nothing = {VALUE: row.value, DAY: row.valued_on}, {VALUE: None, DAY: None}
            if row.value is None:
                withdraws = draft.current is not None and draft.current[DAY] == row.valued_on
                said = nothing if withdraws else draft.current or nothing
        if row.value is None and base is None:
            base = draft.current  # an empty value names what it withdraws: nothing else is meant by such a row
        draft.merge = merge_row(base, said, draft.current or nothing, prefer=prefer)


def _not_one(file: IndicatorValuesFile, row: IndicatorValue, found: list[Indicator], names: Names) -> Problem:
    if found:
        refs = ", ".join(INDICATOR.reference(indicator) for indicator in found)
        message = say("Plusieurs indicateurs portent cet identifiant : {refs}.", refs=refs)
        advice = say("Écrivez plutôt la référence de celui dont il s'agit.")
        return file.problem(row, "identifiant_indic", "ambiguous_indicator", message, advice)
    near = names.near(row.indicator)
    advice = say("Vouliez-vous dire « {near} » ?", near=near) if near else say("Définissez d'abord l'indicateur.")
    message = say("Aucun indicateur de cette transformation ne porte cet identifiant.")
    return file.problem(row, "identifiant_indic", "unknown_indicator", message, advice)


def _second_zone(file: IndicatorValuesFile, row: IndicatorValue, first: IndicatorValue) -> Problem | None:
    if identity(first.zone_id or "") == identity(row.zone_id or ""):
        return None
    message = say("La ligne {first} donne cet indicateur pour une autre zone.", first=first.number)
    advice = say("Un indicateur suit une seule zone : gardez les lignes d'une seule.")
    heading = "zone_id" if "zone_id" in file.columns else "identifiant_indic"
    return file.problem(row, heading, "several_zones", message, advice)


def _second_baseline(file: IndicatorValuesFile, row: IndicatorValue, first: IndicatorValue) -> Problem | None:
    if first is row:
        return None
    message = say("La ligne {first} donne déjà la valeur initiale de cet indicateur.", first=first.number)
    return file.problem(row, "type_valeur", "several_baselines", message, say("Gardez une seule valeur initiale."))
