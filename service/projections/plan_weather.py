"""The weather of a part of the plan: what a person declared, what is computed beside it, and where the two disagree."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from pydantic import Field

from service.domain.event import Value
from service.domain.refusal import Language
from service.domain.status_report import Acknowledgement, Confidence, StatusReport
from service.domain.weather import Disagreement, Reason, Weather, WeatherWord, disagreement
from service.domain.words import word
from service.projections.named import Named

NAMED_AT_MOST = 5
"""A sentence names so many objects and counts the others; all of them stand beside it."""


class DeclaredWeather(Value):
    """What somebody declared last, and who took note of it."""

    report_id: UUID
    confidence: Confidence
    narrative: str
    by: str
    on: date
    acknowledged: bool
    acknowledgements: tuple[Acknowledgement, ...]


class WeatherReason(Value):
    """One reason of the computed weather, as a sentence and as its facts."""

    code: str
    weather: Confidence = Field(description="La météo est au moins aussi mauvaise.")
    sentence: str
    subjects: tuple[Named, ...]
    facts: dict[str, Any]


class ComputedWeather(Value):
    """What the facts say: worst wins. `unknown` where there is nothing to look at."""

    value: WeatherWord
    reasons: tuple[WeatherReason, ...]


class WeatherGap(Disagreement):
    """Declared and computed weather differ: a signal of its own, never settled by averaging."""

    sentence: str


class PartWeather(Value):
    """Declared and computed weather side by side."""

    declared: DeclaredWeather | None
    computed: ComputedWeather
    disagreement: WeatherGap | None


def weather_of_part(
    reports: Iterable[StatusReport], computed: Weather, name: Callable[[UUID], Named], language: Language
) -> PartWeather:
    """The last report of the part (by its day, then by its recording) beside the computed weather."""
    last = max(reports, key=lambda report: (report.reported_on, report.id), default=None)
    gap = disagreement(last.confidence if last else None, computed)
    return PartWeather(
        declared=_declared(last) if last else None,
        computed=ComputedWeather(
            value=computed.value,
            reasons=tuple(_explained(reason, name, language) for reason in computed.reasons),
        ),
        disagreement=WeatherGap(**gap.model_dump(), sentence=_gap(gap, language)) if gap else None,
    )


def _declared(report: StatusReport) -> DeclaredWeather:
    return DeclaredWeather(
        report_id=report.id,
        confidence=report.confidence,
        narrative=report.narrative,
        by=report.reported_by,
        on=report.reported_on,
        acknowledged=bool(report.acknowledgements),
        acknowledgements=report.acknowledgements,
    )


def _explained(reason: Reason, name: Callable[[UUID], Named], language: Language) -> WeatherReason:
    subjects = tuple(map(name, reason.subject_ids))
    one, several = SENTENCES[language][reason.code]
    days = reason.facts.get("working_days")
    refs = [subject.ref or subject.title for subject in subjects]
    sentence = (one if len(subjects) == 1 else several).format(
        ref=refs[0],
        refs=_listed(refs, language),
        count=len(subjects),
        of=reason.facts.get("of"),
        days=_working_days(days, language) if days is not None else "",
    )
    return WeatherReason(
        code=reason.code, weather=reason.weather, sentence=sentence, subjects=subjects, facts=reason.facts
    )


def _gap(gap: Disagreement, language: Language) -> str:
    steps = abs(gap.steps)
    if language == "fr":
        surer = "la personne est plus confiante que les faits" if gap.steps > 0 else "les faits sont meilleurs"
        return (
            f"Déclarée «\u202f{word(gap.declared)}\u202f», calculée «\u202f{word(gap.computed)}\u202f»\u202f: "
            f"{steps} cran{'s' if steps > 1 else ''} d’écart, {surer}."
        )
    surer = "the person is more confident than the facts" if gap.steps > 0 else "the facts are better"
    declared, computed = (name.replace("_", " ") for name in (gap.declared, gap.computed))
    return f"Declared “{declared}”, computed “{computed}”: {steps} step{'s' if steps > 1 else ''} apart, {surer}."


def _listed(refs: list[str], language: Language) -> str:
    shown, others = refs[:NAMED_AT_MOST], len(refs) - NAMED_AT_MOST
    if others <= 0:
        return ", ".join(shown)
    more = f"et {others} autre{'s' if others > 1 else ''}" if language == "fr" else f"and {others} more"
    return f"{', '.join(shown)} {more}"


def _working_days(days: int, language: Language) -> str:
    if language == "fr":
        return "moins d’un jour ouvré" if days < 1 else "un jour ouvré" if days == 1 else f"{days} jours ouvrés"
    return "less than a working day" if days < 1 else "one working day" if days == 1 else f"{days} working days"


SENTENCES: Mapping[Language, Mapping[str, tuple[str, str]]] = {
    "fr": {
        "milestone_late": (
            "Le jalon {ref} a {days} de retard.",
            "{count} jalons ont du retard, {days} au plus\u202f: {refs}.",
        ),
        "milestone_very_late": (
            "Le jalon {ref} a {days} de retard, plus que les dix tolérés.",
            "{count} jalons ont plus de dix jours ouvrés de retard, {days} au plus\u202f: {refs}.",
        ),
        "indicator_stale": (
            "L’indicateur {ref} n’est plus à jour.",
            "{count} indicateurs ne sont plus à jour\u202f: {refs}.",
        ),
        "action_blocked": (
            "L’action {ref} est bloquée.",
            "{count} actions sont bloquées\u202f: {refs}.",
        ),
        "escalation_unanswered": (
            "L’escalade de l’obstacle {ref} attend sa réponse.",
            "{count} escalades attendent leur réponse\u202f: {refs}.",
        ),
        "critical_obstacle_overdue": (
            "L’obstacle critique {ref} est en souffrance au niveau de la gouvernance.",
            "{count} obstacles critiques sont en souffrance au niveau de la gouvernance\u202f: {refs}.",
        ),
        "third_late_or_blocked": (
            "Une action ouverte sur {of} est en retard ou bloquée, au moins le tiers\u202f: {ref}.",
            "{count} actions ouvertes sur {of} sont en retard ou bloquées, au moins le tiers\u202f: {refs}.",
        ),
    },
    "en": {
        "milestone_late": (
            "Milestone {ref} is late by {days}.",
            "{count} milestones are late, by {days} at most: {refs}.",
        ),
        "milestone_very_late": (
            "Milestone {ref} is late by {days}, more than the ten that are tolerated.",
            "{count} milestones are late by more than ten working days, by {days} at most: {refs}.",
        ),
        "indicator_stale": (
            "Indicator {ref} is stale.",
            "{count} indicators are stale: {refs}.",
        ),
        "action_blocked": (
            "Action {ref} is blocked.",
            "{count} actions are blocked: {refs}.",
        ),
        "escalation_unanswered": (
            "The escalation of obstacle {ref} is unanswered.",
            "{count} escalations are unanswered: {refs}.",
        ),
        "critical_obstacle_overdue": (
            "The critical obstacle {ref} is overdue at governance level.",
            "{count} critical obstacles are overdue at governance level: {refs}.",
        ),
        "third_late_or_blocked": (
            "One of {of} open actions is late or blocked, at least a third: {ref}.",
            "{count} of {of} open actions are late or blocked, at least a third: {refs}.",
        ),
    },
}
"""Why, by code of `weather.REASONS`: about one object, and about several."""
