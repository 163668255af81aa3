"""A stage review as it stands, and how each of its facts changes it."""

from datetime import date
from typing import Any, Literal
from uuid import UUID

from service.domain.authority import authority
from service.domain.concept import State, created, revised
from service.domain.decision import Contestation
from service.domain.decision_events import Authority, Verdict
from service.domain.event import Fact, Value
from service.domain.milestone import Forecast
from service.domain.quorum import Quorum
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


class Recusal(Value):
    """Who withdrew from the review, and why."""

    person_id: str
    on: date
    reason: str | None = None


class Waiver(Value):
    """Who let an unmet criterion pass, when and why."""

    by: Authority
    on: date
    reason: str | None = None


class Criterion(Value):
    """One criterion: what must be so, what shows that it is, and who waived it where it is not."""

    number: int
    statement: str
    mandatory: bool
    met: bool | None = None
    """None until somebody has looked."""
    assessed_on: date | None = None
    comment: str | None = None
    evidence: tuple[EvidenceLink, ...] = ()
    waiver: Waiver | None = None

    @property
    def passes(self) -> bool:
        return self.met is True or self.waiver is not None


class FrozenPack(Value):
    """One version of the pack: where in the log, and the SHA-256 of its canonical bytes."""

    number: int
    position: int
    sha256: str
    size: int
    frozen_on: date
    frozen_by: str
    reason: str | None = None


class Attendance(Value):
    """Who was there and who counted, on the day it was held."""

    held_on: date
    attended: tuple[str, ...]
    guests: tuple[str, ...]
    seated: tuple[str, ...]
    quorum: Quorum


class GivenVerdict(Value):
    """The verdict on the gate, with the quorum that it was given by."""

    verdict: Verdict
    decision_id: UUID
    given_on: date
    required: int
    present: int


class Condition(Value):
    """A condition of the verdict, and how it ended."""

    number: int
    statement: str
    owner: str
    due_on: date
    blocking: bool
    escalated_on: date | None = None
    """When it went up to governance, unmet at its date."""
    met_on: date | None = None
    lifted_on: date | None = None
    lifted_by: Authority | None = None
    lifted_because: str | None = None
    comment: str | None = None
    evidence: tuple[EvidenceLink, ...] = ()

    @property
    def settled_on(self) -> date | None:
        return self.met_on or self.lifted_on

    def overdue(self, today: date) -> bool:
        return self.settled_on is None and self.due_on < today


class ReviewReading(Value):
    """Who has read what was recorded, and when."""

    by: str
    on: date


