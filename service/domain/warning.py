"""A warning: the act is done, and something about it deserves a second look. It refuses nothing."""

from datetime import date

from service.domain.event import Value
from service.domain.refusal import Language
from service.domain.transformation import Transformation, peak_on
from service.domain.words import french_date


class Warning(Value):
    """What to look at again. `code` is stable; the sentences are for people."""

    code: str
    fr: str
    en: str

    def message(self, language: Language = "fr") -> str:
        return self.fr if language == "fr" else self.en


def peak_warnings(transformation: Transformation, day: date | None) -> list[Warning]:
    """Planning a review, a workshop or a milestone in an activity peak warns (DOMAIN section 2)."""
    peak = peak_on(transformation, day) if day else None
    if peak is None or day is None:
        return []
    return [
        Warning(
            code="planned-in-activity-peak",
            fr=f"Le {french_date(day)} tombe dans un pic d’activité\u202f: «\u202f{peak.label}\u202f».",
            en=f"{day} falls in an activity peak: {peak.label}.",
        )
    ]
