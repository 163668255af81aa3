"""Decision: an entry of the numbered register, as it stands; and the rules of its life.

Its events are in `decision_events`, what people do with it in `decision_course`.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any, Literal
from uuid import UUID

from service.domain.act import paris_date
from service.domain.authority import Visibility, authority
from service.domain.concept import Concept, ReasonRequired, State, created
from service.domain.decision_events import (
    EVENTS,
    Authority,
    ContestationAnswered,
    DecisionApplied,
    DecisionCommunicated,
    DecisionContested,
    DecisionKind,
    DecisionRevoked,
    DecisionSuperseded,
    DecisionTaken,
    DecisionVisibilityChanged,
    Verdict,
)
from service.domain.event import Document, Fact, Value
from service.domain.refusal import Conflict, Invalid, NotFound


class CommunicatedTo(Value):
    """Who was told, and when."""

    audience: str
    on: date


class Contestation(Value):
    """One objection of the authority, and its answer once there is one."""

    event_id: UUID
    by: str
    on: date
    text: str
    answered_by: str | None = None
    answered_on: date | None = None
    answer: str | None = None


class Decision(State):
    """A decision as it stands: taken, superseded or revoked; communicated, applied and contested beside that."""

    status: Literal["taken", "superseded", "revoked", "withdrawn"] = "taken"
    kind: DecisionKind
    title: str
    question: str | None = None
    options: tuple[str, ...] = ()
    chosen: str
    rationale: str | None = None
    dissent: str | None = None
    authority: Authority | None = None
    taken_on: date
    recorded_by: str
    recorded_for: Authority | None = None
    """The authority that somebody else recorded it for, and that can contest it."""
    applies_from: date | None = None
    source: Document | None = None
    resolves: tuple[UUID, ...] = ()
    creates_actions: tuple[UUID, ...] = ()
    confirms_axes: tuple[UUID, ...] = ()
    phase_id: UUID | None = None
    verdict: Verdict | None = None
    review_id: UUID | None = None
    supersedes: UUID | None = None
    superseded_by: UUID | None = None
    visibility: Visibility = "members"
    recorded_on: date | None = None
    """The day it entered the register, which may be later than the day it was taken."""
    communications: tuple[CommunicatedTo, ...] = ()
    applied_on: date | None = None
    revoked_on: date | None = None
    revoked_because: str | None = None
    contestations: tuple[Contestation, ...] = ()

    @property
    def contested(self) -> bool:
        """A contestation still waits for its answer."""
        return any(contestation.answered_on is None for contestation in self.contestations)


class SupersededAlready(Conflict):
    """Decision {ref} was superseded already, by {by}: supersede that one."""

    FR = "La décision {ref} a déjà été remplacée, par {by}\u202f: c’est celle-là qu’il faut remplacer."


class DecisionNotInForce(Conflict):
    """Decision {ref} is {status}: it is no longer in force."""

    FR = "La décision {ref} est {status}\u202f: elle n’est plus en vigueur."


class AlreadyApplied(Conflict):
    """Decision {ref} was applied on {applied_on}."""

    FR = "La décision {ref} est appliquée depuis le {applied_on}."


class NotYoursToContest(Conflict):
    """Decision {ref} was not recorded for you or a body of yours: only that authority can contest it."""

    FR = (
        "La décision {ref} n’a été enregistrée ni pour vous ni pour une instance dont vous êtes membre\u202f: "
        "seule cette autorité peut la contester."
    )


class ContestationUnknown(NotFound):
    """Decision {ref} has no contestation {id}."""

    FR = "La décision {ref} n’a pas de contestation {id}."


class ContestationSettled(Conflict):
    """This contestation of decision {ref} was answered on {answered_on}."""

    FR = "Cette contestation de la décision {ref} a reçu sa réponse le {answered_on}."


class ContesterCannotAnswer(Conflict):
    """Who contested decision {ref} cannot answer the contestation."""

    FR = "Qui a contesté la décision {ref} ne peut pas répondre à la contestation."


class VerdictIncomplete(Invalid):
    """A gate verdict names its phase and its verdict."""

    FR = "Un verdict de passage indique sa phase et son verdict."


class VerdictMisplaced(Invalid):
    """Only a gate verdict carries a verdict; this decision is of the kind {kind}."""

    FR = "Seul un verdict de passage porte un verdict\u202f; cette décision est d’un autre type\u202f: {kind}."


class ConditionsNeedReview(Invalid):
    """A go with conditions is given by the review of a body, which holds the conditions."""

    FR = "Un feu vert sous conditions se donne au point d’étape d’une instance, qui porte les conditions."


class BeforeTheDecision(Conflict):
    """Decision {ref} was taken on {taken_on}: this cannot be true of it on {occurred_on}."""

    FR = "La décision {ref} a été prise le {taken_on}\u202f: cela ne peut pas en être vrai au {occurred_on}."


class SupersedesItself(Invalid):
    """A decision cannot supersede itself."""

    FR = "Une décision ne peut pas se remplacer elle-même."


def evolve(decision: Decision | None, fact: Fact) -> Decision:
    """The decision after one more fact."""
    event = fact.event
    if isinstance(event, DecisionTaken):
        return Decision(
            **created(fact),
            **{name: getattr(event, name) for name in DecisionTaken.model_fields},
            taken_on=fact.occurred_on,
            recorded_by=fact.envelope.actor,
            recorded_on=paris_date(fact.recorded_at) if fact.recorded_at else None,
            recorded_for=_recorded_for(event, fact),
        )
    assert decision is not None  # a stream begins with its creation; `fold` has checked it
    update: dict[str, Any]
    match event:
        case DecisionCommunicated():
            told = CommunicatedTo(audience=event.audience, on=fact.occurred_on)
            update = {"communications": (*decision.communications, told)}
        case DecisionApplied():
            update = {"applied_on": fact.occurred_on}
        case DecisionSuperseded():
            update = {"status": "superseded", "superseded_by": event.by}
        case DecisionRevoked():
            update = {
                "status": "revoked",
                "revoked_on": fact.occurred_on,
                "revoked_because": fact.envelope.reason,
            }
        case DecisionContested():
            contestation = Contestation(
                event_id=fact.envelope.event_id, by=authority(fact), on=fact.occurred_on, text=event.text
            )
            update = {"contestations": (*decision.contestations, contestation)}
        case ContestationAnswered():
            answered = {"answered_by": authority(fact), "answered_on": fact.occurred_on, "answer": event.answer}
            update = {
                "contestations": tuple(
                    c.model_copy(update=answered) if c.event_id == event.contested_event_id else c
                    for c in decision.contestations
                )
            }
        case DecisionVisibilityChanged():
            update = {"visibility": event.visibility}
        case _:
            return decision
    return decision.model_copy(update=update)


def _recorded_for(event: DecisionTaken, fact: Fact) -> Authority | None:
    """Whom it was recorded for by somebody else: the basis of the act, else the authority that it names."""
    on_behalf_of = fact.envelope.on_behalf_of
    if on_behalf_of:
        return Authority(kind=on_behalf_of.kind, id=on_behalf_of.id)
    if event.authority and event.authority.id != fact.envelope.actor:
        return event.authority
    return None


def check(decision: Decision | None, fact: Fact) -> None:
    """The rules of a decision's life (DOMAIN section 1)."""
    event = fact.event
    if isinstance(event, DecisionTaken):
        _require_shape(event, fact.originator_id)
    if decision is None:
        return
    ref = DECISION.reference(decision)
    if fact.occurred_on < decision.taken_on:
        raise BeforeTheDecision(ref=ref, taken_on=decision.taken_on, occurred_on=fact.occurred_on)
    match event:
        case DecisionSuperseded():
            require_in_force(decision)
            if event.by == decision.id:
                raise SupersedesItself(pointer="/supersedes")
        case DecisionApplied():
            require_in_force(decision)
            if decision.applied_on:
                raise AlreadyApplied(ref=ref, applied_on=decision.applied_on)
        case DecisionRevoked():
            require_in_force(decision)
            if not fact.envelope.reason:
                raise ReasonRequired()
        case DecisionContested():
            recorded_for = decision.recorded_for
            # Who sits in a body is not known here: `decision.contest` judges that.
            if recorded_for is None or (recorded_for.kind == "person" and recorded_for.id != authority(fact)):
                raise NotYoursToContest(ref=ref)
        case ContestationAnswered():
            _require_answerable(decision, event, fact)


