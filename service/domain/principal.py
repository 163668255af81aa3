"""Principals: the people, services and keys of the instance. Names, e-mails and hashes are table rows, never events."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from service.domain.concept import Concept, State, created
from service.domain.event import Event, Fact
from service.domain.refusal import Conflict, NotFound

Scope = Literal["read", "write", "import", "audit", "admin"]
KeyStatus = Literal["issued", "expired", "revoked", "withdrawn"]


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


# Keys


class KeyIssued(Event):
    """A key was issued to its owner, for these scopes. Its hash is a table row, its secret is nowhere."""

    TOPIC = "key.issued"
    key_id: str
    owner: str
    scopes: tuple[Scope, ...]
    expires_at: datetime | None = None


class KeyRotated(Event):
    """The key has a new secret; the old one still opens until `old_secret_until`."""

    TOPIC = "key.rotated"
    old_secret_until: datetime | None = None
    expires_at: datetime | None = None


class KeyRevoked(Event):
    """The key opens nothing any more."""

    TOPIC = "key.revoked"


class Key(State):
    """A key as it stands: issued or revoked. Whether it has expired is for the clock to say."""

    status: Literal["issued", "revoked", "withdrawn"] = "issued"
    key_id: str
    owner: str
    scopes: tuple[Scope, ...]
    expires_at: datetime | None = None
    old_secret_until: datetime | None = None
    rotation_count: int = 0

    def status_at(self, now: datetime) -> KeyStatus:
        """Issued, expired or revoked."""
        expired = self.expires_at is not None and self.expires_at <= now
        return "expired" if self.status == "issued" and expired else self.status

    def overlap_at(self, now: datetime) -> datetime | None:
        """Until when the old secret still opens; None where it does not."""
        until = self.old_secret_until if self.status_at(now) == "issued" else None
        return until if until is not None and until > now else None


class KeyAlreadyRevoked(Conflict):
    """The key {key_id} is revoked: issue another one."""

    FR = "La clé {key_id} est révoquée\u202f: créez-en une autre."


class KeyExpired(Conflict):
    """The key {key_id} has expired: give it a later expiry, or issue another one."""

    FR = "La clé {key_id} a expiré\u202f: donnez-lui une échéance à venir, ou créez-en une autre."


def evolve_key(key: Key | None, fact: Fact) -> Key:
    """The key after one more fact."""
    event = fact.event
    if isinstance(event, KeyIssued):
        return Key(**created(fact), **event.model_dump())
    assert key is not None  # a stream begins with its creation; `fold` has checked it
    match event:
        case KeyRotated():
            return key.model_copy(
                update={
                    "old_secret_until": event.old_secret_until,
                    "expires_at": event.expires_at,
                    "rotation_count": key.rotation_count + 1,
                }
            )
        case KeyRevoked():
            return key.model_copy(update={"status": "revoked"})
        case _:
            return key


def check_key(key: Key | None, fact: Fact) -> None:
    """A revoked key stays revoked."""
    if key is not None and key.status == "revoked":
        raise KeyAlreadyRevoked(key_id=key.key_id)


def issue(*, key_id: str, owner: str, scopes: tuple[Scope, ...], expires_at: datetime | None = None) -> list[Event]:
    """Issue a key to a person or a service."""
    return [KeyIssued(key_id=key_id, owner=owner, scopes=scopes, expires_at=expires_at)]


def rotate(
    key: Key, now: datetime, *, old_secret_until: datetime | None = None, expires_at: datetime | None = None
) -> list[Event]:
    """Give the key a new secret; the old one may overlap, never longer than it would have opened by itself.

    Without `expires_at` the key expires as before. Raises `KeyExpired` where that is past: the new secret would open
    nothing.
    """
    expiry = expires_at or key.expires_at
    if expiry is not None and expiry <= now:
        raise KeyExpired(key_id=key.key_id)
    if old_secret_until is not None and key.expires_at is not None:
        old_secret_until = min(old_secret_until, key.expires_at)
    return [KeyRotated(old_secret_until=old_secret_until, expires_at=expiry)]


def revoke(key: Key) -> list[Event]:
    """Make the key open nothing any more."""
    return [KeyRevoked()]


KEY: Concept[Key] = Concept(
    name="key",
    collection="keys",
    state=Key,
    events=(KeyIssued, KeyRotated, KeyRevoked),
    evolve=evolve_key,
    check=check_key,
    owners=lambda key: (key.owner,),
)
