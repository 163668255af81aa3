"""The language of the domain's tests: given(what happened) -> when(a decision) -> then(events) or refused(by a rule).

    given(MILESTONE, planned).when(lambda milestone: reach(milestone)).then(MilestoneReached())
    given(MILESTONE, planned, (MilestoneReached(), act(on="2026-03-09"))).when(reach).refused(MilestoneNotPlanned)

Every step goes through `concept.verify`, as the store does it: a history that the rules forbid cannot even be given.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any, Generic, TypeVar
from uuid import UUID

import pytest

from service.domain.act import PARIS, Act, Role
from service.domain.concept import Concept, State, correction, fold, verify
from service.domain.event import Basis, Document, Event, Fact, OnBehalfOf, Revision, new_id
from service.domain.mending import Corrected, Withdrawn
from service.domain.refusal import Refusal

LEAD, SPONSOR, CONTRIBUTOR, FACILITATOR, GOVERNOR, OTHER = (f"p_{digit * 32}" for digit in "123456")
TRANSFORMATION_ID = UUID("01980000-0000-7000-8000-000000000001")
TODAY = date(2026, 3, 2)
"""The Monday on which everything happens unless a test says otherwise."""

S = TypeVar("S", bound=State)
R = TypeVar("R", bound=Refusal)


def day(text: str | date) -> date:
    return text if isinstance(text, date) else date.fromisoformat(text)


def act(
    actor: str = LEAD,
    *,
    role: Role | None = "lead",
    on: str | date = TODAY,
    reason: str | None = None,
    occurred_on: str | date | None = None,
    for_whom: OnBehalfOf | None = None,
) -> Act:
    """An act recorded at noon in Paris on the day `on`, true on `occurred_on` (else that same day)."""
    noon = datetime.combine(day(on), time(12), tzinfo=PARIS).astimezone(UTC)
    return Act(
        actor=actor,
        now=noon,
        role=role,
        reason=reason,
        occurred_on=None if occurred_on is None else day(occurred_on),
        on_behalf_of=for_whom,
        transformation_id=TRANSFORMATION_ID,
    )


def because(reason: str, **more: Any) -> Act:
    """The default act with a reason."""
    return act(reason=reason, **more)


def in_the_name_of(person: str, title: str = "Relevé de décisions") -> OnBehalfOf:
    """On behalf of a person, grounded by a document."""
    return OnBehalfOf(kind="person", id=person, basis=Basis(kind="document", document=Document(title=title)))


@dataclass
class World(Generic[S]):
    """The history of one object, and what is decided next."""

    concept: Concept[S]
    id: UUID = field(default_factory=new_id)
    facts: list[Fact] = field(default_factory=list)
    state: S | None = None
    decided: list[Event] = field(default_factory=list)
    refusal: Refusal | None = None

    def record(self, event: Event, how: Act) -> "World[S]":
        version = len(self.facts) + 1
        fact = Fact(self.id, version, event, how.envelope(), position=version, recorded_at=how.now)
        self.state = verify(self.concept, self.state, fact, lambda: self.facts)
        self.facts.append(fact)
        return self

    @property
    def now(self) -> S:
        """The state; the object must exist."""
        assert self.state is not None
        return self.state

    def event_id(self, kind: type[Event]) -> UUID:
        """The id of the last recorded event of a kind."""
        return next(fact.envelope.event_id for fact in reversed(self.facts) if isinstance(fact.event, kind))

    def when(
        self, decision: Callable[..., Sequence[Event]] | Sequence[Event] | Event, how: Act | None = None
    ) -> "World[S]":
        """Decide and record. `decision` takes the state (or nothing for a creation), or is the events themselves."""
        how = how or act()
        try:
            if isinstance(decision, Event):
                events: Sequence[Event] = [decision]
            elif not callable(decision):
                events = decision
            else:
                events = decision(self.state) if self.facts else decision()
            for event in events:
                self.record(event, how)
            self.decided = list(events)
        except Refusal as refusal:
            self.refusal = refusal
        return self

    def correct(self, kind: type[Event], how: Act | None = None, /, **changes: Any) -> "World[S]":
        """Correct fields of the last event of a kind."""
        return self.when(
            lambda *_: [correction(self.concept, self.facts, self.event_id(kind), changes)],
            how or because("Erreur de saisie"),
        )

    def withdraw(self, kind: type[Event], how: Act | None = None) -> "World[S]":
        """Withdraw the last event of a kind."""
        target = self.event_id(kind)
        return self.when(self.concept.withdrawn(target_event_id=target), how or because("Saisi par erreur"))

    def then(self, *events: Event) -> S:
        """Exactly these events were decided; returns the state after them, which equals the fold of the history."""
        if self.refusal:
            raise AssertionError(f"refused: {self.refusal!r}") from self.refusal
        assert [_shape(event) for event in self.decided] == [_shape(event) for event in events]
        return self.unrefused()

    def unrefused(self) -> S:
        """Whatever was decided was accepted; returns the state."""
        if self.refusal:
            raise AssertionError(f"refused: {self.refusal!r}") from self.refusal
        assert fold(self.concept, self.facts) == self.state
        return self.now

    def refused(self, kind: type[R], /, **facts: Any) -> R:
        """The decision was refused by this rule, with these facts, and says so in French and in English."""
        if self.refusal is None:
            raise AssertionError(f"not refused: {self.decided}")
        assert isinstance(self.refusal, kind), repr(self.refusal)
        for name, value in facts.items():
            assert self.refusal.facts[name] == value
        assert self.refusal.message("fr") != self.refusal.message("en")
        return self.refusal


def _shape(event: Event) -> tuple[str, dict[str, Any]]:
    return event.TOPIC, event.model_dump(exclude_unset=isinstance(event, Revision))


def given(concept: Concept[S], *history: Event | tuple[Event, Act], id: UUID | None = None) -> World[S]:
    """The object with this history; an event without an act takes the default one, with a reason so that none lacks."""
    world = World(concept, id or new_id())
    for step in history:
        event, how = step if isinstance(step, tuple) else (step, because("Motif donné"))
        world.record(event, how)
    return world


def state_of(concept: Concept[S], *history: Event | tuple[Event, Act], id: UUID | None = None) -> S:
    """The state after this history: an argument for decisions that look at several objects."""
    return given(concept, *history, id=id).now


def refusal_of(kind: type[R], decision: Callable[[], Any]) -> R:
    """The refusal that a decision raises by itself, before anything is recorded."""
    with pytest.raises(kind) as caught:
        decision()
    assert caught.value.message("fr") != caught.value.message("en")
    return caught.value


__all__ = [
    "CONTRIBUTOR", "FACILITATOR", "GOVERNOR", "LEAD", "OTHER", "SPONSOR", "TODAY", "TRANSFORMATION_ID",
    "Corrected", "Withdrawn", "World", "act", "because", "day", "given", "in_the_name_of", "refusal_of", "state_of",
]  # fmt: skip
