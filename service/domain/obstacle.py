"""Obstacle: what stands, or may come to stand, in the way, as it stands; and the rules of its life.

Its events are in `obstacle_events` and `obstacle_escalation`, what people decide on it in `obstacle_course`, its clocks
in `obstacle_clock`.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any, Literal
from uuid import UUID

from service.domain.authority import Visibility, authority
from service.domain.concept import Concept, ReasonRequired, State, created, revised
from service.domain.event import Event, Fact
from service.domain.imported import ImportStamp
from service.domain.obstacle_escalation import (
    Escalation,
    Level,
    NoEscalationToAnswer,
    ObstacleEscalated,
    ObstacleEscalationAnswered,
    require_rise,
)
from service.domain.obstacle_events import (
    EVENTS,
    Category,
    Grade,
    Nature,
    ObstacleActivated,
    ObstacleAssessed,
    ObstacleAssigned,
    ObstacleClosed,
    ObstacleDescribed,
    ObstacleLookPlanned,
    ObstaclePostponed,
    ObstacleRaised,
    ObstacleRejected,
    ObstacleReopened,
    ObstacleResolved,
    ObstacleResumed,
    ObstacleSpoken,
    ObstacleTarget,
    ObstacleVisibilityChanged,
    ResolvedBy,
    Severity,
)
from service.domain.refusal import Conflict, Invalid

OPEN = ("raised", "active", "postponed")
"""Not lifted yet. A resolved obstacle no longer blocks, but still waits to be verified."""

_SEVERITIES: dict[int, Severity] = {
    1: "low", 2: "low", 3: "medium", 4: "medium", 6: "high", 9: "critical"
}  # fmt: skip


def severity(impact: Grade, urgency: Grade) -> Severity:
    """Their product: 1-2 low, 3-4 medium, 6 high, 9 critical (DOMAIN section 2)."""
    return _SEVERITIES[impact * urgency]


class Obstacle(State):
    """An obstacle as it stands."""

    status: Literal["raised", "active", "postponed", "resolved", "closed", "rejected", "withdrawn"] = "raised"
    status_reason: str | None = None
    """Why it is postponed, rejected or reopened."""
    title: str
    statement: str
    nature: Nature
    category: Category
    impact: Grade
    urgency: Grade
    owner: str | None = None
    owner_since: date
    owner_spoke_on: date | None = None
    """The present owner's last word."""
    last_word: str | None = None
    blocks: tuple[ObstacleTarget, ...] = ()
    next_look_on: date | None = None
    visibility: Visibility = "members"
    raised_on: date
    raised_by: str
    level: Level = "lead"
    level_since: date
    escalations: tuple[Escalation, ...] = ()
    postponed_until: date | None = None
    resolution: str | None = None
    resolved_by: ResolvedBy | None = None
    ended_on: date | None = None
    """The day on which it was resolved or rejected: its clocks stop there."""
    closed_on: date | None = None
    verified_by: str | None = None
    reopen_count: int = 0
    row: ImportStamp | None = None

    @property
    def severity(self) -> Severity:
        return severity(self.impact, self.urgency)

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def pending(self) -> Escalation | None:
        """The last ask, while nobody has answered it; an earlier one has given way to it."""
        if self.escalations and self.escalations[-1].answered_on is None:
            return self.escalations[-1]
        return None


class ObstacleNotOpen(Conflict):
    """Obstacle {ref} is {status}: this needs an open one. Reopen it first."""

    FR = "L’obstacle {ref} est {status}\u202f: il faut qu’il soit ouvert. Rouvrez-le d’abord."


class ObstacleStillOpen(Conflict):
    """Obstacle {ref} is {status}: it is still open, there is nothing to reopen."""

    FR = "L’obstacle {ref} est {status}\u202f: il est encore ouvert, il n’y a rien à rouvrir."


class ObstacleNotInStatus(Conflict):
    """Obstacle {ref} is {status}: this needs one that is {needed}."""

    FR = "L’obstacle {ref} est {status}\u202f: cet acte demande qu’il soit {needed}."


