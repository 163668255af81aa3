"""Closing a transformation: what it takes, in one place."""

from psycopg import Connection
from psycopg.rows import DictRow

from service.domain import transformation
from service.domain.evaluation import EVALUATION
from service.domain.event import Event
from service.domain.transformation import EvaluationMissing, Transformation, TransformationNotClosing
from service.projections.as_of import AsOf
from service.projections.evaluations import EVALUATIONS
from service.store.unit import Unit


def close_transformation(unit: Unit, connection: Connection[DictRow], closing: Transformation) -> list[Event]:
    """Close it with the last validated evaluation. A final review, once reviews exist, is asked for here too.

    Raises `TransformationNotClosing`, `EvaluationMissing`.
    """
    if closing.status != "closing":
        raise TransformationNotClosing(code=closing.code, status=closing.status)
    known = EVALUATIONS.of_transformation(connection, closing.id, AsOf(unit.act.now))
    evaluations = [unit.get(EVALUATION, each.id) for each in known]
    validated = [each for each in evaluations if each.status == "validated"]
    if not validated:
        raise EvaluationMissing(code=closing.code)
    return transformation.close(closing, validated[-1].id)
