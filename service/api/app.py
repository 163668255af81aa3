"""The HTTP application: routers, errors, the published OpenAPI document."""

from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.middleware import Middleware

from service.api import problems
from service.api.middleware import RequestEnvelope
from service.api.openapi import publish
from service.api.routers import PRESENTERS, ROUTERS, operate

MAX_BODY = 1024 * 1024
DESCRIPTION = """
Le service de pilotage d’une transformation\u202f: chaque fait est un événement, tout le reste se calcule, pour maintenant
ou pour n’importe quel moment passé (`as_of`).

*The steering service of a transformation: every fact is an event; all else is computed, now or as of any past moment.*
"""


def create_app(service: Any) -> FastAPI:
    """The application over a running service."""
    app = FastAPI(
        title="Trajectoire",
        version="1",
        description=DESCRIPTION,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        max_body_size=MAX_BODY,
        middleware=[Middleware(RequestEnvelope)],
        generate_unique_id_function=_operation_id,
        redirect_slashes=False,
    )
    app.state.service = service
    app.state.presenters = PRESENTERS
    problems.install(app)
    for router in ROUTERS:
        app.include_router(router, prefix="/api/v1")
    app.include_router(operate.router)
    publish(app)
    return app


def _operation_id(route: APIRoute) -> str:
    """`plan_milestone`: the name of the endpoint function, unique over all routers (a test checks)."""
    return route.name
