"""Governance bodies, and who ever sat in them."""

from service.domain.body import BODY, Body
from service.projections.table import ObjectTable

BODIES: ObjectTable[Body] = ObjectTable(
    name="bodies",
    concept=BODY,
    columns={"name": "text", "kind": "text", "search": "text"},
    row=lambda b: {"name": b.name, "kind": b.kind, "search": f"{b.name} {b.mission or ''}"},
)
