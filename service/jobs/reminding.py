"""What the jobs of reminders work with, and one transformation as they see it on a day."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow

from service.domain.act import paris_date
from service.domain.reminder_rules import RuleName, Timing, timings
from service.domain.reminder_series import Key, Series
from service.domain.reminder_sources import Situation
from service.domain.reminders_due import alive
from service.domain.transformation import Transformation
from service.domain.working_time import WorkingCalendar
from service.integrations.mail import Mailer
from service.projections.reminder_situation import situation_of
from service.store.directory import Directory
from service.store.log import EventLog
from service.store.recording import Recorder


@dataclass(frozen=True)
class Reminding:
    """The log, the directory, a clock and a mailer: what is wired in `bootstrap`."""

    log: EventLog
    recorder: Recorder
    directory: Directory
    mailer: Mailer
    clock: Callable[[], datetime]

    @property
    def today(self) -> date:
        return paris_date(self.clock())


@dataclass(frozen=True)
class Scene:
    """One transformation on a day, with its rules and its calendar."""

    transformation: Transformation
    situation: Situation

    @cached_property
    def calendar(self) -> WorkingCalendar:
        return WorkingCalendar(self.transformation.closed_days)

    @cached_property
    def timings(self) -> dict[RuleName, Timing]:
        return timings(self.transformation.reminder_rules)

    @cached_property
    def living(self) -> dict[Key, Series]:
        """Every series that still speaks."""
        return {series.key: series for series in alive(self.situation, self.timings)}

    @property
    def id(self) -> UUID:
        return self.transformation.id


def scene_of(connection: Connection[DictRow], transformation: Transformation, today: date) -> Scene:
    return Scene(transformation, situation_of(connection, transformation, today))
