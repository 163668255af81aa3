"""The obstacle register: what stands in the way, at which level, owned by whom."""

from service.domain.obstacle import OBSTACLE, Obstacle
from service.projections.table import ObjectTable

OBSTACLES: ObjectTable[Obstacle] = ObjectTable(
    name="obstacles",
    concept=OBSTACLE,
    columns={
        "nature": "text",
        "category": "text",
        "severity": "text",
        "level": "text",
        "owner": "text",
        "raised_on": "date",
        "next_look_on": "date",
        "visibility": "text",
        "search": "text",
    },
    row=lambda o: {
        "nature": o.nature,
        "category": o.category,
        "severity": o.severity,
        "level": o.level,
        "owner": o.owner,
        "raised_on": o.raised_on,
        "next_look_on": o.next_look_on,
        "visibility": o.visibility,
        "search": f"{o.title} {o.statement}",
    },
)
