"""For those who run the service: is it alive, is it ready, how is it doing. Outside `/api/v1`."""

from typing import Any

import anyio.to_thread
import psycopg
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from service.api.problems import unavailable

router = APIRouter(tags=["operate"], include_in_schema=False)


@router.get("/livez")
async def livez() -> dict[str, str]:
    """200 as long as the process answers, whatever the database does."""
    return {"status": "alive"}


@router.get("/readyz")
async def readyz(request: Request) -> Response:
    """200 when requests can be served; 503 with the reason otherwise."""
    found = await anyio.to_thread.run_sync(_look, request.app.state.service)
    return JSONResponse(found) if found["ready"] else unavailable(request)


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """The head of the log, the position of the read models and their lag, in Prometheus' text format."""
    found = await anyio.to_thread.run_sync(_look, request.app.state.service)
    lines = [
        f"# TYPE trajectoire_{name} gauge\ntrajectoire_{name} {int(found.get(name) or 0)}"
        for name in ("ready", "log_head", "projected", "lag")
    ]
    return PlainTextResponse("\n".join(lines) + "\n", media_type="text/plain; version=0.0.4")


def _look(service: Any) -> dict[str, Any]:
    try:
        row = service.database.one(
            "SELECT (SELECT COALESCE(max(notification_id), 0) FROM events) AS head, position FROM projection_head"
        )
    except psycopg.Error:
        return {"ready": False}
    lag = row["head"] - row["position"]
    return {"ready": True, "log_head": row["head"], "projected": row["position"], "lag": lag}
