"""Milestones over HTTP: plan, reach, reschedule, cancel, reopen, confirm."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import Field

from service.acts.milestones import plan_milestone
from service.api.dependencies import Act, Create, TransformationPath
from service.api.fields import ActBody, Day, DocumentBody, Text, Title, Weight
from service.api.listing import list_objects, query_model
from service.api.mending import mend_routes
from service.api.problems import ACTS, CREATES, READS
from service.api.reading import AsOfQuery, Reader, read_object
from service.api.representation import representation, shown
from service.api.who import CallerDependency, Membership
from service.domain import milestone
from service.domain.milestone import MILESTONE, Milestone, MilestoneSubject
from service.domain.slippage import Slippage, is_late, is_overdue, milestone_slippage
from service.domain.warning import Warning, peak_warnings
from service.projections.milestones import MILESTONES
from service.store.unit import Unit

router = APIRouter(tags=["milestones"])
CONCEPT = MILESTONE
MilestoneShown = representation(
    MILESTONE,
    late=(bool, "Non atteint, et prévu après sa date de référence ou déjà dépassé."),
    overdue=(bool, "La date prévue est passée."),
    slippage=(Slippage | None, "Écart à la date de référence en vigueur."),
    original_slippage=(Slippage | None, "Écart à la date de référence d’origine."),
)
MilestoneQuery = query_model(MILESTONES)


def present(state: Milestone, reader: Reader) -> dict[str, Any]:
    """A milestone with its lateness and its slippage at the clock of the read."""
    return shown(MILESTONE, state, derived(state, reader))


class PlanMilestone(ActBody):
    """Promise a date."""

    subject: MilestoneSubject
    title: Title
    due_on: Day
    description: Text | None = None
    weight: Weight = Field(default=1, validate_default=True)


class ReviseMilestone(ActBody):
    """The fields to change; a new `due_on` is a reschedule and needs a reason."""

    title: Title | None = None
    due_on: Day | None = None
    description: Text | None = None
    weight: Weight | None = None


class ReachMilestone(ActBody):
    """`occurred_on` is the day it was reached."""

    evidence: Annotated[tuple[DocumentBody, ...], Field(max_length=20)] = ()


class RescheduleMilestone(ActBody):
    """A new forecast; the reason is required."""

    due_on: Day


@router.post("/transformations/{transformation}/milestones", response_model=MilestoneShown, **CREATES)
async def plan_a_milestone(transformation: TransformationPath, body: PlanMilestone, write: Create) -> Response:
    """Promise a date on an action, a workstream or a phase."""

    def decide(unit: Unit, member: Membership) -> Milestone:
        return plan_milestone(unit, member.transformation, **content(body))

    return await write.create(transformation, "milestone.plan", body, decide, MILESTONE, warn=_warn)
