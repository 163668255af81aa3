"""The documentation of every problem type: what `type` in an error leads to."""

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel

from service.api.answers import answer, to_json
from service.api.problems import READS, status_of
from service.domain.refusal import NotFound, Refusal

router = APIRouter(tags=["problems"])


class ProblemType(BaseModel):
    """One way in which the service says no."""

    code: str
    status: int
    fr: str
    en: str


class ProblemTypes(BaseModel):
    items: list[ProblemType]


def _all(kind: type[Refusal] = Refusal) -> list[type[Refusal]]:
    found = [kind]
    for below in kind.__subclasses__():
        found.extend(_all(below))
    return found


def _described(kind: type[Refusal]) -> ProblemType:
    blank = kind.__new__(kind)
    return ProblemType(code=kind.code, status=status_of(blank), fr=kind.FR, en=" ".join((kind.__doc__ or "").split()))


@router.get("/problems", response_model=ProblemTypes, **READS)
async def list_problem_types(request: Request) -> Response:
    """Every problem type, by code."""
    kinds = {kind.code: kind for kind in _all()}
    return answer(request, to_json({"items": [_described(kinds[code]).model_dump() for code in sorted(kinds)]}))


@router.get("/problems/{code}", response_model=ProblemType, **READS)
async def get_problem_type(code: str, request: Request) -> Response:
    """One problem type."""
    for kind in _all():
        if kind.code == code:
            return answer(request, to_json(_described(kind).model_dump()))
    raise NotFound(what="problem", id="?")
