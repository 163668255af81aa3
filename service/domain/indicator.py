"""Indicator: what tells whether the change works, as it stands with its measures; and the rules of its life.

Its events are in `indicator_events`, what people decide on it in `indicator_course`, what is computed from it in
`indicator_figures`.
"""

from datetime import date
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from service.domain.authority import authority
from service.domain.concept import Concept, ReasonRequired, State, created, revised
from service.domain.event import Fact, Value
from service.domain.freshness import latest
from service.domain.imported import ImportStamp
from service.domain.indicator_events import (
    EVENTS,
    DatedValue,
    Direction,
    Family,
    IndicatorConfirmed,
    IndicatorDefined,
    IndicatorDescribed,
    IndicatorMeasured,
    IndicatorReassigned,
    IndicatorRebaselined,
    IndicatorRetargeted,
    IndicatorRetired,
    IndicatorSubject,
    IndicatorValueAccepted,
    IndicatorValueProposed,
    IndicatorValueRefused,
)
from service.domain.indicator_shape import require_shape
from service.domain.number import require_exact
from service.domain.period import Cadence
from service.domain.refusal import Conflict, NotFound


class Measure(Value):
    """A value that counts. `event_id` is the fact to correct: the measure, or the proposal that was accepted."""

    event_id: UUID
    value: Decimal
    on: date
    comment: str | None = None
    by: str


class Proposal(Measure):
    """A value that waits to be accepted, or was accepted or refused."""

    status: Literal["pending", "accepted", "refused"] = "pending"
    settled_by: str | None = None
    settled_on: date | None = None
    reason: str | None = None


class Indicator(State):
    """An indicator as it stands."""

    status: Literal["defined", "retired", "withdrawn"] = "defined"
    title: str
    description: str | None = None
    family: Family
    unit: str
    direction: Direction
    tolerance: Decimal | None = None
    baseline: DatedValue | None = None
    targets: tuple[DatedValue, ...] = ()
    cadence: Cadence
    availability_delay_days: int = 0
    owner: str | None = None
    collector: str | None = None
    weight: Decimal = Decimal(1)
    subject: IndicatorSubject | None = None
    external_id: str | None = None
    """PILOTE's `identifiant_indic`."""
    measures: tuple[Measure, ...] = ()
    """In the order of their days, history before the baseline included."""
    proposals: tuple[Proposal, ...] = ()
    defined_on: date
    retired_on: date | None = None
    retired_because: str | None = None
    row: ImportStamp | None = None


class AlreadyMeasured(Conflict):
    """Indicator {ref} already has the value {value} on {on}: correct that fact ({event_id}) instead."""

    FR = "L’indicateur {ref} a déjà la valeur {value} au {on}\u202f: rectifiez plutôt ce fait ({event_id})."


class IndicatorNoLongerFollowed(Conflict):
    """Indicator {ref} was retired on {retired_on}: it takes no more values and no more changes."""

    FR = "L’indicateur {ref} n’est plus suivi depuis le {retired_on}\u202f: il ne reçoit plus ni valeur ni changement."


class ProposalUnknown(NotFound):
    """Indicator {ref} has no proposed value {id}."""

    FR = "L’indicateur {ref} n’a pas de valeur proposée {id}."


class ProposalSettled(Conflict):
    """This proposed value of indicator {ref} is {status} since {settled_on}."""

    FR = "Cette valeur proposée de l’indicateur {ref} est {status} depuis le {settled_on}."


class ProposerCannotAccept(Conflict):
    """Who proposed a value of indicator {ref} cannot accept it: somebody else does."""

    FR = "Qui a proposé une valeur de l’indicateur {ref} ne peut pas l’accepter\u202f: quelqu’un d’autre le fait."


def evolve(indicator: Indicator | None, fact: Fact) -> Indicator:
    """The indicator after one more fact."""
    event = fact.event
    if isinstance(event, IndicatorDefined):
        fields = {name: getattr(event, name) for name in IndicatorDefined.model_fields}
        fields["targets"] = by_day(event.targets)
        return Indicator(**created(fact), **fields, defined_on=fact.occurred_on)
    assert indicator is not None  # a stream begins with its creation; `fold` has checked it
    update: dict[str, Any]
    match event:
        case IndicatorDescribed() | IndicatorReassigned():
            return revised(indicator, event)
        case IndicatorRetargeted():
            update = {"targets": by_day(event.targets)}
        case IndicatorRebaselined():
            update = {"baseline": event.baseline}
        case IndicatorMeasured():
            update = {"measures": _with(indicator, Measure(**_reading(event, fact)))}
        case IndicatorValueProposed():
            update = {"proposals": (*indicator.proposals, Proposal(**_reading(event, fact)))}
        case IndicatorValueAccepted():
            update = _settled(indicator, event.proposal_event_id, fact, "accepted")
            accepted = _proposal(indicator, event.proposal_event_id)
            measure = Measure(**{name: getattr(accepted, name) for name in Measure.model_fields})
            update["measures"] = _with(indicator, measure)
        case IndicatorValueRefused():
            update = _settled(indicator, event.proposal_event_id, fact, "refused")
        case IndicatorRetired():
            update = {
                "status": "retired",
                "retired_on": fact.occurred_on,
                "retired_because": fact.envelope.reason,
            }
        case IndicatorConfirmed():
            update = {"confirmed_on": latest(indicator.confirmed_on, fact.occurred_on)}
        case _:
            return indicator
    return indicator.model_copy(update=update)


