"""The milestones of a transformation: what was promised, by when."""

from service.domain.milestone import MILESTONE, Milestone
from service.projections.table import ObjectTable

MILESTONES: ObjectTable[Milestone] = ObjectTable(
    name="milestones",
    concept=MILESTONE,
    columns={
        "subject_kind": "text",
        "subject_id": "uuid",
        "due_on": "date",
        "baseline_on": "date",
        "reached_on": "date",
        "search": "text",
    },
    row=lambda m: {
        "subject_kind": m.subject.kind,
        "subject_id": m.subject.id,
        "due_on": m.due_on,
        "baseline_on": m.baseline_on,
        "reached_on": m.reached_on,
        "search": f"{m.title} {m.description or ''}",
    },
    indexes=("subject_id",),
)
