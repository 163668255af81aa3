"""Escalation of an obstacle: an ask to the direction or to governance, and the day its answer is due.

The events and the rules that an escalation adds to an obstacle's life; `obstacle` folds them.
"""

from datetime import date
from typing import Literal

from service.domain.event import Event, Value
from service.domain.refusal import Conflict, Invalid
from service.domain.text import PersonalText

EscalationLevel = Literal["direction", "governance"]
Level = Literal["lead", "direction", "governance"]

RANK: dict[Level, int] = {"lead": 0, "direction": 1, "governance": 2}


class ObstacleEscalated(Event):
    """The obstacle goes up to the direction or to governance, which is asked for something by a day."""

    TOPIC = "obstacle.escalated"
    level: EscalationLevel
    ask: PersonalText
    answer_due_on: date


class ObstacleEscalationAnswered(Event):
    """Whoever was asked answered; the obstacle stays at its level."""

    TOPIC = "obstacle.escalation_answered"
    answer: PersonalText


class Escalation(Value):
    """One ask, and its answer once there is one."""

    level: EscalationLevel
    ask: str
    asked_by: str
    asked_on: date
    due_on: date
    answered_by: str | None = None
    answered_on: date | None = None
    answer: str | None = None


class EscalationGoesUp(Conflict):
    """Obstacle {ref} is at the level {level} already: an escalation goes up, not down to {wanted}."""

    FR = (
        "L’obstacle {ref} est déjà au niveau {level}\u202f: une escalade monte, "
        "elle ne redescend pas au niveau {wanted}."
    )


class EscalationPending(Conflict):
    """Obstacle {ref} already waits for an answer at the level {level}, due on {due_on}."""

    FR = "L’obstacle {ref} attend déjà une réponse au niveau {level}, pour le {due_on}."


class NoEscalationToAnswer(Conflict):
    """Obstacle {ref} waits for no answer."""

    FR = "L’obstacle {ref} n’attend pas de réponse."


class AnswerDueTooSoon(Invalid):
    """An answer cannot be due on {due_on}: it is asked for on {asked_on}."""

    FR = "La réponse ne peut pas être attendue pour le {due_on}\u202f: elle est demandée le {asked_on}."


def require_rise(ref: str, level: Level, pending: Escalation | None, event: ObstacleEscalated, asked_on: date) -> None:
    """An escalation goes up, or asks the same level again once it has answered."""
    if event.answer_due_on < asked_on:
        raise AnswerDueTooSoon(pointer="/answer_due_on", due_on=event.answer_due_on, asked_on=asked_on)
    if RANK[event.level] < RANK[level]:
        raise EscalationGoesUp(ref=ref, level=level, wanted=event.level)
    if pending is not None and pending.level == event.level:
        raise EscalationPending(ref=ref, level=level, due_on=pending.due_on)
