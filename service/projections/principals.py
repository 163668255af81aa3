"""People, services and keys of the instance, as the log knows them: ids and rights, no names."""

from uuid import UUID

from service.domain.key import KEY, Key
from service.domain.principal import PERSON, SERVICE, Person, Service
from service.domain.refusal import NotFound
from service.projections.table import ObjectTable
from service.store.database import Database

ALL = 2**31

PERSONS: ObjectTable[Person] = ObjectTable(
    name="persons",
    concept=PERSON,
    columns={"person_id": "text", "administrator": "boolean"},
    row=lambda p: {"person_id": p.person_id, "administrator": p.administrator},
    indexes=("person_id",),
)

SERVICES: ObjectTable[Service] = ObjectTable(
    name="services",
    concept=SERVICE,
    columns={"service_id": "text"},
    row=lambda s: {"service_id": s.service_id},
)

KEYS: ObjectTable[Key] = ObjectTable(
    name="keys",
    concept=KEY,
    columns={"key_id": "text", "owner": "text"},
    row=lambda k: {"key_id": k.key_id, "owner": k.owner},
    indexes=("key_id",),
)


def keys_of(database: Database, owner: str | None = None, *, after: UUID | None = None, limit: int = ALL) -> list[Key]:
    """The keys of somebody, or of everybody, in the order of their issue."""
    query = """
        SELECT state FROM keys WHERE valid_to IS NULL AND (%(owner)s::text IS NULL OR owner = %(owner)s)
            AND (%(after)s::uuid IS NULL OR id > %(after)s) ORDER BY id LIMIT %(limit)s"""
    rows = database.all(query, {"owner": owner, "after": after, "limit": limit})
    return [Key.model_validate(row["state"]) for row in rows]


def stream_of_key(database: Database, key_id: str) -> UUID:
    """The stream of a key. Raises `NotFound`."""
    row = database.one("SELECT id FROM keys WHERE key_id = %s AND valid_to IS NULL", (key_id,))
    if row is None:
        raise NotFound(what="key", id=key_id)
    stream: UUID = row["id"]
    return stream
