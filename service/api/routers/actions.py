"""Actions over HTTP: propose, revise, plan, start, declare progress, complete, pause, abandon, reopen; the sheet."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request
from fastapi.responses import Response

from service.acts.actions import phase_of, propose_action, revise_action
from service.api.action_bodies import DeclareProgress, ProposeAction, ReviseAction
from service.api.as_of_query import AsOfQuery
from service.api.dependencies import Act, Create, TransformationPath
from service.api.fields import ActBody, changes, content
from service.api.listing import ListQuery, filters, list_objects, page_of
from service.api.mending import mend_routes
from service.api.problems import ACTS, CREATES, READS
from service.api.reader import Reader
from service.api.reading import read_object
from service.api.representation import representation, shown
from service.api.routing import api_router
from service.api.who import CallerDependency, Membership
from service.api.writing import Writing
from service.domain import action_course
from service.domain.action import ACTION, Action
from service.domain.event import Event
from service.domain.phase import Phase
from service.domain.warning import Warning
from service.projections.action_sheets import ActionSheet
from service.projections.action_surroundings import sheets_of
from service.projections.actions import ACTIONS
from service.store.unit import Unit

router = api_router("actions")
CONCEPT = ACTION
ActionShown = representation(
    ACTION, **{name: (field.annotation, field.description) for name, field in ActionSheet.model_fields.items()}
)


def present(state: Action, reader: Reader) -> dict[str, Any]:
    """The action sheet: the action, with what is derived at the clock of the read."""
    return present_page([state], reader)[0]


def present_page(states: Sequence[Action], reader: Reader) -> list[dict[str, Any]]:
    """Several action sheets: what stands around the actions is read once for all of them."""
    found = sheets_of(reader.connection, states, reader.transformation_id, reader.as_of, reader.viewer, reader.calendar)
    return [shown(ACTION, state, found[state.id].model_dump()) for state in states]


@router.post("/transformations/{transformation}/actions", response_model=ActionShown, **CREATES)
async def propose_an_action(transformation: TransformationPath, body: ProposeAction, write: Create) -> Response:
    """Propose an action, or a sub-action of one; contributors propose sub-actions of their own actions."""

    def decide(unit: Unit, member: Membership) -> Action:
        return propose_action(unit, member.transformation, **content(body))

    def owners(unit: Unit) -> Sequence[str]:
        return () if body.parent_id is None else tuple(ACTION.owners(unit.get(ACTION, body.parent_id)))

    return await write.create(transformation, "action.propose", body, decide, ACTION, owners=owners)


@router.get("/transformations/{transformation}/actions", response_model=page_of(ActionShown), **READS)
async def list_actions(
    transformation: TransformationPath,
    request: Request,
    caller: CallerDependency,
    query: Annotated[ListQuery, filters(ACTIONS)],
) -> Response:
    """The actions of a transformation, sub-actions among them."""
    return await list_objects(
        request, caller, transformation, ACTION, query, present, ActionShown, present_page=present_page
    )


@router.get("/actions/{id}", response_model=ActionShown, **READS)
async def get_action(
    id: UUID, request: Request, caller: CallerDependency, query: Annotated[AsOfQuery, Query()]
) -> Response:
    """The action sheet."""
    return await read_object(request, caller, ACTION, id, query, present)


@router.post("/actions/{id}/revise", response_model=ActionShown, **ACTS)
async def revise_an_action(id: UUID, body: ReviseAction, write: Act) -> Response:
    """Change it: one event per meaning. A new end date is a new forecast, and is counted."""
    return await _act(write, id, "revise", body, lambda a, unit: revise_action(unit, a, **changes(body)))


@router.post("/actions/{id}/plan", response_model=ActionShown, **ACTS)
async def plan_action(id: UUID, body: ActBody, write: Act) -> Response:
    """Retain a proposal."""
    return await _act(write, id, "plan", body, lambda a, unit: action_course.plan(a))


@router.post("/actions/{id}/start", response_model=ActionShown, **ACTS)
async def start_action(id: UUID, body: ActBody, write: Act) -> Response:
    """Work begins, on `occurred_on`. Before its phase opens this warns and does not refuse."""
    return await _act(write, id, "start", body, lambda a, unit: action_course.start(a))


@router.post("/actions/{id}/declare-progress", response_model=ActionShown, **ACTS)
async def declare_progress_of_action(id: UUID, body: DeclareProgress, write: Act) -> Response:
    """Say how far it is, in per cent; it counts where no milestone and no sub-action tells."""
    return await _act(
        write, id, "declare_progress", body, lambda a, unit: action_course.declare_progress(a, body.percent)
    )


@router.post("/actions/{id}/complete", response_model=ActionShown, **ACTS)
async def complete_action(id: UUID, body: ActBody, write: Act) -> Response:
    """It is done, on `occurred_on`."""
    return await _act(write, id, "complete", body, lambda a, unit: action_course.complete(a))


@router.post("/actions/{id}/pause", response_model=ActionShown, **ACTS)
async def pause_action(id: UUID, body: ActBody, write: Act) -> Response:
    """Let it rest; the reason is required."""
    return await _act(write, id, "pause", body, lambda a, unit: action_course.pause(a))


@router.post("/actions/{id}/resume", response_model=ActionShown, **ACTS)
async def resume_action(id: UUID, body: ActBody, write: Act) -> Response:
    """The pause is over: it is again where it was."""
    return await _act(write, id, "resume", body, lambda a, unit: action_course.resume(a))


@router.post("/actions/{id}/abandon", response_model=ActionShown, **ACTS)
async def abandon_action(id: UUID, body: ActBody, write: Act) -> Response:
    """Give it up; the reason is required."""
    return await _act(write, id, "abandon", body, lambda a, unit: action_course.abandon(a))


@router.post("/actions/{id}/reopen", response_model=ActionShown, **ACTS)
async def reopen_action(id: UUID, body: ActBody, write: Act) -> Response:
    """A done or abandoned action is to be done again; the reason is required. It is counted."""
    return await _act(write, id, "reopen", body, lambda a, unit: action_course.reopen(a))


@router.post("/actions/{id}/put-back", response_model=ActionShown, **ACTS)
async def put_back_action(id: UUID, body: ActBody, write: Act) -> Response:
    """Make it a proposal again, to be discussed."""
    return await _act(write, id, "put_back", body, lambda a, unit: action_course.put_back(a))


@router.post("/actions/{id}/confirm", response_model=ActionShown, **ACTS)
async def confirm_action(id: UUID, body: ActBody, write: Create) -> Response:
    """« Rien n’a changé »: one click."""
    return await write.act(ACTION, id, "action.confirm", body, lambda a, unit: action_course.confirm(a), if_match=False)


async def _act(
    write: Writing, id: UUID, verb: str, body: ActBody, decide: Callable[[Action, Unit], list[Event]]
) -> Response:
    """An act on one action; it warns of work that began before its phase opened."""
    phases: list[Phase | None] = [None]

    def decide_in_phase(action: Action, unit: Unit) -> list[Event]:
        phases[0] = phase_of(unit, action)
        return decide(action, unit)

    def warn(action: Action, member: Membership) -> list[Warning]:
        return action_course.warnings(action, phase=phases[0])

    return await write.act(ACTION, id, f"action.{verb}", body, decide_in_phase, warn=warn)


mend_routes(router, ACTION, ActionShown, (ProposeAction, DeclareProgress))
