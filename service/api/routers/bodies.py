"""Governance bodies over HTTP: seats, members and alternates, quorum, cadence; and the series of their reviews."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request
from fastapi.responses import Response
from pydantic import Field

from service.acts import bodies as acts
from service.api.as_of_query import AsOfQuery
from service.api.dependencies import Act, Create, TransformationPath
from service.api.fields import ActBody, Day, Label, PersonId, Text, Title, changes, content, left_alone
from service.api.listing import ListQuery, filters, list_objects, page_of
from service.api.mending import mend_routes
from service.api.problems import ACTS, CREATES, READS
from service.api.reader import Reader
from service.api.reading import read_object
from service.api.representation import representation, shown
from service.api.routing import api_router
from service.api.who import CallerDependency, Membership
from service.domain import body as domain
from service.domain.body import BODY, Appointment, Body
from service.domain.body_events import BodyKind, Cadence, Standing
from service.domain.event import Event
from service.domain.quorum import count
from service.domain.warning import Warning, peak_warnings
from service.projections.bodies import BODIES
from service.store.unit import Unit

router = api_router("bodies")
CONCEPT = BODY
BodyShown = representation(
    BODY,
    sitting=(list[Appointment], "Qui siège au jour de la lecture, par siège\u202f; le titulaire d’abord."),
    filled=(int, "Les sièges pourvus ce jour-là."),
    required=(int, "Le quorum de ce jour-là, sans récusation."),
)
Seats = Annotated[tuple[Label, ...], Field(max_length=100)]
Quorum = Annotated[int, Field(ge=1, le=100)]


def present(state: Body, reader: Reader) -> dict[str, Any]:
    """A body with those who sit in it at the clock of the read, and its quorum then."""
    today = reader.as_of.today
    counted = count(state, today, attended=(), recused=())
    derived = {"sitting": domain.sitting(state, today), "filled": counted.filled, "required": counted.required}
    return shown(BODY, state, derived)


class CadenceBody(Cadence):
    """Every so many weeks or months."""

    every: Annotated[int, Field(ge=1, le=52)]


class ConstituteBody(ActBody):
    """Constitute a body; without `quorum`, more than half of the seats filled on the day."""

    name: Label
    kind: BodyKind = "other"
    mission: Text | None = None
    seats: Seats = ()
    quorum: Quorum | None = None
    second_needs_quorum: bool = True
    cadence: CadenceBody | None = None


class ReviseBody(ActBody):
    """The words or the rules to change."""

    name: Label = left_alone()
    kind: BodyKind = left_alone()
    mission: Text | None = None
    seats: Seats = left_alone()
    quorum: Quorum | None = None
    second_needs_quorum: bool = left_alone()
    cadence: CadenceBody | None = None


class AppointMember(ActBody):
    """Who takes which seat, from `occurred_on` on. Seats are numbered from 1."""

    person_id: PersonId
    seat: Annotated[int, Field(ge=1, le=100)]
    standing: Standing = "titular"


class LeaveBody(ActBody):
    """Who leaves, from `occurred_on` on."""

    person_id: PersonId


class ScheduleSeries(ActBody):
    """The first day and how many reviews; each falls on the working day that its cadence gives, or on the next."""

    title: Title
    first_on: Day
    count: Annotated[int, Field(ge=1, le=60)]


@router.post("/transformations/{transformation}/bodies", response_model=BodyShown, **CREATES)
async def constitute_body(transformation: TransformationPath, body: ConstituteBody, write: Create) -> Response:
    """Constitute a governance body."""

    def decide(unit: Unit, member: Membership) -> Body:
        return unit.create(BODY, domain.constitute(**content(body)))

    return await write.create(transformation, "body.constitute", body, decide, BODY)


@router.get("/transformations/{transformation}/bodies", response_model=page_of(BodyShown), **READS)
async def list_bodies(
    transformation: TransformationPath,
    request: Request,
    caller: CallerDependency,
    query: Annotated[ListQuery, filters(BODIES)],
) -> Response:
    """The governance bodies of a transformation."""
    return await list_objects(request, caller, transformation, BODY, query, present, BodyShown)


@router.get("/bodies/{id}", response_model=BodyShown, **READS)
async def get_body(
    id: UUID, request: Request, caller: CallerDependency, query: Annotated[AsOfQuery, Query()]
) -> Response:
    """One governance body."""
    return await read_object(request, caller, BODY, id, query, present)


@router.post("/bodies/{id}/revise", response_model=BodyShown, **ACTS)
async def revise_body(id: UUID, body: ReviseBody, write: Act) -> Response:
    """Change its words or its rules: one event per meaning."""
    return await write.act(BODY, id, "body.revise", body, lambda b, unit: domain.revise(b, **changes(body)))


@router.post("/bodies/{id}/appoint", response_model=BodyShown, **ACTS)
async def appoint_member(id: UUID, body: AppointMember, write: Act) -> Response:
    """Give a member of the transformation a seat, as titular or alternate."""

    def decide(state: Body, unit: Unit) -> list[Event]:
        with write.service.database.connection() as connection:
            return acts.appoint_member(unit, connection, state, **content(body))

    return await write.act(BODY, id, "body.appoint", body, decide)


@router.post("/bodies/{id}/leave", response_model=BodyShown, **ACTS)
async def leave_body(id: UUID, body: LeaveBody, write: Act) -> Response:
    """Somebody no longer sits in it."""
    return await write.act(BODY, id, "body.leave", body, lambda b, unit: domain.leave(b, body.person_id))


@router.post("/bodies/{id}/dissolve", response_model=BodyShown, **ACTS)
async def dissolve_body(id: UUID, body: ActBody, write: Act) -> Response:
    """It no longer exists; the reason is required, and nothing may wait for it."""

    def decide(state: Body, unit: Unit) -> list[Event]:
        with write.service.database.snapshot() as connection:
            row = connection.execute("SELECT position FROM projection_head").fetchone()
            return acts.dissolve_body(unit, connection, state, row["position"] if row else 0)

    return await write.act(BODY, id, "body.dissolve", body, decide)


@router.post("/bodies/{id}/schedule-series", response_model=BodyShown, **ACTS)
async def schedule_series(id: UUID, body: ScheduleSeries, write: Create) -> Response:
    """Schedule its reviews by its cadence, on working days; those that fall in an activity peak are warned of."""
    planned: list[Any] = []

    def decide(state: Body, unit: Unit) -> list[Event]:
        member = write.member(state.transformation_id or id)
        planned[:] = acts.schedule_series(unit, member.transformation, state, **content(body))
        return []

    def warn(state: Body, member: Membership) -> list[Warning]:
        return [found for review in planned for found in peak_warnings(member.transformation, review.planned_on)]

    return await write.act(BODY, id, "review.schedule", body, decide, if_match=False, warn=warn)


mend_routes(router, BODY, BodyShown, (ConstituteBody, AppointMember))
