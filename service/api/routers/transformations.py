"""Transformations over HTTP: prepare from a template, launch, describe, calendars."""

from typing import Annotated, Any

import anyio.to_thread
from fastapi import Query, Request
from fastapi.responses import Response
from pydantic import AfterValidator, BaseModel, Field

from service.acts.closing import close_transformation
from service.acts.transformations import launch_transformation, prepare_transformation
from service.api.answers import answer, object_etag, to_json
from service.api.as_of_query import AsOfQuery
from service.api.dependencies import Act, Code, Create, TransformationPath
from service.api.fields import ActBody, Body, Day, Label, PersonId, Text, Title, changes, content, left_alone
from service.api.mending import mend_routes
from service.api.paging import PageQuery, Pages, link
from service.api.problems import ACTS, CREATES, READS
from service.api.reader import Reader
from service.api.reading import read_object
from service.api.reminder_bodies import SetReminders
from service.api.representation import representation, shown, veiled
from service.api.routing import api_router
from service.api.who import CallerDependency, membership
from service.domain import transformation as rules
from service.domain.activity import ActivityPeriod
from service.domain.permissions import require
from service.domain.transformation import TRANSFORMATION, Transformation
from service.store.unit import Target, Unit

router = api_router("transformations")
CONCEPT = TRANSFORMATION
TransformationShown = representation(TRANSFORMATION)


def present(state: Transformation, reader: Reader) -> dict[str, Any]:
    return shown(TRANSFORMATION, state, veiled(state, reader.hidden, "plan_decision_id", "closing_decision_id"))


class PeriodBody(ActivityPeriod):
    """A peak or a low of activity, both days included."""

    label: Label
    from_on: Day
    to_on: Day


def _period(sent: PeriodBody) -> ActivityPeriod:
    # Two values are equal only if they are of one class, and an edit records what differs.
    return ActivityPeriod(**dict(sent))


Days = Annotated[tuple[Day, ...], Field(max_length=400)]
Periods = Annotated[tuple[Annotated[PeriodBody, AfterValidator(_period)], ...], Field(max_length=100)]


class PrepareTransformation(ActBody):
    """A transformation with its first lead and its sponsor; a template brings phases and axes."""

    code: Code
    name: Title
    lead: PersonId
    sponsor: PersonId
    description: Text | None = None
    template: Label | None = None
    closed_days: Days = ()
    activity_periods: Periods = ()


class ReviseTransformation(ActBody):
    """The words to change."""

    name: Title = left_alone()
    description: Text | None = None


class SetCalendar(ActBody):
    """The days the institution is closed, and the peaks and lows of its activity; each replaces what was there."""

    closed_days: Days = left_alone()
    activity_periods: Periods = left_alone()


class CalendarPeriods(Body):
    """The activity periods as the fact names them."""

    periods: Periods


class TransformationEntry(BaseModel):
    """A transformation that the caller can see. Administrators see code, name and members only."""

    id: str
    code: str
    name: str
    status: str
    role: str | None


class TransformationPage(BaseModel):
    items: list[TransformationEntry]
    next: str | None = Field(description="L’adresse de la page suivante\u202f; null sur la dernière.")


SEEN = """
    SELECT t.id, t.code, t.name, t.status, m.role FROM transformations t
    LEFT JOIN members m ON m.transformation_id = t.id AND m.person_id = %(person)s AND m.valid_to IS NULL
        AND m.status = 'granted'
    WHERE t.valid_to IS NULL AND NOT t.withdrawn AND (m.id IS NOT NULL OR %(all)s) AND t.code > %(after)s
    ORDER BY t.code LIMIT %(limit)s"""


@router.post("/transformations", response_model=TransformationShown, **CREATES)
async def prepare_a_transformation(body: PrepareTransformation, write: Create) -> Response:
    """Prepare a transformation. Its administrator sees code, name and members only, so the answer is short for one."""

    def work(unit: Unit) -> Target:
        require("transformation.prepare", "administrator" if write.caller.administrator else None)
        return Target(TRANSFORMATION, prepare_transformation(unit, **content(body)), created=True)

    return await write.execute(body, "transformation.prepare", work)


