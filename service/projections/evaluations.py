"""The evaluations of the impacts."""

from service.domain.evaluation import EVALUATION, Evaluation
from service.projections.table import ObjectTable

EVALUATIONS: ObjectTable[Evaluation] = ObjectTable(
    name="evaluations",
    concept=EVALUATION,
    columns={"validated_on": "date", "follow_up_on": "date", "search": "text"},
    row=lambda e: {
        "validated_on": e.validated_on,
        "follow_up_on": e.follow_up_on,
        "search": f"{e.title} {e.baseline or ''} {e.result or ''} {e.narrative or ''}",
    },
)
