"""What a file of values and the service last agreed on, value by value: the base of the merge. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from service.domain.concept import advance
from service.domain.event import Fact
from service.domain.indicator import INDICATOR, Indicator
from service.exchange.indicator_values import IndicatorValue, ValueKind
from service.exchange.plan_row import Cells

VALUE, DAY = "valeur", "date_valeur"
Key = tuple[ValueKind, date | None]
"""An indicator has one baseline, whatever its day; a measure and a target per day."""


def key_of(row: IndicatorValue) -> Key:
    return row.kind, None if row.kind == "baseline" else row.valued_on


def cells_of(indicator: Indicator | None) -> dict[Key, Cells]:
    """The values of an indicator as cells of PILOTE's template."""
    if indicator is None:
        return {}
    cells: dict[Key, Cells] = {("target", target.on): {VALUE: target.value} for target in indicator.targets}
    cells |= {("measure", measure.on): {VALUE: measure.value} for measure in indicator.measures}
    if indicator.baseline is not None:
        cells["baseline", None] = {VALUE: indicator.baseline.value, DAY: indicator.baseline.on}
    return cells


@dataclass(frozen=True)
class Past:
    """The values last imported, or shown by the export that the file was made from."""

    values: Mapping[Key, Cells]
    exported: bool

    def base(self, key: Key) -> Cells | None:
        """None where the value has no known past: nobody imported it and no export showed that it was missing."""
        if self.exported:
            return self.values.get(key, {VALUE: None, DAY: None})
        return self.values.get(key)


def past_of(history: Sequence[Fact], position: int | None) -> Past:
    """Fold a history: what stood at the export's `position`, then what each import of a value left (SHAPES: Import)."""
    values: dict[Key, Cells] = {}
    state: Indicator | None = None
    exported = position is not None and bool(history) and history[0].position <= position
    for index, fact in enumerate(history):
        before = state
        state = advance(INDICATOR, state, fact, lambda index=index: history[:index])  # type: ignore[misc]
        if position is not None and fact.position <= position:
            values = cells_of(state)
        elif fact.envelope.channel == "import":
            old, new = cells_of(before), cells_of(state)
            values |= {
                key: new.get(key, {VALUE: None, DAY: None})
                for key in old.keys() | new.keys()
                if old.get(key) != new.get(key)
            }
    return Past(values, exported)
