"""API keys: issued to a principal, rotated, revoked. Their names and hashes are table rows, never events."""

from datetime import datetime
from typing import Literal

from service.domain.concept import Concept, State, created
from service.domain.event import Event, Fact
from service.domain.refusal import Conflict, Invalid

Scope = Literal["read", "write", "import", "audit", "admin"]
KeyStatus = Literal["issued", "expired", "revoked", "withdrawn"]


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


class ExpiryInPast(Invalid):
    """A key expires on a day to come: {expires_at} is past."""

    FR = "Une clé expire à un moment à venir\u202f: {expires_at} est passé."


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


def issue(
    now: datetime, *, key_id: str, owner: str, scopes: tuple[Scope, ...], expires_at: datetime | None = None
) -> list[Event]:
    """Issue a key to a person or a service. Raises `ExpiryInPast`."""
    _require_to_come(expires_at, now)
    return [KeyIssued(key_id=key_id, owner=owner, scopes=scopes, expires_at=expires_at)]


def rotate(
    key: Key, now: datetime, *, old_secret_until: datetime | None = None, expires_at: datetime | None = None
) -> list[Event]:
    """Give the key a new secret; the old one may overlap, never longer than it would have opened by itself.

    Without `expires_at` the key expires as before. Raises `KeyExpired` where that is past: the new secret would open
    nothing. Raises `ExpiryInPast`.
    """
    _require_to_come(expires_at, now)
    expiry = expires_at or key.expires_at
    if expiry is not None and expiry <= now:
        raise KeyExpired(key_id=key.key_id)
    if old_secret_until is not None and key.expires_at is not None:
        old_secret_until = min(old_secret_until, key.expires_at)
    return [KeyRotated(old_secret_until=old_secret_until, expires_at=expiry)]


def _require_to_come(expires_at: datetime | None, now: datetime) -> None:
    if expires_at is not None and expires_at <= now:
        raise ExpiryInPast(pointer="/expires_at", expires_at=expires_at.isoformat())


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
