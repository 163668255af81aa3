"""What people send about an action, with its limits."""

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from service.api.fields import ActBody, Day, Label, Money, Number, PersonId, Text, Title, Weight, left_alone
from service.domain.action_events import Focus, Funder, Horizon, Priority


class FunderBody(Funder):
    """Who pays, and how much of it (in euros)."""

    name: Label
    amount: Money | None = None


def _funder(sent: FunderBody) -> Funder:
    # Two values are equal only if they are of one class, and an edit records what differs.
    return Funder(name=sent.name, amount=sent.amount)


def _each_once(people: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(people))


Contributors = Annotated[tuple[PersonId, ...], Field(max_length=50), AfterValidator(_each_once)]
Funders = Annotated[tuple[Annotated[FunderBody, AfterValidator(_funder)], ...], Field(max_length=50)]
Attributes = Annotated[dict[Label, Text], Field(max_length=100)]


class ProposeAction(ActBody):
    """Something to do for the change; without an axis it takes that of its workstream."""

    title: Title
    description: Text | None = None
    expected_result: Text | None = None
    axis_id: UUID | None = None
    workstream_id: UUID | None = None
    phase_id: UUID | None = None
    parent_id: UUID | None = Field(None, description="L’action dont celle-ci est une sous-action.")
    lead: PersonId | None = None
    contributors: Contributors = ()
    focus: Focus | None = None
    horizon: Horizon | None = None
    priority: Priority | None = None
    start_on: Day | None = None
    end_on: Day | None = None
    weight: Weight = Decimal(1)
    budget: Money | None = Field(None, description="En euros.")
    funders: Funders = ()
    governance: Text | None = None
    origin: Text | None = None
    attributes: Attributes = Field(default_factory=dict, description="Ce qu’aucun champ ne dit, par intitulé.")
    ongoing: bool = Field(False, description="L’action est récurrente, sans fin prévue.")


class ReviseAction(ActBody):
    """The fields to change, each recorded for what it means; a baselined date moves only with a reason."""

    title: Title = left_alone()
    description: Text | None = None
    expected_result: Text | None = None
    axis_id: UUID | None = None
    workstream_id: UUID | None = None
    phase_id: UUID | None = None
    lead: PersonId | None = None
    contributors: Contributors = left_alone()
    focus: Focus | None = None
    horizon: Horizon | None = None
    priority: Priority | None = None
    start_on: Day | None = None
    end_on: Day | None = None
    weight: Weight = left_alone()
    budget: Money | None = None
    funders: Funders = left_alone()
    governance: Text | None = None
    origin: Text | None = None
    attributes: Attributes = left_alone()
    ongoing: bool = left_alone()


class DeclareProgress(ActBody):
    """How far it is, on the day `occurred_on`."""

    percent: Annotated[Number, Field(ge=0, le=100)]
