"""What waits for whom: the agenda of governance, as of any moment. What is due is judged at the clock of the read.

Each kind of waiting is a source: a function from the desk to entries. A concept with something to wait for adds its
source to `agenda_sources.SOURCES`, one line.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from pydantic import Field

from service.domain.body import BODY, Body, sitting
from service.domain.concept import Concept, State
from service.domain.decision_events import Authority
from service.domain.event import Value
from service.domain.member import MEMBER
from service.domain.refusal import Language
from service.domain.working_time import WorkingCalendar
from service.projections.named import Named, named

S = TypeVar("S", bound=State)
States = Callable[[Concept[Any]], Sequence[Any]]


class Waiting(Value):
    """One thing that waits for somebody."""

    kind: str = Field(description="Ce qui est attendu, par un mot stable.")
    subject: Named
    sentence: str
    due_on: date | None = Field(description="Le jour où c’est attendu.")
    overdue: bool = Field(description="Ce jour est passé.")
    waits_for: tuple[str, ...] = Field(description="Les personnes que cela attend.")


class Agenda(Value):
    """What waits, the oldest due first."""

    counts: dict[str, int] = Field(description="Combien d’attentes par sorte.")
    overdue: int
    items: tuple[Waiting, ...]


@dataclass(frozen=True)
class Desk:
    """What sources read: the visible objects of a transformation on a day, and who holds which role and seat then."""

    states: States
    today: date
    calendar: WorkingCalendar
    language: Language

    def role(self, *roles: str) -> tuple[str, ...]:
        """The members who hold one of these roles."""
        members = self.states(MEMBER)
        return tuple(m.person_id for m in members if m.role in roles and m.status == "granted")

    def body(self, id: UUID) -> Body | None:
        return next((body for body in self.states(BODY) if body.id == id), None)

    def seated(self, id: UUID) -> tuple[str, ...]:
        """Who sits in a body on the day."""
        body = self.body(id)
        return tuple(dict.fromkeys(each.person_id for each in sitting(body, self.today))) if body else ()

    def people(self, authority: Authority) -> tuple[str, ...]:
        """The people behind an authority: a person, or those who sit in a body."""
        return (authority.id,) if authority.kind == "person" else self.seated(UUID(authority.id))

    def soon(self, day: date, working_days: int) -> bool:
        """Whether a day is past, or so many working days away at the most."""
        return day <= self.calendar.add_working_days(self.today, working_days)

    def waiting(
        self,
        kind: str,
        concept: Concept[S],
        subject: S,
        fr: str,
        en: str,
        waits_for: Iterable[str | None],
        due_on: date | None = None,
    ) -> Waiting:
        """One entry; its sentence in the language of the reader."""
        return Waiting(
            kind=kind,
            subject=named(concept, subject),
            sentence=fr if self.language == "fr" else en,
            due_on=due_on,
            overdue=due_on is not None and due_on < self.today,
            waits_for=tuple(dict.fromkeys(person for person in waits_for if person)),
        )


Source = Callable[[Desk], Iterator[Waiting]]


def compute(desk: Desk, sources: Iterable[Source], person: str | None = None, kind: str | None = None) -> Agenda:
    """The agenda of all, or of one person; of all kinds, or of one."""
    found = [entry for source in sources for entry in source(desk) if entry.waits_for]
    if person is not None:
        found = [entry for entry in found if person in entry.waits_for]
    if kind is not None:
        found = [entry for entry in found if entry.kind == kind]
    found.sort(key=lambda entry: (entry.due_on or date.max, entry.kind, entry.subject.ref or "", str(entry.subject.id)))
    return Agenda(
        counts=dict(sorted(Counter(entry.kind for entry in found).items())),
        overdue=sum(entry.overdue for entry in found),
        items=tuple(found),
    )
