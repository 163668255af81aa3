"""API keys over HTTP: a secret is shown once; an administrator gives keys, their owners renew or revoke them."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal

import anyio.to_thread
from fastapi import Path, Query, Request
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel, Field

from service.acts import principals
from service.api.answers import answer, object_etag, to_json
from service.api.dependencies import Create
from service.api.fields import ActBody, Label, PersonId, RecordedInstant, left_alone
from service.api.instance import write_instance
from service.api.problems import ACTS, CREATES, READS
from service.api.reading import Nothing
from service.api.routing import api_router
from service.api.who import CallerDependency
from service.api.writing import Writing
from service.domain.permissions import require
from service.domain.principal import KEY, Key, Scope
from service.domain.refusal import NotFound
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
    key: str | None = None
    secret_shown: str | None = None
    people: dict[str, str] | None = None


class KeyList(BaseModel):
    items: list[KeyShown]


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
            require("key.issue", "administrator" if write.caller.administrator else None)  # who gave it an end
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
