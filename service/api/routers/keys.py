"""API keys over HTTP: a secret is shown once; an administrator gives keys, their owners renew or revoke them."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

import anyio.to_thread
from fastapi import Path, Query, Request
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel, Field

from service.acts import principals
from service.api.answers import answer, object_etag, to_json
from service.api.as_of_query import Nothing
from service.api.dependencies import Act, Create
from service.api.fields import ActBody, Label, PersonId, RecordedInstant, left_alone
from service.api.instance import Secret, Show, act_instance, create_instance, read_instance
from service.api.paging import PageQuery, Pages, link
from service.api.problems import ACTS, CREATES, READS
from service.api.routing import api_router
from service.api.who import CallerDependency
from service.api.writing import Writing
from service.domain.key import KEY, Key, Scope
from service.domain.permissions import require
from service.projections.principals import keys_of, stream_of_key
from service.store.unit import Target, Unit

router = api_router("instance")
KeyPath = Annotated[str, Path(pattern=r"^[0-9a-f]{12}$", description="L’identifiant de la clé.")]


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
    version: int = Field(description="La version que compare `If-Match`.")
    key: str | None = None
    secret_shown: str | None = None
    people: dict[str, str] | None = None


class KeyPage(BaseModel):
    items: list[KeyShown]
    next: str | None = Field(description="L’adresse de la page suivante\u202f; null sur la dernière.")


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


def _key(key: Key, row: Mapping[str, Any] | None, now: datetime) -> dict[str, Any]:
    """A key as the log knows it; its name stands in the directory."""
    return {
        "id": key.key_id,
        "owner": key.owner,
        "name": row["name"] if row else None,
        "scopes": list(key.scopes),
        "status": key.status_at(now),
        "expires_at": key.expires_at,
        "old_secret_until": key.overlap_at(now),
        "version": key.version,
    }


def _shown(service: Any) -> Show:
    return lambda key, now: _key(key, service.directory.key(key.key_id), now)


@router.post("/keys", response_model=KeyShown, **CREATES)
async def issue_a_key(body: IssueKey, write: Create) -> Response:
    """Issue a key; its secret is in this answer and nowhere else. A replay answers without it and says so."""
    once: dict[str, str] = {}

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

    secret = Secret(lambda: once["key"], "le secret n’est montré qu’à la création")
    show = _shown(write.service)
    return await create_instance(write, body, "key.issue", decide, show, location="/api/v1/keys", secret=secret)


@router.get("/keys", response_model=KeyPage, **READS)
async def list_keys(request: Request, caller: CallerDependency, query: Annotated[PageQuery, Query()]) -> Response:
    """One's own keys; all of them for an administrator. The oldest first."""
    service = request.app.state.service

    def run() -> Response:
        caller.require_scope("read")
        pages = Pages(request, query)
        after = UUID(pages.after["id"]) if pages.after else None
        owner = None if caller.administrator else caller.principal
        keys = keys_of(service.database, owner, after=after, limit=query.limit + 1)
        found, following = pages.turn(keys, lambda last: {"id": last.id})
        rows = service.directory.keys([key.key_id for key in found])
        now = service.clock()
        items = [{**_key(key, rows.get(key.key_id), now), **_used(rows.get(key.key_id))} for key in found]
        body = to_json({"items": items, "next": following})
        return answer(request, body, etag=object_etag(len(items), body), **link(following))

    return await anyio.to_thread.run_sync(run)


@router.get("/keys/{id}", response_model=KeyShown, **READS)
async def get_key(
    id: KeyPath, request: Request, caller: CallerDependency, query: Annotated[Nothing, Query()]
) -> Response:
    """One key, one's own; any for an administrator."""
    service = request.app.state.service

    def find() -> Key:
        caller.require_scope("read")
        key: Key = service.log.load(KEY, stream_of_key(service.database, id))
        require("key.read", "administrator" if caller.administrator else None, own=key.owner == caller.principal)
        return key

    return await read_instance(request, find, _shown(service))


@router.post("/keys/{id}/rotate", response_model=KeyShown, **ACTS)
async def rotate_a_key(id: KeyPath, body: RotateKey, write: Act) -> Response:
    """Give a key a new secret, shown as at its creation: in this answer only. The one before still opens for a while.
    One may rotate one's own; its expiry is for an administrator to move."""
    once: dict[str, Key] = {}

    def decide(key: Key, unit: Unit) -> Key:
        if body.expires_at is not None:
            require("key.issue", "administrator" if write.caller.administrator else None)  # who gave it an end
        overlap = timedelta(hours=body.overlap_hours)
        once["key"] = principals.rotate_key(unit, key, overlap=overlap, expires_at=body.expires_at)
        return once["key"]

    def renew() -> str:
        service = write.service
        return principals.renew_secret(service.directory, once["key"], service.settings.environment)

    secret = Secret(renew, "le secret n’est montré qu’au renouvellement")
    return await _act(id, "key.rotate", body, write, decide, secret)


@router.post("/keys/{id}/revoke", response_model=KeyShown, **ACTS)
async def revoke_a_key(id: KeyPath, body: ActBody, write: Act) -> Response:
    """The key opens nothing any more. One may revoke one's own."""

    def decide(key: Key, unit: Unit) -> Key:
        return principals.revoke_key(unit, write.service.directory, key)

    return await _act(id, "key.revoke", body, write, decide)


async def _act(
    id: str,
    act: str,
    body: ActBody,
    write: Writing,
    decide: Callable[[Key, Unit], Key],
    secret: Secret | None = None,
) -> Response:
    def find(unit: Unit) -> Key:
        return unit.get(KEY, stream_of_key(write.service.database, id))

    def own(key: Key) -> bool:
        return key.owner == write.caller.principal

    show = _shown(write.service)
    return await act_instance(write, body, act, KEY, find, decide, show, own=own, secret=secret)


def _used(row: Mapping[str, Any] | None) -> dict[str, Any]:
    return {"last_used_on": row["last_used_on"] if row else None}
