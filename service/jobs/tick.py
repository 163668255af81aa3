"""One tick: what the rules do by themselves, then what is due and not recorded, then on its way to people."""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

import psycopg
import structlog

from service.domain.delivery import has_begun
from service.domain.refusal import Refusal
from service.jobs.automatic import act_by_rule
from service.jobs.raising import raise_due
from service.jobs.reminding import Reminding, scene_of
from service.jobs.sending import Sender, take_in
from service.projections.poison import told
from service.projections.reminder_situation import how_far, transformations

log = structlog.get_logger()
TICKING = (7226, 5)
"""Who holds this advisory lock ticks. It only spares work: two at once would record the same, once."""


@dataclass(frozen=True, slots=True)
class Ticked:
    """What one tick did."""

    acts: int = 0
    raised: int = 0
    entered: int = 0
    tried: int = 0


@dataclass
class Ticker:
    """Ticks for one process; it remembers where nothing has changed since its last look."""

    house: Reminding
    seen: dict[UUID, tuple[date, int, int]] = field(default_factory=dict)

    def tick(self, code: str | None = None) -> Ticked | None:
        """One tick over all transformations, or the one with a code; None where another process is at it."""
        database = self.house.log.database
        with database.connection() as connection:
            row = connection.execute("SELECT pg_try_advisory_lock(%s, %s) AS taken", TICKING).fetchone()
            if row is None or not row["taken"]:
                return None
            try:
                acts, raised = self._look(code) if has_begun(self.house.clock()) else (0, 0)
                entered = take_in(self.house)
            finally:
                connection.execute("SELECT pg_advisory_unlock(%s, %s)", TICKING)
        return Ticked(acts, raised, entered, self.send())

    def send(self) -> int:
        """Send what is ready: whoever comes takes its share."""
        return Sender(self.house).send_all()

    def _look(self, code: str | None) -> tuple[int, int]:
        acts = raised = 0
        today = self.house.today
        with self.house.log.database.snapshot() as connection:
            wanted = transformations(connection, code)
        for transformation in wanted:
            with self.house.log.database.snapshot() as connection:
                point = (today, *how_far(connection, transformation.id))
                if self.seen.get(transformation.id) == point:
                    continue
                scene = scene_of(connection, transformation, today)
            try:
                acts += act_by_rule(self.house, scene)
                raised += raise_due(self.house, scene)
            except Refusal as refusal:  # closed meanwhile, or too busy: the next tick looks again
                log.warning("jobs.refused", transformation=str(transformation.id), refusal=refusal.code)
                continue
            except psycopg.OperationalError:
                raise
            except Exception as problem:
                # One transformation must not silence the others. Only the kind is logged: a message may quote a text.
                log.error("jobs.failed", transformation=str(transformation.id), problem=told(problem))
                continue
            self.seen[transformation.id] = point
        return acts, raised
