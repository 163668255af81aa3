"""Indicator values as a workbook in PILOTE's template. They come in through the imports of the transformation."""

from typing import Annotated, Any

import anyio.to_thread
from fastapi import Query, Request
from fastapi.responses import Response

from service.acts.indicator_values import export_values
from service.acts.plan_export import MEDIA_TYPE
from service.api.answers import CACHE, not_modified
from service.api.as_of_query import AsOfQuery, last_change, resolve
from service.api.dependencies import TransformationPath
from service.api.problems import READS
from service.api.reader import Reader
from service.api.routing import api_router
from service.api.viewing import view_etag
from service.api.who import CallerDependency, membership
from service.domain.indicator import INDICATOR
from service.domain.permissions import require
from service.domain.refusal import NotFound

router = api_router("indicators")
WORKBOOK: dict[int | str, dict[str, Any]] = {
    200: {"content": {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}}}
}


@router.get(
    "/transformations/{transformation}/exports/indicator-values.xlsx",
    response_class=Response,
    responses={**READS["responses"], **WORKBOOK},
)
async def export_indicator_values(
    transformation: TransformationPath,
    request: Request,
    caller: CallerDependency,
    query: Annotated[AsOfQuery, Query()],
) -> Response:
    """All baselines, measures and targets, as PILOTE's template; imported again, it changes nothing."""
    service = request.app.state.service

    def run() -> Response:
        caller.require_scope("read")
        as_of = resolve(service, query)
        with service.database.snapshot() as connection:
            member = membership(connection, caller, transformation)
            require("export", member.role)
            position = last_change(connection, member.transformation.id, as_of)
            if not position:
                raise NotFound(what="transformation", id=transformation)
            reader = Reader(service, connection, caller, member, as_of, position)
            headers = {"ETag": view_etag(reader), "Cache-Control": CACHE, "Vary": "Authorization, Accept-Language"}
            if not_modified(request, headers["ETag"]):
                return Response(status_code=304, headers=headers)
            content = export_values(reader.states(INDICATOR), position)
        headers["Trajectoire-Position"] = str(position)
        headers["Content-Disposition"] = f'attachment; filename="valeurs-{member.transformation.code}.xlsx"'
        return Response(content, headers=headers, media_type=MEDIA_TYPE)

    return await anyio.to_thread.run_sync(run)