def require_in_force(decision: Decision) -> None:
    """Raises `SupersededAlready` or `DecisionNotInForce`."""
    if decision.status == "superseded":
        raise SupersededAlready(ref=DECISION.reference(decision), by=decision.superseded_by)
    if decision.status != "taken":
        raise DecisionNotInForce(ref=DECISION.reference(decision), status=decision.status)


def _require_shape(event: DecisionTaken, decision_id: UUID) -> None:
    if event.supersedes == decision_id:
        raise SupersedesItself(pointer="/supersedes")
    if event.kind == "gate_verdict":
        if event.phase_id is None or event.verdict is None:
            raise VerdictIncomplete(pointer="/phase_id" if event.phase_id is None else "/verdict")
        if event.verdict == "go_with_conditions" and event.review_id is None:
            raise ConditionsNeedReview(pointer="/verdict")
    elif event.verdict is not None:
        raise VerdictMisplaced(pointer="/verdict", kind=event.kind)


def _require_answerable(decision: Decision, event: ContestationAnswered, fact: Fact) -> None:
    for contestation in decision.contestations:
        if contestation.event_id != event.contested_event_id:
            continue
        if contestation.answered_on:
            raise ContestationSettled(ref=DECISION.reference(decision), answered_on=contestation.answered_on)
        if contestation.by == authority(fact):
            raise ContesterCannotAnswer(ref=DECISION.reference(decision))
        return
    raise ContestationUnknown(ref=DECISION.reference(decision), id=event.contested_event_id)


def _links(decision: Decision) -> Iterator[UUID]:
    named = (decision.supersedes, decision.phase_id, decision.review_id)
    yield from (id for id in named if id)


DECISION: Concept[Decision] = Concept(
    name="decision",
    collection="decisions",
    letter="D",
    state=Decision,
    events=EVENTS,
    evolve=evolve,
    check=check,
    owners=lambda d: (d.authority.id,) if d.authority and d.authority.kind == "person" else (),
    restricted=lambda decision: decision.visibility == "restricted",
    links=_links,
)
