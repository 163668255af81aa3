"""Declared weather: who said how confident, of what, and why."""

from service.domain.status_report import STATUS_REPORT, StatusReport
from service.projections.table import ObjectTable

STATUS_REPORTS: ObjectTable[StatusReport] = ObjectTable(
    name="status_reports",
    concept=STATUS_REPORT,
    columns={
        "subject_kind": "text",
        "subject_id": "uuid",
        "confidence": "text",
        "reported_on": "date",
        "search": "text",
    },
    row=lambda r: {
        "subject_kind": r.subject.kind,
        "subject_id": r.subject.id,
        "confidence": r.confidence,
        "reported_on": r.reported_on,
        "search": r.narrative,
    },
)
