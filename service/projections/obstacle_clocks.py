"""An obstacle as registers and statuses show it: how grave, at which level, since when, silent for how long."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from pydantic import Field

from service.domain.event import Value
from service.domain.obstacle import OBSTACLE, Obstacle
from service.domain.obstacle_clock import age_days, answer_due_on, days_at_level, days_silent, look_on, overdue
from service.domain.obstacle_escalation import RANK, Level
from service.domain.obstacle_events import Category, Nature, ObstacleTarget, Severity

GRAVITY: tuple[Severity, ...] = ("critical", "high", "medium", "low")
"""The gravest first."""


class ObstacleLine(Value):
    """An obstacle with its clocks, read on a day."""

    id: UUID
    ref: str
    title: str
    status: str
    nature: Nature
    category: Category
    severity: Severity
    level: Level
    owner: str | None
    blocks: tuple[ObstacleTarget, ...]
    raised_on: date
    age_days: int = Field(description="Jours depuis qu’il a été signalé.")
    days_at_level: int = Field(description="Jours à son niveau actuel.")
    days_silent: int = Field(description="Jours depuis la dernière parole de qui le porte.")
    look_on: date | None = Field(description="Le jour où y regarder de nouveau.")
    answer_due_on: date | None = Field(description="Le jour où l’escalade doit avoir sa réponse.")
    overdue: bool = Field(description="Ce regard ou cette réponse est en retard.")


def line_of(obstacle: Obstacle, today: date) -> ObstacleLine:
    """The obstacle as of a day."""
    return ObstacleLine(
        id=obstacle.id,
        ref=OBSTACLE.reference(obstacle),
        title=obstacle.title,
        status=obstacle.status,
        nature=obstacle.nature,
        category=obstacle.category,
        severity=obstacle.severity,
        level=obstacle.level,
        owner=obstacle.owner,
        blocks=obstacle.blocks,
        raised_on=obstacle.raised_on,
        age_days=age_days(obstacle, today),
        days_at_level=days_at_level(obstacle, today),
        days_silent=days_silent(obstacle, today),
        look_on=look_on(obstacle),
        answer_due_on=answer_due_on(obstacle),
        overdue=overdue(obstacle, today),
    )


def in_order(obstacles: Iterable[Obstacle], today: date) -> list[Obstacle]:
    """The gravest first, then the highest level, then the oldest, then by reference."""
    return sorted(
        obstacles,
        key=lambda o: (GRAVITY.index(o.severity), -RANK[o.level], -age_days(o, today), o.ref or 0),
    )
