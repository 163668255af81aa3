"""Changes in sentences that people would say, French and English: what happened to one object between two points."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from service.domain.concept import State
from service.domain.refusal import Language
from service.domain.status_report import StatusReport
from service.domain.words import french_date, word
from service.domain.working_time import WorkingCalendar
from service.projections.changes import Touched
from service.projections.field_words import field_word

GROUPS = (
    "decided", "weather", "slipped", "raised", "lifted", "closed", "reopened", "added", "measured", "changed",
    "corrected", "withdrawn",
)  # fmt: skip
"""The groups of changes, in the order in which they are told."""

ARTICLES: Mapping[str, tuple[str, str]] = {
    "transformation": ("La transformation", "e"),
    "member": ("La qualité de membre", "e"),
    "phase": ("La phase", "e"),
    "axis": ("L’axe", ""),
    "workstream": ("Le chantier", ""),
    "action": ("L’action", "e"),
    "milestone": ("Le jalon", ""),
    "obstacle": ("L’obstacle", ""),
    "indicator": ("L’indicateur", ""),
    "decision": ("La décision", "e"),
    "status_report": ("La météo", "e"),
    "note": ("La note de suivi", "e"),
    "import": ("L’import", ""),
}
"""The article with the noun, and the ending of its participles."""

CONTENT_ONLY = frozenset(
    "status status_on status_reason forecasts reschedule_count reopen_count original_baseline_on ended_on closed_on "
    "opened_on opened_by verdict_id paused_from imported_status percent_on started_on completed_on reached_on "
    "raised_on raised_by owner_since owner_spoke_on last_word level level_since escalations verified_by resolution "
    "resolved_by postponed_until measures proposals defined_on retired_on retired_because communications applied_on "
    "revoked_on revoked_because superseded_by recorded_by recorded_for reported_on reported_by acknowledgements "
    "launched_on plan_validated_on plan_decision_id replan_count closing_on closing_decision_id decision_id "
    "axis_confirmed_on closing_reason closed_reason granted_on row id transformation_id ref version withdrawn "
    "corrections confirmed_on written_on author contestations".split()
)
"""Fields that another sentence tells, or that only keep count."""

FORECASTS = {"milestone": "due_on", "action": "end_on"}


class Told(NamedTuple):
    """One sentence, its group, and the kinds of events that it tells (all of the object's if none is named)."""

    group: str
    sentence: str
    participles: tuple[str, ...] = ()


@dataclass(frozen=True)
class Teller:
    """What sentences need beside the object: the language, working days, names and the weather before."""

    language: Language
    calendar: WorkingCalendar
    names: Callable[[str], str]
    subjects: Mapping[UUID, tuple[str, Any]]
    reports: Mapping[UUID, StatusReport]

    def tell(self, touched: Touched) -> Iterator[Told]:
        """Everything that happened to one object, as sentences."""
        after = touched.after
        if after.withdrawn:
            if not touched.added or touched.happened("withdrawn"):
                fr = f"{self._the(touched)} a été retiré{self._ending(touched)} comme saisi{self._ending(touched)} par erreur."
                yield Told("withdrawn", self._say(fr, f"{self._the(touched)} was withdrawn as recorded by mistake."))
            return
        if touched.added:
            yield from self._creation(touched)
        yield from self._slip(touched)
        yield from self._status(touched)
        yield from self._specials(touched)
        yield from self._revision(touched)
        yield from self._mending(touched)

    # -- words

    def _say(self, fr: str, en: str) -> str:
        return fr if self.language == "fr" else en

    def _word(self, wire: str) -> str:
        return word(wire) if self.language == "fr" else wire.replace("_", " ")

    def _day(self, day: date) -> str:
        return french_date(day) if self.language == "fr" else f"{day.day} {day:%B} {day.year}"

    def _number(self, value: Decimal) -> str:
        text = format(value.normalize(), "f")
        return text.replace(".", ",") if self.language == "fr" else text

    def _ending(self, touched: Touched) -> str:
        return ARTICLES[touched.concept.name][1]

    def _the(self, touched: Touched) -> str:
        return self.named(touched.concept.name, touched.after)

    def named(self, kind: str, state: State | None) -> str:
        """« Le jalon J-7 « Restitution » »."""
        article = ARTICLES[kind][0] if self.language == "fr" else kind.replace("_", " ").capitalize()
        if state is None:
            return article
        letter = {
            "workstream": "X",
            "action": "A",
            "milestone": "J",
            "obstacle": "O",
            "indicator": "I",
            "decision": "D",
        }
        reference = f" {letter[kind]}-{state.ref}" if kind in letter and state.ref else ""
        if kind == "phase":
            reference = f" {getattr(state, 'ordinal', '')}"
        title = getattr(state, "title", None) or getattr(state, "name", None) or ""
        if not title:
            return f"{article}{reference}"
        quoted = f" «\u202f{title}\u202f»" if self.language == "fr" else f" “{title}”"
        return f"{article}{reference}{quoted}"

    def _about(self, id: UUID) -> str:
        kind, state = self.subjects.get(id, ("", None))
        if not kind or kind not in ARTICLES:
            return self._say("un objet", "an object")
        named = self.named(kind, state)
        return named[0].lower() + named[1:]

    # -- sentences

    def _creation(self, touched: Touched) -> Iterator[Told]:
        the, after, kind = self._the(touched), touched.after, touched.concept.name
        e = self._ending(touched)
        first = (touched.steps[0].participle,)
        match kind:
            case "decision":
                on = self._day(after.taken_on)
                yield Told("decided", self._say(f"{the} a été prise le {on}.", f"{the} was taken on {on}."), first)
            case "status_report":
                yield self._weather(after)
            case "obstacle":
                severity = after.impact * after.urgency
                fr = f"{the} a été signalé (impact {after.impact}, urgence {after.urgency}, soit {severity} sur 9)."
                en = f"{the} was raised (impact {after.impact}, urgency {after.urgency}: {severity} of 9)."
                yield Told("raised", self._say(fr, en), first)
            case "milestone":
                due = self._day(after.forecasts[0].due_on if after.forecasts else after.due_on)
                fr, en = f"{the} a été ajouté, pour le {due}.", f"{the} was added, due on {due}."
                yield Told("added", self._say(fr, en), first)
            case "member":
                who, role = self.names(after.person_id), self._word(after.role)
                fr, en = f"{who} est devenu membre\u202f: {role}.", f"{who} became a member: {role}."
                yield Told("added", self._say(fr, en), first)
            case "note":
                about = self._about(after.subject.id)
                fr, en = f"Une note de suivi a été écrite\u202f: {about}.", f"A note was written: {about}."
                yield Told("added", self._say(fr, en), first)
            case "import":
                fr = f"Le fichier «\u202f{after.file_name}\u202f» a été importé."
                yield Told("added", self._say(fr, f"The file “{after.file_name}” was imported."), first)
            case "transformation":
                yield Told("added", self._say(f"{the} a été préparée.", f"{the} was prepared."), first)
            case _:
                yield Told("added", self._say(f"{the} a été ajouté{e}.", f"{the} was added."), first)

    def _weather(self, report: StatusReport) -> Told:
        now = self._word(report.confidence)
        before = self.reports.get(report.subject.id)
        about = self._about(report.subject.id)
        fr, en = f"La météo déclarée pour {about} est\u202f: {now}", f"The declared weather of {about} is: {now}"
        if before is not None and before.id != report.id:
            then = self._word(before.confidence)
            if then == now:
                fr, en = f"{fr}, sans changement", f"{en}, as before"
            else:
                fr, en = f"{fr} (auparavant\u202f: {then})", f"{en} (before: {then})"
        return Told("weather", self._say(f"{fr}.", f"{en}."), ("reported",))

    def _slip(self, touched: Touched) -> Iterator[Told]:
        kind, before, after = touched.concept.name, touched.before, touched.after
        if kind in FORECASTS:
            known = 0 if before is None else len(before.forecasts)
            if not touched.happened("rescheduled") or len(after.forecasts) <= max(known, 1):
                return
            # From the forecast that counted before, as it is known today: a correction is no slip.
            old, new = after.forecasts[max(known, 1) - 1].due_on, getattr(after, FORECASTS[kind])
        elif kind == "phase" and before is not None and touched.happened("rescheduled"):
            old, new = before.planned_to, after.planned_to
        else:
            return
        if old is None or new is None or old == new:
            return
        yield Told("slipped", self._moved(self._the(touched), self._ending(touched), old, new), ("rescheduled",))

    def _moved(self, the: str, e: str, old: date, new: date) -> str:
        days, working = abs((new - old).days), abs(self.calendar.working_days_between(old, new))
        start, end = self._day(old), self._day(new)
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
        return self._say(fr, en)

    def _status(self, touched: Touched) -> Iterator[Told]:
        after = touched.after
        old = touched.before.status if touched.before is not None else None
        if old == after.status:
            return
        found = STATUSES.get((touched.concept.name, after.status))
        if found is None:
            return
        group, participles, fr, en, day_field = found
        was_closed = old in CLOSED.get(touched.concept.name, ()) and after.status not in CLOSED[touched.concept.name]
        if was_closed:
            group, participles = "reopened", ("reopened", "put_back", "withdrawn", "resumed")
            fr, en = "a été rouvert{e}", "was reopened"
        elif old is None and not touched.happened(*participles):
            return
        day = getattr(after, day_field, None) if day_field and not was_closed else None
        on_fr = f" le {french_date(day)}" if day else ""
        on_en = f" on {self._day(day)}" if day and self.language == "en" else ""
        the = self._the(touched)
        fr_said = f"{the} {fr.format(e=self._ending(touched))}{on_fr}."
        yield Told(group, self._say(fr_said, f"{the} {en}{on_en}."), participles)

    def _specials(self, touched: Touched) -> Iterator[Told]:
        before, after, the = touched.before, touched.after, self._the(touched)
        match touched.concept.name:
            case "obstacle":
                if after.level != (before.level if before else "lead"):
                    level = self._word(after.level)
                    due = after.escalations[-1].due_on if after.escalations else None
                    fr = f"{the} a été porté au niveau {level}"
                    en = f"{the} was taken to the level {level}"
                    if due:
                        fr, en = (
                            f"{fr}, réponse attendue le {french_date(due)}",
                            f"{en}, answer due on {self._day(due)}",
                        )
                    yield Told("raised", self._say(f"{fr}.", f"{en}."), ("escalated",))
                answered = [s for s in touched.happened("escalation_answered")]
                if answered and after.escalations:
                    fr, en = f"{the} a reçu la réponse demandée.", f"{the} got the answer that was asked for."
                    yield Told("raised", self._say(fr, en), ("escalation_answered",))
            case "indicator":
                yield from self._measures(touched)
            case "decision":
                old = {(c.audience, c.on) for c in before.communications} if before else set()
                for told in after.communications:
                    if (told.audience, told.on) not in old:
                        on = self._day(told.on)
                        fr, en = f"{the} a été communiquée le {on}.", f"{the} was communicated on {on}."
                        yield Told("decided", self._say(fr, en), ("communicated",))
                if after.applied_on and not (before and before.applied_on):
                    on = self._day(after.applied_on)
                    yield Told(
                        "decided",
                        self._say(f"{the} est appliquée depuis le {on}.", f"{the} applies since {on}."),
                        ("applied",),
                    )
                if len(after.contestations) > (len(before.contestations) if before else 0):
                    yield Told("decided", self._say(f"{the} a été contestée.", f"{the} was contested."), ("contested",))
            case "transformation":
                if after.plan_validated_on and not (before and before.plan_validated_on):
                    on = self._day(after.plan_validated_on)
                    fr, en = f"Le plan d’action a été validé le {on}.", f"The action plan was validated on {on}."
                    yield Told("decided", self._say(fr, en), ("plan_validated",))
                if after.replan_count > (before.replan_count if before else 0):
                    fr, en = "Le plan d’action a été replanifié.", "The action plan was replanned."
                    yield Told("decided", self._say(fr, en), ("replanned",))
            case "member" if before is not None and before.role != after.role and after.status == "granted":
                who, old_role, role = self.names(after.person_id), self._word(before.role), self._word(after.role)
                fr, en = (
                    f"{who} a changé de rôle\u202f: {role} (auparavant {old_role}).",
                    f"{who} is now {role} (was {old_role}).",
                )
                yield Told("changed", self._say(fr, en), ("changed", "granted"))

    def _measures(self, touched: Touched) -> Iterator[Told]:
        after, the = touched.after, self._the(touched)
        known = {measure.event_id for measure in touched.before.measures} if touched.before else set()
        previous = None
        for measure in sorted(after.measures, key=lambda m: m.on):
            if measure.event_id not in known:
                value, on = f"{self._number(measure.value)}\u202f{after.unit}".strip(), self._day(measure.on)
                fr, en = f"{the} vaut {value} au {on}", f"{the} stands at {value} on {on}"
                if previous is not None:
                    then, then_on = self._number(previous.value), self._day(previous.on)
                    fr, en = f"{fr} ({then} au {then_on})", f"{en} ({then} on {then_on})"
                yield Told("measured", self._say(f"{fr}.", f"{en}."), ("measured", "value_accepted"))
            previous = measure

    def _revision(self, touched: Touched) -> Iterator[Told]:
        if touched.before is None or touched.concept.name == "member":
            return
        told = CONTENT_ONLY | (
            {FORECASTS.get(touched.concept.name, ""), "planned_to"} if touched.happened("rescheduled") else set()
        )
        old, new = touched.before.model_dump(mode="json"), touched.after.model_dump(mode="json")
        mended = {name for c in touched.after.corrections[len(touched.before.corrections) :] for name in c.after}
        names = [name for name in new if name not in told and name not in mended and old.get(name) != new[name]]
        if not names:
            return
        fields = ", ".join(dict.fromkeys(field_word(name, self.language) for name in names))
        fr = f"{self._the(touched)} a changé\u202f: {fields}."
        yield Told("changed", self._say(fr, f"{self._the(touched)} changed: {fields}."), REVISIONS)

    def _mending(self, touched: Touched) -> Iterator[Told]:
        known = len(touched.before.corrections) if touched.before else 0
        new = touched.after.corrections[known:]
        if new:
            names = dict.fromkeys(field_word(name, self.language) for c in new for name in c.after)
            fields = ", ".join(names)
            fr = f"{self._the(touched)} a été rectifié{self._ending(touched)}\u202f: {fields}."
            yield Told("corrected", self._say(fr, f"{self._the(touched)} was corrected: {fields}."), ("corrected",))
        if touched.happened("withdrawn"):
            the = self._the(touched)
            fr, en = (
                f"{the}\u202f: un fait saisi par erreur a été retiré.",
                f"{the}: a fact recorded by mistake was withdrawn.",
            )
            yield Told("withdrawn", self._say(fr, en), ("withdrawn",))
