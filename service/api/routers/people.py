"""People and services over HTTP, for administrators. Names stand in the directory, never in events."""

from typing import Annotated, Any, Literal

import anyio.to_thread
from fastapi import Path, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from service.acts import principals
from service.api.answers import answer, object_etag, to_json
from service.api.dependencies import Create
from service.api.fields import ActBody, Email, Label
from service.api.instance import write_instance
from service.api.problems import ACTS, CREATES, READS
from service.api.reading import Nothing
from service.api.routing import api_router
from service.api.who import Caller, CallerDependency
from service.domain import principal as rules
from service.domain.permissions import permits, require
from service.domain.principal import PERSON, SERVICE, Person, Service, stream_of
from service.domain.refusal import Invalid, NotFound
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


def _require_lead(service: Any, caller: Caller) -> None:
    """Whoever has, in some transformation, a role that names people in acts."""
    caller.require_scope("read")
    query = "SELECT role FROM members WHERE person_id = %s AND valid_to IS NULL AND status = 'granted'"
    roles = {row["role"] for row in service.database.all(query, (caller.principal,))}
    require("find_people", next((role for role in sorted(roles) if permits("find_people", role)), None))


def _require_administrator(caller: Caller) -> None:
    caller.require_scope("admin")
    require("person.enrol", "administrator" if caller.administrator else None)
