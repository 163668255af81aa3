"""Axes, in their order."""

from service.domain.axis import AXIS, Axis
from service.projections.table import ObjectTable

AXES: ObjectTable[Axis] = ObjectTable(
    name="axes",
    concept=AXIS,
    columns={"position": "integer", "search": "text"},
    row=lambda a: {"position": a.position, "search": a.title},
)
