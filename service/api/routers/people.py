"""People and services over HTTP, for administrators. Names stand in the directory, never in events."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import anyio.to_thread
from fastapi import Path, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from service.acts import principals
from service.api.answers import answer, object_etag, to_json
from service.api.as_of_query import Nothing
from service.api.dependencies import Act, Create
from service.api.fields import ActBody, Email, Label
from service.api.instance import Show, act_instance, create_instance, read_instance
from service.api.paging import PageQuery, Pages, link
from service.api.problems import ACTS, CREATES, READS
from service.api.routing import api_router
from service.api.who import Caller, CallerDependency
from service.api.writing import Writing
from service.domain import principal as rules
from service.domain.permissions import permits, require
from service.domain.principal import PERSON, SERVICE, Person, Service, kind_of, stream_of
from service.domain.refusal import Invalid
from service.projections.principals import PERSONS, SERVICES
from service.store.unit import Target, Unit

router = api_router("instance")
PersonPath = Annotated[str, Path(pattern=r"^[ps]_[0-9a-f]{32}$", description="L’identifiant `p_…` ou `s_…`.")]


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
    version: int = Field(description="La version que compare `If-Match`.")
    people: dict[str, str] | None = None


class PersonPage(BaseModel):
    items: list[PersonShown | PersonFound]
    next: str | None


class NameTooShort(Invalid):
    """Who does not administer the instance looks people up by their names: give q, of two letters at least."""

    FR = (
        "Qui n’administre pas l’installation cherche les personnes par leur nom\u202f: donnez q, deux lettres au moins."
    )


class EnrolPerson(ActBody):
    """Enter a person in the directory, or a program with `kind: service`."""

    display_name: Label
    kind: Literal["person", "service"] = "person"
    email: Email | None = None
    language: Literal["fr", "en"] = "fr"
    has_account: bool = True


class PeopleQuery(PageQuery):
    """Whom to look for."""

    q: str | None = Field(None, min_length=1, max_length=200, pattern=r"^[^\x00]*$", description="Le nom cherché.")


def _person(row: Mapping[str, Any] | None, id: str, state: Person | Service | None) -> dict[str, Any]:
    """A row of the directory, and what the log knows."""
    row = row or {}
    return {
        "id": id,
        "display_name": row.get("display_name"),
        "email": row.get("email"),
        "language": row.get("language", "fr"),
        "has_account": row.get("has_account", False),
        "administrator": isinstance(state, Person) and state.administrator,
        "version": state.version if state else 1,
    }


def _shown(service: Any) -> Show:
    def show(state: Person | Service, now: datetime) -> dict[str, Any]:
        id = state.person_id if isinstance(state, Person) else state.service_id
        return _person(service.directory.person(id), id, state)

    return show


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

    act = "service.register" if body.kind == "service" else "person.enrol"
    return await create_instance(write, body, act, decide, _shown(write.service), location="/api/v1/people")


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
        pages = Pages(request, query)
        after = pages.after["id"] if pages.after else ""
        found = service.directory.people(after=after, limit=query.limit + 1, q=query.q)
        rows, following = pages.turn(found, lambda last: {"id": last["id"]})
        items = _administered(service, rows) if administers else [_found(row) for row in rows]
        body = to_json({"items": items, "next": following})
        return answer(request, body, etag=object_etag(len(items), body), **link(following))

    return await anyio.to_thread.run_sync(run)


@router.get("/people/{id}", response_model=PersonShown, **READS)
async def get_person(
    id: PersonPath, request: Request, caller: CallerDependency, query: Annotated[Nothing, Query()]
) -> Response:
    """One person of the directory."""
    service = request.app.state.service

    def find() -> Person | Service:
        if id != caller.principal:
            _require_administrator(caller)
        found: Person | Service = service.log.load(kind_of(id), stream_of(id))
        return found

    return await read_instance(request, find, _shown(service))


@router.post("/people/{id}/grant-administrator", response_model=PersonShown, **ACTS)
async def grant_administrator(id: PersonPath, body: ActBody, write: Act) -> Response:
    """Make a person an administrator of the instance."""

    def decide(person: Person, unit: Unit) -> Person:
        return unit.record(PERSON, person.id, rules.grant_administrator(person))

    return await _act(id, "administrator.grant", body, write, decide)


@router.post("/people/{id}/revoke-administrator", response_model=PersonShown, **ACTS)
async def revoke_administrator(id: PersonPath, body: ActBody, write: Act) -> Response:
    """Dismiss an administrator; never the last one."""

    def decide(person: Person, unit: Unit) -> Person:
        others = [unit.get(PERSON, stream_of(other)) for other in write.service.administrators() - {id}]
        events = rules.revoke_administrator(person, others=sum(other.administrator for other in others))
        return unit.record(PERSON, person.id, events)

    return await _act(id, "administrator.revoke", body, write, decide)


async def _act(id: str, act: str, body: ActBody, write: Writing, decide: Callable[[Person, Unit], Person]) -> Response:
    def find(unit: Unit) -> Person:
        return unit.get(PERSON, stream_of(id))

    return await act_instance(write, body, act, PERSON, find, decide, _shown(write.service))


def _administered(service: Any, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """People as an administrator sees them, with the version to act on."""
    with service.database.connection() as connection:
        streams = [stream_of(row["id"]) for row in rows]
        states: dict[UUID, Any] = {**PERSONS.states(connection, streams), **SERVICES.states(connection, streams)}
    return [_person(row, row["id"], states.get(stream_of(row["id"]))) for row in rows]


def _found(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in PersonFound.model_fields}


def _require_lead(service: Any, caller: Caller) -> None:
    """Whoever has, in some transformation, a role that names people in acts."""
    caller.require_scope("read")
    query = "SELECT role FROM members WHERE person_id = %s AND valid_to IS NULL AND status = 'granted'"
    roles = {row["role"] for row in service.database.all(query, (caller.principal,))}
    require("find_people", next((role for role in sorted(roles) if permits("find_people", role)), None))


def _require_administrator(caller: Caller) -> None:
    caller.require_scope("admin")
    require("person.enrol", "administrator" if caller.administrator else None)