class OwnerCannotVerify(Conflict):
    """Who owns obstacle {ref} cannot verify that it is lifted: somebody else closes it."""

    FR = "Qui porte l’obstacle {ref} ne peut pas vérifier qu’il est levé\u202f: quelqu’un d’autre le clôt."


class OnlyTheOwnerSpeaks(Conflict):
    """Only its owner's word ends the silence on obstacle {ref}. Record it on behalf of the owner, or write a note."""

    FR = (
        "Seule la parole de qui le porte rompt le silence sur l’obstacle {ref}. "
        "Enregistrez-la en son nom, ou écrivez une note."
    )


class BeforeItsTime(Conflict):
    """This cannot be true of obstacle {ref} on {occurred_on}: it was raised, or lifted, on {since} only."""

    FR = (
        "Cela ne peut pas être vrai de l’obstacle {ref} au {occurred_on}\u202f: "
        "il n’a été signalé, ou levé, que le {since}."
    )


class PostponedTooShort(Invalid):
    """It cannot be postponed until {until}: that is not after {postponed_on}."""

    FR = "On ne peut pas le reporter au {until}\u202f: ce n’est pas après le {postponed_on}."


class ResolvedByNothing(Invalid):
    """Say which {kind} lifted it."""

    FR = "Indiquez l’objet qui l’a levé ({kind})."


def evolve(obstacle: Obstacle | None, fact: Fact) -> Obstacle:
    """The obstacle after one more fact."""
    event = fact.event
    day = fact.occurred_on
    if isinstance(event, ObstacleRaised):
        return Obstacle(
            **created(fact),
            **{name: getattr(event, name) for name in ObstacleRaised.model_fields},
            raised_on=day,
            raised_by=fact.envelope.actor,
            owner_since=day,
            level_since=day,
        )
    assert obstacle is not None  # a stream begins with its creation; `fold` has checked it
    update: dict[str, Any]
    match event:
        case ObstacleDescribed():
            return revised(obstacle, event)
        case ObstacleAssessed():
            update = {"impact": event.impact, "urgency": event.urgency}
        case ObstacleAssigned():
            update = {"owner": event.owner, "owner_since": day, "owner_spoke_on": None}
        case ObstacleLookPlanned():
            update = {"next_look_on": event.next_look_on}
        case ObstacleActivated():
            update = _now("active")
        case ObstacleSpoken():
            update = {}
            if obstacle.owner_spoke_on is None or day >= obstacle.owner_spoke_on:
                update = {"owner_spoke_on": day, "last_word": event.text}
            if event.next_look_on:
                update["next_look_on"] = event.next_look_on
        case ObstacleEscalated():
            update = _escalated(obstacle, event, fact)
        case ObstacleEscalationAnswered():
            answered = {"answered_on": day, "answered_by": authority(fact), "answer": event.answer}
            last = obstacle.escalations[-1].model_copy(update=answered)
            update = {"escalations": (*obstacle.escalations[:-1], last)}
        case ObstacleResolved():
            lifted = {"resolution": event.resolution, "resolved_by": event.resolved_by, "ended_on": day}
            update = _now("resolved") | lifted
        case ObstacleClosed():
            update = _now("closed") | {"closed_on": day, "verified_by": authority(fact)}
        case ObstaclePostponed():
            update = _now("postponed", fact.envelope.reason) | {"postponed_until": event.until}
        case ObstacleResumed():
            update = _now("active")
        case ObstacleRejected():
            update = _now("rejected", fact.envelope.reason) | {"ended_on": day}
        case ObstacleReopened():
            ending = ("ended_on", "closed_on", "verified_by", "resolution", "resolved_by")
            update = _now("active", fact.envelope.reason) | dict.fromkeys(ending)
            update["reopen_count"] = obstacle.reopen_count + 1
        case ObstacleVisibilityChanged():
            update = {"visibility": event.visibility}
        case _:
            return obstacle
    return obstacle.model_copy(update=update)


