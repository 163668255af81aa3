"""The direction project over HTTP: draft, write on, submit; another authority validates or asks for adjustments."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from service.acts.deliverables import check_places
from service.acts.submissions import SubmittedContent
from service.api.as_of_query import AsOfQuery
from service.api.dependencies import Act, Create, TransformationPath
from service.api.fields import ActBody, Text, Title, changes, content, left_alone
from service.api.listing import ListQuery, filters, list_objects, page_of
from service.api.mending import Guards, mend_routes
from service.api.problems import ACTS, CREATES, READS
from service.api.reader import Reader
from service.api.reading import read_object
from service.api.representation import representation, shown
from service.api.routing import api_router
from service.api.who import CallerDependency, Membership
from service.api.writing import require_seen
from service.domain import direction_project as rules
from service.domain.decision import DECISION
from service.domain.direction_project import DIRECTION_PROJECT, TEXTS, DirectionProject, ProjectVersion
from service.domain.event import Event
from service.domain.refusal import NotFound
from service.projections.direction_projects import DIRECTION_PROJECTS
from service.projections.field_words import field_word
from service.projections.submissions import submissions_seen
from service.store.unit import Unit

router = api_router("direction project")
CONCEPT = DIRECTION_PROJECT
DirectionProjectShown = representation(DIRECTION_PROJECT)
Texts = Annotated[tuple[Text, ...], Field(max_length=50)]
Number = Annotated[int, Field(ge=1, le=10_000)]


def present(state: DirectionProject, reader: Reader) -> dict[str, Any]:
    """The project with its versions; it names no decision that the reader may not see."""
    return shown(DIRECTION_PROJECT, state, {"submissions": submissions_seen(state.submissions, reader.hidden)})


class DraftProject(ActBody):
    """The first version; its parts may come later."""

    title: Title
    why: Text | None = None
    how: Text | None = None
    vision: Text | None = None
    missions: Texts = ()
    ambitions: Texts = ()


class ReviseProject(ActBody):
    """The parts to write anew. After an answer of the authority this begins the next version."""

    title: Title = left_alone()
    why: Text | None = None
    how: Text | None = None
    vision: Text | None = None
    missions: Texts = left_alone()
    ambitions: Texts = left_alone()


class AdjustProject(ActBody):
    """What to adjust."""

    to_adjust: Text


class ValidateProject(ActBody):
    """Accept it; `decision_id` names the decision of the register that says so, if there is one."""

    comment: Text | None = None
    decision_id: UUID | None = None


class ComparedText(BaseModel):
    """One part of the project in two versions."""

    model_config = ConfigDict(extra="forbid")

    field: str
    word: str = Field(description="La partie, en mots.")
    before: str | tuple[str, ...] | None
    after: str | tuple[str, ...] | None
    changed: bool


class ProjectComparison(BaseModel):
    """Two versions of the project, field by field."""

    model_config = ConfigDict(extra="forbid")

    id: UUID
    before: int
    after: int
    fields: list[ComparedText]
    people: dict[str, str]


class ComparisonQuery(AsOfQuery):
    """Which two versions, by their numbers."""

    from_: Number = Field(alias="from", description="Le numéro de la version de départ.")
    to: Number | None = Field(None, description="Le numéro de l’autre version\u202f; la dernière sans lui.")


@router.post("/transformations/{transformation}/direction-projects", response_model=DirectionProjectShown, **CREATES)
async def draft_direction_project(transformation: TransformationPath, body: DraftProject, write: Create) -> Response:
    """Begin to write the project: a transformation has one, in versions."""

    def decide(unit: Unit, member: Membership) -> DirectionProject:
        drafted = unit.create(DIRECTION_PROJECT, rules.draft(**content(body)))
        unit.claim(f"{member.transformation.id}:projet de direction")
        return drafted

    return await write.create(transformation, "direction_project.draft", body, decide, DIRECTION_PROJECT)


@router.get(
    "/transformations/{transformation}/direction-projects", response_model=page_of(DirectionProjectShown), **READS
)
async def list_direction_projects(
    transformation: TransformationPath,
    request: Request,
    caller: CallerDependency,
    query: Annotated[ListQuery, filters(DIRECTION_PROJECTS)],
) -> Response:
    """The direction project of a transformation."""
    return await list_objects(request, caller, transformation, DIRECTION_PROJECT, query, present, DirectionProjectShown)


@router.get("/direction-projects/{id}", response_model=DirectionProjectShown, **READS)
async def get_direction_project(
    id: UUID, request: Request, caller: CallerDependency, query: Annotated[AsOfQuery, Query()]
) -> Response:
    """The project, with its earlier versions and what was answered to each."""
    return await read_object(request, caller, DIRECTION_PROJECT, id, query, present)


@router.get("/direction-projects/{id}/comparison", response_model=ProjectComparison, **READS)
async def compare_direction_project_versions(
    id: UUID, request: Request, caller: CallerDependency, query: Annotated[ComparisonQuery, Query()]
) -> Response:
    """Two versions of the project, field by field."""

    def compare(state: DirectionProject, reader: Reader) -> dict[str, Any]:
        after_number = query.to or state.number
        before, after = (_version(state, number) for number in (query.from_, after_number))
        return {
            "id": state.id,
            "before": before.number,
            "after": after.number,
            "fields": [
                {
                    "field": name,
                    "word": field_word(name, reader.language),
                    "before": getattr(before, name),
                    "after": getattr(after, name),
                    "changed": getattr(before, name) != getattr(after, name),
                }
                for name in ("title", *TEXTS)
            ],
        }

    return await read_object(request, caller, DIRECTION_PROJECT, id, query, compare)


def _version(state: DirectionProject, number: int) -> ProjectVersion:
    version = rules.version_of(state, number)
    if version is None:
        raise NotFound(what="version", id=number)
    return version


@router.post("/direction-projects/{id}/revise", response_model=DirectionProjectShown, **ACTS)
async def revise_direction_project(id: UUID, body: ReviseProject, write: Act) -> Response:
    """Write on; after an answer of the authority this begins the next version."""
    return await write.act(
        DIRECTION_PROJECT, id, "direction_project.revise", body, lambda p, unit: rules.revise(p, **changes(body))
    )


@router.post("/direction-projects/{id}/submit", response_model=DirectionProjectShown, **ACTS)
async def submit_direction_project(id: UUID, body: ActBody, write: Act) -> Response:
    """Put the version before the authority."""
    return await write.act(DIRECTION_PROJECT, id, "direction_project.submit", body, lambda p, unit: rules.submit(p))


@router.post("/direction-projects/{id}/adjust", response_model=DirectionProjectShown, **ACTS)
async def adjust_direction_project(id: UUID, body: AdjustProject, write: Act) -> Response:
    """Ask for adjustments: the next version makes them."""
    return await write.act(
        DIRECTION_PROJECT, id, "direction_project.adjust", body, lambda p, unit: rules.adjust(p, body.to_adjust)
    )


@router.post("/direction-projects/{id}/validate", response_model=DirectionProjectShown, **ACTS)
async def validate_direction_project(id: UUID, body: ValidateProject, write: Act) -> Response:
    """Accept the version, as an authority that did not submit it."""

    def decide(state: DirectionProject, unit: Unit) -> list[Event]:
        check_places(unit, state.transformation_id, content(body))
        if body.decision_id is not None:
            require_seen(unit, write.member(state.transformation_id or id), DECISION, [body.decision_id])
        return rules.validate(state, **content(body))

    return await write.act(DIRECTION_PROJECT, id, "direction_project.validate", body, decide)


_content = SubmittedContent(DIRECTION_PROJECT)
mend_routes(
    router,
    DIRECTION_PROJECT,
    DirectionProjectShown,
    (DraftProject, AdjustProject, ValidateProject),
    Guards(correct=_content.correct, withdraw=_content.withdraw),
)
