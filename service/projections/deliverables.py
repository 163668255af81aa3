"""The deliverables of a transformation: what is expected, submitted, validated."""

from service.domain.deliverable import DELIVERABLE, Deliverable
from service.projections.table import ObjectTable

DELIVERABLES: ObjectTable[Deliverable] = ObjectTable(
    name="deliverables",
    concept=DELIVERABLE,
    columns={
        "kind": "text",
        "phase_id": "uuid",
        "owner": "text",
        "due_on": "date",
        "submitted_on": "date",
        "validated_on": "date",
        "search": "text",
    },
    row=lambda d: {
        "kind": d.kind,
        "phase_id": d.phase_id,
        "owner": d.owner,
        "due_on": d.due_on,
        "submitted_on": d.submitted_on,
        "validated_on": d.validated_on,
        "search": f"{d.title} {d.description or ''}",
    },
    indexes=("phase_id",),
)
