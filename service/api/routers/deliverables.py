"""Deliverables over HTTP: draft, revise, add a version, submit; another authority validates or returns."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request
from fastapi.responses import Response
from pydantic import Field

from service.acts.deliverables import check_places, draft_deliverable, revise_deliverable
from service.acts.submissions import SubmittedContent
from service.api.as_of_query import AsOfQuery
from service.api.dependencies import Act, Create, TransformationPath
from service.api.fields import ActBody, Day, PersonId, Sha256, Text, Title, Uri, changes, content, left_alone
from service.api.listing import ListQuery, filters, list_objects, page_of
from service.api.mending import Guards, mend_routes
from service.api.problems import ACTS, CREATES, READS
from service.api.reader import Reader
from service.api.reading import read_object
from service.api.representation import representation, shown
from service.api.routing import api_router
from service.api.who import CallerDependency, Membership
from service.api.writing import require_seen
from service.domain import deliverable
from service.domain.decision import DECISION
from service.domain.deliverable import DELIVERABLE, Deliverable
from service.domain.deliverable_events import DeliverableKind
from service.domain.event import Event
from service.projections.deliverables import DELIVERABLES
from service.projections.submissions import submissions_seen
from service.store.unit import Unit

router = api_router("deliverables")
CONCEPT = DELIVERABLE
DeliverableShown = representation(DELIVERABLE)
Criteria = Annotated[tuple[Text, ...], Field(max_length=50)]
Ids = Annotated[tuple[UUID, ...], Field(max_length=50)]


def present(state: Deliverable, reader: Reader) -> dict[str, Any]:
    """A deliverable with its versions and submissions; it names no decision that the reader may not see."""
    return shown(DELIVERABLE, state, {"submissions": submissions_seen(state.submissions, reader.hidden)})


class DraftDeliverable(ActBody):
    """What is expected, of a phase or of the whole: a document (by versions) or an outcome (by criteria)."""

    kind: DeliverableKind
    title: Title
    description: Text | None = None
    phase_id: UUID | None = None
    owner: PersonId | None = None
    due_on: Day | None = None
    criteria: Criteria = ()
    indicators: Ids = ()


class ReviseDeliverable(ActBody):
    """What is expected of it: the fields to change."""

    title: Title = left_alone()
    description: Text | None = None
    owner: PersonId | None = None
    due_on: Day | None = None
    criteria: Criteria = left_alone()
    indicators: Ids = left_alone()


class AddVersion(ActBody):
    """A version of the document: its title, its address, its SHA-256."""

    title: Title
    uri: Uri | None = None
    sha256: Sha256 | None = None


class ValidateDeliverable(ActBody):
    """Accept it; `decision_id` names the decision of the register that says so, if there is one."""

    comment: Text | None = None
    decision_id: UUID | None = None


class ReturnDeliverable(ActBody):
    """Send it back: what to adjust."""

    to_adjust: Text


@router.post("/transformations/{transformation}/deliverables", response_model=DeliverableShown, **CREATES)
async def draft_a_deliverable(transformation: TransformationPath, body: DraftDeliverable, write: Create) -> Response:
    """Say what is expected."""

    def decide(unit: Unit, member: Membership) -> Deliverable:
        return draft_deliverable(unit, member.transformation.id, **content(body))

    return await write.create(transformation, "deliverable.draft", body, decide, DELIVERABLE)


@router.get("/transformations/{transformation}/deliverables", response_model=page_of(DeliverableShown), **READS)
async def list_deliverables(
    transformation: TransformationPath,
    request: Request,
    caller: CallerDependency,
    query: Annotated[ListQuery, filters(DELIVERABLES)],
) -> Response:
    """The deliverables of a transformation."""
    return await list_objects(request, caller, transformation, DELIVERABLE, query, present, DeliverableShown)


@router.get("/deliverables/{id}", response_model=DeliverableShown, **READS)
async def get_deliverable(
    id: UUID, request: Request, caller: CallerDependency, query: Annotated[AsOfQuery, Query()]
) -> Response:
    """One deliverable, with its versions and what was answered to each submission."""
    return await read_object(request, caller, DELIVERABLE, id, query, present)


@router.post("/deliverables/{id}/revise", response_model=DeliverableShown, **ACTS)
async def revise_a_deliverable(id: UUID, body: ReviseDeliverable, write: Act) -> Response:
    """Change what is expected, while it is drafted or returned."""
    return await write.act(
        DELIVERABLE, id, "deliverable.revise", body, lambda d, unit: revise_deliverable(unit, d, **changes(body))
    )


@router.post("/deliverables/{id}/add-version", response_model=DeliverableShown, **ACTS)
async def add_a_version(id: UUID, body: AddVersion, write: Act) -> Response:
    """Another version of the document."""
    return await write.act(
        DELIVERABLE, id, "deliverable.add_version", body, lambda d, unit: deliverable.add_version(d, **content(body))
    )


@router.post("/deliverables/{id}/submit", response_model=DeliverableShown, **ACTS)
async def submit_deliverable(id: UUID, body: ActBody, write: Act) -> Response:
    """Put it before the authority: of a document, its last version."""
    return await write.act(DELIVERABLE, id, "deliverable.submit", body, lambda d, unit: deliverable.submit(d))


@router.post("/deliverables/{id}/validate", response_model=DeliverableShown, **ACTS)
async def validate_deliverable(id: UUID, body: ValidateDeliverable, write: Act) -> Response:
    """Accept it, as an authority that did not submit it."""

    def decide(state: Deliverable, unit: Unit) -> list[Event]:
        check_places(unit, state.transformation_id, content(body))
        if body.decision_id is not None:
            require_seen(unit, write.member(state.transformation_id or id), DECISION, [body.decision_id])
        return deliverable.validate(state, **content(body))

    return await write.act(DELIVERABLE, id, "deliverable.validate", body, decide)


@router.post("/deliverables/{id}/return", response_model=DeliverableShown, **ACTS)
async def return_deliverable(id: UUID, body: ReturnDeliverable, write: Act) -> Response:
    """Send it back and say what to adjust."""
    return await write.act(
        DELIVERABLE, id, "deliverable.return", body, lambda d, unit: deliverable.send_back(d, body.to_adjust)
    )


@router.post("/deliverables/{id}/reopen", response_model=DeliverableShown, **ACTS)
async def reopen_deliverable(id: UUID, body: ActBody, write: Act) -> Response:
    """Take a validated deliverable up again; the reason is required."""
    return await write.act(DELIVERABLE, id, "deliverable.reopen", body, lambda d, unit: deliverable.reopen(d))


_content = SubmittedContent(DELIVERABLE)
mend_routes(
    router,
    DELIVERABLE,
    DeliverableShown,
    (DraftDeliverable, AddVersion, ValidateDeliverable, ReturnDeliverable),
    Guards(correct=_content.correct, withdraw=_content.withdraw),
)
