"""The indicators of a transformation, with their targets and measures."""

from service.domain.indicator import INDICATOR, Indicator
from service.projections.table import ObjectTable

INDICATORS: ObjectTable[Indicator] = ObjectTable(
    name="indicators",
    concept=INDICATOR,
    columns={
        "family": "text",
        "direction": "text",
        "cadence": "text",
        "owner": "text",
        "external_id": "text",
        "search": "text",
    },
    row=lambda i: {
        "family": i.family,
        "direction": i.direction,
        "cadence": i.cadence,
        "owner": i.owner,
        "external_id": i.external_id,
        "search": f"{i.title} {i.description or ''}",
    },
)
