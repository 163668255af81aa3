"""People, services and keys of the instance, as the log knows them: ids and rights, no names."""

from service.domain.principal import KEY, PERSON, SERVICE, Key, Person, Service
from service.projections.table import ObjectTable

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
