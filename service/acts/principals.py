"""People, services and keys: a row in the directory and its event, together."""

from datetime import datetime, timedelta

from service.domain import key as key_rules
from service.domain import principal
from service.domain.event import new_id
from service.domain.key import KEY, Key, Scope
from service.domain.principal import PERSON, SERVICE, Person, Service, kind_of, person_id, service_id, stream_of
from service.store.directory import Directory, new_key
from service.store.unit import Unit

ALL_SCOPES: tuple[Scope, ...] = ("read", "write", "import", "audit", "admin")


def enrol_person(
    unit: Unit,
    directory: Directory,
    display_name: str,
    *,
    email: str | None = None,
    language: str = "fr",
    has_account: bool = True,
) -> Person:
    """Enter a person: the name stands in the directory alone, the log holds a random id. Raises `EmailTaken`."""
    stream = new_id()
    directory.add_person(person_id(stream), display_name, email=email, language=language, has_account=has_account)
    return unit.create(PERSON, principal.enrol(), stream)


def register_service(unit: Unit, directory: Directory, name: str) -> Service:
    """Enter a program that acts by itself."""
    stream = new_id()
    directory.add_person(service_id(stream), name)
    return unit.create(SERVICE, principal.register(name), stream)


def issue_key(
    unit: Unit,
    directory: Directory,
    *,
    owner: str,
    name: str,
    scopes: tuple[Scope, ...],
    environment: str,
    expires_at: datetime | None = None,
) -> tuple[Key, str]:
    """Issue a key to a person or a service; the whole key comes back once and is kept nowhere."""
    concept = kind_of(owner)
    unit.get(concept, stream_of(owner))
    id, secret, whole = new_key(environment)
    scopes = tuple(dict.fromkeys(scopes))
    events = key_rules.issue(unit.act.now, key_id=id, owner=owner, scopes=scopes, expires_at=expires_at)
    directory.add_key(id, owner, name, secret, list(scopes), expires_at)
    return unit.create(KEY, events), whole


def rotate_key(unit: Unit, key: Key, *, overlap: timedelta, expires_at: datetime | None = None) -> Key:
    """Record that the key has a new secret; `renew_secret` makes it, as soon as that is recorded."""
    now = unit.act.now
    until = now + overlap if overlap else None
    return unit.record(KEY, key.id, key_rules.rotate(key, now, old_secret_until=until, expires_at=expires_at))


def renew_secret(directory: Directory, key: Key, environment: str) -> str:
    """The new secret of a key whose rotation is recorded; the whole key comes back once and is kept nowhere.

    Only after the event: a rotation that was refused leaves the key as it was. One that a crash cut in between has
    shown no secret to anybody: the one before it opens until the key is rotated again.
    """
    _, secret, whole = new_key(environment, key.key_id)
    directory.rotate_key(key.key_id, secret, key.rotation_count, key.old_secret_until, key.expires_at)
    return whole


def revoke_key(unit: Unit, directory: Directory, key: Key) -> Key:
    """The key opens nothing any more, from the directory row on."""
    directory.revoke_key(key.key_id, unit.act.now)
    return unit.record(KEY, key.id, key_rules.revoke(key))
