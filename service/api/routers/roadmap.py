"""The roadmap over HTTP: everything that has a date, for now or for any past moment."""

from typing import Annotated, Any

from fastapi import Query, Request
from fastapi.responses import Response

from service.api.as_of_query import AsOfQuery
from service.api.dependencies import TransformationPath
from service.api.problems import READS
from service.api.reader import Reader
from service.api.routers.views import Echo, names, plan_of
from service.api.routing import api_router
from service.api.viewing import read_view
from service.api.who import CallerDependency
from service.domain.action import ACTION
from service.domain.decision import DECISION
from service.domain.deliverable import DELIVERABLE
from service.domain.phase import PHASE
from service.domain.workstream import WORKSTREAM
from service.projections.roadmap import Clock, Roadmap, compute

router = api_router("views")


class RoadmapView(Roadmap, Echo):
    """The roadmap of the transformation."""


@router.get("/transformations/{transformation}/roadmap", response_model=RoadmapView, **READS)
async def get_roadmap(
    transformation: TransformationPath, request: Request, caller: CallerDependency, query: Annotated[AsOfQuery, Query()]
) -> Response:
    """Phases and gates, workstreams, milestones, deliverables and activity peaks; the baseline beside the forecast."""

    def look(reader: Reader) -> dict[str, Any]:
        found = compute(
            plan_of(reader),
            reader.states(DELIVERABLE),
            reader.states(DECISION),
            names(reader, ACTION, WORKSTREAM, PHASE),
            Clock(reader.as_of.today, reader.calendar),
        )
        return {**reader.echo(), **found.model_dump()}

    return await read_view(request, caller, transformation, query, look)
