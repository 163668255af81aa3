"""The instance over HTTP, for administrators: people, services, keys. Names stand in the directory, never in events."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal

import anyio.to_thread
from fastapi import Path, Query, Request
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from service.acts import principals
from service.api.answers import answer, object_etag, to_json
from service.api.dependencies import Create
from service.api.fields import ActBody, Email, Label, PersonId, RecordedInstant, left_alone
from service.api.instance import write_instance
from service.api.problems import ACTS, CREATES, READS
from service.api.reading import Nothing
from service.api.routing import api_router
from service.api.who import Caller, CallerDependency
from service.api.writing import Writing
from service.domain import principal as rules
from service.domain.permissions import permits, require
from service.domain.principal import KEY, PERSON, SERVICE, Key, Person, Scope, Service, stream_of
from service.domain.refusal import Invalid, NotFound
from service.store.unit import Target, Unit

router = api_router("instance")
PersonPath = Annotated[str, Path(pattern=r"^[ps]_[0-9a-f]{32}$", description="L’identifiant `p_…` ou `s_…`.")]
KeyPath = Annotated[str, Path(pattern=r"^[0-9a-f]{12}$", description="L’identifiant de la clé.")]


class PersonFound(BaseModel):
    """Somebody of the directory, as who leads a transformation sees them: enough to name them in an act."""

    id: str
    display_name: str | None
    has_account: bool


class PersonShown(PersonFound):
    """A person or a service of the directory."""

    email: str | None
    language: str
    administrator: bool
    people: dict[str, str] | None = None


class PersonPage(BaseModel):
    items: list[PersonShown | PersonFound]
    next: str | None


class NameTooShort(Invalid):
    """Who does not administer the instance looks people up by their names: give q, of two letters at least."""

    FR = (
        "Qui n’administre pas l’installation cherche les personnes par leur nom\u202f: donnez q, deux lettres au moins."
    )


class KeyShown(BaseModel):
    """A key, never its secret; `key` is in the answer to its creation or rotation only, `last_used_on` in lists."""

    id: str
    owner: str
    name: str | None = None
    scopes: list[str]
    status: Literal["issued", "expired", "revoked"]
    expires_at: AwareDatetime | None
    old_secret_until: AwareDatetime | None = Field(
        None, description="Jusqu’à quand l’ancien secret ouvre encore, après un renouvellement."
    )
    last_used_on: date | None = Field(None, description="Le dernier jour où la clé a servi (UTC).")
    key: str | None = None
    secret_shown: str | None = None
    people: dict[str, str] | None = None


class KeyList(BaseModel):
    items: list[KeyShown]


class EnrolPerson(ActBody):
    """Enter a person in the directory, or a program with `kind: service`."""

    display_name: Label
    kind: Literal["person", "service"] = "person"
    email: Email | None = None
    language: Literal["fr", "en"] = "fr"
    has_account: bool = True


class IssueKey(ActBody):
    """A key for somebody; by default for oneself."""

    name: Label
    owner: PersonId
    scopes: Annotated[tuple[Scope, ...], Field(min_length=1, max_length=5)] = ("read", "write")
    expires_at: RecordedInstant | None = None


class RotateKey(ActBody):
    """A new secret for a key."""

    overlap_hours: int = Field(
        24, strict=True, ge=0, le=720, description="Combien d’heures l’ancien secret ouvre encore."
    )
    expires_at: RecordedInstant = left_alone()


class PeopleQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    limit: int = Field(50, ge=1, le=200)
    after: str = Field("", max_length=40, pattern=r"^([ps]_[0-9a-f]{32})?$")
    q: str | None = Field(None, min_length=1, max_length=200, pattern=r"^[^\x00]*$")


def _show_person(service: Any, id: str, administrator: bool = False) -> dict[str, Any]:
    row = service.directory.person(id) or {}
    return {
        "id": id,
        "display_name": row.get("display_name"),
        "email": row.get("email"),
        "language": row.get("language", "fr"),
        "has_account": row.get("has_account", False),
        "administrator": administrator,
    }


@router.post("/people", response_model=PersonShown, **CREATES)
async def enrol_a_person(body: EnrolPerson, write: Create) -> Response:
    """Enter a person, or a service."""
    directory = write.service.directory

    def decide(unit: Unit) -> Target:
        if body.kind == "service":
            return Target(SERVICE, principals.register_service(unit, directory, body.display_name), created=True)
        person = principals.enrol_person(
            unit,
            directory,
            body.display_name,
            email=body.email,
            language=body.language,
            has_account=body.has_account,
        )
        return Target(PERSON, person, created=True)

    def show(state: Person | Service) -> dict[str, Any]:
        id = state.person_id if isinstance(state, Person) else state.service_id
        return _show_person(write.service, id)

    act = "service.register" if body.kind == "service" else "person.enrol"
    return await write_instance(write, body, act, decide, show, location="/api/v1/people")


@router.get("/people", response_model=PersonPage, **READS)
async def list_people(request: Request, caller: CallerDependency, query: Annotated[PeopleQuery, Query()]) -> Response:
    """The directory, for administrators; who leads a transformation finds there, by name, whom to give a part in it."""
    service = request.app.state.service

    def run() -> Response:
        administers = caller.administrator and "admin" in caller.scopes
        if not administers:
            _require_lead(service, caller)
            if len((query.q or "").strip()) < 2:
                raise NameTooShort(pointer="q")
        rows = service.directory.people(after=query.after, limit=query.limit + 1, q=query.q)
        page = rows[: query.limit]
        following = None
        if len(rows) > query.limit:
            url = request.url.include_query_params(after=page[-1]["id"])
            following = f"{url.path}?{url.query}"
        admins = service.administrators() if administers else set()
        shown = PersonShown if administers else PersonFound
        items = [
            shown.model_validate({**row, "administrator": row["id"] in admins}).model_dump(exclude={"people"})
            for row in page
        ]
        body = to_json({"items": items, "next": following})
        headers: dict[str, Any] = {"Link": f'<{following}>; rel="next"'} if following else {}
        return answer(request, body, etag=object_etag(len(items), body), **headers)

    return await anyio.to_thread.run_sync(run)


@router.get("/people/{id}", response_model=PersonShown, **READS)
async def get_person(
    id: PersonPath, request: Request, caller: CallerDependency, query: Annotated[Nothing, Query()]
) -> Response:
    """One person of the directory."""
    service = request.app.state.service

    def run() -> Response:
        if id != caller.principal:
            _require_administrator(caller)
        if service.directory.person(id) is None:
            raise NotFound(what="person", id=id)
        body = to_json(_show_person(service, id, service.is_administrator(id)))
        return answer(request, body, etag=object_etag(1, body))

    return await anyio.to_thread.run_sync(run)


@router.post("/people/{id}/grant-administrator", response_model=PersonShown, **ACTS)
async def grant_administrator(id: PersonPath, body: ActBody, write: Create) -> Response:
    """Make a person an administrator of the instance."""

    def decide(unit: Unit) -> Target:
        person = unit.get(PERSON, stream_of(id))
        return Target(PERSON, unit.record(PERSON, person.id, rules.grant_administrator(person)))

    def show(state: Person) -> dict[str, Any]:
        return _show_person(write.service, id, state.administrator)

    return await write_instance(write, body, "administrator.grant", decide, show)


@router.post("/people/{id}/revoke-administrator", response_model=PersonShown, **ACTS)
async def revoke_administrator(id: PersonPath, body: ActBody, write: Create) -> Response:
    """Dismiss an administrator; never the last one."""

    def decide(unit: Unit) -> Target:
        person = unit.get(PERSON, stream_of(id))
        others = [unit.get(PERSON, stream_of(other)) for other in write.service.administrators() - {id}]
        events = rules.revoke_administrator(person, others=sum(other.administrator for other in others))
        return Target(PERSON, unit.record(PERSON, person.id, events))

    def show(state: Person) -> dict[str, Any]:
        return _show_person(write.service, id, state.administrator)

    return await write_instance(write, body, "administrator.revoke", decide, show)


def _show_key(service: Any, key: Key) -> dict[str, Any]:
    rows = [row for row in service.directory.keys(key.owner) if row["id"] == key.key_id]
    return {
        "id": key.key_id,
        "owner": key.owner,
        "name": rows[0]["name"] if rows else None,
        "scopes": list(key.scopes),
        "status": key.status,
        "expires_at": key.expires_at,
        "old_secret_until": key.old_secret_until if key.status == "issued" else None,
    }


def _list_key(row: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    expired = row["expires_at"] is not None and row["expires_at"] <= now
    status = "revoked" if row["revoked_at"] else "expired" if expired else "issued"
    until = row["old_secret_until"]
    return {
        **{name: row[name] for name in ("id", "owner", "name", "scopes", "expires_at", "last_used_on")},
        "status": status,
        "old_secret_until": until if status == "issued" and until is not None and until > now else None,
    }


def _key(write: Writing, unit: Unit, id: str) -> Key:
    row = write.service.database.one("SELECT id FROM keys WHERE key_id = %s AND valid_to IS NULL", (id,))
    if row is None:
        raise NotFound(what="key", id=id)
    return unit.get(KEY, row["id"])


@router.post("/keys", response_model=KeyShown, **CREATES)
async def issue_a_key(body: IssueKey, write: Create) -> Response:
    """Issue a key; its secret is in this answer and nowhere else. A replay answers without it and says so."""
    once: dict[str, Any] = {}

    def decide(unit: Unit) -> Target:
        key, once["key"] = principals.issue_key(
            unit,
            write.service.directory,
            owner=body.owner,
            name=body.name,
            scopes=body.scopes,
            environment=write.service.settings.environment,
            expires_at=body.expires_at,
        )
        return Target(KEY, key, created=True)

    def show(state: Key) -> dict[str, Any]:
        return {**_show_key(write.service, state), "secret_shown": "le secret n’est montré qu’à la création"}

    return await write_instance(
        write, body, "key.issue", decide, show, location="/api/v1/keys", secret=lambda: {"key": once["key"]}
    )


@router.get("/keys", response_model=KeyList, **READS)
async def list_keys(request: Request, caller: CallerDependency, query: Annotated[Nothing, Query()]) -> Response:
    """One's own keys; all of them for an administrator."""
    service = request.app.state.service

    def run() -> Response:
        caller.require_scope("read")
        rows = service.directory.keys(None if caller.administrator else caller.principal)
        now = service.clock()
        items = [_list_key(row, now) for row in rows]
        body = to_json({"items": items})
        return answer(request, body, etag=object_etag(len(items), body))

    return await anyio.to_thread.run_sync(run)


