"""What all concepts share: a stream per object, its fold, and the mending of mistakes (correct, withdraw).

A concept file defines its events, its state with `evolve` and `check`, and its decisions; `Concept` names them for the
store, the projections and the API, so that each rule exists once.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Annotated, Any, Generic, Self, TypeVar
from uuid import UUID

from pydantic import Field, ValidationError

from service.domain.act import TrueOnInFuture
from service.domain.event import Event, Fact, Value
from service.domain.number import json_value
from service.domain.refusal import Conflict, Invalid, Language, NotFound, Refusal
from service.domain.text import Personal, personal_fields


class NothingToChange(Invalid):
    """Nothing to change: name at least one field."""

    FR = "Rien à modifier\u202f: indiquez au moins un champ."


class ObjectWithdrawn(Conflict):
    """{ref} was withdrawn as recorded by mistake; nothing more can be recorded on it."""

    FR = "{ref} a été retiré comme saisi par erreur\u202f; on ne peut plus rien y enregistrer."


class ReasonRequired(Invalid):
    """This act needs a reason."""

    FR = "Cet acte demande un motif."

    def __init__(self, **facts: Any) -> None:
        super().__init__(pointer="/reason", **facts)


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


class Revision(Event):
    """An event that carries only the fields that changed; a field that was not sent is absent from the stored fact."""

    def changes(self) -> dict[str, Any]:
        """The fields that changed, with their new values (None clears)."""
        return {name: getattr(self, name) for name in self.model_fields_set}


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


class State(Value):
    """What is true of one object now. `version` is the number of its last event and the version part of its ETag."""

    id: UUID
    transformation_id: UUID | None = None
    ref: int | None = None
    version: int = 0
    status: str = ""
    withdrawn: bool = False
    corrections: tuple[Correction, ...] = ()
    confirmed_on: date | None = None
    """The last day on which somebody said « rien n’a changé »."""

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """As pydantic's, a few times quicker: every event of every history passes here."""
        if deep:
            return super().model_copy(update=update, deep=True)
        copied = self.__class__.__new__(self.__class__)
        named = update or {}
        object.__setattr__(copied, "__dict__", {**self.__dict__, **named})
        object.__setattr__(copied, "__pydantic_fields_set__", self.__pydantic_fields_set__ | named.keys())
        object.__setattr__(copied, "__pydantic_extra__", None)
        object.__setattr__(copied, "__pydantic_private__", None)
        return copied


S = TypeVar("S", bound=State)


@dataclass(frozen=True)
class Concept(Generic[S]):
    """One concept of the domain, as the rest of the house needs it."""

    name: str
    """Singular wire name, first part of its topics: `milestone`."""
    collection: str
    """Plural in the API's paths: `milestones`."""
    state: type[S]
    events: tuple[type[Event], ...]
    """The creation event first."""
    evolve: Callable[[S | None, Fact], S]
    """The state after one more fact. Total over what the decisions emit."""
    check: Callable[[S | None, Fact], None]
    """Raises the refusal if the fact is illegal in this state: used by every decision and by every mending."""
    letter: str | None = None
    """The letter of its spoken reference: J for `J-7`."""
    owners: Callable[[S], Iterable[str]] = lambda state: ()
    """The people for whom the object is "own"."""
    restricted: Callable[[S], bool] = lambda state: False
    """Whether only lead, sponsor, governance, auditor and the owner may see the object."""
    links: Callable[[S], Iterable[UUID]] = lambda state: ()
    """The other objects that this one stands on: they cannot be withdrawn while it stands."""
    corrected: type[Corrected] = field(init=False)
    withdrawn: type[Withdrawn] = field(init=False)

    def __post_init__(self) -> None:
        words = self.name.replace("_", " ")
        for base, participle, said in (
            (Corrected, "corrected", "was put right"),
            (Withdrawn, "withdrawn", "was withdrawn as recorded by mistake"),
        ):
            name = words.title().replace(" ", "") + base.__name__
            doc = f"A recorded fact of one {words} {said}."
            kind = type(name, (base,), {"TOPIC": f"{self.name}.{participle}", "__doc__": doc, "__module__": __name__})
            object.__setattr__(self, participle, kind)
        concepts[self.name] = self
        _by_topic.update({kind.TOPIC: self for kind in (*self.events, self.corrected, self.withdrawn)})

    @property
    def creation(self) -> type[Event]:
        return self.events[0]

    def reference(self, state: State) -> str:
        """The short reference said aloud (`J-7`), else the id."""
        return f"{self.letter}-{state.ref}" if self.letter and state.ref else str(state.id)


