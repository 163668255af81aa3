"""Transformations: what is being changed, and how far it is."""

from service.domain.transformation import TRANSFORMATION, Transformation
from service.projections.table import ObjectTable

TRANSFORMATIONS: ObjectTable[Transformation] = ObjectTable(
    name="transformations",
    concept=TRANSFORMATION,
    columns={"code": "text", "name": "text", "search": "text"},
    row=lambda t: {"code": t.code, "name": t.name, "search": f"{t.code} {t.name}"},
    indexes=("code",),
)
