"""Changes in sentences that people would say, French and English: what happened to one object between two points."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from service.domain.status_report import StatusReport
from service.projections import change_reviews
from service.projections.change_spelling import Spelling, of
from service.projections.change_words import ARTICLES, CLOSED, CONTENT_ONLY, FORECASTS, REVISIONS, STATUSES
from service.projections.changes import Touched
from service.projections.field_words import field_word

GROUPS = (
    "decided", "weather", "slipped", "raised", "lifted", "closed", "reopened", "added", "measured", "changed",
    "corrected", "withdrawn",
)  # fmt: skip
"""The groups of changes, in the order in which they are told."""


class Told(NamedTuple):
    """One sentence, its group, and the kinds of events that it tells (all of the object's if none is named)."""

    group: str
    sentence: str
    participles: tuple[str, ...] = ()


@dataclass(frozen=True)
class Teller(Spelling):
    """What sentences need beside the object: names, what is mentioned by id, and the weather before."""

    names: Callable[[str], str]
    subjects: Mapping[UUID, tuple[str, Any]]
    reports: Mapping[UUID, StatusReport]

    def tell(self, touched: Touched) -> Iterator[Told]:
        """Everything that happened to one object, as sentences."""
        after = touched.after
        if after.withdrawn:
            if not touched.added or touched.happened("withdrawn"):
                e = self._ending(touched)
                fr = f"{self._the(touched)} a été retiré{e} comme saisi{e} par erreur."
                yield Told("withdrawn", self.say(fr, f"{self._the(touched)} was withdrawn as recorded by mistake."))
            return
        if touched.added:
            yield from self._creation(touched)
        slips = list(self._slip(touched))
        yield from slips
        yield from self._status(touched)
        yield from self._specials(touched)
        yield from self._revision(touched, slipped=bool(slips))
        yield from self._mending(touched)

    def _ending(self, touched: Touched) -> str:
        return ARTICLES[touched.concept.name][1]

    def _the(self, touched: Touched) -> str:
        if touched.concept.name == "status_report":
            about = self._about(touched.after.subject.id)
            return self.say(f"La météo {of(about)}", f"The weather of {about}")
        return self.named(touched.concept.name, touched.after)

    def _about(self, id: UUID) -> str:
        kind, state = self.subjects.get(id, ("", None))
        if not kind or kind not in ARTICLES:
            return self.say("un objet", "an object")
        named = self.named(kind, state)
        return named[0].lower() + named[1:]

    def _creation(self, touched: Touched) -> Iterator[Told]:
        the, after, kind = self._the(touched), touched.after, touched.concept.name
        e = self._ending(touched)
        first = (touched.steps[0].participle,)
        match kind:
            case "decision":
                on = self.day(after.taken_on)
                yield Told("decided", self.say(f"{the} a été prise le {on}.", f"{the} was taken on {on}."), first)
            case "status_report":
                yield self._weather(after)
            case "obstacle":
                severity = after.impact * after.urgency
                fr = f"{the} a été signalé (impact {after.impact}, urgence {after.urgency}, soit {severity} sur 9)."
                en = f"{the} was raised (impact {after.impact}, urgency {after.urgency}: {severity} of 9)."
                yield Told("raised", self.say(fr, en), first)
            case "milestone":
                due = self.day(after.forecasts[0].due_on if after.forecasts else after.due_on)
                fr, en = f"{the} a été ajouté, pour le {due}.", f"{the} was added, due on {due}."
                yield Told("added", self.say(fr, en), first)
            case "review":
                on = self.day(after.forecasts[0].due_on)
                fr, en = f"{the} a été programmé, pour le {on}.", f"{the} was scheduled, on {on}."
                yield Told("added", self.say(fr, en), first)
            case "member":
                who, role = self.names(after.person_id), self.word(after.role)
                fr, en = f"{who} est devenu membre\u202f: {role}.", f"{who} became a member: {role}."
                yield Told("added", self.say(fr, en), first)
            case "note":
                about = self._about(after.subject.id)
                fr, en = f"Une note de suivi a été écrite\u202f: {about}.", f"A note was written: {about}."
                yield Told("added", self.say(fr, en), first)
            case "import":
                fr = f"Le fichier «\u202f{after.file_name}\u202f» a été importé."
                yield Told("added", self.say(fr, f"The file “{after.file_name}” was imported."), first)
            case "transformation":
                yield Told("added", self.say(f"{the} a été préparée.", f"{the} was prepared."), first)
            case _:
                yield Told("added", self.say(f"{the} a été ajouté{e}.", f"{the} was added."), first)

    def _weather(self, report: StatusReport) -> Told:
        now = self.word(report.confidence)
        before = self.reports.get(report.subject.id)
        about = self._about(report.subject.id)
        fr, en = f"La météo déclarée pour {about} est\u202f: {now}", f"The declared weather of {about} is: {now}"
        if before is not None and before.id != report.id:
            then = self.word(before.confidence)
            if then == now:
                fr, en = f"{fr}, sans changement", f"{en}, as before"
            else:
                fr, en = f"{fr} (auparavant\u202f: {then})", f"{en} (before: {then})"
        return Told("weather", self.say(f"{fr}.", f"{en}."), ("reported",))

    def _slip(self, touched: Touched) -> Iterator[Told]:
        kind, before, after = touched.concept.name, touched.before, touched.after
        if kind in FORECASTS:
            said = sum(step.forecast for step in touched.happened("rescheduled"))
            known = len(after.forecasts) - said
            if not said or known < 1:
                return
            # From the forecast that counted before, as it is known today: a correction is no slip.
            old, new = after.forecasts[known - 1].due_on, getattr(after, FORECASTS[kind])
        elif kind == "phase" and before is not None and touched.happened("rescheduled"):
            old, new = before.planned_to, after.planned_to
        else:
            return
        if old is None or new is None or old == new:
            return
        yield Told("slipped", self.moved(self._the(touched), self._ending(touched), old, new), ("rescheduled",))

    def _status(self, touched: Touched) -> Iterator[Told]:
        after = touched.after
        old = touched.before.status if touched.before is not None else None
        if old == after.status:
            return
        found = STATUSES.get((touched.concept.name, after.status))
        if found is None:
            return
        group, participles, fr, en, day_field = found
        closed = CLOSED.get(touched.concept.name, ())
        # Only who reopens reopens: a fact that was taken back counts as no reopening (DOMAIN section 1).
        reopens = bool(touched.happened("reopened"))
        was_closed = reopens and old in closed and after.status not in closed
        if was_closed:
            group, participles = "reopened", ("reopened",)
            fr, en = "a été rouvert{e}", "was reopened"
        elif old is None and not touched.happened(*participles):
            return
        elif group == "reopened" and not reopens:
            group = "changed"
        day = getattr(after, day_field, None) if day_field and not was_closed else None
        on_fr = f"{'' if fr.endswith('au') else ' le'} {self.day(day)}" if day else ""
        on_en = f"{'' if en.endswith('to') else ' on'} {self.day(day)}" if day else ""
        the = self._the(touched)
        fr_said = f"{the} {fr.format(e=self._ending(touched))}{on_fr}."
        yield Told(group, self.say(fr_said, f"{the} {en}{on_en}."), participles)

    def _specials(self, touched: Touched) -> Iterator[Told]:
        before, after, the = touched.before, touched.after, self._the(touched)
        match touched.concept.name:
            case "obstacle":
                if touched.happened("escalated") and after.level != (before.level if before else "lead"):
                    level = self.word(after.level)
                    due = after.escalations[-1].due_on if after.escalations else None
                    fr = f"{the} a été porté au niveau {level}"
                    en = f"{the} was taken to the level {level}"
                    if due:
                        fr, en = (
                            f"{fr}, réponse attendue le {self.day(due)}",
                            f"{en}, answer due on {self.day(due)}",
                        )
                    yield Told("raised", self.say(f"{fr}.", f"{en}."), ("escalated",))
                answered = touched.happened("escalation_answered")
                if answered and after.escalations:
                    fr, en = f"{the} a reçu la réponse demandée.", f"{the} got the answer that was asked for."
                    yield Told("raised", self.say(fr, en), ("escalation_answered",))
            case "indicator":
                yield from self._measures(touched)
            case "decision":
                old = {(c.audience, c.on) for c in before.communications} if before else set()
                for told in after.communications if touched.happened("communicated") else ():
                    if (told.audience, told.on) not in old:
                        on = self.day(told.on)
                        fr, en = f"{the} a été communiquée le {on}.", f"{the} was communicated on {on}."
                        yield Told("decided", self.say(fr, en), ("communicated",))
                if after.applied_on and not (before and before.applied_on):
                    on = self.day(after.applied_on)
                    yield Told(
                        "decided",
                        self.say(f"{the} est appliquée depuis le {on}.", f"{the} applies since {on}."),
                        ("applied",),
                    )
                if len(after.contestations) > (len(before.contestations) if before else 0):
                    yield Told("decided", self.say(f"{the} a été contestée.", f"{the} was contested."), ("contested",))
            case "review":
                yield from (Told(*told) for told in change_reviews.sentences(self, before, after, the))
            case "transformation":
                if after.plan_validated_on and not (before and before.plan_validated_on):
                    on = self.day(after.plan_validated_on)
                    fr, en = f"Le plan d’action a été validé le {on}.", f"The action plan was validated on {on}."
                    yield Told("decided", self.say(fr, en), ("plan_validated",))
                if after.replan_count > (before.replan_count if before else 0):
                    fr, en = "Le plan d’action a été replanifié.", "The action plan was replanned."
                    yield Told("decided", self.say(fr, en), ("replanned",))
            case "member" if before is not None:
                yield from self._membership(before, after)

    def _membership(self, before: Any, after: Any) -> Iterator[Told]:
        who, role = self.names(after.person_id), self.word(after.role)
        if after.status == "revoked" != before.status:
            yield Told("closed", self.say(f"{who} n’est plus membre.", f"{who} is no longer a member."), ("revoked",))
        elif after.status == "granted" != before.status:
            fr, en = f"{who} est de nouveau membre\u202f: {role}.", f"{who} is a member again: {role}."
            yield Told("added", self.say(fr, en), ("granted",))
        elif after.role != before.role:
            then = self.word(before.role)
            fr = f"{who} a changé de rôle\u202f: {role} (auparavant\u202f: {then})."
            said = self.say(fr, f"{who} is now {role} (before: {then}).")
            yield Told("changed", said, ("changed", "granted", "revoked"))

    def _measures(self, touched: Touched) -> Iterator[Told]:
        after, the = touched.after, self._the(touched)
        known = {measure.event_id for measure in touched.before.measures} if touched.before else set()
        previous = None
        for measure in sorted(after.measures, key=lambda m: m.on):
            if measure.event_id not in known:
                value, on = f"{self.number(measure.value)}\u202f{after.unit}".strip(), self.day(measure.on)
                fr, en = f"{the} vaut {value} au {on}", f"{the} stands at {value} on {on}"
                if previous is not None:
                    then, then_on = self.number(previous.value), self.day(previous.on)
                    fr, en = f"{fr} ({then} au {then_on})", f"{en} ({then} on {then_on})"
                yield Told("measured", self.say(f"{fr}.", f"{en}."), ("measured", "value_accepted"))
            previous = measure

    def _revision(self, touched: Touched, *, slipped: bool) -> Iterator[Told]:
        if touched.before is None or touched.concept.name == "member":
            return
        told = CONTENT_ONLY | ({FORECASTS.get(touched.concept.name, "planned_to")} if slipped else set())
        old, new = touched.before.model_dump(mode="json"), touched.after.model_dump(mode="json")
        mended = {name for c in touched.after.corrections[len(touched.before.corrections) :] for name in c.after}
        names = [name for name in new if name not in told and name not in mended and old.get(name) != new[name]]
        if not names:
            return
        said = (f"{field_word(name, self.language)}{self.move(name, old.get(name), new[name])}" for name in names)
        fields = ", ".join(dict.fromkeys(said))
        fr = f"{self._the(touched)} a changé\u202f: {fields}."
        yield Told("changed", self.say(fr, f"{self._the(touched)} changed: {fields}."), REVISIONS)

    def _mending(self, touched: Touched) -> Iterator[Told]:
        known = len(touched.before.corrections) if touched.before else 0
        new = touched.after.corrections[known:]
        if new:
            names = dict.fromkeys(field_word(name, self.language) for c in new for name in c.after)
            fields = ", ".join(names)
            fr = f"{self._the(touched)} a été rectifié{self._ending(touched)}\u202f: {fields}."
            yield Told("corrected", self.say(fr, f"{self._the(touched)} was corrected: {fields}."), ("corrected",))
        if touched.happened("withdrawn"):
            the = self._the(touched)
            fr, en = (
                f"{the}\u202f: un fait saisi par erreur a été retiré.",
                f"{the}: a fact recorded by mistake was withdrawn.",
            )
            yield Told("withdrawn", self.say(fr, en), ("withdrawn",))
