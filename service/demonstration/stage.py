"""The stage of the story: who and what stands on it by name, and how the words of the data become values.

Data speak of days from the anchor (`On(-30)`), of people by first name (`Who("nadia")`) and of objects by key
(`The("glossaire")`); texts are typed with plain spaces and get their French typography here.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Protocol
from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow
from pydantic import BaseModel

from service.domain.act import Role
from service.domain.concept import Concept, State
from service.domain.event import Event, Fact
from service.domain.transformation import TRANSFORMATION, Transformation
from service.domain.words import french
from service.domain.working_time import WorkingCalendar
from service.projections.engine import Projector
from service.store.database import Database
from service.store.directory import Directory
from service.store.log import EventLog
from service.store.recording import Recorder
from service.store.unit import Target, Unit


@dataclass(frozen=True)
class On:
    """A day, counted from the anchor; one on which nobody works falls on the working day before."""

    days: int


@dataclass(frozen=True)
class Who:
    """A person of the story."""

    name: str


@dataclass(frozen=True)
class The:
    """An object of the story."""

    key: str


class Settings(Protocol):
    """What the story must know of the settings."""

    @property
    def environment(self) -> str: ...


class Service(Protocol):
    """What the story needs of the running service."""

    @property
    def settings(self) -> Settings: ...
    @property
    def database(self) -> Database: ...
    @property
    def directory(self) -> Directory: ...
    @property
    def log(self) -> EventLog: ...
    @property
    def recorder(self) -> Recorder: ...
    def projector(self) -> Projector: ...


@dataclass
class Stage:
    """What outlives one act: the ids behind the names, the calendar, the keys handed out."""

    service: Service
    anchor: date
    calendar: WorkingCalendar
    projector: Projector
    transformation_id: UUID | None = None
    people: dict[str, str] = field(default_factory=dict)
    roles: dict[str, Role] = field(default_factory=dict)
    things: dict[str, tuple[Concept[Any], UUID]] = field(default_factory=dict)
    keys: dict[str, tuple[str, str]] = field(default_factory=dict)

    def day(self, offset: int) -> date:
        """The working day at an offset from the anchor: later offsets never give earlier days."""
        return self.calendar.previous_working(self.anchor + timedelta(days=offset))

    def person(self, name: str) -> str:
        """The id of a person or a service (`p_…`, `s_…`)."""
        return self.people[name]

    def said(self, value: Any) -> Any:
        """A value of the data as the domain takes it: days, people and objects by their ids, texts well typeset."""
        match value:
            case On(days):
                return self.day(days)
            case Who(name):
                return self.person(name)
            case The(key):
                return self.things[key][1]
            case str():
                return typeset(value)
            case tuple():
                return tuple(self.said(each) for each in value)
            case dict():
                return {name: self.said(each) for name, each in value.items()}
            case Shaped(kind, fields):
                return kind(**self.said(fields))
            case _:
                return value


@dataclass
class Scene:
    """One act being played: the unit of work it records on, and the stage."""

    stage: Stage
    unit: Unit

    @property
    def transformation(self) -> Transformation:
        """The transformation that the story is of."""
        if self.stage.transformation_id is None:
            raise LookupError("the transformation is not prepared yet")
        return self.unit.get(TRANSFORMATION, self.stage.transformation_id)

    def id(self, key: str) -> UUID:
        return self.stage.things[key][1]

    def get(self, key: str) -> Any:
        """The present state of an object of the story."""
        concept, id = self.stage.things[key]
        return self.unit.get(concept, id)

    def record(self, key: str, events: Sequence[Event]) -> Target:
        concept, id = self.stage.things[key]
        return Target(concept, self.unit.record(concept, id, events))

    def enters(self, key: str, concept: Concept[Any], state: State) -> Target:
        """A new object comes on stage under a key of its own."""
        if key in self.stage.things:
            raise ValueError(f"two objects of the story are called {key!r}")
        self.stage.things[key] = (concept, state.id)
        return Target(concept, state, created=True)

    def connection(self) -> AbstractContextManager[Connection[DictRow]]:
        """The read models, brought to the head of the log first: nothing is recorded while an act is played."""
        self.stage.projector.catch_up()
        return self.stage.service.database.connection()

    def last(self, key: str, topic: str, on: int | None = None) -> Fact:
        """The last fact of a topic on an object, or the one that is true on a day."""
        day = None if on is None else self.stage.day(on)
        for fact in reversed(self.unit.history(self.id(key))):
            if fact.topic == topic and day in (None, fact.occurred_on):
                return fact
        raise LookupError(f"{key} has no {topic} on {day}")

    def said(self, value: Any) -> Any:
        return self.stage.said(value)


@dataclass(frozen=True)
class Shaped:
    """A value object whose fields speak the words of the story."""

    kind: type[BaseModel]
    fields: dict[str, Any]


def shaped(kind: type[BaseModel], /, **fields: Any) -> Shaped:
    return Shaped(kind, fields)


def typeset(text: str) -> str:
    """French typography: a wire word, an address or a hash has nothing to set and comes back as it was."""
    return french(text).replace(" %", "\u202f%").replace(" €", "\u202f€")


Deed = Callable[[Scene], Target]
"""What one entry of the story does."""
