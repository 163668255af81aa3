"""Principals: the people and services of the instance. Their names and addresses are table rows, never events."""

from typing import Any, Literal
from uuid import UUID

from service.domain.concept import Concept, State, created
from service.domain.event import Event, Fact
from service.domain.refusal import Conflict, NotFound


def person_id(stream: UUID) -> str:
    """How a person is named in every event: random, and no name."""
    return f"p_{stream.hex}"


def service_id(stream: UUID) -> str:
    """How a service (a program) is named in every event."""
    return f"s_{stream.hex}"


def stream_of(principal: str) -> UUID:
    """The stream of a person or a service. Raises `NotFound` for anything but `p_` or `s_` and 32 hex digits."""
    kind, _, digits = principal.partition("_")
    if kind not in ("p", "s") or len(digits) != 32 or set(digits) - set("0123456789abcdef"):
        raise NotFound(what="person", id=principal)
    return UUID(hex=digits)


# People


class PersonEnrolled(Event):
    """A person can be named from now on. Who it is stands in the directory, outside the log."""

    TOPIC = "person.enrolled"


class AdministratorGranted(Event):
    """The person administers the instance: people, keys, transformations; reads no content."""

    TOPIC = "administrator.granted"


class AdministratorRevoked(Event):
    """The person no longer administers the instance."""

    TOPIC = "administrator.revoked"


class Person(State):
    """A person as the log knows one: a random id, administrator or not."""

    status: Literal["enrolled", "withdrawn"] = "enrolled"
    administrator: bool = False

    @property
    def person_id(self) -> str:
        return person_id(self.id)


class AlreadyAdministrator(Conflict):
    """This person administers the instance already."""

    FR = "Cette personne administre déjà l’instance."


class NotAdministrator(Conflict):
    """This person does not administer the instance."""

    FR = "Cette personne n’administre pas l’instance."


class LastAdministrator(Conflict):
    """This is the last administrator: name another one first."""

    FR = "C’est le dernier administrateur\u202f: désignez-en d’abord un autre."


def evolve_person(person: Person | None, fact: Fact) -> Person:
    """The person after one more fact."""
    if isinstance(fact.event, PersonEnrolled):
        return Person(**created(fact))
    assert person is not None  # a stream begins with its creation; `fold` has checked it
    match fact.event:
        case AdministratorGranted():
            return person.model_copy(update={"administrator": True})
        case AdministratorRevoked():
            return person.model_copy(update={"administrator": False})
        case _:
            return person


def check_person(person: Person | None, fact: Fact) -> None:
    """An administrator is named once and dismissed once."""
    if person is None:
        return
    match fact.event:
        case AdministratorGranted() if person.administrator:
            raise AlreadyAdministrator()
        case AdministratorRevoked() if not person.administrator:
            raise NotAdministrator()


def enrol() -> list[Event]:
    """Give a person an id."""
    return [PersonEnrolled()]


def grant_administrator(person: Person) -> list[Event]:
    """Make the person an administrator of the instance."""
    return [AdministratorGranted()]


def revoke_administrator(person: Person, *, others: int) -> list[Event]:
    """Dismiss an administrator; `others` is how many remain. Raises `LastAdministrator`."""
    if person.administrator and others < 1:
        raise LastAdministrator()
    return [AdministratorRevoked()]


PERSON: Concept[Person] = Concept(
    name="person",
    collection="people",
    state=Person,
    events=(PersonEnrolled, AdministratorGranted, AdministratorRevoked),
    evolve=evolve_person,
    check=check_person,
    owners=lambda person: (person.person_id,),
)


# Services


class ServiceRegistered(Event):
    """A program that acts by itself is registered, under a name that speaks of no person."""

    TOPIC = "service.registered"
    name: str


class Service(State):
    """A program that acts by itself."""

    status: Literal["registered", "withdrawn"] = "registered"
    name: str

    @property
    def service_id(self) -> str:
        return service_id(self.id)


def evolve_service(service: Service | None, fact: Fact) -> Service:
    """The service after one more fact."""
    if isinstance(fact.event, ServiceRegistered):
        return Service(**created(fact), name=fact.event.name)
    assert service is not None  # a stream begins with its creation; `fold` has checked it
    return service


def check_service(service: Service | None, fact: Fact) -> None:
    """Nothing but its registration happens to a service."""


def register(name: str) -> list[Event]:
    """Register a service."""
    return [ServiceRegistered(name=name)]


SERVICE: Concept[Service] = Concept(
    name="service",
    collection="services",
    state=Service,
    events=(ServiceRegistered,),
    evolve=evolve_service,
    check=check_service,
    owners=lambda service: (service.service_id,),
)


def kind_of(principal: str) -> Concept[Any]:
    """The concept of a principal, by the first letter of its id: people and services live in streams of their own."""
    return PERSON if principal.startswith("p_") else SERVICE
