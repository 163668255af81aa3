"""The rules of a stage review's life that its own state can judge (DOMAIN sections 1 and 2)."""

from collections.abc import Iterable

from service.domain import review_refusals as no
from service.domain.authority import authority
from service.domain.concept import ReasonRequired
from service.domain.decision_events import Verdict
from service.domain.event import Fact
from service.domain.review_events import (
    EvidenceLink,
    ReviewAcknowledged,
    ReviewCancelled,
    ReviewClosed,
    ReviewConditionEscalated,
    ReviewConditionLifted,
    ReviewConditionMet,
    ReviewConditionSet,
    ReviewContestationAnswered,
    ReviewContested,
    ReviewCriterionAssessed,
    ReviewCriterionWaived,
    ReviewDescribed,
    ReviewHeld,
    ReviewMemberRecused,
    ReviewPackFrozen,
    ReviewRescheduled,
    ReviewScheduled,
    ReviewVerdictGiven,
)
from service.domain.review_state import Condition, Criterion, Review
from service.domain.transformation import Transformation

PASSES = ("go", "go_with_conditions")
BEFORE = ReviewDescribed | ReviewRescheduled | ReviewCancelled | ReviewMemberRecused | ReviewPackFrozen | ReviewHeld
"""What precedes the review, and the review itself."""


def check(review: Review | None, fact: Fact) -> None:
    """Raises the refusal of the rule that forbids the fact."""
    if isinstance(fact.event, ReviewScheduled):
        for number in fact.event.optional:
            if not 1 <= number <= len(fact.event.criteria):
                raise no.CriterionUnknown(ref=f"R-{fact.event.ref}", number=number)
    if review is None:
        return
    if isinstance(fact.event, BEFORE):
        _require_to_come(review)
        _check_before(review, fact)
    else:
        _check_after(review, fact)


def reference(review: Review) -> str:
    return f"R-{review.ref}"


def _require_to_come(review: Review) -> None:
    """Raises `ReviewIsCancelled`, `ReviewHeldAlready`."""
    if review.status == "cancelled":
        raise no.ReviewIsCancelled(ref=reference(review))
    if review.attendance is not None:
        raise no.ReviewHeldAlready(ref=reference(review), held_on=review.held_on)


def _check_before(review: Review, fact: Fact) -> None:
    event, ref = fact.event, reference(review)
    reasoned = isinstance(event, ReviewRescheduled | ReviewCancelled | ReviewMemberRecused)
    if (reasoned or (isinstance(event, ReviewPackFrozen) and review.packs)) and not fact.envelope.reason:
        raise ReasonRequired()
    match event:
        case ReviewDescribed() if review.second_of is not None and "agenda" in event.changes():
            raise no.SecondConveningKeepsAgenda(ref=ref)
        case ReviewMemberRecused():
            if event.person_id in {each.person_id for each in review.recusals}:
                raise no.RecusedAlready(ref=ref, person=event.person_id)
        case ReviewHeld():
            if not review.packs:
                raise no.ReviewWithoutPack(ref=ref)
            if fact.occurred_on < review.planned_on:
                raise no.ReviewBeforeItsDate(ref=ref, planned_on=review.planned_on, on=fact.occurred_on)
            if fact.occurred_on < review.packs[-1].frozen_on:
                raise no.PackFrozenLater(ref=ref, frozen_on=review.packs[-1].frozen_on, on=fact.occurred_on)
            for each in review.recusals:
                if each.person_id in event.attended or each.person_id in event.counted:
                    raise no.RecusedMemberCounted(ref=ref, person=each.person_id)


def _check_after(review: Review, fact: Fact) -> None:
    event, ref = fact.event, reference(review)
    match event:
        case ReviewCriterionAssessed() | ReviewCriterionWaived():
            _check_criterion(review, fact, event)
            return
        case _ if review.status == "cancelled":
            raise no.ReviewIsCancelled(ref=ref)
        case ReviewVerdictGiven():
            require_verdict_possible(review, event.verdict)
            _require_after(review, fact)
            return
        case _ if review.attendance is None:
            raise no.ReviewNotHeld(ref=ref)
        case _ if fact.occurred_on < review.attendance.held_on:
            _require_after(review, fact)
        case ReviewConditionSet():
            _require_open(review)
            if review.verdict is None or review.verdict.verdict != "go_with_conditions":
                raise no.ConditionsMisplaced(verdict=review.verdict.verdict if review.verdict else "")
            if event.due_on < fact.occurred_on:
                raise no.ConditionDueBefore(due_on=event.due_on, given_on=fact.occurred_on)
        case ReviewConditionEscalated():
            _check_escalation(review, fact, event)
        case ReviewConditionMet() | ReviewConditionLifted():
            require_unsettled(review, event.number)
            if isinstance(event, ReviewConditionLifted) and not fact.envelope.reason:
                raise ReasonRequired()
        case ReviewClosed():
            _require_open(review)
            if review.phase_id and review.verdict is None and review.attendance.quorum.reached:
                raise no.VerdictMissing(ref=ref)
        case ReviewAcknowledged() | ReviewContested():
            _check_reader(review, fact)
        case ReviewContestationAnswered():
            _check_answer(review, fact, event)


def _require_after(review: Review, fact: Fact) -> None:
    if review.held_on is not None and fact.occurred_on < review.held_on:
        raise no.BeforeReviewHeld(ref=reference(review), held_on=review.held_on, on=fact.occurred_on)


