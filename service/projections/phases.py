"""Phases, in their order."""

from service.domain.phase import PHASE, Phase
from service.projections.table import ObjectTable

PHASES: ObjectTable[Phase] = ObjectTable(
    name="phases",
    concept=PHASE,
    columns={"ordinal": "integer", "planned_from": "date", "planned_to": "date", "search": "text"},
    row=lambda p: {
        "ordinal": p.ordinal,
        "planned_from": p.planned_from,
        "planned_to": p.planned_to,
        "search": p.title,
    },
)
