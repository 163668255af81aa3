"""Stage review (point d'étape): scheduled -> pack_frozen -> held -> closed.

Its events are in `review_events`, its state in `review_state`, its rules in `review_rules`, what these refuse in
`review_refusals`, what people do with it in `review_course`.
"""

from collections.abc import Iterator
from uuid import UUID

from service.domain.concept import Concept
from service.domain.review_events import EVENTS
from service.domain.review_rules import check
from service.domain.review_state import Review, evolve

__all__ = ["REVIEW", "Review"]


def _links(review: Review) -> Iterator[UUID]:
    yield review.body_id
    yield from (id for id in (review.phase_id, review.second_of) if id is not None)
    if review.verdict:
        yield review.verdict.decision_id
    shown = [link for criterion in review.criteria for link in criterion.evidence]
    shown += [link for condition in review.conditions for link in condition.evidence]
    yield from (link.id for link in shown if link.id is not None)


def _owners(review: Review) -> Iterator[str]:
    """Who brings a point, owns a condition or sat in the body that day."""
    yield from (item.owner for item in review.agenda if item.owner)
    yield from (condition.owner for condition in review.conditions)
    yield from review.attendance.seated if review.attendance else ()


REVIEW: Concept[Review] = Concept(
    name="review",
    collection="reviews",
    letter="R",
    state=Review,
    events=EVENTS,
    evolve=evolve,
    check=check,
    owners=_owners,
    links=_links,
)
