"""The mending of mistakes: a recorded fact is corrected or withdrawn, and history stays as it was recorded."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, ValidationError

from service.domain.event import Event, Fact, Revision, Value
from service.domain.number import json_value
from service.domain.refusal import Conflict, Invalid, Language, Refusal
from service.domain.text import Personal


class NotMendable(Conflict):
    """The event {event_id} cannot be mended: {why}."""

    FR = "L’événement {event_id} ne peut pas être rectifié\u202f: {why}."


class LaterFactsDepend(Conflict):
    """This cannot be mended as asked, because later facts depend on it: {dependents}. {explanation}"""

    FR = "Cette rectification est impossible, car des faits ultérieurs en dépendent\u202f: {dependents}. {explanation}"

    def message(self, language: Language = "fr") -> str:
        """With what the later fact would be refused for, in the same language."""
        because = self.__cause__
        explanation = because.message(language) if isinstance(because, Refusal) else self.facts["explanation"]
        return self.sentence(language, {**self.facts, "explanation": explanation})


class CorrectionInvalid(Invalid):
    """The correction of {field} is not valid: {problem}."""

    FR = "La rectification de {field} n’est pas valable\u202f: {problem}."


class Corrected(Event):
    """A recorded fact was wrong: these of its fields are put right; `texts` are those that are personal text."""

    target_event_id: UUID
    changes: dict[str, Any]
    texts: dict[str, Annotated[Any, Personal()]] = Field(default_factory=dict)
    """A text, or a list or a map of texts."""


class Withdrawn(Event):
    """A fact was recorded by mistake. It stays in history and no longer counts."""

    target_event_id: UUID


class Correction(Value):
    """What a correction replaced: kept on the state, so that the old wording stays visible."""

    event_id: UUID
    topic: str
    before: dict[str, Any]
    after: dict[str, Any]
    reason: str | None = None
    corrected_at: datetime | None = None


def effective(facts: Sequence[Fact]) -> list[Fact]:
    """The history that counts: withdrawn facts left out, corrected ones as corrected, mendings themselves removed.

    A withdrawn creation stays: the object is then withdrawn as a whole.
    """
    mends = [fact for fact in facts if isinstance(fact.event, Corrected | Withdrawn)]
    if not mends:
        return list(facts)
    gone = {f.event.target_event_id for f in mends if isinstance(f.event, Withdrawn)} - {facts[0].envelope.event_id}
    by_target: dict[UUID, list[Corrected]] = {}
    for mend in mends:
        if isinstance(mend.event, Corrected):
            by_target.setdefault(mend.event.target_event_id, []).append(mend.event)
    result = []
    for fact in facts:
        if isinstance(fact.event, Corrected | Withdrawn) or fact.envelope.event_id in gone:
            continue
        current = fact
        for event in by_target.get(fact.envelope.event_id, ()):
            current = corrected(current, event)
        result.append(current)
    return result


def corrected(fact: Fact, correction: Corrected) -> Fact:
    """The fact as it should have been recorded. Raises `CorrectionInvalid` for what is no such fact."""
    changes = {**correction.changes, **correction.texts}
    envelope = fact.envelope
    if "occurred_on" in changes:
        value = changes.pop("occurred_on")
        try:
            day = value if isinstance(value, date) else date.fromisoformat(str(value))
        except ValueError:
            raise correction_invalid("occurred_on", "not_a_date") from None
        envelope = envelope.model_copy(update={"occurred_on": day, "occurred_on_basis": "stated"})
    for name in sorted(changes):
        if name not in type(fact.event).model_fields:
            raise correction_invalid(name, "unknown_field")
    try:
        data = fact.event.model_dump(exclude_unset=isinstance(fact.event, Revision))
        event = type(fact.event).model_validate({**data, **changes})
    except ValidationError as problem:
        first = problem.errors()[0]
        raise correction_invalid(str(first["loc"][0]) if first["loc"] else "", "wrong_shape") from None
    return replace(fact, event=event, envelope=envelope)


FIXED = frozenset({"baseline_on", "code", "date", "ordinal", "ref", "row", "subject", "template"})
"""Never corrected, as every `…_id`: other streams, references and claims rely on them, a baseline on a decision.

Move or withdraw the object. What a log holds of such corrections already is folded as it stands."""


def is_fixed(name: str) -> bool:
    """Whether a field of this name is not to be corrected."""
    return name in FIXED or name.endswith("_id")


def correction_invalid(name: str, problem: str) -> CorrectionInvalid:
    """The refusal of one field of a correction, which points at it."""
    token = name.replace("~", "~0").replace("/", "~1")  # RFC 6901
    return CorrectionInvalid(pointer=f"/changes/{token}", field=name, problem=problem)


def corrections(facts: Sequence[Fact]) -> Iterator[Correction]:
    """What the corrections of a history replaced, one after another."""
    current = {fact.envelope.event_id: fact for fact in facts}
    for fact in facts:
        if isinstance(fact.event, Corrected):
            before = current[fact.event.target_event_id]
            after = current[fact.event.target_event_id] = corrected(before, fact.event)
            names = [*fact.event.changes, *fact.event.texts]
            yield Correction(
                event_id=before.envelope.event_id,
                topic=before.topic,
                before={name: _shown(before, name) for name in names},
                after={name: _shown(after, name) for name in names},
                reason=fact.envelope.reason,
                corrected_at=fact.recorded_at,
            )


def _shown(fact: Fact, name: str) -> Any:
    if name == "occurred_on":
        return fact.occurred_on.isoformat()
    return json_value(fact.event.model_dump(include={name}).get(name))


def target_of(history: Sequence[Fact], event_id: UUID) -> Fact:
    """The fact that a mending is about, as it stands by now. Raises `NotMendable` for an unknown or a withdrawn one."""
    for fact in effective(history):
        if fact.envelope.event_id == event_id:
            return fact
    known = any(fact.envelope.event_id == event_id for fact in history)
    why = "already_mended" if known else "of_another_object"
    raise NotMendable(event_id=event_id, why=why)
