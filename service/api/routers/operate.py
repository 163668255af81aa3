"""For those who run the service: is it alive, is it ready, how is it doing. Outside `/api/v1`."""

import anyio.to_thread
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST

from service.api.metrics import exposition
from service.api.problems import not_ready, unavailable
from service.projections.lag import look

router = APIRouter(tags=["operate"], include_in_schema=False)


@router.get("/livez")
async def livez() -> dict[str, str]:
    """200 as long as the process answers, whatever the database does."""
    return {"status": "alive"}


@router.get("/readyz")
async def readyz(request: Request) -> Response:
    """200 when reads and writes can be relied on; 503 with the reason otherwise."""
    service = request.app.state.service
    standing = await anyio.to_thread.run_sync(look, service.database)
    if standing is None:
        return unavailable(request)
    problem = standing.problem(service.settings.lag_limit)
    if problem is not None:
        return not_ready(request, problem, lag=standing.lag, lag_seconds=round(standing.lag_seconds, 1))
    return JSONResponse(
        {
            "ready": True,
            "log_head": standing.head,
            "projected": standing.projected,
            "lag": standing.lag,
            "lag_seconds": round(standing.lag_seconds, 3),
            "heartbeat_seconds": round(standing.silence or 0.0, 3),  # ready, hence not None
            "set_aside": standing.set_aside,
        }
    )


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """The figures of the service, in Prometheus' text format."""
    found = await anyio.to_thread.run_sync(exposition, request.app.state.service)
    return Response(found, media_type=CONTENT_TYPE_LATEST)
