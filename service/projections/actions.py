"""The action list: filters by place, people and dates."""

from service.domain.action import ACTION, Action
from service.projections.table import ObjectTable

ACTIONS: ObjectTable[Action] = ObjectTable(
    name="actions",
    concept=ACTION,
    columns={
        "axis_id": "uuid",
        "workstream_id": "uuid",
        "phase_id": "uuid",
        "parent_id": "uuid",
        "lead": "text",
        "focus": "text",
        "horizon": "text",
        "priority": "text",
        "start_on": "date",
        "end_on": "date",
        "search": "text",
        "person_ids": "text[]",
    },
    row=lambda a: {
        "axis_id": a.axis_id,
        "workstream_id": a.workstream_id,
        "phase_id": a.phase_id,
        "parent_id": a.parent_id,
        "lead": a.lead,
        "focus": a.focus,
        "horizon": a.horizon,
        "priority": a.priority,
        "start_on": a.start_on,
        "end_on": a.end_on,
        "search": f"{a.title} {a.description or ''} {a.expected_result or ''}",
        "person_ids": [p for p in (a.lead, *a.contributors) if p],
    },
    indexes=("parent_id",),
)
