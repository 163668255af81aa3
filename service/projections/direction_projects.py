"""The project of the directorate, in its versions."""

from service.domain.direction_project import DIRECTION_PROJECT, DirectionProject
from service.projections.table import ObjectTable

DIRECTION_PROJECTS: ObjectTable[DirectionProject] = ObjectTable(
    name="direction_projects",
    concept=DIRECTION_PROJECT,
    columns={"number": "integer", "submitted_on": "date", "validated_on": "date", "search": "text"},
    row=lambda p: {
        "number": p.number,
        "submitted_on": p.submitted_on,
        "validated_on": p.validated_on,
        "search": " ".join((p.title, p.why or "", p.how or "", p.vision or "", *p.missions, *p.ambitions)),
    },
)
