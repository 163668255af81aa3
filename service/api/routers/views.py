"""The views: plan status, timeline, registers, board and freshness, each for now or for any past moment."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from service.api.as_of_query import AsOfQuery
from service.api.dependencies import TransformationPath
from service.api.problems import READS
from service.api.reader import Incomplete, Reader
from service.api.routing import api_router
from service.api.viewing import read_view
from service.api.who import CallerDependency
from service.domain.action import ACTION
from service.domain.axis import AXIS
from service.domain.concept import Concept
from service.domain.decision import DECISION
from service.domain.indicator import INDICATOR
from service.domain.member import MEMBER
from service.domain.milestone import MILESTONE
from service.domain.obstacle import OBSTACLE
from service.domain.phase import PHASE
from service.domain.status_report import STATUS_REPORT
from service.domain.transformation import TRANSFORMATION
from service.domain.workstream import WORKSTREAM
from service.projections import (
    action_plan,
    decision_register,
    freshness_view,
    indicator_board,
    milestone_timeline,
    obstacle_register,
)
from service.projections.known import Known, known_objects
from service.projections.last_changes import find_changes
from service.projections.named import Named, find_names
from service.projections.plan import Plan
from service.projections.plan_status import ActionPlan

router = api_router("views")


class Echo(BaseModel):
    """The place in history that a view answers for, and the names of the people in it."""

    position: int = Field(description="Le dernier événement que cette réponse prend en compte.")
    as_of: datetime | None = Field(description="L’instant passé demandé\u202f; null pour maintenant.")
    today: date = Field(description="Le jour auquel retards, âges et fraîcheur sont jugés.")
    people: dict[str, str] = Field(description="Les noms des personnes citées, par identifiant.")
    incomplete: list[Incomplete] = Field(description="Les événements qui manquent à cette réponse.")


class ActionPlanView(ActionPlan, Echo):
    """The status of the action plan."""


class MilestoneTimelineView(milestone_timeline.MilestoneTimeline, Echo):
    """The milestones in the order of their dates."""


class ObstacleRegisterView(obstacle_register.ObstacleRegister, Echo):
    """The obstacle register."""


class IndicatorBoardView(indicator_board.IndicatorBoard, Echo):
    """The indicator board."""


class DecisionRegisterView(decision_register.DecisionRegister, Echo):
    """The decision register."""


class FreshnessAnswer(freshness_view.FreshnessView, Echo):
    """What nobody confirmed or changed."""


class ActionPlanQuery(AsOfQuery):
    """The status alone, or with the rows of its actions."""

    include: Literal["actions"] | None = Field(None, description="`actions` ajoute les lignes des actions.")


class FreshnessQuery(AsOfQuery):
    """How long is too long."""

    days: int = Field(30, ge=0, le=3650, description="Périmé au-delà de ce nombre de jours.")


@router.get("/transformations/{transformation}/action-plan", response_model=ActionPlanView, **READS)
async def get_action_plan(
    transformation: TransformationPath,
    request: Request,
    caller: CallerDependency,
    query: Annotated[ActionPlanQuery, Query()],
) -> Response:
    """How the plan stands: as a whole, by axis and workstream, by phase, and « Sans axe »."""

    def compute(reader: Reader) -> BaseModel:
        return action_plan.compute(
            plan_of(reader),
            reader.as_of.today,
            reader.calendar,
            lambda positions: find_changes(reader.connection, positions, reader.language),
            reader.language,
            with_actions=query.include == "actions",
        )

    return await _view(request, caller, transformation, query, compute)


@router.get("/transformations/{transformation}/milestone-timeline", response_model=MilestoneTimelineView, **READS)
async def get_milestone_timeline(
    transformation: TransformationPath, request: Request, caller: CallerDependency, query: Annotated[AsOfQuery, Query()]
) -> Response:
    """The milestones by month of their due date, with every forecast and both slippages."""

    def compute(reader: Reader) -> BaseModel:
        subjects = names(reader, ACTION, WORKSTREAM, PHASE)
        milestones = reader.states(MILESTONE)
        return milestone_timeline.compute(milestones, subjects, reader.as_of.today, reader.calendar, reader.language)

    return await _view(request, caller, transformation, query, compute)


@router.get("/transformations/{transformation}/obstacle-register", response_model=ObstacleRegisterView, **READS)
async def get_obstacle_register(
    transformation: TransformationPath, request: Request, caller: CallerDependency, query: Annotated[AsOfQuery, Query()]
) -> Response:
    """The open obstacles with their clocks, the gravest first; those that are lifted, and by what."""

    def compute(reader: Reader) -> BaseModel:
        around = names(reader, AXIS, WORKSTREAM, PHASE, ACTION, MILESTONE, DECISION)
        return obstacle_register.compute(reader.states(OBSTACLE), around, reader.as_of.today)

    return await _view(request, caller, transformation, query, compute)


@router.get("/transformations/{transformation}/indicator-board", response_model=IndicatorBoardView, **READS)
async def get_indicator_board(
    transformation: TransformationPath, request: Request, caller: CallerDependency, query: Annotated[AsOfQuery, Query()]
) -> Response:
    """The indicators of doing, being and benefit, with their series and the rate of each family."""

    def compute(reader: Reader) -> BaseModel:
        subjects = names(reader, TRANSFORMATION, AXIS, WORKSTREAM, ACTION)
        return indicator_board.compute(reader.states(INDICATOR), subjects, reader.as_of.today)

    return await _view(request, caller, transformation, query, compute)


@router.get("/transformations/{transformation}/decision-register", response_model=DecisionRegisterView, **READS)
async def get_decision_register(
    transformation: TransformationPath, request: Request, caller: CallerDependency, query: Annotated[AsOfQuery, Query()]
) -> Response:
    """The decisions in the order of their numbers: communicated, applied, contested, superseded."""

    def compute(reader: Reader) -> BaseModel:
        around = names(reader, DECISION, PHASE, OBSTACLE, ACTION, AXIS)
        return decision_register.compute(reader.states(DECISION), around, reader.as_of.today)

    return await _view(request, caller, transformation, query, compute)


@router.get("/transformations/{transformation}/freshness", response_model=FreshnessAnswer, **READS)
async def get_freshness(
    transformation: TransformationPath,
    request: Request,
    caller: CallerDependency,
    query: Annotated[FreshnessQuery, Query()],
) -> Response:
    """What nobody confirmed or changed for N days, whose it is, and the call that says « rien n’a changé »."""

    def compute(reader: Reader) -> BaseModel:
        objects = {kind.concept.name: known(reader, kind.concept) for kind in freshness_view.LIVING}
        leads = [m.person_id for m in reader.states(MEMBER) if m.role == "lead" and m.status == "granted"]
        return freshness_view.compute(objects, leads, reader.as_of.today, query.days)

    return await _view(request, caller, transformation, query, compute)


async def _view(
    request: Request, caller: Any, transformation: str, query: AsOfQuery, compute: Callable[[Reader], BaseModel]
) -> Response:
    return await read_view(
        request,
        caller,
        transformation,
        query,
        lambda reader: {**reader.echo(), **compute(reader).model_dump()},
    )


def plan_of(reader: Reader) -> Plan:
    """The plan as of the point that is read, as far as the reader may see it: one query per concept."""
    return Plan(
        transformation=known(reader, TRANSFORMATION)[0],
        axes=known(reader, AXIS),
        workstreams=known(reader, WORKSTREAM),
        phases=known(reader, PHASE),
        actions=known(reader, ACTION),
        milestones=known(reader, MILESTONE),
        obstacles=known(reader, OBSTACLE),
        indicators=known(reader, INDICATOR),
        reports=known(reader, STATUS_REPORT),
    )


def known(reader: Reader, concept: Concept[Any]) -> list[Known[Any]]:
    """The visible objects of a concept with what last changed them."""
    table = reader.service.tables[concept.name]
    return known_objects(reader.connection, table, reader.transformation_id, reader.as_of, reader.viewer.visible())


def names(reader: Reader, *concepts: Concept[Any]) -> dict[Any, Named]:
    """The names of the visible objects of these concepts: one query for each."""
    found: dict[Any, Named] = {}
    for concept in concepts:
        table = reader.service.tables[concept.name]
        found |= find_names(reader.connection, table, reader.transformation_id, reader.as_of, reader.viewer.visible())
    return found
