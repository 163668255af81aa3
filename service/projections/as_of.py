"""The point in history that a read answers for: a position of the log and the instant that is its "now"."""

from dataclasses import dataclass
from datetime import date, datetime

from service.domain.act import paris_date


@dataclass(frozen=True, slots=True)
class AsOf:
    """`position` None reads the present rows; otherwise the state is the prefix of the log up to it, inclusive.

    `instant` is the clock of the answer: what is late, overdue or stale is judged there (DOMAIN section 2, Clock).
    """

    instant: datetime
    position: int | None = None

    @property
    def today(self) -> date:
        return paris_date(self.instant)
