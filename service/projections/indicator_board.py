"""Is it working? The indicators by family (faire, être, bénéfice), with their series, progress and staleness."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import get_args
from uuid import UUID

from pydantic import Field

from service.domain.event import Value
from service.domain.figure import Answer, Figure
from service.domain.indicator import INDICATOR, Indicator
from service.domain.indicator_events import DatedValue, Direction, Family
from service.domain.indicator_figures import (
    against_previous_cycle,
    applicable,
    expected,
    group_rate,
    last_measure,
    on_track,
    progress,
    stale,
    value_due_on,
)
from service.domain.period import Cadence
from service.projections.named import Named


class Point(Value):
    """A value on the day on which it was true. `event_id` is the fact to correct."""

    on: date
    value: Decimal
    event_id: UUID
    by: str
    comment: str | None
    history: bool = Field(description="Antérieure à la date de référence\u202f: elle ne compte pas dans l’avancement.")


class BoardIndicator(Value):
    """An indicator as the board shows it."""

    id: UUID
    ref: str
    title: str
    status: str
    unit: str
    direction: Direction
    tolerance: Decimal | None
    weight: Decimal
    cadence: Cadence
    owner: str | None
    collector: str | None
    subject: Named | None
    baseline: DatedValue | None
    targets: tuple[DatedValue, ...]
    last: Point | None = Field(description="La dernière valeur qui compte.")
    expected: Decimal | None = Field(description="La valeur attendue aujourd’hui, sur la droite vers la cible.")
    progress: Figure
    on_track: Answer
    stale: Answer
    value_due_on: date | None = Field(description="Jusqu’à quand la prochaine valeur est à temps.")
    previous_cycle: Figure = Field(description="Écart à la même période du cycle d’activité précédent.")
    applicable: bool = Field(description="Il compte dans le taux de sa famille.")
    pending_count: int = Field(description="Les valeurs proposées qui attendent une réponse.")
    series: tuple[Point, ...] = Field(description="Toutes les valeurs, dans l’ordre de leurs jours.")


class BoardFamily(Value):
    """The indicators of one family, and their rate: only where every applicable one has a value."""

    family: Family
    rate: Figure = Field(description="Inconnu tant qu’il manque une valeur\u202f; la couverture dit combien.")
    stale_count: int
    off_track_count: int
    indicators: tuple[BoardIndicator, ...]


class IndicatorBoard(Value):
    """The board: « faire » and « être » side by side, never averaged."""

    counts: dict[str, int] = Field(description="Le nombre d’indicateurs par statut.")
    families: tuple[BoardFamily, ...]


def compute(indicators: Iterable[Indicator], subjects: Mapping[UUID, Named], today: date) -> IndicatorBoard:
    """The board on a day, in the order of references. `subjects` names what indicators tell about."""
    listed = sorted(indicators, key=lambda indicator: (indicator.ref or 0, indicator.id))
    return IndicatorBoard(
        counts=dict(Counter(indicator.status for indicator in listed)),
        families=tuple(
            _family(family, [i for i in listed if i.family == family], subjects, today) for family in get_args(Family)
        ),
    )


def _family(family: Family, indicators: list[Indicator], subjects: Mapping[UUID, Named], today: date) -> BoardFamily:
    shown = tuple(_shown(indicator, subjects, today) for indicator in indicators)
    followed = [each for each in shown if each.status == "defined"]
    return BoardFamily(
        family=family,
        rate=group_rate(indicators),
        stale_count=sum(each.stale.value is True for each in followed),
        off_track_count=sum(each.on_track.value is False for each in followed),
        indicators=shown,
    )


def _shown(indicator: Indicator, subjects: Mapping[UUID, Named], today: date) -> BoardIndicator:
    own = ("id", "title", "status", "unit", "direction", "tolerance", "weight", "cadence", "owner", "collector")
    points = tuple(_point(indicator, index) for index in range(len(indicator.measures)))
    return BoardIndicator(
        **{name: getattr(indicator, name) for name in own},
        ref=INDICATOR.reference(indicator),
        subject=subjects.get(indicator.subject.id) if indicator.subject else None,
        baseline=indicator.baseline,
        targets=indicator.targets,
        last=points[-1] if last_measure(indicator) else None,
        expected=expected(indicator, today),
        progress=progress(indicator),
        on_track=on_track(indicator),
        stale=stale(indicator, today),
        value_due_on=value_due_on(indicator),
        previous_cycle=against_previous_cycle(indicator),
        applicable=applicable(indicator),
        pending_count=sum(proposal.status == "pending" for proposal in indicator.proposals),
        series=points,
    )


def _point(indicator: Indicator, index: int) -> Point:
    measure = indicator.measures[index]
    return Point(
        on=measure.on,
        value=measure.value,
        event_id=measure.event_id,
        by=measure.by,
        comment=measure.comment,
        history=indicator.baseline is not None and measure.on < indicator.baseline.on,
    )
