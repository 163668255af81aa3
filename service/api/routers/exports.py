"""Exports over HTTP: the plan as a workbook, as of any point, within the rights of who asks."""

from typing import Annotated, Any

import anyio.to_thread
from fastapi import Query, Request
from fastapi.responses import Response

from service.acts.plan_export import MEDIA_TYPE, export_plan
from service.api.answers import CACHE, not_modified
from service.api.as_of_query import AsOfQuery, last_change, resolve
from service.api.dependencies import TransformationPath
from service.api.problems import READS
from service.api.reader import Reader
from service.api.routing import api_router
from service.api.viewing import view_etag
from service.api.who import CallerDependency, membership
from service.domain.permissions import require
from service.domain.refusal import NotFound

router = api_router("exports")
WORKBOOK: dict[int | str, Any] = {200: {"content": {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}}}}


@router.get(
    "/transformations/{transformation}/exports/plan.xlsx",
    response_class=Response,
    responses={**READS["responses"], **WORKBOOK},
)
async def export_the_plan(
    transformation: TransformationPath,
    request: Request,
    caller: CallerDependency,
    query: Annotated[AsOfQuery, Query()],
) -> Response:
    """The action plan as a workbook that can be edited and imported again."""
    service = request.app.state.service

    def run() -> Response:
        caller.require_scope("read")
        as_of = resolve(service, query)
        with service.database.snapshot() as connection:
            member = membership(connection, caller, transformation)
            require("export", member.role)
            id = member.transformation.id
            position = last_change(connection, id, as_of)
            if not position:
                raise NotFound(what="transformation", id=transformation)
            etag = view_etag(Reader(service, connection, caller, member, as_of, position))
            headers = {"ETag": etag, "Cache-Control": CACHE, "Vary": "Authorization, Accept-Language"}
            if not_modified(request, etag):
                return Response(status_code=304, headers=headers)
            content = export_plan(connection, service.directory, id, as_of, member.viewer, position)
        headers["Trajectoire-Position"] = str(position)
        headers["Content-Disposition"] = f'attachment; filename="plan-{member.transformation.code}.xlsx"'
        return Response(content, headers=headers, media_type=MEDIA_TYPE)

    return await anyio.to_thread.run_sync(run)
