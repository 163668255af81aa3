"""How far the read models are behind the log, whether anybody moves them, and what a person should know of it."""

from typing import Any, NamedTuple

import psycopg
from psycopg_pool import PoolTimeout

from service.store.database import Database

SILENCE = 15.0
"""Seconds without a sign of life after which nobody projects."""

QUERY = """
SELECT h.position AS projected, COALESCE((SELECT max(notification_id) FROM events), 0) AS head,
    EXTRACT(epoch FROM clock_timestamp() - h.caught_up_at)::float8 AS since_caught_up,
    EXTRACT(epoch FROM clock_timestamp() - h.heartbeat_at)::float8 AS silence, h.epoch, h.leader_pid,
    (SELECT count(*) FROM projection_set_aside) AS set_aside, (SELECT count(*) FROM projection_skipped) AS skipped
FROM projection_head h
"""


class Standing(NamedTuple):
    """The read models against the real head of the log."""

    projected: int
    head: int
    since_caught_up: float
    silence: float | None
    """Seconds since the leader's last sign of life; None where there was never one."""
    epoch: int
    leader_pid: int | None
    set_aside: int
    skipped: int

    @property
    def lag(self) -> int:
        """Events that the read models have not seen."""
        return max(0, self.head - self.projected)

    @property
    def lag_seconds(self) -> float:
        """How long the oldest of them may have waited, at most."""
        return self.since_caught_up if self.lag else 0.0

    def problem(self, limit: float) -> str | None:
        """Why the read models should not be relied on: `projections_stopped`, `projections_late`; None if they may."""
        if self.silence is None or self.silence > SILENCE:
            return "projections_stopped"
        return "projections_late" if self.lag_seconds > limit else None


def look(database: Database) -> Standing | None:
    """The standing now; None where the database does not answer."""
    try:
        row: dict[str, Any] | None = database.one(QUERY)
    except (psycopg.Error, PoolTimeout):
        return None
    return Standing(**row) if row else None
