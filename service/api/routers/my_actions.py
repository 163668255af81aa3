"""My actions: what the caller leads or contributes to, in every transformation where the caller is a member."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import anyio.to_thread
from fastapi import Query, Request
from fastapi.responses import Response
from psycopg import Connection
from psycopg.rows import DictRow
from psycopg.sql import SQL, Literal
from pydantic import BaseModel, ConfigDict, Field

from service.api.answers import answer, object_etag, to_json
from service.api.as_of_query import AsOfQuery, resolve
from service.api.paging import PageQuery, Pages, link
from service.api.problems import READS
from service.api.reader import calendar_of
from service.api.routing import api_router
from service.api.who import CallerDependency, Membership, membership
from service.domain.action import ACTION, Action
from service.projections.action_sheets import ActionSheet
from service.projections.action_surroundings import sheets_of
from service.projections.actions import ACTIONS
from service.projections.as_of import AsOf

router = api_router("me")
OVER = ("done", "abandoned")


class MyAction(BaseModel):
    """One action of the caller."""

    model_config = ConfigDict(extra="forbid")

    transformation: str = Field(description="Le code de la transformation.")
    id: UUID
    ref: str
    title: str
    status: str
    end_on: date | None
    late: bool
    blocked: bool


class MyActionsQuery(AsOfQuery, PageQuery):
    """As of when, and which page."""


class MyActions(BaseModel):
    """The actions of the caller: open ones first, by end date."""

    model_config = ConfigDict(extra="forbid")

    items: list[MyAction]
    next: str | None = Field(description="L’adresse de la page suivante\u202f; null sur la dernière.")
    position: int = Field(description="Le dernier événement que cette réponse prend en compte.")
    as_of: datetime | None
    today: date


@router.get("/me/actions", response_model=MyActions, **READS)
async def list_my_actions(
    request: Request, caller: CallerDependency, query: Annotated[MyActionsQuery, Query()]
) -> Response:
    """The actions that the caller leads or contributes to, over all transformations."""
    service = request.app.state.service

    def run() -> Response:
        caller.require_scope("read")
        pages = Pages(request, query)
        as_of = resolve(service, AsOfQuery(as_of=query.as_of, as_of_position=query.as_of_position))
        found: list[tuple[Membership, Action, ActionSheet]] = []
        with service.database.snapshot() as connection:
            position = position_of(connection, as_of)
            if pages.after:  # every page reads what the first one read
                position = pages.after["position"]
                as_of = AsOf(datetime.fromisoformat(pages.after["instant"]), position)
            for transformation_id in transformations_of(connection, caller.principal):
                member = membership(connection, caller, transformation_id)
                found.extend((member, *pair) for pair in _own(connection, member, as_of))
        ahead = sorted(found, key=_urgency)
        if pages.after:
            ahead = [one for one in ahead if _urgency(one) > tuple(pages.after["urgency"])]
        page, following = pages.turn(
            ahead, lambda last: {"urgency": _urgency(last), "position": position, "instant": as_of.instant}
        )
        body = to_json(
            {
                "items": [_line(*one) for one in page],
                "next": following,
                "position": position,
                "as_of": as_of.instant if query.as_of is not None or query.as_of_position is not None else None,
                "today": as_of.today,
            }
        )
        headers = {"Trajectoire_Position": str(position), **link(following)}
        return answer(request, body, etag=object_etag(position, body), **headers)

    return await anyio.to_thread.run_sync(run)


def transformations_of(connection: Connection[DictRow], person: str) -> list[UUID]:
    rows = connection.execute(
        "SELECT m.transformation_id FROM members m JOIN transformations t ON t.id = m.transformation_id "
        "AND t.valid_to IS NULL AND NOT t.withdrawn WHERE m.person_id = %s AND m.valid_to IS NULL "
        "AND m.status = 'granted' ORDER BY t.code",
        (person,),
    )
    return [row["transformation_id"] for row in rows]


def position_of(connection: Connection[DictRow], as_of: AsOf) -> int:
    row = connection.execute("SELECT position FROM projection_head").fetchone()
    return as_of.position if as_of.position is not None else int(row["position"]) if row else 0


def _own(connection: Connection[DictRow], member: Membership, as_of: AsOf) -> list[tuple[Action, ActionSheet]]:
    """The caller's actions in one transformation, with their sheets."""
    transformation = member.transformation
    mine = SQL("{} = ANY (t.person_ids)").format(Literal(member.viewer.person))
    actions = ACTIONS.of_transformation(connection, transformation.id, as_of, mine)
    if not actions:
        return []
    calendar = calendar_of(transformation.closed_days)
    found = sheets_of(connection, actions, transformation.id, as_of, member.viewer, calendar)
    return [(action, found[action.id]) for action in actions]


def _urgency(one: tuple[Membership, Action, ActionSheet]) -> tuple[bool, str, str, int]:
    member, action, _ = one
    return (action.status in OVER, (action.end_on or date.max).isoformat(), member.transformation.code, action.ref or 0)


def _line(member: Membership, action: Action, sheet: ActionSheet) -> dict[str, Any]:
    return {
        "transformation": member.transformation.code,
        "id": action.id,
        "ref": ACTION.reference(action),
        "title": action.title,
        "status": action.status,
        "end_on": action.end_on,
        "late": sheet.late,
        "blocked": sheet.blocked,
    }
