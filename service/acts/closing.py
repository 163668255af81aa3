"""Closing a transformation: what it takes, in one place."""

from psycopg import Connection
from psycopg.rows import DictRow

from service.domain import transformation
from service.domain.evaluation import EVALUATION
from service.domain.event import Event
from service.domain.review import REVIEW
from service.domain.review_rules import finally_reviewed
from service.domain.transformation import (
    EvaluationMissing,
    FinalReviewMissing,
    Transformation,
    TransformationNotClosing,
)
from service.projections.as_of import AsOf
from service.projections.evaluations import EVALUATIONS
from service.projections.reviews import REVIEWS
from service.store.unit import Unit


def close_transformation(unit: Unit, connection: Connection[DictRow], closing: Transformation) -> list[Event]:
    """Close it after a final review, with the last validated evaluation (DOMAIN section 1).

    Raises `TransformationNotClosing`, `FinalReviewMissing`, `EvaluationMissing`.
    """
    if closing.status != "closing":
        raise TransformationNotClosing(code=closing.code, status=closing.status)
    now = AsOf(unit.act.now)
    reviews = (unit.get(REVIEW, each.id) for each in REVIEWS.of_transformation(connection, closing.id, now))
    if not finally_reviewed(closing, reviews):
        raise FinalReviewMissing(code=closing.code)
    evaluations = [unit.get(EVALUATION, each.id) for each in EVALUATIONS.of_transformation(connection, closing.id, now)]
    validated = [each for each in evaluations if each.status == "validated"]
    if not validated:
        raise EvaluationMissing(code=closing.code)
    return transformation.close(closing, validated[-1].id)
