"""Milestones over HTTP: plan, reach, reschedule, cancel, reopen, confirm."""

from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request
from fastapi.responses import Response
from pydantic import Field

from service.acts.milestones import plan_milestone
from service.api.as_of_query import AsOfQuery
from service.api.dependencies import Act, Create, TransformationPath
from service.api.fields import ActBody, Day, DocumentBody, Text, Title, Weight, changes, content, left_alone
from service.api.listing import ListQuery, filters, list_objects, page_of
from service.api.mending import mend_routes
from service.api.problems import ACTS, CREATES, READS
from service.api.reader import Reader
from service.api.reading import read_object
from service.api.representation import representation, shown
from service.api.routing import api_router
from service.api.who import CallerDependency, Membership
from service.api.writing import owners_of_subject
from service.domain import milestone
from service.domain.milestone import MILESTONE, Milestone, MilestoneSubject
from service.domain.slippage import Slippage, dates_of, lateness
from service.domain.warning import Warning, peak_warnings
from service.projections.milestones import MILESTONES
from service.store.unit import Unit

router = api_router("milestones")
CONCEPT = MILESTONE
MilestoneShown = representation(
    MILESTONE,
    late=(bool, "Non atteint, et prévu après sa date de référence ou déjà dépassé."),
    overdue=(bool, "La date prévue est passée."),
    slippage=(Slippage | None, "Écart à la date de référence en vigueur."),
    original_slippage=(Slippage | None, "Écart à la date de référence d’origine."),
)


def present(state: Milestone, reader: Reader) -> dict[str, Any]:
    """A milestone with its lateness and its slippage at the clock of the read."""
    found = lateness(dates_of(state), reader.as_of.today, reader.calendar)
    return shown(MILESTONE, state, found.model_dump(exclude={"late_working_days"}))


class PlanMilestone(ActBody):
    """Promise a date."""

    subject: MilestoneSubject
    title: Title
    due_on: Day
    description: Text | None = None
    weight: Weight = Decimal(1)


class ReviseMilestone(ActBody):
    """The fields to change; a new `due_on` is a reschedule and needs a reason."""

    title: Title = left_alone()
    due_on: Day = left_alone()
    description: Text | None = None
    weight: Weight = left_alone()


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

    return await write.create(
        transformation,
        "milestone.plan",
        body,
        decide,
        MILESTONE,
        warn=_warn,
        owners=lambda unit: owners_of_subject(unit, body.subject),
    )


def _warn(state: Milestone, member: Membership) -> list[Warning]:
    return peak_warnings(member.transformation, state.due_on)


@router.get("/transformations/{transformation}/milestones", response_model=page_of(MilestoneShown), **READS)
async def list_milestones(
    transformation: TransformationPath,
    request: Request,
    caller: CallerDependency,
    query: Annotated[ListQuery, filters(MILESTONES)],
) -> Response:
    """The milestones of a transformation."""
    return await list_objects(request, caller, transformation, MILESTONE, query, present, MilestoneShown)


@router.get("/milestones/{id}", response_model=MilestoneShown, **READS)
async def get_milestone(
    id: UUID, request: Request, caller: CallerDependency, query: Annotated[AsOfQuery, Query()]
) -> Response:
    """One milestone."""
    return await read_object(request, caller, MILESTONE, id, query, present)


@router.post("/milestones/{id}/revise", response_model=MilestoneShown, **ACTS)
async def revise_milestone(id: UUID, body: ReviseMilestone, write: Act) -> Response:
    """Change its words, weight or date: one event per meaning."""
    return await write.act(
        MILESTONE, id, "milestone.revise", body, lambda m, unit: milestone.revise(m, **changes(body)), warn=_warn
    )


@router.post("/milestones/{id}/reach", response_model=MilestoneShown, **ACTS)
async def reach_milestone(id: UUID, body: ReachMilestone, write: Act) -> Response:
    """It is reached."""
    return await write.act(
        MILESTONE, id, "milestone.reach", body, lambda m, unit: milestone.reach(m, evidence=body.evidence)
    )


@router.post("/milestones/{id}/reschedule", response_model=MilestoneShown, **ACTS)
async def reschedule_milestone(id: UUID, body: RescheduleMilestone, write: Act) -> Response:
    """A new forecast, with its reason. It is counted."""
    return await write.act(
        MILESTONE,
        id,
        "milestone.reschedule",
        body,
        lambda m, unit: milestone.reschedule(m, body.due_on),
        warn=_warn,
    )


@router.post("/milestones/{id}/cancel", response_model=MilestoneShown, **ACTS)
async def cancel_milestone(id: UUID, body: ActBody, write: Act) -> Response:
    """It is no longer wanted; the reason is required."""
    return await write.act(MILESTONE, id, "milestone.cancel", body, lambda m, unit: milestone.cancel(m))


@router.post("/milestones/{id}/reopen", response_model=MilestoneShown, **ACTS)
async def reopen_milestone(id: UUID, body: ActBody, write: Act) -> Response:
    """A reached or cancelled milestone is to be reached again; the reason is required."""
    return await write.act(MILESTONE, id, "milestone.reopen", body, lambda m, unit: milestone.reopen(m))


@router.post("/milestones/{id}/confirm", response_model=MilestoneShown, **ACTS)
async def confirm_milestone(id: UUID, body: ActBody, write: Create) -> Response:
    """« Rien n’a changé »: one click."""
    return await write.act(
        MILESTONE, id, "milestone.confirm", body, lambda m, unit: milestone.confirm(m), if_match=False
    )


mend_routes(router, MILESTONE, MilestoneShown, (PlanMilestone, ReachMilestone))