@router.post("/keys/{id}/rotate", response_model=KeyShown, **ACTS)
async def rotate_a_key(id: KeyPath, body: RotateKey, write: Create) -> Response:
    """Give a key a new secret, shown as at its creation: in this answer only. The one before still opens for a while.
    One may rotate one's own; its expiry is for an administrator to move."""
    once: dict[str, Key] = {}

    def decide(unit: Unit) -> Target:
        if body.expires_at is not None:
            _require_administrator(write.caller)  # who gave it an end
        overlap = timedelta(hours=body.overlap_hours)
        once["key"] = principals.rotate_key(unit, _key(write, unit, id), overlap=overlap, expires_at=body.expires_at)
        return Target(KEY, once["key"])

    def secret() -> dict[str, Any]:
        service = write.service
        return {"key": principals.renew_secret(service.directory, once["key"], service.settings.environment)}

    return await write_instance(
        write,
        body,
        "key.rotate",
        decide,
        lambda state: {
            **_show_key(write.service, state),
            "secret_shown": "le secret n’est montré qu’au renouvellement",
        },
        own=lambda unit: _key(write, unit, id).owner == write.caller.principal,
        secret=secret,
    )


@router.post("/keys/{id}/revoke", response_model=KeyShown, **ACTS)
async def revoke_a_key(id: KeyPath, body: ActBody, write: Create) -> Response:
    """The key opens nothing any more. One may revoke one's own."""

    def decide(unit: Unit) -> Target:
        return Target(KEY, principals.revoke_key(unit, write.service.directory, _key(write, unit, id)))

    return await write_instance(
        write,
        body,
        "key.revoke",
        decide,
        lambda state: _show_key(write.service, state),
        own=lambda unit: _key(write, unit, id).owner == write.caller.principal,
    )


def _require_lead(service: Any, caller: Caller) -> None:
    """Whoever has, in some transformation, a role that names people in acts."""
    caller.require_scope("read")
    query = "SELECT role FROM members WHERE person_id = %s AND valid_to IS NULL AND status = 'granted'"
    roles = {row["role"] for row in service.database.all(query, (caller.principal,))}
    require("find_people", next((role for role in sorted(roles) if permits("find_people", role)), None))


def _require_administrator(caller: Caller) -> None:
    caller.require_scope("admin")
    require("person.enrol", "administrator" if caller.administrator else None)
