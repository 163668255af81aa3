"""Indicators over HTTP: define, revise, measure, propose and settle values, retire, confirm; their series."""

from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request
from fastapi.responses import Response
from pydantic import Field

from service.acts import indicators as acts
from service.api.as_of_query import AsOfQuery
from service.api.dependencies import Act, Create, TransformationPath
from service.api.fields import ActBody, Day, Label, Number, PersonId, Text, Title, Weight, changes, content
from service.api.listing import ListQuery, filters, list_objects, page_of
from service.api.mending import mend_routes
from service.api.problems import ACTS, CREATES, READS
from service.api.reader import Reader
from service.api.reading import read_object
from service.api.representation import representation, shown
from service.api.routing import api_router
from service.api.series import IndicatorSeries, present_series
from service.api.who import CallerDependency, Membership
from service.domain import indicator_course as course
from service.domain import indicator_figures as figures
from service.domain.figure import Answer, Figure
from service.domain.indicator import INDICATOR, Indicator, Measure
from service.domain.indicator_events import DatedValue, Direction, Family, IndicatorSubject
from service.domain.period import Cadence
from service.projections.indicators import INDICATORS
from service.store.unit import Unit

router = api_router("indicators")
CONCEPT = INDICATOR
IndicatorShown = representation(
    INDICATOR,
    progress=(Figure, "Avancement vers la cible finale, sans bornage\u202f; null tant qu’il est inconnu."),
    on_track=(Answer, "La dernière valeur comparée à la trajectoire, au jour de la mesure."),
    stale=(Answer, "La valeur suivante se fait attendre au-delà de son délai."),
    last_measure=(Measure | None, "La dernière valeur qui compte."),
    expected_today=(Decimal | None, "La valeur que la trajectoire attend au jour de la lecture."),
    value_due_on=(Day | None, "Dernier jour pour la prochaine valeur."),
)


def present(state: Indicator, reader: Reader) -> dict[str, Any]:
    """An indicator with its explained figures at the clock of the read."""
    today = reader.as_of.today
    last = figures.last_measure(state)
    return shown(
        INDICATOR,
        state,
        {
            "progress": figures.progress(state).model_dump(),
            "on_track": figures.on_track(state).model_dump(),
            "stale": figures.stale(state, today).model_dump(),
            "last_measure": last.model_dump() if last else None,
            "expected_today": figures.expected(state, today),
            "value_due_on": figures.value_due_on(state),
        },
    )


class DatedValueBody(DatedValue):
    """A value on a day."""

    value: Number
    on: Day


Targets = Annotated[tuple[DatedValueBody, ...], Field(max_length=200)]
Tolerance = Annotated[Number, Field(ge=0)]
Delay = Annotated[int, Field(ge=0, le=3660)]


class DefineIndicator(ActBody):
    """What will be measured, from where, to where, how often, by whom."""

    title: Title
    family: Family
    unit: Label
    direction: Direction
    cadence: Cadence
    description: Text | None = None
    tolerance: Tolerance | None = Field(None, description="Pour `hold`\u202f: l’écart admis autour de la cible.")
    baseline: DatedValueBody | None = Field(None, description="La valeur de référence et son jour.")
    targets: Targets = ()
    availability_delay_days: Delay = 0
    owner: PersonId | None = None
    collector: PersonId | None = None
    weight: Weight = Decimal(1)
    subject: IndicatorSubject | None = None
    external_id: Label | None = Field(None, description="`identifiant_indic` du modèle de PILOTE.")


class ReviseIndicator(ActBody):
    """The fields to change: words, baseline, targets (all of them), people; null clears what may be empty."""

    title: Title = Field(default_factory=str)
    family: Family = Field(default_factory=lambda: "doing")
    unit: Label = Field(default_factory=str)
    direction: Direction = Field(default_factory=lambda: "up")
    cadence: Cadence = Field(default_factory=lambda: "monthly")
    description: Text | None = None
    tolerance: Tolerance | None = None
    baseline: DatedValueBody | None = None
    targets: Targets = ()
    availability_delay_days: Delay = Field(default_factory=int)
    owner: PersonId | None = None
    collector: PersonId | None = None
    weight: Weight = Field(default_factory=lambda: Decimal(1))
    subject: IndicatorSubject | None = None
    external_id: Label | None = None


class MeasureIndicator(ActBody):
    """`occurred_on` is the day it was measured; one value a day."""

    value: Number
    comment: Text | None = None


class AcceptValue(ActBody):
    """Which proposed value counts."""

    proposal_event_id: UUID


class RefuseValue(ActBody):
    """Which proposed value does not count, and why."""

    proposal_event_id: UUID
    reason: Text