@router.get("/transformations", response_model=TransformationPage, **READS)
async def list_transformations(
    request: Request, caller: CallerDependency, query: Annotated[PageQuery, Query()]
) -> Response:
    """The transformations that the caller is a member of; all of them for an administrator. By their codes."""
    service = request.app.state.service

    def run() -> Response:
        caller.require_scope("read")
        pages = Pages(request, query)
        asked = {
            "person": caller.principal,
            "all": caller.administrator,
            "after": pages.after["code"] if pages.after else "",
            "limit": query.limit + 1,
        }
        rows, following = pages.turn(service.database.all(SEEN, asked), lambda last: {"code": last["code"]})
        body = to_json({"items": rows, "next": following})
        return answer(request, body, etag=object_etag(len(rows), body), **link(following))

    return await anyio.to_thread.run_sync(run)


@router.get("/transformations/{transformation}", response_model=TransformationShown, **READS)
async def get_transformation(
    transformation: TransformationPath,
    request: Request,
    caller: CallerDependency,
    query: Annotated[AsOfQuery, Query()],
) -> Response:
    """One transformation."""
    id = await anyio.to_thread.run_sync(_id_of, request, caller, transformation)
    return await read_object(request, caller, TRANSFORMATION, id, query, present)


def _id_of(request: Request, caller: Any, transformation: str) -> Any:
    with request.app.state.service.database.connection() as connection:
        return membership(connection, caller, transformation).transformation.id


@router.post("/transformations/{transformation}/launch", response_model=TransformationShown, **ACTS)
async def launch_a_transformation(transformation: TransformationPath, body: ActBody, write: Act) -> Response:
    """The sponsor launches: the first phase opens."""

    def decide(state: Transformation, unit: Unit) -> list[Any]:
        with write.service.database.connection() as connection:
            launch_transformation(unit, connection, state.id)
        return []

    return await _act(transformation, "transformation.launch", body, write, decide)


@router.post("/transformations/{transformation}/close", response_model=TransformationShown, **ACTS)
async def close_a_transformation(transformation: TransformationPath, body: ActBody, write: Act) -> Response:
    """The sponsor closes it, once its impacts are evaluated: from here on it is only read."""

    def decide(state: Transformation, unit: Unit) -> list[Any]:
        service = write.service
        service.gate.wait(service.log.head(), service.settings.consistency_wait)
        with service.database.snapshot() as connection:
            return close_transformation(unit, connection, state)

    return await _act(transformation, "transformation.close", body, write, decide)


@router.post("/transformations/{transformation}/revise", response_model=TransformationShown, **ACTS)
async def revise_transformation(transformation: TransformationPath, body: ReviseTransformation, write: Act) -> Response:
    """Change its name or description."""
    return await _act(
        transformation, "transformation.revise", body, write, lambda t, unit: rules.revise(t, **changes(body))
    )


@router.post("/transformations/{transformation}/set-calendar", response_model=TransformationShown, **ACTS)
async def set_calendar(transformation: TransformationPath, body: SetCalendar, write: Act) -> Response:
    """Set closed days and activity periods."""
    return await _act(
        transformation,
        "transformation.set_calendar",
        body,
        write,
        lambda t, unit: rules.set_calendar(t, **changes(body)),
    )


@router.post("/transformations/{transformation}/confirm", response_model=TransformationShown, **ACTS)
async def confirm_transformation(transformation: TransformationPath, body: ActBody, write: Create) -> Response:
    """« Rien n’a changé »: one click."""
    return await _act(
        transformation, "transformation.confirm", body, write, lambda t, unit: rules.confirm(t), if_match=False
    )


async def _act(transformation: str, act: str, body: ActBody, write: Any, decide: Any, **options: Any) -> Response:
    id = await anyio.to_thread.run_sync(_id_of, write.request, write.caller, transformation)
    answered: Response = await write.act(TRANSFORMATION, id, act, body, decide, **options)
    return answered


mend_routes(router, TRANSFORMATION, TransformationShown, (PrepareTransformation, CalendarPeriods, SetReminders))