def by_day(values: tuple[DatedValue, ...]) -> tuple[DatedValue, ...]:
    """In the order of their days."""
    return tuple(sorted(values, key=lambda dated: dated.on))


def _reading(event: IndicatorMeasured | IndicatorValueProposed, fact: Fact) -> dict[str, Any]:
    return {
        "event_id": fact.envelope.event_id,
        "value": event.value,
        "on": fact.occurred_on,
        "comment": event.comment,
        "by": authority(fact),
    }


def _with(indicator: Indicator, measure: Measure) -> tuple[Measure, ...]:
    return tuple(sorted((*indicator.measures, measure), key=lambda each: each.on))


def _proposal(indicator: Indicator, event_id: UUID) -> Proposal:
    for proposal in indicator.proposals:
        if proposal.event_id == event_id:
            return proposal
    raise ProposalUnknown(ref=INDICATOR.reference(indicator), id=event_id)


def _settled(indicator: Indicator, event_id: UUID, fact: Fact, status: str) -> dict[str, Any]:
    settled = {
        "status": status,
        "settled_by": authority(fact),
        "settled_on": fact.occurred_on,
        "reason": fact.envelope.reason,
    }
    return {
        "proposals": tuple(p.model_copy(update=settled) if p.event_id == event_id else p for p in indicator.proposals)
    }


def check(indicator: Indicator | None, fact: Fact) -> None:
    """The rules of an indicator's life (DOMAIN section 1) and of its definition (`indicator_shape`)."""
    event = fact.event
    if isinstance(event, IndicatorDefined | IndicatorDescribed | IndicatorRetargeted | IndicatorRebaselined):
        after = evolve(indicator, fact)
        require_shape(
            direction=after.direction,
            tolerance=after.tolerance,
            baseline=after.baseline,
            # As they were sent, so that the pointer of a refusal resolves in the body.
            targets=event.targets if isinstance(event, IndicatorDefined | IndicatorRetargeted) else after.targets,
            availability_delay_days=after.availability_delay_days,
            weight=after.weight,
        )
    if indicator is None:
        return
    if indicator.status == "retired":
        raise IndicatorNoLongerFollowed(ref=INDICATOR.reference(indicator), retired_on=indicator.retired_on)
    match event:
        case IndicatorMeasured() | IndicatorValueProposed():
            require_exact(event.value, "/value")
            _require_free(indicator, fact.occurred_on)
        case IndicatorValueAccepted():
            proposal = _pending(indicator, event.proposal_event_id)
            if proposal.by == authority(fact):
                raise ProposerCannotAccept(ref=INDICATOR.reference(indicator))
            _require_free(indicator, proposal.on)
        case IndicatorValueRefused():
            _pending(indicator, event.proposal_event_id)
            if not fact.envelope.reason:
                raise ReasonRequired()
        case IndicatorRetired() if not fact.envelope.reason:
            raise ReasonRequired()


def _pending(indicator: Indicator, event_id: UUID) -> Proposal:
    proposal = _proposal(indicator, event_id)
    if proposal.status != "pending":
        ref = INDICATOR.reference(indicator)
        raise ProposalSettled(ref=ref, status=proposal.status, settled_on=proposal.settled_on)
    return proposal


def _require_free(indicator: Indicator, day: date) -> None:
    for measure in indicator.measures:
        if measure.on == day:
            ref = INDICATOR.reference(indicator)
            raise AlreadyMeasured(ref=ref, on=day, value=measure.value, event_id=measure.event_id)


INDICATOR: Concept[Indicator] = Concept(
    name="indicator",
    collection="indicators",
    letter="I",
    state=Indicator,
    events=EVENTS,
    evolve=evolve,
    check=check,
    owners=lambda indicator: tuple(person for person in (indicator.owner, indicator.collector) if person),
    links=lambda indicator: (indicator.subject.id,) if indicator.subject else (),
)
