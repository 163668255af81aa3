"""Stage reviews over HTTP, once the day has come: held, verdict, conditions, closed, contested, mended."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi.responses import Response
from pydantic import Field

from service.acts import reviews as acts
from service.acts import verdicts
from service.api.dependencies import Act, Create
from service.api.fields import ActBody, Day, Label, PersonId, Text, Title, content
from service.api.mending import Guards, mend_routes
from service.api.problems import ACTS
from service.api.routers.reviews import AssessCriterion, Evidence, Number, ReviewShown, ScheduleReview
from service.api.routing import api_router
from service.domain import review_course as course
from service.domain.authority import Visibility
from service.domain.decision_events import Verdict
from service.domain.event import Event
from service.domain.review import REVIEW, Review
from service.domain.review_course import ConditionTerms
from service.store.unit import Unit

router = api_router("reviews")
People = Annotated[tuple[PersonId, ...], Field(max_length=200)]


class HoldReview(ActBody):
    """Who was there of the body (or who answered, in writing), on `occurred_on`; guests do not count."""

    attended: People = ()
    guests: Annotated[tuple[Label, ...], Field(max_length=100)] = ()
    minutes: Text | None = None


class ConditionBody(ConditionTerms):
    """A condition: what, who, by when, and whether the next gate waits for it."""

    statement: Text
    owner: PersonId
    due_on: Day


class GiveVerdict(ActBody):
    """The verdict of the body, as a decision in its name; `go_with_conditions` names its conditions."""

    verdict: Verdict
    title: Title
    chosen: Text
    rationale: Text | None = None
    dissent: Text | None = None
    applies_from: Day | None = None
    visibility: Visibility = "members"
    conditions: Annotated[tuple[ConditionBody, ...], Field(max_length=50)] = ()


class MeetCondition(ActBody):
    """The condition that is met, and what shows it."""

    number: Number
    evidence: Evidence = ()
    comment: Text | None = None


class EscalateCondition(ActBody):
    """The blocking condition that was not met at its date."""

    number: Number


class LiftCondition(ActBody):
    """The condition that is no longer asked for; the reason is required."""

    number: Number


class CloseReview(ActBody):
    """What remains to be said."""

    conclusions: Text | None = None


class ContestReview(ActBody):
    """What was not so."""

    text: Text


class AnswerReviewContestation(ActBody):
    """The answer to one contestation, named by its event."""

    contested_event_id: UUID
    answer: Text


@router.post("/reviews/{id}/hold", response_model=ReviewShown, **ACTS)
async def hold_review(id: UUID, body: HoldReview, write: Act) -> Response:
    """It was held: its quorum is counted and stored."""
    return await write.act(REVIEW, id, "review.hold", body, lambda r, unit: acts.hold_review(unit, r, **content(body)))


@router.post("/reviews/{id}/give-verdict", response_model=ReviewShown, **ACTS)
async def give_verdict(id: UUID, body: GiveVerdict, write: Act) -> Response:
    """Judge the gate: a decision of the body, the phases and the conditions in one commit."""
    service = write.service

    def decide(review: Review, unit: Unit) -> Sequence[Event]:
        service.gate.wait(service.log.head(), service.settings.consistency_wait)
        member = write.member(review.transformation_id or id)
        with service.database.snapshot() as connection:
            row = connection.execute("SELECT position FROM projection_head").fetchone()
            position = row["position"] if row else 0
            verdicts.give_verdict(unit, connection, member.transformation, review, position=position, **content(body))
        return []

    return await write.act(REVIEW, id, "review.give_verdict", body, decide)


@router.post("/reviews/{id}/meet-condition", response_model=ReviewShown, **ACTS)
async def meet_condition(id: UUID, body: MeetCondition, write: Act) -> Response:
    """A condition of the verdict is met: its owner or the lead says so."""

    def decide(review: Review, unit: Unit) -> Sequence[Event]:
        acts.check_evidence(unit, review, body.evidence)
        return course.meet_condition(review, unit.act, **content(body))

    return await write.act(REVIEW, id, "review.meet_condition", body, decide)


@router.post("/reviews/{id}/escalate-condition", response_model=ReviewShown, **ACTS)
async def escalate_condition(id: UUID, body: EscalateCondition, write: Act) -> Response:
    """A blocking condition was not met at its date: it goes up to governance, once."""
    return await write.act(
        REVIEW, id, "review.escalate_condition", body, lambda r, unit: course.escalate_condition(r, body.number)
    )


@router.post("/reviews/{id}/lift-condition", response_model=ReviewShown, **ACTS)
async def lift_condition(id: UUID, body: LiftCondition, write: Act) -> Response:
    """The body no longer asks for a condition; the reason is required."""

    def decide(review: Review, unit: Unit) -> Sequence[Event]:
        acts.require_judge(unit, review)
        return course.lift_condition(review, body.number, acts.authority_of(unit.act))

    return await write.act(REVIEW, id, "review.lift_condition", body, decide)


@router.post("/reviews/{id}/close", response_model=ReviewShown, **ACTS)
async def close_review(id: UUID, body: CloseReview, write: Act) -> Response:
    """All is recorded."""
    return await write.act(
        REVIEW, id, "review.close", body, lambda r, unit: course.close(r, conclusions=body.conclusions)
    )


@router.post("/reviews/{id}/acknowledge", response_model=ReviewShown, **ACTS)
async def acknowledge_review(id: UUID, body: ActBody, write: Create) -> Response:
    """Who sat in the body that day has read what was recorded."""
    return await write.act(
        REVIEW, id, "review.acknowledge", body, lambda r, unit: course.acknowledge(r), if_match=False
    )


@router.post("/reviews/{id}/contest", response_model=ReviewShown, **ACTS)
async def contest_review(id: UUID, body: ContestReview, write: Create) -> Response:
    """Who sat in the body that day says that it was not so."""
    return await write.act(
        REVIEW, id, "review.contest", body, lambda r, unit: course.contest(r, body.text), if_match=False
    )


@router.post("/reviews/{id}/answer-contestation", response_model=ReviewShown, **ACTS)
async def answer_review_contestation(id: UUID, body: AnswerReviewContestation, write: Act) -> Response:
    """Answer a contestation; not by who contested."""
    return await write.act(
        REVIEW,
        id,
        "review.answer_contestation",
        body,
        lambda r, unit: course.answer_contestation(r, body.contested_event_id, body.answer),
    )


mend_routes(
    router,
    REVIEW,
    ReviewShown,
    (
        ScheduleReview,
        AssessCriterion,
        HoldReview,
        GiveVerdict,
        ConditionBody,
        CloseReview,
        ContestReview,
        AnswerReviewContestation,
    ),
    Guards(correct=acts.check_correction, withdraw=acts.check_withdrawal),
)
