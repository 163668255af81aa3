"""The weather computed beside the declared one: worst wins, with every reason. The two are never merged (DOMAIN 2)."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Literal
from uuid import UUID

from service.domain.event import Value
from service.domain.obstacle import Obstacle
from service.domain.obstacle_clock import answer_due_on, overdue
from service.domain.obstacle_escalation import Level
from service.domain.obstacle_events import Severity
from service.domain.status_report import Confidence

WeatherWord = Literal["secured", "attainable", "support_needed", "compromised", "unknown"]

ORDER: tuple[Confidence, ...] = ("secured", "attainable", "support_needed", "compromised")
"""From best to worst."""

TOLERATED_WORKING_DAYS = 10
"""A milestone that is late by more needs support."""


class MilestoneSignal(Value):
    """A milestone that is not cancelled; once reached it is not late."""

    id: UUID
    late: bool
    late_working_days: int = 0


class ActionSignal(Value):
    """An action that is not abandoned; `is_open` until it is done."""

    id: UUID
    is_open: bool
    late: bool = False
    blocked: bool = False


class IndicatorSignal(Value):
    """An indicator that is still followed."""

    id: UUID
    stale: bool


class ObstacleSignal(Value):
    """An open obstacle."""

    id: UUID
    severity: Severity
    level: Level
    overdue: bool
    awaits_answer: bool


class Reason(Value):
    """Why the weather is at least this bad: a stable code, the objects concerned and the facts that explain it."""

    code: str
    weather: Confidence
    subject_ids: tuple[UUID, ...]
    facts: dict[str, Any]


class Weather(Value):
    """The computed weather and all its reasons, worst first."""

    value: WeatherWord
    reasons: tuple[Reason, ...] = ()


class Disagreement(Value):
    """Declared and computed weather differ: a signal of its own. Positive steps: the person is more confident."""

    declared: Confidence
    computed: Confidence
    steps: int


REASONS: dict[str, str] = {
    "milestone_late": "un jalon a jusqu’à dix jours ouvrés de retard",
    "milestone_very_late": "un jalon a plus de dix jours ouvrés de retard",
    "indicator_stale": "un indicateur n’est plus à jour",
    "action_blocked": "une action est bloquée",
    "escalation_unanswered": "une escalade attend sa réponse",
    "critical_obstacle_overdue": "un obstacle critique est en souffrance au niveau de la gouvernance",
    "third_late_or_blocked": "un tiers des actions ouvertes sont en retard ou bloquées",
}
"""The codes in French, each as the end of « parce que… »."""


def obstacle_signal(obstacle: Obstacle, today: date) -> ObstacleSignal:
    """What the weather sees of an open obstacle."""
    return ObstacleSignal(
        id=obstacle.id,
        severity=obstacle.severity,
        level=obstacle.level,
        overdue=overdue(obstacle, today),
        awaits_answer=answer_due_on(obstacle) is not None,
    )


def computed(
    *,
    milestones: Sequence[MilestoneSignal] = (),
    actions: Sequence[ActionSignal] = (),
    indicators: Sequence[IndicatorSignal] = (),
    obstacles: Sequence[ObstacleSignal] = (),
) -> Weather:
    """Worst wins (DOMAIN section 2, Weather). Nothing to look at: unknown."""
    if not (milestones or actions or indicators or obstacles):
        return Weather(value="unknown")
    reasons = [*_of_milestones(milestones), *_of_actions(actions)]
    if stale := [i.id for i in indicators if i.stale]:
        reasons.append(_reason("indicator_stale", "attainable", stale))
    if asked := [o.id for o in obstacles if o.awaits_answer]:
        reasons.append(_reason("escalation_unanswered", "support_needed", asked))
    if critical := [o.id for o in obstacles if o.severity == "critical" and o.level == "governance" and o.overdue]:
        reasons.append(_reason("critical_obstacle_overdue", "compromised", critical))
    reasons.sort(key=lambda reason: -ORDER.index(reason.weather))
    return Weather(value=reasons[0].weather if reasons else "secured", reasons=tuple(reasons))


def disagreement(declared: Confidence | None, weather: Weather) -> Disagreement | None:
    """How far the declared weather is from the computed one. None if they agree or one of them is missing."""
    if declared is None or weather.value == "unknown" or declared == weather.value:
        return None
    steps = ORDER.index(weather.value) - ORDER.index(declared)
    return Disagreement(declared=declared, computed=weather.value, steps=steps)


def _of_milestones(milestones: Sequence[MilestoneSignal]) -> Iterable[Reason]:
    late = [m for m in milestones if m.late]
    slightly = [m for m in late if m.late_working_days <= TOLERATED_WORKING_DAYS]
    very = [m for m in late if m.late_working_days > TOLERATED_WORKING_DAYS]
    if slightly:
        yield _reason("milestone_late", "attainable", [m.id for m in slightly], working_days=_most(slightly))
    if very:
        yield _reason("milestone_very_late", "support_needed", [m.id for m in very], working_days=_most(very))


def _most(late: Sequence[MilestoneSignal]) -> int:
    return max(m.late_working_days for m in late)


def _of_actions(actions: Sequence[ActionSignal]) -> Iterable[Reason]:
    open_ones = [a for a in actions if a.is_open]
    if blocked := [a.id for a in open_ones if a.blocked]:
        yield _reason("action_blocked", "support_needed", blocked)
    troubled = [a.id for a in open_ones if a.late or a.blocked]
    if troubled and 3 * len(troubled) >= len(open_ones):
        yield _reason("third_late_or_blocked", "compromised", troubled, count=len(troubled), of=len(open_ones))


def _reason(code: str, weather: Confidence, subject_ids: Sequence[UUID], **facts: Any) -> Reason:
    return Reason(code=code, weather=weather, subject_ids=tuple(subject_ids), facts=facts)
