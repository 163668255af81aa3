"""The stage reviews of a transformation: when, of which body, at which gate."""

from service.domain.review import REVIEW, Review
from service.projections.table import ObjectTable

REVIEWS: ObjectTable[Review] = ObjectTable(
    name="reviews",
    concept=REVIEW,
    columns={
        "body_id": "uuid",
        "phase_id": "uuid",
        "planned_on": "date",
        "held_on": "date",
        "verdict": "text",
        "search": "text",
    },
    row=lambda r: {
        "body_id": r.body_id,
        "phase_id": r.phase_id,
        "planned_on": r.planned_on,
        "held_on": r.held_on,
        "verdict": r.verdict.verdict if r.verdict else None,
        "search": f"{r.title} {r.minutes or ''} {r.conclusions or ''}",
    },
)
