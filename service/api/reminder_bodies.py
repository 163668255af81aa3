"""What people send about the rules of reminders, with its limits."""

from typing import Annotated

from pydantic import AfterValidator, Field

from service.api.fields import ActBody
from service.domain.reminder_rules import FURTHEST, ReminderRule

Offset = Annotated[int, Field(ge=-FURTHEST, le=FURTHEST)]


class RuleBody(ReminderRule):
    """How one rule speaks in this transformation."""

    on: bool = Field(True, description="Si elle parle.")
    offsets: Annotated[tuple[Offset, ...], Field(min_length=1, max_length=20)] | None = Field(
        None, description="Jours ouvrés, négatifs avant la date, positifs après\u202f; ceux par défaut sinon."
    )
    every: Annotated[int, Field(ge=1, le=FURTHEST)] | None = Field(
        None, description="Après le dernier, de nouveau tous les tant de jours ouvrés."
    )


def _rule(sent: RuleBody) -> ReminderRule:
    # Two values are equal only if they are of one class, and an edit records what differs.
    return ReminderRule(**dict(sent))


class SetReminders(ActBody):
    """The rules that speak otherwise than by default; the list replaces the former one."""

    rules: Annotated[tuple[Annotated[RuleBody, AfterValidator(_rule)], ...], Field(max_length=50)]