def _plain(fields: dict[str, Any]) -> dict[str, Any]:
    """Values of the domain in place of those of the body: two of different types are never equal."""
    if baseline := fields.get("baseline"):
        fields["baseline"] = DatedValue(value=baseline.value, on=baseline.on)
    if "targets" in fields:
        fields["targets"] = tuple(DatedValue(value=target.value, on=target.on) for target in fields["targets"])
    return fields


@router.post("/transformations/{transformation}/indicators", response_model=IndicatorShown, **CREATES)
async def define_indicator(transformation: TransformationPath, body: DefineIndicator, write: Create) -> Response:
    """Say what will be measured."""

    def decide(unit: Unit, member: Membership) -> Indicator:
        return acts.define_indicator(unit, member.transformation, **_plain(content(body)))

    return await write.create(transformation, "indicator.define", body, decide, INDICATOR)


@router.get("/transformations/{transformation}/indicators", response_model=page_of(IndicatorShown), **READS)
async def list_indicators(
    transformation: TransformationPath,
    request: Request,
    caller: CallerDependency,
    query: Annotated[ListQuery, filters(INDICATORS)],
) -> Response:
    """The indicators of a transformation."""
    return await list_objects(request, caller, transformation, INDICATOR, query, present, IndicatorShown)


@router.get("/indicators/{id}", response_model=IndicatorShown, **READS)
async def get_indicator(
    id: UUID, request: Request, caller: CallerDependency, query: Annotated[AsOfQuery, Query()]
) -> Response:
    """One indicator, with its explained figures."""
    return await read_object(request, caller, INDICATOR, id, query, present)


@router.get("/indicators/{id}/series", response_model=IndicatorSeries, **READS)
async def get_indicator_series(
    id: UUID, request: Request, caller: CallerDependency, query: Annotated[AsOfQuery, Query()]
) -> Response:
    """Its values in the order of their days, with what was corrected, proposed and aimed at."""
    return await read_object(request, caller, INDICATOR, id, query, present_series)


@router.post("/indicators/{id}/revise", response_model=IndicatorShown, **ACTS)
async def revise_indicator(id: UUID, body: ReviseIndicator, write: Act) -> Response:
    """Change its words, baseline, targets or people: one event per meaning."""

    def decide(indicator: Indicator, unit: Unit) -> Any:
        wanted = _plain(changes(body))
        acts.check_places(unit, indicator.transformation_id, wanted)
        return course.revise(indicator, **wanted)

    return await write.act(INDICATOR, id, "indicator.revise", body, decide)


@router.post("/indicators/{id}/measure", response_model=IndicatorShown, **ACTS)
async def measure_indicator(id: UUID, body: MeasureIndicator, write: Create) -> Response:
    """Record a value, true on its day."""
    return await write.act(
        INDICATOR, id, "indicator.measure", body, lambda i, unit: course.measure(i, **content(body)), if_match=False
    )


@router.post("/indicators/{id}/propose-value", response_model=IndicatorShown, **ACTS)
async def propose_indicator_value(id: UUID, body: MeasureIndicator, write: Create) -> Response:
    """Propose a value for somebody else to accept."""
    return await write.act(
        INDICATOR,
        id,
        "indicator.propose_value",
        body,
        lambda i, unit: course.propose_value(i, **content(body)),
        if_match=False,
    )


@router.post("/indicators/{id}/accept-value", response_model=IndicatorShown, **ACTS)
async def accept_indicator_value(id: UUID, body: AcceptValue, write: Act) -> Response:
    """A proposed value counts; not by who proposed it."""
    return await write.act(
        INDICATOR,
        id,
        "indicator.accept_value",
        body,
        lambda i, unit: course.accept_value(i, body.proposal_event_id),
    )


@router.post("/indicators/{id}/refuse-value", response_model=IndicatorShown, **ACTS)
async def refuse_indicator_value(id: UUID, body: RefuseValue, write: Act) -> Response:
    """A proposed value does not count; the reason is required."""
    return await write.act(
        INDICATOR,
        id,
        "indicator.refuse_value",
        body,
        lambda i, unit: course.refuse_value(i, body.proposal_event_id),
    )


@router.post("/indicators/{id}/retire", response_model=IndicatorShown, **ACTS)
async def retire_indicator(id: UUID, body: ActBody, write: Act) -> Response:
    """It is no longer followed; the reason is required."""
    return await write.act(INDICATOR, id, "indicator.retire", body, lambda i, unit: course.retire(i))


@router.post("/indicators/{id}/confirm", response_model=IndicatorShown, **ACTS)
async def confirm_indicator(id: UUID, body: ActBody, write: Create) -> Response:
    """« Rien n’a changé »: one click."""
    return await write.act(INDICATOR, id, "indicator.confirm", body, lambda i, unit: course.confirm(i), if_match=False)


mend_routes(router, INDICATOR, IndicatorShown, (DefineIndicator, MeasureIndicator))
