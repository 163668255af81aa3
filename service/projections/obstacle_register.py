"""What stands in the way, how gravely, at which level, for how long; and what lifted the obstacles that are gone."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from uuid import UUID

from pydantic import Field

from service.domain.event import Value
from service.domain.obstacle import OBSTACLE, Obstacle
from service.domain.obstacle_clock import postponed_back
from service.domain.obstacle_escalation import RANK, Escalation, Level
from service.domain.obstacle_events import Severity
from service.projections.named import Named
from service.projections.obstacle_clocks import GRAVITY, ObstacleLine, in_order, line_of


class OpenObstacle(ObstacleLine):
    """An open obstacle with all that is known of it."""

    statement: str
    visibility: str
    last_word: str | None = Field(description="La dernière parole de qui le porte.")
    owner_spoke_on: date | None
    blocked: tuple[Named, ...] = Field(description="Ce qu’il bloque, par son nom.")
    pending: Escalation | None = Field(description="L’escalade qui attend sa réponse.")
    escalation_count: int
    reopen_count: int
    postponed_until: date | None
    postponed_back: bool = Field(description="Reporté, son jour est venu, et personne ne l’a repris.")


class LiftedBy(Value):
    """What lifted an obstacle: a decision, an action, or something else. No name where one may not see it."""

    kind: str
    named: Named | None


class LiftedObstacle(Value):
    """An obstacle that is resolved (to be verified) or closed (verified)."""

    id: UUID
    ref: str
    title: str
    status: str
    severity: Severity
    level: Level
    owner: str | None
    raised_on: date
    lifted_on: date | None
    age_days: int = Field(description="Jours entre son signalement et sa levée.")
    resolution: str | None
    lifted_by: LiftedBy | None
    verified_by: str | None
    closed_on: date | None


class ObstacleRegister(Value):
    """The register: the open ones at length, those that are lifted, and all of them counted."""

    counts: dict[str, int] = Field(description="Le nombre d’obstacles par statut.")
    open_count: int
    overdue_count: int
    by_severity: dict[Severity, int] = Field(description="Les obstacles ouverts, par gravité.")
    by_level: dict[Level, int] = Field(description="Les obstacles ouverts, par niveau.")
    open: tuple[OpenObstacle, ...] = Field(description="Les plus graves d’abord, puis le niveau le plus haut.")
    lifted: tuple[LiftedObstacle, ...] = Field(description="Les plus récemment levés d’abord.")


def compute(obstacles: Iterable[Obstacle], names: Mapping[UUID, Named], today: date) -> ObstacleRegister:
    """The register on a day. `names` holds what obstacles block and what lifted them, as far as one may see it."""
    listed = list(obstacles)
    opened = [_open(o, names, today) for o in in_order([o for o in listed if o.is_open], today)]
    lifted = [o for o in listed if o.status in ("resolved", "closed")]
    severities, levels = Counter(o.severity for o in opened), Counter(o.level for o in opened)
    return ObstacleRegister(
        counts=dict(Counter(o.status for o in listed)),
        open_count=len(opened),
        overdue_count=sum(o.overdue for o in opened),
        by_severity={severity: severities[severity] for severity in GRAVITY},
        by_level={level: levels[level] for level in sorted(RANK, key=lambda level: -RANK[level])},
        open=tuple(opened),
        lifted=tuple(
            _lifted(o, names, today)
            for o in sorted(lifted, key=lambda o: (-(o.ended_on or today).toordinal(), o.ref or 0))
        ),
    )


def _open(obstacle: Obstacle, names: Mapping[UUID, Named], today: date) -> OpenObstacle:
    return OpenObstacle(
        **dict(line_of(obstacle, today)),
        statement=obstacle.statement,
        visibility=obstacle.visibility,
        last_word=obstacle.last_word,
        owner_spoke_on=obstacle.owner_spoke_on,
        blocked=tuple(names[target.id] for target in obstacle.blocks if target.id in names),
        pending=obstacle.pending,
        escalation_count=len(obstacle.escalations),
        reopen_count=obstacle.reopen_count,
        postponed_until=obstacle.postponed_until,
        postponed_back=postponed_back(obstacle, today),
    )


def _lifted(obstacle: Obstacle, names: Mapping[UUID, Named], today: date) -> LiftedObstacle:
    line, by = line_of(obstacle, today), obstacle.resolved_by
    return LiftedObstacle(
        id=obstacle.id,
        ref=OBSTACLE.reference(obstacle),
        title=obstacle.title,
        status=obstacle.status,
        severity=obstacle.severity,
        level=obstacle.level,
        owner=obstacle.owner,
        raised_on=obstacle.raised_on,
        lifted_on=obstacle.ended_on,
        age_days=line.age_days,
        resolution=obstacle.resolution,
        lifted_by=LiftedBy(kind=by.kind, named=names.get(by.id) if by.id else None) if by else None,
        verified_by=obstacle.verified_by,
        closed_on=obstacle.closed_on,
    )
