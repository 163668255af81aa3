"""What has nobody confirmed or changed for N days, who owns it, and which one call says « rien n’a changé »?"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from pydantic import Field

from service.domain.act import paris_date
from service.domain.action import ACTION
from service.domain.axis import AXIS
from service.domain.concept import Concept
from service.domain.event import Value
from service.domain.freshness import freshness
from service.domain.indicator import INDICATOR
from service.domain.milestone import MILESTONE
from service.domain.obstacle import OBSTACLE
from service.domain.phase import PHASE
from service.domain.transformation import TRANSFORMATION
from service.domain.workstream import WORKSTREAM
from service.projections.known import Known
from service.projections.named import Named, named


@dataclass(frozen=True)
class Living:
    """A concept whose objects want a sign of life while they are alive, and the verb that gives it."""

    concept: Concept[Any]
    alive: frozenset[str]
    verb: str = field(default="confirm")


LIVING = (
    Living(TRANSFORMATION, frozenset({"prepared", "running", "closing"})),
    Living(PHASE, frozenset({"open", "held"})),
    Living(AXIS, frozenset({"proposed", "confirmed"}), "look-at"),  # an axis is confirmed by a decision
    Living(WORKSTREAM, frozenset({"open"})),
    Living(ACTION, frozenset({"proposed", "planned", "in_progress", "paused"})),
    Living(MILESTONE, frozenset({"planned"})),
    Living(OBSTACLE, frozenset({"raised", "active", "postponed"}), "speak"),  # the owner's word
    Living(INDICATOR, frozenset({"defined"})),
)


class ForgottenObject(Value):
    """An object that nobody has touched for longer than asked."""

    kind: str
    id: UUID
    ref: str | None
    title: str
    status: str
    last_on: date = Field(description="Le dernier changement, ou le dernier «\u202frien n’a changé\u202f».")
    days: int
    owners: tuple[str, ...] = Field(description="À qui c’est\u202f; à défaut, les pilotes de la transformation.")
    confirm: str = Field(description="La route de l’appel «\u202frien n’a changé\u202f» (POST).")


class FreshnessOfKind(Value):
    """How many objects of a kind live, and how many of them are stale."""

    living: int
    stale: int


class FreshnessView(Value):
    """All that is stale, the longest forgotten first."""

    days: int = Field(description="Périmé au-delà de ce nombre de jours.")
    living: int
    stale: int
    by_kind: dict[str, FreshnessOfKind]
    objects: tuple[ForgottenObject, ...]


def compute(objects: Mapping[str, Iterable[Known[Any]]], leads: Iterable[str], today: date, days: int) -> FreshnessView:
    """What is stale on a day. `objects` by the name of their concept; `leads` answer for what has no owner."""
    default = tuple(sorted(leads))
    milestones_of = _owners_of_subject(objects)
    living: Counter[str] = Counter()
    found: list[ForgottenObject] = []
    for kind in LIVING:
        for known in objects.get(kind.concept.name, ()):
            if known.state.withdrawn or known.state.status not in kind.alive:
                continue
            living[kind.concept.name] += 1
            forgotten = _forgotten(kind, known, milestones_of, default, today, days)
            if forgotten is not None:
                found.append(forgotten)
    stale = Counter(each.kind for each in found)
    order = [kind.concept.name for kind in LIVING]
    found.sort(key=lambda each: (-each.days, order.index(each.kind), each.id))
    return FreshnessView(
        days=days,
        living=living.total(),
        stale=len(found),
        by_kind={name: FreshnessOfKind(living=living[name], stale=stale[name]) for name in order},
        objects=tuple(found),
    )


def _forgotten(
    kind: Living,
    known: Known[Any],
    owners_of: Callable[[Any], tuple[str, ...]],
    leads: tuple[str, ...],
    today: date,
    days: int,
) -> ForgottenObject | None:
    state, concept = known.state, kind.concept
    seen = freshness(
        changed_on=paris_date(known.changed_at),
        confirmed_on=state.confirmed_on,
        today=today,
        stale_after_days=days,
    )
    if not seen.stale:
        return None
    name: Named = named(concept, state)
    return ForgottenObject(
        **dict(name),
        status=state.status,
        last_on=seen.last_on,
        days=seen.days,
        owners=tuple(concept.owners(state)) or owners_of(state) or leads,
        confirm=f"/api/v1/{concept.collection}/{state.id}/{kind.verb}",
    )


def _owners_of_subject(objects: Mapping[str, Iterable[Known[Any]]]) -> Callable[[Any], tuple[str, ...]]:
    """Whose a milestone is: those of the action that it is a milestone of."""
    actions = {known.state.id: known.state for known in objects.get(ACTION.name, ())}

    def owners(state: Any) -> tuple[str, ...]:
        subject = getattr(state, "subject", None)
        action = actions.get(subject.id) if subject else None
        return tuple(ACTION.owners(action)) if action else ()

    return owners