concepts: dict[str, Concept[Any]] = {}
"""Every concept by name, filled as the concept files are imported (`service.domain.all_concepts`)."""

_by_topic: dict[str, Concept[Any]] = {}


def concept_of(topic: str) -> Concept[Any] | None:
    """The concept whose streams hold events of this topic, which may begin otherwise (`administrator.granted`)."""
    return _by_topic.get(topic)


def advance(concept: Concept[S], state: S | None, fact: Fact, history: Callable[[], Sequence[Fact]]) -> S:
    """The state after `fact`. `history` gives all earlier facts of the stream; it is read only for a mending."""
    if isinstance(fact.event, Corrected | Withdrawn):
        return _fold(concept, [*history(), fact])
    return _evolve(concept, state, fact)


def fold(concept: Concept[S], facts: Iterable[Fact]) -> S | None:
    """The effective state: the fold of the corrected history. None for an empty stream."""
    listed = list(facts)
    if not listed:
        return None
    if not isinstance(listed[0].event, concept.creation):
        raise NotFound(what=concept.name, id=listed[0].originator_id)
    return _fold(concept, listed)


def verify(concept: Concept[S], state: S | None, fact: Fact, history: Callable[[], Sequence[Fact]]) -> S:
    """The state after `fact` if the rules permit it. Raises the refusal of the rule that does not."""
    if state is not None and state.withdrawn:
        raise ObjectWithdrawn(ref=concept.reference(state))
    if isinstance(fact.event, Corrected | Withdrawn):
        facts = [*history(), fact]
        target = _target(facts[:-1], fact.event.target_event_id)
        if not fact.envelope.reason:
            raise ReasonRequired()
        if isinstance(fact.event, Corrected) and "occurred_on" in fact.event.changes:
            day = _corrected(target, fact.event).occurred_on
            if day > fact.occurred_on:
                raise TrueOnInFuture(pointer="/changes/occurred_on", occurred_on=day, today=fact.occurred_on)
        _replay(concept, facts, target)
        return _fold(concept, facts)
    concept.check(state, fact)
    return _evolve(concept, state, fact)


def correction(
    concept: Concept[S], history: Sequence[Fact], target_event_id: UUID, changes: dict[str, Any]
) -> Corrected:
    """The event that corrects `changes` (JSON values by field, or `occurred_on`) of one earlier fact of the stream.

    Raises `NotMendable` for an unknown or mended-away target, `CorrectionInvalid`, `NothingToChange`.
    """
    if not changes:
        raise NothingToChange(pointer="/changes")
    target = _target(history, target_event_id)
    personal = personal_fields(type(target.event))
    texts = {name: value for name, value in changes.items() if name in personal and value is not None}
    clear = {name: value for name, value in changes.items() if name not in texts}
    event = concept.corrected(target_event_id=target_event_id, changes=clear, texts=texts)
    mended = _corrected(target, event)
    for name in changes:
        if is_fixed(name):
            raise _correction_invalid(name, "fixed_field")
    if (mended.event, mended.occurred_on) == (target.event, target.occurred_on):
        raise NothingToChange(pointer="/changes")
    return event


def _fold(concept: Concept[S], facts: Sequence[Fact]) -> S:
    state: S | None = None
    for fact in effective(facts):
        state = _evolve(concept, state, fact)
    if state is None:
        raise NotFound(what=concept.name, id=facts[0].originator_id)
    if not any(isinstance(fact.event, Corrected | Withdrawn) for fact in facts):
        return state
    gone = any(isinstance(f.event, Withdrawn) and f.event.target_event_id == facts[0].envelope.event_id for f in facts)
    update: dict[str, Any] = {
        "version": facts[-1].originator_version,
        "corrections": tuple(_corrections(facts)),
        "withdrawn": gone,
    }
    if gone:
        update["status"] = "withdrawn"
    return state.model_copy(update=update)


def _evolve(concept: Concept[S], state: S | None, fact: Fact) -> S:
    after = concept.evolve(state, fact)
    # The stream's bookkeeping is the same for all concepts, so no evolve repeats it. `after` is fresh or unchanged.
    if after is state:
        return after.model_copy(update={"version": fact.originator_version})
    after.__dict__["version"] = fact.originator_version
    return after


