"""What people do with a stage review: schedule, prepare, freeze, hold it, judge a gate, follow its conditions."""

import hashlib
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from service.domain import quorum
from service.domain.act import Act
from service.domain.body import Body, NotSeated, require_constituted, sits, sitting
from service.domain.concept import NothingToChange, differences
from service.domain.decision_events import Authority, Verdict
from service.domain.event import Event, Value
from service.domain.phase import Phase
from service.domain.review_events import (
    AgendaItem,
    EvidenceLink,
    Mode,
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
from service.domain.review_refusals import (
    BlockingConditionsOpen,
    ConditionOfSomebodyElse,
    ConditionsMisplaced,
    ConditionsMissing,
    GateOfAnotherBody,
    GateWithoutBody,
    RecusedMemberCounted,
    SecondConveningUnfounded,
)
from service.domain.review_rules import PASSES, reference, require_complete, require_unsettled
from service.domain.review_state import Review


class ConditionTerms(Value):
    """A condition as a verdict states it."""

    statement: str
    owner: str
    due_on: date
    blocking: bool = False


def schedule(
    *,
    ref: int,
    body: Body,
    title: str,
    planned_on: date,
    mode: Mode = "meeting",
    agenda: tuple[AgendaItem, ...] = (),
    phase: Phase | None = None,
    criteria: tuple[str, ...] = (),
    optional: tuple[int, ...] = (),
    second_of: Review | None = None,
) -> list[Event]:
    """Convene a body. At a gate the criteria are those of its phase; a second convening takes over the first agenda.

    Raises `BodyIsDissolved`, `GateWithoutBody`, `GateOfAnotherBody`, `SecondConveningUnfounded`.
    """
    require_constituted(body)
    if phase is not None:
        if phase.gate_body_id is None:
            raise GateWithoutBody(ordinal=phase.ordinal)
        if phase.gate_body_id != body.id:
            raise GateOfAnotherBody(ordinal=phase.ordinal, body=phase.gate_body_id)
        criteria = phase.exit_criteria
        optional = tuple(number for number in phase.gate_optional if number <= len(criteria))
    if second_of is not None:
        _require_missed(second_of, body, phase)
        agenda = second_of.agenda
    return [
        ReviewScheduled(
            ref=ref,
            body_id=body.id,
            phase_id=phase.id if phase else None,
            title=title,
            planned_on=planned_on,
            mode=mode,
            agenda=agenda,
            criteria=criteria,
            optional=optional,
            second_of=second_of.id if second_of else None,
        )
    ]


def _require_missed(first: Review, body: Body, phase: Phase | None) -> None:
    held = first.attendance
    same = (first.body_id, first.phase_id) == (body.id, phase.id if phase else None)
    if held is None or held.quorum.reached or not same:
        raise SecondConveningUnfounded(ref=reference(first))


def revise(review: Review, **wanted: Any) -> list[Event]:
    """Change its title, its agenda or its manner. Raises `NothingToChange`."""
    changes = differences(review, **wanted)
    if not changes:
        raise NothingToChange()
    return [ReviewDescribed(**changes)]


def reschedule(review: Review, planned_on: date) -> list[Event]:
    """Plan it on another day; the act must carry a reason. Raises `NothingToChange`."""
    if planned_on == review.planned_on:
        raise NothingToChange(pointer="/planned_on")
    return [ReviewRescheduled(planned_on=planned_on)]


def cancel(review: Review) -> list[Event]:
    """Give it up; the act must carry a reason."""
    return [ReviewCancelled()]


def recuse(review: Review, body: Body, person_id: str) -> list[Event]:
    """A member of the body withdraws from it; the act must carry a reason. Raises `NotSeated`."""
    if not sits(body, person_id, review.planned_on):
        raise NotSeated(name=body.name, person=person_id, on=review.planned_on)
    return [ReviewMemberRecused(person_id=person_id)]


def assess_criterion(
    review: Review, number: int, *, met: bool, evidence: tuple[EvidenceLink, ...] = (), comment: str | None = None
) -> list[Event]:
    """Say whether a criterion is met, and what shows it."""
    return [ReviewCriterionAssessed(number=number, met=met, evidence=evidence, comment=comment)]


def waive_criterion(review: Review, number: int, by: Authority) -> list[Event]:
    """Let an unmet criterion pass, in somebody's name; the act must carry a reason."""
    return [ReviewCriterionWaived(number=number, by=by)]


def freeze_pack(review: Review, *, position: int, canonical: str, texts: Mapping[str, str]) -> list[Event]:
    """Fix the pack, once more with a reason until it is held. `canonical` is RFC 8785 JSON without personal text."""
    return [
        ReviewPackFrozen(
            number=len(review.packs) + 1,
            position=position,
            sha256=hashlib.sha256(canonical.encode()).hexdigest(),
            canonical=canonical,
            texts=dict(texts),
        )
    ]


def hold(
    review: Review,
    body: Body,
    on: date,
    *,
    attended: tuple[str, ...] = (),
    guests: tuple[str, ...] = (),
    minutes: str | None = None,
) -> list[Event]:
    """It took place (or the answers are in): count its quorum, of members present or of answers received.

    Raises `NotSeated` for somebody who has no seat that day, `RecusedMemberCounted`.
    """
    require_constituted(body)
    recused = {each.person_id for each in review.recusals}
    attended = tuple(dict.fromkeys(attended))
    for person in attended:
        if person in recused:
            raise RecusedMemberCounted(ref=reference(review), person=person)
        if not sits(body, person, on):
            raise NotSeated(name=body.name, person=person, on=on)
    counted = quorum.count(body, on, attended=attended, recused=recused, second=review.second_of is not None)
    return [
        ReviewHeld(
            attended=attended,
            guests=guests,
            seated=tuple(dict.fromkeys(each.person_id for each in sitting(body, on))),
            minutes=minutes,
            **counted.model_dump(),
        )
    ]


def give_verdict(
    review: Review,
    decision_id: UUID,
    *,
    verdict: Verdict,
    conditions: Collection[ConditionTerms] = (),
    earlier: Collection[Review] = (),
) -> list[Event]:
    """The verdict of the body on the gate and its conditions, in the commit of the decision.

    `earlier` are the other reviews of the transformation. Raises `ConditionsMissing`, `ConditionsMisplaced`,
    `BlockingConditionsOpen`.
    """
    if verdict == "go_with_conditions" and not conditions:
        raise ConditionsMissing(pointer="/conditions")
    if verdict != "go_with_conditions" and conditions:
        raise ConditionsMisplaced(pointer="/conditions", verdict=verdict)
    if verdict in PASSES and (blocking := blocking_conditions(earlier)):
        raise BlockingConditionsOpen(ref=reference(review), conditions=blocking)
    held = review.attendance
    given = ReviewVerdictGiven(
        verdict=verdict,
        decision_id=decision_id,
        required=held.quorum.required if held else 0,
        present=held.quorum.present if held else 0,
    )
    first = len(review.conditions) + 1
    return [
        given,
        *(
            ReviewConditionSet(number=number, **terms.model_dump())
            for number, terms in enumerate(conditions, start=first)
        ),
    ]


def escalate_condition(review: Review, number: int) -> list[Event]:
    """Take a blocking condition that was not met at its date up to governance, once."""
    return [ReviewConditionEscalated(number=number)]


def meet_condition(
    review: Review,
    act: Act,
    number: int,
    *,
    evidence: tuple[EvidenceLink, ...] = (),
    comment: str | None = None,
) -> list[Event]:
    """Say that a condition is met: its owner, or the lead. Raises `ConditionOfSomebodyElse`."""
    condition = require_unsettled(review, number)
    require_complete(evidence)
    if act.role not in ("lead", "integration") and act.authority != condition.owner:
        raise ConditionOfSomebodyElse(ref=reference(review), number=number, owner=condition.owner)
    return [ReviewConditionMet(number=number, evidence=evidence, comment=comment)]


def lift_condition(review: Review, number: int, by: Authority) -> list[Event]:
    """No longer ask for a condition, in somebody's name; the act must carry a reason."""
    return [ReviewConditionLifted(number=number, by=by)]


def escalate_conditions(review: Review, today: date) -> list[Event]:
    """What the job decides: each blocking condition unmet past its date goes up to governance, once."""
    waiting = escalated(review, today)
    new = [each.number for each in review.conditions if each.number in waiting and each.escalated_on is None]
    return [ReviewConditionEscalated(number=number) for number in new]


def close(review: Review, *, conclusions: str | None = None) -> list[Event]:
    """All is recorded."""
    return [ReviewClosed(conclusions=conclusions)]


def acknowledge(review: Review) -> list[Event]:
    """Who sat in the body that day has read what was recorded."""
    return [ReviewAcknowledged()]


def contest(review: Review, text: str) -> list[Event]:
    """Who sat in the body that day says that it was not so."""
    return [ReviewContested(text=text)]


def answer_contestation(review: Review, contested_event_id: UUID, answer: str) -> list[Event]:
    """Answer a contestation; not by who contested."""
    return [ReviewContestationAnswered(contested_event_id=contested_event_id, answer=answer)]


# What is derived


def blocking_conditions(reviews: Collection[Review]) -> list[str]:
    """The blocking conditions that are still open: « R-3, condition 1 »."""
    return [
        f"{reference(review)} / {condition.number}"
        for review in reviews
        if not review.withdrawn
        for condition in review.conditions
        if condition.blocking and condition.settled_on is None
    ]


def escalated(review: Review, today: date) -> list[int]:
    """The numbers of the blocking conditions unmet at their date: they go up to governance."""
    return [each.number for each in review.conditions if each.blocking and each.overdue(today)]
