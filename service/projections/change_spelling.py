"""How changes are spelled: dates, numbers, names of objects and moves of a date, in French and in English."""

import contextlib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from service.domain.concept import State, concepts
from service.domain.refusal import Language
from service.domain.words import french_date, word
from service.domain.working_time import WorkingCalendar
from service.projections.change_words import ARTICLES

NARROW = "\u202f"


def of(named: str) -> str:
    """« du chantier », « de l’axe »: a French name with its article, after « de »."""
    return f"du {named.removeprefix('le ')}" if named.startswith("le ") else f"de {named}"


@dataclass(frozen=True)
class Spelling:
    """A language, and the working days that moves are counted in."""

    language: Language
    calendar: WorkingCalendar

    def say(self, fr: str, en: str) -> str:
        return fr if self.language == "fr" else en

    def word(self, wire: str) -> str:
        return word(wire) if self.language == "fr" else wire.replace("_", " ")

    def day(self, day: date) -> str:
        return french_date(day) if self.language == "fr" else f"{day.day} {day:%B} {day.year}"

    def number(self, value: Decimal) -> str:
        text = format(value.normalize(), "f")
        return text.replace(".", ",") if self.language == "fr" else text

    def named(self, kind: str, state: State | None) -> str:
        """« Le jalon J-7 « Restitution » »."""
        article = ARTICLES[kind][0] if self.language == "fr" else kind.replace("_", " ").capitalize()
        if state is None:
            return article
        concept = concepts[kind]
        reference = f" {concept.reference(state)}" if concept.letter and state.ref else ""
        if kind == "phase":
            reference = f" {getattr(state, 'ordinal', '')}"
        title = getattr(state, "title", None) or getattr(state, "name", None) or ""
        if not title:
            return f"{article}{reference}"
        quoted = f" «\u202f{title}\u202f»" if self.language == "fr" else f" “{title}”"
        return f"{article}{reference}{quoted}"

    def move(self, field: str, old: object, new: object) -> str:
        """« (60 % → 80 %) » for numbers and dates, which speak for themselves; nothing for texts and lists."""
        values = [self._plain(field, value) for value in (old, new) if value is not None]
        return f" ({' → '.join(values)})" if new is not None and all(values) else ""

    def _plain(self, field: str, value: object) -> str:
        if not isinstance(value, str | int) or isinstance(value, bool):
            return ""
        with contextlib.suppress(ValueError):
            return self.day(date.fromisoformat(str(value)))
        try:
            number = self.number(Decimal(value))
        except InvalidOperation:
            return ""
        return f"{number}{self.say(NARROW, '')}%" if field == "percent" else number

    def moved(self, the: str, e: str, old: date, new: date) -> str:
        days, working = abs((new - old).days), abs(self.calendar.working_days_between(old, new))
        start, end = self.day(old), self.day(new)
        if old.year == new.year:
            start = start.removesuffix(f" {old.year}")
        s, open_s = "s" if days > 1 else "", "s" if working > 1 else ""
        fr_days = f"{days} jour{s} ({working} jour{open_s} ouvré{open_s})"
        en_days = f"{days} day{s} ({working} working day{open_s})"
        if new > old:
            fr = f"{the} a glissé de {fr_days}\u202f: du {start} au {end}."
            en = f"{the} slipped by {en_days}: from {start} to {end}."
        else:
            fr = f"{the} a été avancé{e} de {fr_days}\u202f: du {start} au {end}."
            en = f"{the} was brought forward by {en_days}: from {start} to {end}."
        return self.say(fr, en)
