"""The verdict of a body on a gate: one commit takes the decision, moves the phases and sets the conditions."""

from collections.abc import Sequence
from typing import Any

from psycopg import Connection
from psycopg.rows import DictRow

from service.acts.decisions import take_decision
from service.acts.reviews import check_conditions, earlier_reviews, require_judge
from service.domain import review_course
from service.domain.body import BODY
from service.domain.decision_events import Authority, Verdict
from service.domain.phase import PHASE
from service.domain.review import REVIEW, Review
from service.domain.review_course import ConditionTerms
from service.domain.review_refusals import GateOfAnotherBody, GateWithoutBody
from service.domain.review_rules import require_verdict_possible
from service.domain.transformation import Transformation
from service.store.unit import Unit


def give_verdict(
    unit: Unit,
    connection: Connection[DictRow],
    transformation: Transformation,
    review: Review,
    *,
    position: int,
    verdict: Verdict,
    conditions: Sequence[ConditionTerms] = (),
    **fields: Any,
) -> Review:
    """The body judges the gate; the other `fields` are those of the decision.

    What the review itself forbids is refused first: no pack, not held, no quorum, criteria unmet. Then the gate:
    another body's, not open, its verdict heard already (`GateHasItsVerdict`).
    """
    require_verdict_possible(review, verdict)
    require_judge(unit, review)
    check_conditions(unit, conditions)
    if review.phase_id is not None:
        phase = unit.get(PHASE, review.phase_id)
        if phase.gate_body_id is None:
            raise GateWithoutBody(ordinal=phase.ordinal)
        if phase.gate_body_id != review.body_id:
            raise GateOfAnotherBody(ordinal=phase.ordinal, body=unit.get(BODY, phase.gate_body_id).name)
    earlier = earlier_reviews(unit, connection, review)
    taken = take_decision(
        unit,
        connection,
        transformation,
        position=position,
        kind="gate_verdict",
        phase_id=review.phase_id,
        verdict=verdict,
        review_id=review.id,
        authority=Authority(kind="body", id=str(review.body_id)),
        **fields,
    )
    events = review_course.give_verdict(review, taken.id, verdict=verdict, conditions=conditions, earlier=earlier)
    return unit.record(REVIEW, review.id, events)
