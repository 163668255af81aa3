"""Groups of staff and of internal partners, in their tree."""

from service.domain.group import GROUP, Group
from service.projections.table import ObjectTable

GROUPS: ObjectTable[Group] = ObjectTable(
    name="groups",
    concept=GROUP,
    columns={"name": "text", "kind": "text", "parent_id": "uuid", "search": "text"},
    row=lambda g: {"name": g.name, "kind": g.kind, "parent_id": g.parent_id, "search": g.name},
)
