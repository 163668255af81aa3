"""Where requests go: the routers of the API, and the signpost that finds a route without trying all of them."""

import re
from collections.abc import Iterable
from typing import Any

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Match, NoMatchFound
from starlette.types import Receive, Scope, Send

BASE_PATH = "/api/v1"
ARTICLE = re.compile("_(?:an?|the)_")


def api_router(chapter: str, *, include_in_schema: bool = True) -> APIRouter:
    """A router of the API. Its routes have their whole address, so that they stand side by side in one list."""
    return APIRouter(
        prefix=BASE_PATH,
        tags=[chapter],
        include_in_schema=include_in_schema,
        generate_unique_id_function=operation_id,
    )


def operation_id(route: APIRoute) -> str:
    """`plan_milestone`: the endpoint function's name without its article, unique over all routers (a test checks)."""
    return ARTICLE.sub("_", route.name)


class Signpost(BaseRoute):
    """Stands before all routes and finds the one of a request by the fixed segments of its path.

    Trying some two hundred addresses in turn costs as much as many a request does. What is not found here (another
    method, an unknown address) goes on to the list, where the framework refuses it as ever.
    """

    def __init__(self, routes: Iterable[BaseRoute]) -> None:
        self.known = [route for route in routes if isinstance(route, APIRoute)]
        self._routes: dict[tuple[str, int, str, str], list[APIRoute]] = {}
        for route in self.known:
            for method in route.methods or ():
                self._routes.setdefault((method, *_fixed(route.path)), []).append(route)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] == "http":
            count, first, last = _fixed(scope["path"])
            for end in (last, ""):
                for route in self._routes.get((scope["method"], count, first, end), ()):
                    match, found = route.matches(scope)
                    if match is Match.FULL:
                        return match, found
        return Match.NONE, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await scope["route"].handle(scope, receive, send)

    def url_path_for(self, name: str, /, **path_params: Any) -> Any:
        raise NoMatchFound(name, path_params)


def _fixed(path: str) -> tuple[int, str, str]:
    """How many segments a path or a template has, its first below the base, its last; a parameter is empty."""
    segments = path.removeprefix(BASE_PATH).split("/")
    first, last = segments[min(1, len(segments) - 1)], segments[-1]
    return len(segments), "" if "{" in first else first, "" if "{" in last else last