class Review(State):
    """A stage review as it stands: scheduled, pack_frozen, held, closed or cancelled."""

    status: Literal["scheduled", "pack_frozen", "held", "closed", "cancelled", "withdrawn"] = "scheduled"
    body_id: UUID
    phase_id: UUID | None = None
    title: str
    planned_on: date
    mode: Mode = "meeting"
    agenda: tuple[AgendaItem, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    second_of: UUID | None = None
    forecasts: tuple[Forecast, ...] = ()
    reschedule_count: int = 0
    recusals: tuple[Recusal, ...] = ()
    packs: tuple[FrozenPack, ...] = ()
    attendance: Attendance | None = None
    minutes: str | None = None
    verdict: GivenVerdict | None = None
    conditions: tuple[Condition, ...] = ()
    cancelled_because: str | None = None
    closed_on: date | None = None
    conclusions: str | None = None
    acknowledgements: tuple[ReviewReading, ...] = ()
    contestations: tuple[Contestation, ...] = ()

    @property
    def held_on(self) -> date | None:
        return self.attendance.held_on if self.attendance else None

    @property
    def unmet_mandatory(self) -> list[int]:
        """The numbers of the mandatory criteria that are neither met nor waived."""
        return [each.number for each in self.criteria if each.mandatory and not each.passes]

    @property
    def awaiting(self) -> list[str]:
        """Those who sat in the body that day and have not acknowledged yet."""
        read = {each.by for each in self.acknowledgements}
        return [person for person in (self.attendance.seated if self.attendance else ()) if person not in read]

    @property
    def contested(self) -> bool:
        """A contestation still waits for its answer."""
        return any(each.answered_on is None for each in self.contestations)


def evolve(review: Review | None, fact: Fact) -> Review:
    """The review after one more fact."""
    event = fact.event
    if isinstance(event, ReviewScheduled):
        return _scheduled(event, fact)
    assert review is not None  # a stream begins with its creation; `fold` has checked it
    on, why = fact.occurred_on, fact.envelope.reason
    update: dict[str, Any]
    match event:
        case ReviewDescribed():
            return revised(review, event)
        case ReviewRescheduled():
            forecast = Forecast(due_on=event.planned_on, said_on=on, reason=why)
            update = {
                "planned_on": event.planned_on,
                "forecasts": (*review.forecasts, forecast),
                "reschedule_count": review.reschedule_count + 1,
            }
        case ReviewCancelled():
            update = {"status": "cancelled", "cancelled_because": why}
        case ReviewMemberRecused():
            update = {"recusals": (*review.recusals, Recusal(person_id=event.person_id, on=on, reason=why))}
        case ReviewCriterionAssessed(met=met, evidence=evidence, comment=comment):
            said = {"met": met, "evidence": evidence, "comment": comment, "assessed_on": on, "waiver": None}
            update = {"criteria": _changed(review.criteria, event.number, said)}
        case ReviewCriterionWaived():
            waiver = {"waiver": Waiver(by=event.by, on=on, reason=why)}
            update = {"criteria": _changed(review.criteria, event.number, waiver)}
        case ReviewPackFrozen():
            frozen = FrozenPack(
                number=event.number,
                position=event.position,
                sha256=event.sha256,
                size=len(event.canonical.encode()),
                frozen_on=on,
                frozen_by=fact.envelope.actor,
                reason=why,
            )
            update = {"status": "pack_frozen", "packs": (*review.packs, frozen)}
        case ReviewHeld():
            update = {"status": "held", "minutes": event.minutes, "attendance": _attendance(event, on)}
        case ReviewVerdictGiven():
            given = {name: getattr(event, name) for name in ReviewVerdictGiven.model_fields}
            update = {"verdict": GivenVerdict(given_on=on, **given)}
        case ReviewConditionSet():
            condition = Condition(**{name: getattr(event, name) for name in ReviewConditionSet.model_fields})
            update = {"conditions": (*review.conditions, condition)}
        case ReviewConditionEscalated():
            update = {"conditions": _changed(review.conditions, event.number, {"escalated_on": on})}
        case ReviewConditionMet(evidence=evidence, comment=comment):
            shown = {"met_on": on, "evidence": evidence, "comment": comment}
            update = {"conditions": _changed(review.conditions, event.number, shown)}
        case ReviewConditionLifted():
            lifted = {"lifted_on": on, "lifted_by": event.by, "lifted_because": why}
            update = {"conditions": _changed(review.conditions, event.number, lifted)}
        case ReviewClosed():
            update = {"status": "closed", "closed_on": on, "conclusions": event.conclusions}
        case ReviewAcknowledged():
            read = ReviewReading(by=authority(fact), on=on)
            update = {"acknowledgements": (*review.acknowledgements, read)}
        case ReviewContested():
            objection = Contestation(event_id=fact.envelope.event_id, by=authority(fact), on=on, text=event.text)
            update = {"contestations": (*review.contestations, objection)}
        case ReviewContestationAnswered():
            answered = {"answered_by": authority(fact), "answered_on": on, "answer": event.answer}
            update = {
                "contestations": tuple(
                    each.model_copy(update=answered) if each.event_id == event.contested_event_id else each
                    for each in review.contestations
                )
            }
        case _:
            return review
    return review.model_copy(update=update)


def _scheduled(event: ReviewScheduled, fact: Fact) -> Review:
    fields = {name: getattr(event, name) for name in ReviewScheduled.model_fields if name in Review.model_fields}
    fields["criteria"] = tuple(
        Criterion(number=number, statement=statement, mandatory=number not in event.optional)
        for number, statement in enumerate(event.criteria, start=1)
    )
    planned = Forecast(due_on=event.planned_on, said_on=fact.occurred_on)
    return Review(**created(fact), **fields, forecasts=(planned,))


def _attendance(event: ReviewHeld, on: date) -> Attendance:
    quorum = Quorum(required=event.required, present=event.present, filled=event.filled, counted=event.counted)
    return Attendance(held_on=on, attended=event.attended, guests=event.guests, seated=event.seated, quorum=quorum)


def _changed(listed: tuple[Any, ...], number: int, update: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(each.model_copy(update=update) if each.number == number else each for each in listed)
