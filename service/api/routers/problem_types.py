"""The documentation of every problem type: what `type` in an error leads to. Public: errors come before keys."""

from functools import cache
from typing import Annotated

from fastapi import Path, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel

from service.api.answers import answer, to_json
from service.api.as_of_query import Nothing
from service.api.problems import HTTP_DETAILS, HTTP_TITLES, responses, status_of
from service.api.routing import api_router
from service.domain.refusal import NotFound, Refusal

router = api_router("problems")
Code = Annotated[str, Path(pattern=r"^[a-z][a-z-]{0,79}$", description="Le code d’une erreur.")]
NoQuery = Annotated[Nothing, Query()]


class ProblemType(BaseModel):
    """One way in which the service says no."""

    code: str
    status: int
    fr: str
    en: str


class ProblemTypes(BaseModel):
    items: list[ProblemType]


def _refusals(kind: type[Refusal] = Refusal) -> list[type[Refusal]]:
    found = [kind]
    for below in kind.__subclasses__():
        found.extend(_refusals(below))
    return found


@cache
def _types() -> dict[str, ProblemType]:
    """Every type by code: those of HTTP first, then one per refusal."""
    found = {}
    for status, (code, *titles) in HTTP_TITLES.items():
        french, english = HTTP_DETAILS.get(status, titles)
        found[code] = ProblemType(code=code, status=status, fr=french, en=english)
    for kind in _refusals():
        status, english = status_of(kind.__new__(kind)), " ".join((kind.__doc__ or "").split())
        found[kind.code] = ProblemType(code=kind.code, status=status, fr=kind.FR, en=english)
    return dict(sorted(found.items()))


@router.get("/problems", response_model=ProblemTypes, responses=responses(422))
async def list_problem_types(request: Request, query: NoQuery) -> Response:
    """Every problem type, by code."""
    return answer(request, to_json({"items": list(_types().values())}))


@router.get("/problems/{code}", response_model=ProblemType, responses=responses(404, 422))
async def get_problem_type(code: Code, request: Request, query: NoQuery) -> Response:
    """One problem type."""
    if code not in _types():
        raise NotFound(what="problem", id=code)
    return answer(request, to_json(_types()[code]))
