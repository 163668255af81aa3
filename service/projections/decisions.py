"""The decision register."""

from service.domain.decision import DECISION, Decision
from service.projections.table import ObjectTable

DECISIONS: ObjectTable[Decision] = ObjectTable(
    name="decisions",
    concept=DECISION,
    columns={
        "kind": "text",
        "taken_on": "date",
        "applies_from": "date",
        "applied_on": "date",
        "phase_id": "uuid",
        "verdict": "text",
        "search": "text",
    },
    row=lambda d: {
        "kind": d.kind,
        "taken_on": d.taken_on,
        "applies_from": d.applies_from,
        "applied_on": d.applied_on,
        "phase_id": d.phase_id,
        "verdict": d.verdict,
        "search": f"{d.title} {d.question or ''} {d.chosen} {d.rationale or ''}",
    },
)
