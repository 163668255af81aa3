"""Command handling: a unit of work loads what a decision needs, checks every event, and appends once.

`Recorder` (recording.py) runs it; whoever decides gets the unit and nothing else of the store.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from service.domain.act import Act, TrueOnInFuture
from service.domain.concept import Concept, State, advance, correction, fold, verify
from service.domain.event import Event, Fact, new_id
from service.domain.mending import Corrected, Withdrawn
from service.domain.refusal import NotFound, Refusal, StaleVersion
from service.domain.transformation import TRANSFORMATION, Transformation, require_active
from service.store.batch import Conditions, IdempotentAnswer
from service.store.database import MustWait
from service.store.log import EventLog

S = TypeVar("S", bound=State)
LONG = 200
"""Facts of a history that is no longer folded from its beginning."""


@dataclass
class Outcome:
    """What an act did: the facts it recorded and the object it answers with."""

    concept: Concept[Any]
    id: UUID
    version: int
    position: int
    facts: list[Fact] = field(default_factory=list)
    created: bool = False
    replayed: bool = False
    extra: dict[str, Any] = field(default_factory=dict)
    state: State | None = None
    """The object as of this act, where the unit that recorded it knows it."""


class ReferencesWanted(MustWait):
    """References are to be taken before the act can be decided."""

    def __init__(self, transformation_id: UUID, letter: str, count: int) -> None:
        self.asked = (transformation_id, letter, count)


class Unit:
    """One attempt at one act. Loads are remembered with their versions and checked again under the append lock."""

    def __init__(self, log: EventLog, act: Act, *, remembering: bool = False) -> None:
        self.log = log
        self.act = act
        self.remembering = remembering
        """Whether states that this process remembers will do: only where the append checks them."""
        self.remembered: set[UUID] = set()
        self.facts: list[Fact] = []
        self.claims: list[tuple[str, UUID]] = []
        self.released: list[str] = []
        self.quiet: list[tuple[UUID, int]] = []
        self.taken: dict[tuple[UUID, str], range] | None = None
        """References taken for this act, where it is decided without a query; else they are taken when asked for."""
        self._histories: dict[UUID, list[Fact]] = {}
        self._states: dict[UUID, State] = {}
        self._loaded: dict[UUID, int] = {}
        self._adopted: set[UUID] = set()
        self._before: dict[UUID, tuple[Concept[Any], State | None]] = {}
        self._attempted: dict[UUID, State | None] | None = None

    def get(self, concept: Concept[S], stream: UUID) -> S:
        """The present state of an object, with what this unit has already recorded on it. Raises `NotFound`."""
        state = self._states.get(stream)
        if state is None and self.remembering:
            state = self.log.states.get(stream)
            if state is not None:
                self.remembered.add(stream)
                self._states[stream] = state
                self._loaded[stream] = state.version
        if state is None:
            state = self._load(concept, stream)
        if not isinstance(state, concept.state):
            raise NotFound(what=concept.name, id=stream)
        return state

    def _load(self, concept: Concept[S], stream: UUID) -> S:
        """From the log; of a long history, only what its read model has not heard yet."""
        begun = self.log.stored(stream, most=LONG)
        state = self.log.present(concept, stream) if len(begun) == LONG else None
        if state is not None:
            for fact in self.log.history(stream, after=state.version):
                state = advance(
                    concept, state, fact, partial(self.log.history, stream, until=fact.originator_version - 1)
                )
        else:
            history = self.log.opened(begun)
            if len(begun) == LONG:
                history += self.log.history(stream, after=LONG)
            state = fold(concept, history)
            self._histories[stream] = history
        if state is None:
            raise NotFound(what=concept.name, id=stream)
        self._states[stream] = state
        self._loaded[stream] = state.version
        return state

    def adopt(self, concept: Concept[S], state: S) -> S:
        """Rely on a state read elsewhere (a read model) without loading it: its version is checked at the append."""
        if state.id not in self._states:
            self._adopted.add(state.id)
            self._states[state.id] = state
            self._loaded[state.id] = state.version
        return state

    def require_open(self, known: Transformation | None = None) -> None:
        """Nothing is recorded in a closed transformation: asked before every act, and held under the append lock.

        `known` spares the load where a door has read the transformation. Raises `TransformationClosed`.
        """
        transformation_id = known.id if known is not None else self.act.transformation_id
        if transformation_id is None:
            return
        if known is not None:
            self.adopt(TRANSFORMATION, known)
        elif transformation_id not in self._states:
            with suppress(NotFound):  # its own preparation is yet to be recorded
                self.get(TRANSFORMATION, transformation_id)
        whole = self._states.get(transformation_id)
        if isinstance(whole, Transformation):
            require_active(whole)

    def record(self, concept: Concept[S], stream: UUID, events: Sequence[Event]) -> S:
        """Check and add events to a stream. Raises the refusal of the rule that forbids one."""
        if stream != self.act.transformation_id:
            self.require_open()
        state: Any = self._states.get(stream)
        self._before.setdefault(stream, (concept, state))
        if self._attempted is not None:
            self._attempted.setdefault(stream, state)
        for event in events:
            envelope = self.act.envelope()
            if self.facts:
                first = self.facts[0].envelope
                envelope = envelope.model_copy(
                    update={"correlation_id": first.correlation_id, "causation_id": first.causation_id}
                )
            fact = Fact(stream, (state.version if state else 0) + 1, event, envelope)
            state = verify(concept, state, fact, lambda: self.history(stream))
            if isinstance(event, Corrected | Withdrawn):
                _require_opened(state)
            self._states[stream] = state
            if stream in self._histories:
                self._histories[stream].append(fact)
            self.facts.append(fact)
        return state  # type: ignore[no-any-return]  # `verify` gives an S

    def create(self, concept: Concept[S], events: Sequence[Event], stream: UUID | None = None) -> S:
        """Start a stream. The first event is the creation."""
        stream = stream or new_id()
        self._histories[stream] = []
        return self.record(concept, stream, events)

    def correct(self, concept: Concept[S], stream: UUID, event_id: UUID, changes: dict[str, Any]) -> S:
        """Put fields of an earlier fact right. Raises what `correction` and the replay of later facts refuse."""
        self.get(concept, stream)
        event: Corrected = correction(concept, self.history(stream), event_id, changes)
        state = self.record(concept, stream, [event])
        for fact in self.history(stream):
            if fact.envelope.event_id == event_id and "occurred_on" in changes:
                day = str(changes["occurred_on"])
                if day > self.act.today.isoformat():
                    raise TrueOnInFuture(pointer="/changes/occurred_on", occurred_on=day, today=self.act.today)
        return state

    def withdraw(self, concept: Concept[S], stream: UUID, event_id: UUID) -> S:
        """Take back a fact that was recorded by mistake."""
        self.get(concept, stream)
        claims = self.log.database.all("SELECT claim FROM claims WHERE event_id = %s", (event_id,))
        self.released.extend(row["claim"] for row in claims)
        return self.record(concept, stream, [concept.withdrawn(target_event_id=event_id)])

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Some steps among many: if one is refused, none of them is recorded, and the rest of the unit stands."""
        facts, claims = len(self.facts), len(self.claims)
        before: dict[UUID, State | None] = {}
        self._attempted = before
        try:
            yield
        except Refusal:
            for fact in self.facts[facts:]:
                if fact.originator_id in self._histories:
                    self._histories[fact.originator_id].pop()
            for stream, state in before.items():
                if state is None:
                    self._states.pop(stream, None)
                else:
                    self._states[stream] = state
            del self.facts[facts:], self.claims[claims:]
            raise
        finally:
            self._attempted = None

    def reference(self, concept: Concept[Any], transformation_id: UUID) -> int:
        """The next short reference of a concept in a transformation. Gaps are allowed, reuse is not."""
        return self.references(concept, transformation_id, 1)[0]

    def references(self, concept: Concept[Any], transformation_id: UUID, count: int) -> range:
        """The next `count` references at once, for what creates many objects."""
        if not count:
            return range(0)
        if self.taken is not None:
            taken = self.taken.get((transformation_id, concept.letter or ""), range(0))
            if len(taken) < count:
                raise ReferencesWanted(transformation_id, concept.letter or "", count)
            self.taken[transformation_id, concept.letter or ""] = taken[count:]
            return taken[:count]
        query = "SELECT take_references(%s, %s, %s) AS last"
        row = self.log.database.one(query, (transformation_id, concept.letter, count))
        if row is None:
            raise LookupError("no reference was given")
        return range(row["last"] - count + 1, row["last"] + 1)

    def claim(self, key: str) -> None:
        """Take a unique key in the same commit; it belongs to the last recorded event."""
        self.claims.append((key, self.facts[-1].envelope.event_id))

    def require_quiet(self, transformation_id: UUID, position: int) -> None:
        """The decision relied on the whole transformation as it was at a position: refuse if anything came after."""
        self.quiet.append((transformation_id, position))

    def history(self, stream: UUID) -> list[Fact]:
        """The facts of a stream as this unit sees it."""
        if stream not in self._histories:
            own = [fact for fact in self.facts if fact.originator_id == stream]
            self._histories[stream] = [*self.log.history(stream, until=self._loaded.get(stream)), *own]
        return self._histories[stream]

    def remember(self, recorded: Sequence[Fact]) -> None:
        """After the append: its states are those of the log, folded from the facts as they were recorded.

        A mending is read again: it changes how the whole history is folded.
        """
        mended = {f.originator_id for f in recorded if isinstance(f.event, Corrected | Withdrawn)}
        for fact in recorded:
            stream = fact.originator_id
            if stream not in mended:
                concept, state = self._before[stream]
                after = advance(concept, state, fact, tuple)
                self._before[stream] = concept, after
                self._states[stream] = after
        # What was adopted and then written has moved past what this process may remember of it.
        self.log.states.forget(mended | (self._adopted & self._before.keys()))
        for stream, state in self._states.items():
            if stream not in mended and stream not in self._adopted:
                self.log.states.keep(state)

    def recorded(self, stream: UUID) -> State | None:
        """An object as it stands after the append, unless that takes its whole history."""
        if any(f.originator_id == stream and isinstance(f.event, Corrected | Withdrawn) for f in self.facts):
            return None
        return self._states.get(stream)

    def forget(self) -> None:
        """Something that was read has moved: it is read afresh next time."""
        self.log.states.forget(self._loaded)

    def conditions(self, idempotency: IdempotentAnswer | None) -> Conditions:
        written = {fact.originator_id for fact in self.facts}
        return Conditions(
            reads=tuple((stream, version) for stream, version in self._loaded.items() if stream not in written),
            claims=tuple(self.claims),
            released=tuple(self.released),
            quiet=tuple(self.quiet),
            idempotency=idempotency,
            at=self.act.now,
        )


def _require_opened(mended: State) -> None:
    """What is mended on a closed transformation opens it again: its own rules stop all other events.

    Raises `TransformationClosed`.
    """
    if isinstance(mended, Transformation) and mended.status == "closed":
        require_active(mended)


@dataclass(frozen=True)
class Target:
    """The object that an act answers with; `created` makes the answer a 201."""

    concept: Concept[Any]
    state: State
    created: bool = False
    extra: dict[str, Any] = field(default_factory=dict)


def expect(state: State, versions: Sequence[int] | None) -> None:
    """The `If-Match` of an act: `versions` the caller holds, None when the act does not ask. Raises `StaleVersion`."""
    if versions is not None and state.version not in versions:
        raise StaleVersion(held=versions[0] if versions else None, current=state.version)
