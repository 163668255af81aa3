"""Two versions of the plan side by side, over HTTP; or one version beside the plan as it is."""

from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import Query, Request
from fastapi.responses import Response
from pydantic import Field

from service.api.as_of_query import AsOfQuery
from service.api.dependencies import TransformationPath
from service.api.problems import READS
from service.api.reader import Reader
from service.api.routers.views import Echo, names
from service.api.routing import api_router
from service.api.viewing import read_view
from service.api.who import CallerDependency
from service.domain.action import ACTION
from service.domain.axis import AXIS
from service.domain.milestone import MILESTONE
from service.domain.phase import PHASE
from service.domain.plan_version import PLAN_VERSION, PlanVersion
from service.domain.refusal import NotFound
from service.domain.workstream import WORKSTREAM
from service.projections.plan_comparison import ComparedVersion, Parts, PlanComparison, compute
from service.projections.plan_versions import content_of

router = api_router("plan versions")
PARTS = (WORKSTREAM, ACTION, MILESTONE)
Number = Annotated[int, Field(ge=1, le=10_000)]


class PlanComparisonView(PlanComparison, Echo):
    """What differs between two versions of the plan."""


class ComparisonQuery(AsOfQuery):
    """Which versions, by their numbers; `to` is the plan as it is if not given."""

    from_: Number = Field(alias="from", description="Le numéro de la version de départ.")
    to: Number | None = Field(None, description="Le numéro de l’autre version\u202f; sans lui, le plan tel qu’il est.")


@router.get("/transformations/{transformation}/plan-comparison", response_model=PlanComparisonView, **READS)
async def compare_plan_versions(
    transformation: TransformationPath,
    request: Request,
    caller: CallerDependency,
    query: Annotated[ComparisonQuery, Query()],
) -> Response:
    """What the later plan adds, removes and changes, field by field, and every date that moved."""

    def look(reader: Reader) -> dict[str, Any]:
        versions = reader.states(PLAN_VERSION)
        around = names(reader, AXIS, WORKSTREAM, PHASE, ACTION)
        before, after = (_side(reader, versions, number) for number in (query.from_, query.to))
        found = compute(before, after, around, reader.calendar, reader.language)
        return {**reader.echo(), **found.model_dump()}

    return await read_view(request, caller, transformation, query, look)


def _side(reader: Reader, versions: Iterable[PlanVersion], number: int | None) -> tuple[ComparedVersion, Parts]:
    """One side of the comparison: what the version says of itself, and its plan. Raises `NotFound`."""
    point = reader.as_of
    side = ComparedVersion(id=None, number=None, title=None, status=None, content_position=None)
    if number is not None:
        version = next((each for each in versions if each.number == number), None)
        if version is None:
            raise NotFound(what="plan_version", id=number)
        point = content_of(version, reader.as_of)
        side = ComparedVersion(**{name: getattr(version, name) for name in ComparedVersion.model_fields})
    visible = reader.viewer.visible()
    tables = reader.service.tables
    parts: Parts = {
        concept: tables[concept.name].of_transformation(reader.connection, reader.transformation_id, point, visible)
        for concept in PARTS
    }
    return side, parts
