"""Declaring the confidence on a transformation, an axis, a workstream or a phase."""

from service.acts.subjects import find_subject
from service.domain import status_report
from service.domain.status_report import STATUS_REPORT, Confidence, ReportSubject, StatusReport
from service.domain.transformation import Transformation
from service.store.unit import Unit


def report_status(
    unit: Unit, transformation: Transformation, *, subject: ReportSubject, confidence: Confidence, narrative: str
) -> StatusReport:
    """Declare a confidence, with its narrative. Raises `NotFound`, `ObjectWithdrawn`."""
    find_subject(unit, transformation.id, subject.kind, subject.id)
    events = status_report.report(subject=subject, confidence=confidence, narrative=narrative)
    return unit.create(STATUS_REPORT, events)
