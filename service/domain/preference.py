"""How one person wants to be reminded. It lives in the directory, outside the log, so that it can be erased."""

from datetime import datetime, time
from typing import Literal

from service.domain.act import PARIS
from service.domain.event import Value

Digest = Literal["none", "daily", "weekly"]
"""Each reminder at once; what is gathered in one message a day; or one a week."""
ReminderChannel = Literal["inbox", "email"]

DIGEST_AT = time(7, 30)
"""The Europe/Paris time of the digests."""
DIGEST_WEEKDAY = 0
"""The weekly ones go on Mondays, or on the next working day."""


class Preference(Value):
    """One person's wishes. Without any: inbox and e-mail, one digest a day, no quiet hours, French."""

    digest: Digest = "daily"
    channels: tuple[ReminderChannel, ...] = ("inbox", "email")
    """The inbox always shows everything; without `email` nothing is mailed."""
    quiet_from: time | None = None
    quiet_to: time | None = None
    """Europe/Paris times between which nothing is mailed; they may span midnight."""
    language: Literal["fr", "en"] = "fr"

    def quiet_at(self, instant: datetime) -> bool:
        """Whether this person wants to be left alone at an instant."""
        if self.quiet_from is None or self.quiet_to is None:
            return False
        now = instant.astimezone(PARIS).time()
        if self.quiet_from <= self.quiet_to:
            return self.quiet_from <= now < self.quiet_to
        return now >= self.quiet_from or now < self.quiet_to


DEFAULT = Preference()
