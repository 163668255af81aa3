"""What the weather sees of a plan on a day, worked out once for each object, however many parts it stands in."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TypeVar
from uuid import UUID

from service.domain.action import Action
from service.domain.concept import State
from service.domain.indicator import Indicator
from service.domain.indicator_figures import stale
from service.domain.milestone import Milestone
from service.domain.obstacle import Obstacle
from service.domain.slippage import dates_of, late, lateness
from service.domain.weather import (
    ActionSignal,
    IndicatorSignal,
    MilestoneSignal,
    ObstacleSignal,
    Weather,
    computed,
    obstacle_signal,
)
from service.domain.working_time import WorkingCalendar
from service.projections.action_sheets import ActionSheet
from service.projections.plan import Contents

OPEN = ("proposed", "planned", "in_progress", "paused")
"""An action that is neither done nor abandoned."""

T = TypeVar("T")


class Signals:
    """Nothing cancelled, abandoned, retired or lifted gives a signal."""

    def __init__(
        self,
        actions: Iterable[Action],
        milestones: Iterable[Milestone],
        obstacles: Iterable[Obstacle],
        indicators: Iterable[Indicator],
        sheets: Mapping[UUID, ActionSheet],
        today: date,
        calendar: WorkingCalendar,
    ) -> None:
        self.actions: dict[UUID, ActionSignal] = {
            a.id: ActionSignal(id=a.id, is_open=a.status in OPEN, late=sheets[a.id].late, blocked=sheets[a.id].blocked)
            for a in actions
            if a.status != "abandoned"
        }
        self.milestones: dict[UUID, MilestoneSignal] = {
            m.id: _of_milestone(m, today, calendar) for m in milestones if m.status != "cancelled"
        }
        self.obstacles: dict[UUID, ObstacleSignal] = {o.id: obstacle_signal(o, today) for o in obstacles if o.is_open}
        self.indicators: dict[UUID, IndicatorSignal] = {
            i.id: IndicatorSignal(id=i.id, stale=bool(stale(i, today).value))
            for i in indicators
            if i.status == "defined"
        }

    def weather(self, contents: Contents) -> Weather:
        """The computed weather of a part."""
        return computed(
            milestones=_of(contents.milestones, self.milestones),
            actions=_of(contents.actions, self.actions),
            indicators=_of(contents.indicators, self.indicators),
            obstacles=_of(contents.obstacles, self.obstacles),
        )


def _of_milestone(milestone: Milestone, today: date, calendar: WorkingCalendar) -> MilestoneSignal:
    dates = dates_of(milestone)
    if not late(dates, today):  # most are not, and how late need not be asked
        return MilestoneSignal(id=milestone.id, late=False)
    days = lateness(dates, today, calendar).late_working_days
    return MilestoneSignal(id=milestone.id, late=True, late_working_days=days)


def _of(objects: Iterable[State], signals: Mapping[UUID, T]) -> list[T]:
    return [signals[each.id] for each in objects if each.id in signals]