def _require_open(review: Review) -> None:
    if review.closed_on is not None:
        raise no.ReviewIsClosed(ref=reference(review), closed_on=review.closed_on)


def _check_criterion(review: Review, fact: Fact, event: ReviewCriterionAssessed | ReviewCriterionWaived) -> None:
    """Until the verdict: what it was judged by is then history."""
    ref = reference(review)
    if review.status == "cancelled":
        raise no.ReviewIsCancelled(ref=ref)
    _require_open(review)
    if review.verdict is not None:
        raise no.VerdictGivenAlready(ref=ref, decision_id=review.verdict.decision_id)
    criterion = criterion_of(review, event.number)
    if isinstance(event, ReviewCriterionAssessed):
        require_complete(event.evidence)
        return
    if not fact.envelope.reason:
        raise ReasonRequired()
    if criterion.met:
        raise no.CriterionIsMet(ref=ref, number=event.number)


def require_verdict_possible(review: Review, verdict: Verdict) -> None:
    """No verdict without a frozen pack and quorum; no go past an unmet mandatory criterion (DOMAIN section 2)."""
    ref = reference(review)
    if review.status == "cancelled":
        raise no.ReviewIsCancelled(ref=ref)
    if review.phase_id is None:
        raise no.ReviewIsNoGate(ref=ref)
    if not review.packs:
        raise no.ReviewWithoutPack(ref=ref)
    if review.attendance is None:
        raise no.ReviewNotHeld(ref=ref)
    _require_open(review)
    if review.verdict is not None:
        raise no.VerdictGivenAlready(ref=ref, decision_id=review.verdict.decision_id)
    quorum = review.attendance.quorum
    if not quorum.reached:
        raise no.QuorumNotReached(ref=ref, present=quorum.present, required=max(quorum.required, 1))
    if verdict in PASSES and (unmet := review.unmet_mandatory):
        raise no.MandatoryCriteriaUnmet(ref=ref, criteria=unmet)


def criterion_of(review: Review, number: int) -> Criterion:
    """Raises `CriterionUnknown`."""
    for criterion in review.criteria:
        if criterion.number == number:
            return criterion
    raise no.CriterionUnknown(ref=reference(review), number=number)


def require_unsettled(review: Review, number: int) -> Condition:
    """The open condition of a number. Raises `ConditionUnknown`, `ConditionSettled`."""
    for condition in review.conditions:
        if condition.number == number:
            if condition.settled_on is not None:
                raise no.ConditionSettled(ref=reference(review), number=number, on=condition.settled_on)
            return condition
    raise no.ConditionUnknown(ref=reference(review), number=number)


def _check_escalation(review: Review, fact: Fact, event: ReviewConditionEscalated) -> None:
    """A blocking one, unmet at its date, goes up once (DOMAIN section 2)."""
    ref = reference(review)
    condition = require_unsettled(review, event.number)
    if not condition.blocking:
        raise no.ConditionNotBlocking(ref=ref, number=event.number)
    if condition.escalated_on is not None:
        raise no.ConditionEscalatedAlready(ref=ref, number=event.number, on=condition.escalated_on)
    if not condition.overdue(fact.occurred_on):
        raise no.ConditionNotOverdue(ref=ref, number=event.number, due_on=condition.due_on)


def require_complete(evidence: tuple[EvidenceLink, ...]) -> None:
    """Each link names a document, or an object by its id. Raises `EvidenceIncomplete`."""
    for link in evidence:
        if (link.document is None) if link.kind == "document" else (link.id is None):
            raise no.EvidenceIncomplete(pointer="/evidence")


def _check_reader(review: Review, fact: Fact) -> None:
    """Who sat in the body that day acknowledges once, and may contest."""
    who, ref = authority(fact), reference(review)
    if review.attendance is None or who not in review.attendance.seated:
        raise no.ReviewNotYours(ref=ref, person=who)
    if isinstance(fact.event, ReviewAcknowledged):
        for read in review.acknowledgements:
            if read.by == who:
                raise no.ReviewAcknowledgedAlready(ref=ref, on=read.on)


def _check_answer(review: Review, fact: Fact, event: ReviewContestationAnswered) -> None:
    ref = reference(review)
    for contestation in review.contestations:
        if contestation.event_id != event.contested_event_id:
            continue
        if contestation.answered_on:
            raise no.ReviewContestationSettled(ref=ref, answered_on=contestation.answered_on)
        if contestation.by == authority(fact):
            raise no.ReviewContesterCannotAnswer(ref=ref)
        return
    raise no.ReviewContestationUnknown(ref=ref, id=event.contested_event_id)


def awaits_verdict(review: Review) -> bool:
    """It was held at a gate with its quorum, and its verdict is still to be given."""
    held = review.attendance
    due = review.status == "held" and review.phase_id is not None and review.verdict is None
    return due and held is not None and held.quorum.reached


def is_pending(review: Review) -> bool:
    """It is still to be held, or its verdict to be given."""
    return review.status in ("scheduled", "pack_frozen") or awaits_verdict(review)


def finally_reviewed(closing: Transformation, reviews: Iterable[Review]) -> bool:
    """Whether a review began the closing by its verdict, or was held with its quorum since (DOMAIN section 1)."""
    for review in reviews:
        held = review.attendance
        if held is None or not held.quorum.reached or review.status == "withdrawn":
            continue
        began = review.verdict is not None and review.verdict.decision_id == closing.closing_decision_id
        if began or (closing.closing_on is not None and held.held_on >= closing.closing_on):
            return True
    return False
