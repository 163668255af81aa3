"""The HTTP application: routers, errors, the published OpenAPI document."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

import anyio.to_thread
import psycopg
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from service.api.at_hand import AtHand
from service.api.body_limit import BodyLimit
from service.api.door import Door
from service.api.middleware import RequestEnvelope
from service.api.openapi import describe
from service.api.problems import on_database_error, on_http_error, on_refusal
from service.api.routers import PRESENTERS, ROUTERS, operate
from service.api.routing import Signpost
from service.api.shelf import Shelf
from service.api.validation import on_validation
from service.domain.refusal import Refusal

DESCRIPTION = """
Le service de pilotage d’une transformation\u202f: chaque fait est un événement, tout le reste se calcule, pour
maintenant ou pour n’importe quel moment passé (`as_of`).

**Pour essayer ici**\u202f: «\u202fAuthorize\u202f», collez une clé (`trj_…`, sans le mot Bearer), puis dépliez une
opération, «\u202fTry it out\u202f», «\u202fExecute\u202f». Commencez par *Lister les transformations*\u202f: le code
rendu (`DIR-CR` dans la démonstration) vaut partout où `transformation` est demandé. Cette page ajoute d’elle-même
`Idempotency-Key` à chaque écriture, et `If-Match` à un acte sur un objet que vous venez de lire.

*The steering service of a transformation: every fact is an event; all else is computed, now or as of any past moment.
To try it: “Authorize” with a key, open an operation, “Try it out”, “Execute”. This page adds `Idempotency-Key` to every
write, and `If-Match` to acts on an object that you just read.*
"""


TITLE, VERSION = "Trajectoire", "1"
ROUTES = [route for router in (*ROUTERS, operate.router) for route in router.routes]


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document: every application has the same routes."""
    return describe(TITLE, VERSION, DESCRIPTION, ROUTES)


def create_app(service: Any) -> FastAPI:
    """The application over a running service."""
    app = FastAPI(
        title=TITLE,
        version=VERSION,
        description=DESCRIPTION,
        openapi_url=None,  # FastAPI's own route computes the document on the event loop: see routers/docs.py
        docs_url=None,
        redoc_url=None,
        middleware=[Middleware(RequestEnvelope), Middleware(BodyLimit)],
        redirect_slashes=False,
        lifespan=_lifespan,
    )
    app.state.service = service
    app.state.presenters = PRESENTERS
    app.state.shelf = Shelf(service.settings.view_cache_mb * 2**20)
    app.add_exception_handler(Refusal, on_refusal)
    app.add_exception_handler(RequestValidationError, on_validation)
    app.add_exception_handler(HTTPException, on_http_error)
    app.add_exception_handler(psycopg.OperationalError, on_database_error)
    app.router.routes.extend([Signpost(ROUTES), *ROUTES])
    app.openapi = document  # type: ignore[method-assign]  # FastAPI's documented way to give another document
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """An act may hold one connection while it loads through another: half as many threads never wait in a circle."""
    limiter = anyio.to_thread.current_default_thread_limiter()
    limiter.total_tokens = max(1, app.state.service.settings.pool_size // 2)
    door = app.state.door = Door(app.state.service.database.dsn)
    app.state.at_hand = AtHand(door, app.state.service.gate)
    await door.open()
    try:
        yield
    finally:
        await door.close()
