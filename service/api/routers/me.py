"""Who am I: the principal, its roles, its own actions in every transformation."""

from typing import Annotated, Any

import anyio.to_thread
from fastapi import Query, Request
from fastapi.responses import Response
from pydantic import BaseModel

from service.api.answers import answer, object_etag, to_json
from service.api.as_of_query import Nothing
from service.api.problems import READS
from service.api.routing import api_router
from service.api.who import CallerDependency

router = api_router("me")


class MyRole(BaseModel):
    """One membership of the caller."""

    transformation_id: str
    code: str
    name: str
    role: str


class Me(BaseModel):
    """The caller."""

    id: str
    display_name: str | None
    administrator: bool
    scopes: list[str]
    memberships: list[MyRole]


@router.get("/me", response_model=Me, **READS)
async def who_am_i(request: Request, caller: CallerDependency, query: Annotated[Nothing, Query()]) -> Response:
    """The principal behind this key, and its roles."""
    service = request.app.state.service

    def run() -> Response:
        rows: list[dict[str, Any]] = service.database.all(
            "SELECT t.id AS transformation_id, t.code, t.name, m.role FROM members m JOIN transformations t "
            "ON t.id = m.transformation_id AND t.valid_to IS NULL WHERE m.person_id = %s AND m.valid_to IS NULL "
            "AND m.status = 'granted' AND NOT t.withdrawn ORDER BY t.code",
            (caller.principal,),
        )
        person = service.directory.person(caller.principal) or {}
        body = to_json(
            {
                "id": caller.principal,
                "display_name": person.get("display_name"),
                "administrator": caller.administrator,
                "scopes": sorted(caller.scopes),
                "memberships": rows,
            }
        )
        return answer(request, body, etag=object_etag(len(rows), body))

    return await anyio.to_thread.run_sync(run)
