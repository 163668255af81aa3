"""Declared weather over HTTP: report, acknowledge."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request
from fastapi.responses import Response

from service.acts import status_reports as acts
from service.api.as_of_query import AsOfQuery
from service.api.dependencies import Create, TransformationPath
from service.api.fields import ActBody, Text, content
from service.api.listing import ListQuery, filters, list_objects, page_of
from service.api.mending import mend_routes
from service.api.problems import ACTS, CREATES, READS
from service.api.reader import Reader
from service.api.reading import read_object
from service.api.representation import representation, shown
from service.api.routing import api_router
from service.api.who import CallerDependency, Membership
from service.domain import status_report
from service.domain.status_report import STATUS_REPORT, Confidence, ReportSubject, StatusReport
from service.projections.status_reports import STATUS_REPORTS
from service.store.unit import Unit

router = api_router("status reports")
CONCEPT = STATUS_REPORT
StatusReportShown = representation(STATUS_REPORT)


def present(state: StatusReport, reader: Reader) -> dict[str, Any]:
    """A report with its acknowledgements."""
    return shown(STATUS_REPORT, state)


class ReportStatus(ActBody):
    """How confident somebody is, and why: the narrative is required."""

    subject: ReportSubject
    confidence: Confidence
    narrative: Text


@router.post("/transformations/{transformation}/status-reports", response_model=StatusReportShown, **CREATES)
async def report_status(transformation: TransformationPath, body: ReportStatus, write: Create) -> Response:
    """Declare the weather of the transformation, an axis, a workstream or a phase."""

    def decide(unit: Unit, member: Membership) -> StatusReport:
        return acts.report_status(unit, member.transformation, **content(body))

    return await write.create(transformation, "status_report.report", body, decide, STATUS_REPORT)


@router.get("/transformations/{transformation}/status-reports", response_model=page_of(StatusReportShown), **READS)
async def list_status_reports(
    transformation: TransformationPath,
    request: Request,
    caller: CallerDependency,
    query: Annotated[ListQuery, filters(STATUS_REPORTS)],
) -> Response:
    """The declared weather of a transformation, oldest first."""
    return await list_objects(request, caller, transformation, STATUS_REPORT, query, present, StatusReportShown)


@router.get("/status-reports/{id}", response_model=StatusReportShown, **READS)
async def get_status_report(
    id: UUID, request: Request, caller: CallerDependency, query: Annotated[AsOfQuery, Query()]
) -> Response:
    """One report."""
    return await read_object(request, caller, STATUS_REPORT, id, query, present)


@router.post("/status-reports/{id}/acknowledge", response_model=StatusReportShown, **ACTS)
async def acknowledge_status_report(id: UUID, body: ActBody, write: Create) -> Response:
    """Governance takes note of it, each person once."""
    return await write.act(
        STATUS_REPORT,
        id,
        "status_report.acknowledge",
        body,
        lambda report, unit: status_report.acknowledge(report),
        if_match=False,
    )


mend_routes(router, STATUS_REPORT, StatusReportShown, (ReportStatus,))
