"""The act behind an event: who acts, in which role, for whom, when and why. Decisions take it as an argument."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from service.domain.event import Channel, Envelope, OnBehalfOf, new_id
from service.domain.refusal import Invalid

PARIS = ZoneInfo("Europe/Paris")

Role = Literal["lead", "contributor", "facilitator", "governance", "sponsor", "auditor", "integration"]


def paris_date(instant: datetime) -> date:
    """The date in Europe/Paris at an instant: the only "today" of the domain."""
    return instant.astimezone(PARIS).date()


class TrueOnInFuture(Invalid):
    """A fact cannot be true on {occurred_on}: that is later than today, {today}."""

    FR = "Un fait ne peut pas dater du {occurred_on}\u202f: c’est après aujourd’hui, le {today}."


@dataclass(frozen=True, slots=True)
class Act:
    """One act of one principal. `occurred_on` is the true-on date when the author states one."""

    actor: str
    now: datetime
    role: Role | None = None
    channel: Channel = "api"
    transformation_id: UUID | None = None
    on_behalf_of: OnBehalfOf | None = None
    reason: str | None = None
    occurred_on: date | None = None
    correlation_id: UUID | None = None
    causation_id: UUID | None = None

    @property
    def today(self) -> date:
        return paris_date(self.now)

    @property
    def true_on(self) -> date:
        """The date the fact is true on: as stated, else today."""
        return self.occurred_on or self.today

    @property
    def authority(self) -> str:
        """Whose act it is for the separation of duties: the one it is recorded for, else the actor."""
        return self.on_behalf_of.id if self.on_behalf_of else self.actor

    def within(self, transformation_id: UUID) -> "Act":
        return replace(self, transformation_id=transformation_id)

    def envelope(self) -> Envelope:
        """The envelope of one event of this act. Raises `TrueOnInFuture`."""
        if self.occurred_on is not None and self.occurred_on > self.today:
            raise TrueOnInFuture(pointer="/occurred_on", occurred_on=self.occurred_on, today=self.today)
        event_id = new_id()
        return Envelope(
            event_id=event_id,
            transformation_id=self.transformation_id,
            actor=self.actor,
            on_behalf_of=self.on_behalf_of,
            channel=self.channel,
            reason=self.reason,
            occurred_on=self.true_on,
            occurred_on_basis="stated" if self.occurred_on else "recording",
            correlation_id=self.correlation_id or event_id,
            causation_id=self.causation_id or event_id,
        )