def _escalated(obstacle: Obstacle, event: ObstacleEscalated, fact: Fact) -> dict[str, Any]:
    ask = Escalation(
        level=event.level,
        ask=event.ask,
        asked_by=authority(fact),
        asked_on=fact.occurred_on,
        due_on=event.answer_due_on,
    )
    update: dict[str, Any] = {"level": event.level, "escalations": (*obstacle.escalations, ask)}
    if event.level != obstacle.level:
        update["level_since"] = fact.occurred_on
    if obstacle.status == "postponed":  # who asks for help no longer waits
        update |= _now("active")
    return update


def _now(status: str, reason: str | None = None) -> dict[str, Any]:
    """A new status, which ends a postponement and the reason of the status before."""
    return {"status": status, "status_reason": reason, "postponed_until": None}


def check(obstacle: Obstacle | None, fact: Fact) -> None:
    """The rules of an obstacle's life (DOMAIN section 1)."""
    if obstacle is None:
        return
    event = fact.event
    day = fact.occurred_on
    _require_status(obstacle, fact)
    ref = OBSTACLE.reference(obstacle)
    since = obstacle.ended_on if isinstance(event, ObstacleClosed | ObstacleReopened) else None
    if day < (since or obstacle.raised_on):
        raise BeforeItsTime(ref=ref, occurred_on=day, since=since or obstacle.raised_on)
    match event:
        case ObstaclePostponed() | ObstacleRejected() | ObstacleReopened() if not fact.envelope.reason:
            raise ReasonRequired()
        case ObstaclePostponed() if event.until <= day:
            raise PostponedTooShort(pointer="/until", until=event.until, postponed_on=day)
        case ObstacleSpoken() if authority(fact) != obstacle.owner:
            raise OnlyTheOwnerSpeaks(ref=ref)
        case ObstacleClosed() if authority(fact) == obstacle.owner:
            raise OwnerCannotVerify(ref=ref)
        case ObstacleEscalated():
            require_rise(ref, obstacle.level, obstacle.pending, event, day)
        case ObstacleEscalationAnswered() if obstacle.pending is None:
            raise NoEscalationToAnswer(ref=ref)
        case ObstacleResolved() if event.resolved_by.kind != "other" and event.resolved_by.id is None:
            raise ResolvedByNothing(pointer="/resolved_by/id", kind=event.resolved_by.kind)


_NEEDS: dict[type[Event], str] = {
    ObstacleActivated: "raised",
    ObstacleResumed: "postponed",
    ObstacleClosed: "resolved",
}
_ANY_STATUS = (ObstacleDescribed, ObstacleVisibilityChanged, ObstacleEscalationAnswered)


def _require_status(obstacle: Obstacle, fact: Fact) -> None:
    event = fact.event
    needed = _NEEDS.get(type(event))
    if needed is not None:
        if obstacle.status != needed:
            raise ObstacleNotInStatus(ref=OBSTACLE.reference(obstacle), status=obstacle.status, needed=needed)
    elif isinstance(event, ObstacleReopened):
        if obstacle.is_open:
            raise ObstacleStillOpen(ref=OBSTACLE.reference(obstacle), status=obstacle.status)
    elif not isinstance(event, _ANY_STATUS) and not obstacle.is_open:
        raise ObstacleNotOpen(ref=OBSTACLE.reference(obstacle), status=obstacle.status)


def _links(obstacle: Obstacle) -> Iterator[UUID]:
    yield from (target.id for target in obstacle.blocks)
    if obstacle.resolved_by is not None and obstacle.resolved_by.id is not None:
        yield obstacle.resolved_by.id


OBSTACLE: Concept[Obstacle] = Concept(
    name="obstacle",
    collection="obstacles",
    letter="O",
    state=Obstacle,
    events=EVENTS,
    evolve=evolve,
    check=check,
    owners=lambda obstacle: (obstacle.owner,) if obstacle.owner else (),
    restricted=lambda obstacle: obstacle.visibility == "restricted",
    links=_links,
)
