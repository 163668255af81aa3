"""The series of an indicator: what is measured, in the order of its days, with what was believed before."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from service.api.reader import Incomplete, Reader
from service.domain.indicator import INDICATOR, Indicator, Measure, Proposal
from service.domain.indicator_events import DatedValue, Direction
from service.domain.indicator_figures import expected
from service.domain.mending import Correction


class Believed(BaseModel):
    """What was recorded before a correction."""

    value: Decimal
    on: date
    comment: str | None
    until: datetime | None = Field(description="L’instant de la rectification.")
    reason: str | None


class SeriesPoint(Measure):
    """A value that counts, beside what was expected on its day."""

    expected: Decimal | None = Field(description="La valeur que la trajectoire attendait ce jour-là.")
    before_baseline: bool = Field(description="Antérieure à la valeur de référence\u202f: pour l’histoire.")
    corrections: list[Believed]


class SeriesProposal(Proposal):
    """A proposed value, with what it was before it was corrected."""

    corrections: list[Believed]


class IndicatorSeries(BaseModel):
    """The values of an indicator by the days they are true on."""

    id: UUID
    ref: str
    title: str
    unit: str
    direction: Direction
    tolerance: Decimal | None
    baseline: DatedValue | None
    targets: tuple[DatedValue, ...]
    measures: list[SeriesPoint]
    proposals: list[SeriesProposal]
    expected_today: Decimal | None
    position: int = Field(description="Le dernier événement que cette réponse prend en compte.")
    as_of: datetime | None
    today: date
    people: dict[str, str] = Field(default_factory=dict)
    incomplete: list[Incomplete] = Field([], description="Les événements qui manquent à cette réponse.")


def present_series(indicator: Indicator, reader: Reader) -> dict[str, Any]:
    """The series at the clock of the read; `people` is added at the door."""
    start = indicator.baseline.on if indicator.baseline else None
    series = IndicatorSeries(
        id=indicator.id,
        ref=INDICATOR.reference(indicator),
        **{
            name: getattr(indicator, name)
            for name in ("title", "unit", "direction", "tolerance", "baseline", "targets")
        },
        measures=[
            SeriesPoint(
                **measure.model_dump(),
                expected=expected(indicator, measure.on),
                before_baseline=start is not None and measure.on < start,
                corrections=believed(measure, indicator.corrections),
            )
            for measure in indicator.measures
        ],
        proposals=[
            SeriesProposal(**proposal.model_dump(), corrections=believed(proposal, indicator.corrections))
            for proposal in sorted(indicator.proposals, key=lambda proposal: proposal.on)
        ],
        expected_today=expected(indicator, reader.as_of.today),
        **reader.echo(),
    )
    return series.model_dump(exclude={"people"})


def believed(reading: Measure, corrections: tuple[Correction, ...]) -> list[Believed]:
    """The earlier wordings of one reading, oldest first: each correction tells only the fields that it replaced."""
    wording: dict[str, Any] = {"value": reading.value, "on": reading.on, "comment": reading.comment}
    found: list[Believed] = []
    for correction in reversed(corrections):
        if correction.event_id != reading.event_id:
            continue
        replaced = {"on" if name == "occurred_on" else name: value for name, value in correction.before.items()}
        wording |= {name: value for name, value in replaced.items() if name in wording}
        found.append(Believed(**wording, until=correction.corrected_at, reason=correction.reason))
    return found[::-1]
