"""Workstreams, under their axes."""

from service.domain.workstream import WORKSTREAM, Workstream
from service.projections.table import ObjectTable

WORKSTREAMS: ObjectTable[Workstream] = ObjectTable(
    name="workstreams",
    concept=WORKSTREAM,
    columns={"axis_id": "uuid", "parent_id": "uuid", "priority": "integer", "search": "text"},
    row=lambda w: {
        "axis_id": w.axis_id,
        "parent_id": w.parent_id,
        "priority": w.priority,
        "search": f"{w.title} {w.description or ''}",
    },
)
