"""The acts that the rules do by themselves (DOMAIN section 2), each decided anew on what the log says then."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any
from uuid import UUID

import structlog

from service.domain.concept import Concept
from service.domain.event import Event
from service.domain.job import act_of
from service.domain.obstacle import OBSTACLE
from service.domain.obstacle_clock import postponed_back
from service.domain.obstacle_course import resume, rise
from service.domain.refusal import Refusal
from service.domain.review import REVIEW
from service.domain.review_course import escalate_conditions
from service.jobs.reminding import Reminding, Scene
from service.store.unit import Target, Unit

log = structlog.get_logger()

REASONS = {
    "obstacle_returns": "Règle automatique\u202f: le report de l’obstacle a pris fin.",
    "escalation_rises": "Règle automatique\u202f: l’escalade est restée sans réponse à sa date.",
    "condition_escalates": "Règle automatique\u202f: la condition bloquante n’est pas remplie à sa date.",
}
Decide = Callable[[Any], Sequence[Event]]


def act_by_rule(house: Reminding, scene: Scene) -> int:
    """Do what the rules want on this day; the number of events.

    A postponed obstacle comes back on its date, whatever day that is. What goes up because nobody answered waits for a
    working day: on a closed one nobody could have answered.
    """
    count = 0
    for rule, concept, id, decide in _wanted(scene):
        try:
            count += _do(house, scene.id, rule, concept, id, decide)
        except Refusal as refusal:  # somebody acted in between, or the transformation was closed: the next tick looks
            log.warning("jobs.refused", rule=rule, refusal=refusal.code, id=str(id))
    return count


def _wanted(scene: Scene) -> Iterator[tuple[str, Concept[Any], UUID, Decide]]:
    today = scene.situation.today
    working = scene.calendar.is_working(today)
    for obstacle in scene.situation.obstacles:
        if postponed_back(obstacle, today):
            yield "obstacle_returns", OBSTACLE, obstacle.id, lambda o: resume(o) if postponed_back(o, today) else []
        if working and rise(obstacle, today):
            yield "escalation_rises", OBSTACLE, obstacle.id, lambda o: rise(o, today)
    for review in scene.situation.reviews:
        if working and escalate_conditions(review, today):
            yield "condition_escalates", REVIEW, review.id, lambda r: escalate_conditions(r, today)


def _do(house: Reminding, transformation_id: UUID, rule: str, concept: Concept[Any], id: UUID, decide: Decide) -> int:
    act = act_of(rule, house.clock(), transformation_id, REASONS[rule])

    def work(unit: Unit) -> Target:
        state = unit.get(concept, id)
        events = [] if state.withdrawn else decide(state)
        return Target(concept, unit.record(concept, id, events) if events else state)

    return len(house.recorder.execute(act, work).facts)
