"""What all concepts share: a stream per object, its rules, its fold, and that what is recorded may be mended.

A concept file defines its events, its state with `evolve` and `check`, and its decisions; `Concept` names them for the
store, the projections and the API, so that each rule exists once.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Generic, Self, TypeVar
from uuid import UUID

from service.domain.act import TrueOnInFuture
from service.domain.event import Event, Fact, Revision, Value
from service.domain.mending import (
    Corrected,
    Correction,
    LaterFactsDepend,
    Withdrawn,
    corrected,
    correction_invalid,
    corrections,
    effective,
    is_fixed,
    target_of,
)
from service.domain.refusal import Conflict, Invalid, NotFound, Refusal
from service.domain.text import personal_fields


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
        target = target_of(facts[:-1], fact.event.target_event_id)
        if not fact.envelope.reason:
            raise ReasonRequired()
        if isinstance(fact.event, Corrected) and "occurred_on" in fact.event.changes:
            day = corrected(target, fact.event).occurred_on
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
    target = target_of(history, target_event_id)
    personal = personal_fields(type(target.event))
    texts = {name: value for name, value in changes.items() if name in personal and value is not None}
    clear = {name: value for name, value in changes.items() if name not in texts}
    event = concept.corrected(target_event_id=target_event_id, changes=clear, texts=texts)
    mended = corrected(target, event)
    for name in changes:
        if is_fixed(name):
            raise correction_invalid(name, "fixed_field")
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
        "corrections": tuple(corrections(facts)),
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