def effective(facts: Sequence[Fact]) -> list[Fact]:
    """The history that counts: withdrawn facts left out, corrected ones as corrected, mendings themselves removed.

    A withdrawn creation stays: the object is then withdrawn as a whole.
    """
    mends = [fact for fact in facts if isinstance(fact.event, Corrected | Withdrawn)]
    if not mends:
        return list(facts)
    gone = {f.event.target_event_id for f in mends if isinstance(f.event, Withdrawn)} - {facts[0].envelope.event_id}
    corrections: dict[UUID, list[Corrected]] = {}
    for mend in mends:
        if isinstance(mend.event, Corrected):
            corrections.setdefault(mend.event.target_event_id, []).append(mend.event)
    result = []
    for fact in facts:
        if isinstance(fact.event, Corrected | Withdrawn) or fact.envelope.event_id in gone:
            continue
        current = fact
        for event in corrections.get(fact.envelope.event_id, ()):
            current = _corrected(current, event)
        result.append(current)
    return result


def _corrected(fact: Fact, correction: Corrected) -> Fact:
    changes = {**correction.changes, **correction.texts}
    envelope = fact.envelope
    if "occurred_on" in changes:
        value = changes.pop("occurred_on")
        try:
            day = value if isinstance(value, date) else date.fromisoformat(str(value))
        except ValueError:
            raise _correction_invalid("occurred_on", "not_a_date") from None
        envelope = envelope.model_copy(update={"occurred_on": day, "occurred_on_basis": "stated"})
    for name in sorted(changes):
        if name not in type(fact.event).model_fields:
            raise _correction_invalid(name, "unknown_field")
    try:
        data = fact.event.model_dump(exclude_unset=isinstance(fact.event, Revision))
        event = type(fact.event).model_validate({**data, **changes})
    except ValidationError as problem:
        first = problem.errors()[0]
        raise _correction_invalid(str(first["loc"][0]) if first["loc"] else "", "wrong_shape") from None
    return replace(fact, event=event, envelope=envelope)


FIXED = frozenset({"baseline_on", "code", "date", "ordinal", "ref", "row", "subject"})
"""Never corrected, as every `…_id`: other streams, references and claims rely on them, a baseline on a decision.

Move or withdraw the object. What a log holds of such corrections already is folded as it stands."""


def is_fixed(name: str) -> bool:
    """Whether a field of this name is not to be corrected."""
    return name in FIXED or name.endswith("_id")


def _correction_invalid(name: str, problem: str) -> CorrectionInvalid:
    token = name.replace("~", "~0").replace("/", "~1")  # RFC 6901
    return CorrectionInvalid(pointer=f"/changes/{token}", field=name, problem=problem)


def _corrections(facts: Sequence[Fact]) -> Iterator[Correction]:
    current = {fact.envelope.event_id: fact for fact in facts}
    for fact in facts:
        if isinstance(fact.event, Corrected):
            before = current[fact.event.target_event_id]
            after = current[fact.event.target_event_id] = _corrected(before, fact.event)
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


def _target(history: Sequence[Fact], event_id: UUID) -> Fact:
    for fact in effective(history):
        if fact.envelope.event_id == event_id:
            return fact
    known = any(fact.envelope.event_id == event_id for fact in history)
    why = "already_mended" if known else "of_another_object"
    raise NotMendable(event_id=event_id, why=why)


def _replay(concept: Concept[S], facts: Sequence[Fact], target: Fact) -> None:
    """Check that every later fact stays legal in the mended history; a withdrawn creation takes the object with it."""
    state: S | None = None
    reached = False
    for fact in effective(facts):
        same = fact.envelope.event_id == target.envelope.event_id
        reached = reached or same or fact.originator_version > target.originator_version
        if reached:
            try:
                concept.check(state, fact)
            except Refusal as refusal:
                if same:
                    raise
                raise LaterFactsDepend(
                    dependents=[fact.topic], explanation=refusal.message(), event_ids=[str(fact.envelope.event_id)]
                ) from refusal
        state = _evolve(concept, state, fact)


def created(fact: Fact) -> dict[str, Any]:
    """The fields that every state takes from its creation fact."""
    return {"id": fact.originator_id, "transformation_id": fact.envelope.transformation_id}


def revised(state: S, revision: Revision, *names: str) -> S:
    """The state with the changed fields of a revision (all of them, or only `names`)."""
    changes = revision.changes()
    return state.model_copy(update={k: v for k, v in changes.items() if not names or k in names})


def differences(state: State, **wanted: Any) -> dict[str, Any]:
    """The entries of `wanted` that differ from the state: what a revision really changes."""
    return {name: value for name, value in wanted.items() if getattr(state, name) != value}
