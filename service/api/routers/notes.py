"""Follow-up notes over HTTP: write beside any object, list those of an object."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query, Request
from fastapi.responses import Response

from service.acts import notes as acts
from service.api.as_of_query import AsOfQuery
from service.api.dependencies import Create, TransformationPath
from service.api.fields import ActBody, Text, content
from service.api.listing import ListQuery, filters, list_objects, page_of
from service.api.mending import Guards, mend_routes
from service.api.problems import CREATES, READS
from service.api.reader import Reader
from service.api.reading import read_object
from service.api.representation import representation, shown
from service.api.routing import api_router
from service.api.who import CallerDependency, Membership
from service.api.writing import owners_of_subject
from service.domain.authority import Visibility
from service.domain.concept import concepts
from service.domain.note import NOTE, Note, NoteSubject
from service.projections.notes import NOTES
from service.store.unit import Unit

router = api_router("notes")
CONCEPT = NOTE
NoteShown = representation(NOTE)


def present(state: Note, reader: Reader) -> dict[str, Any]:
    """A note as it stands."""
    return shown(NOTE, state)


class NoteSubjectBody(NoteSubject):
    """Any object of the transformation, or the transformation itself."""

    kind: Literal[
        "transformation",
        "phase",
        "axis",
        "workstream",
        "action",
        "milestone",
        "obstacle",
        "indicator",
        "decision",
        "deliverable",
        "plan_version",
        "direction_project",
        "evaluation",
        "status_report",
        "note",
    ]


class WriteNote(ActBody):
    """A note about an object; about a restricted one it is restricted too."""

    subject: NoteSubjectBody
    text: Text
    visibility: Visibility = "members"


@router.post("/transformations/{transformation}/notes", response_model=NoteShown, **CREATES)
async def write_note(transformation: TransformationPath, body: WriteNote, write: Create) -> Response:
    """Write a note beside an object that one may see."""

    def decide(unit: Unit, member: Membership) -> Note:
        return acts.write_note(unit, member.transformation, **content(body))

    def owners(unit: Unit) -> set[str]:
        # What one may not see does not exist, whatever one's role would permit.
        member = write.member(transformation)
        unit.act = write.base_act(body, member.transformation.id, member)
        about = acts.find_noted(unit, member.transformation.id, body.subject)
        return {*concepts[body.subject.kind].owners(about), *owners_of_subject(unit, getattr(about, "subject", None))}

    return await write.create(transformation, "note.write", body, decide, NOTE, owners=owners)


@router.get("/transformations/{transformation}/notes", response_model=page_of(NoteShown), **READS)
async def list_notes(
    transformation: TransformationPath,
    request: Request,
    caller: CallerDependency,
    query: Annotated[ListQuery, filters(NOTES)],
) -> Response:
    """The notes of a transformation, or of one object (`subject_id`)."""
    return await list_objects(request, caller, transformation, NOTE, query, present, NoteShown)


@router.get("/notes/{id}", response_model=NoteShown, **READS)
async def get_note(
    id: UUID, request: Request, caller: CallerDependency, query: Annotated[AsOfQuery, Query()]
) -> Response:
    """One note."""
    return await read_object(request, caller, NOTE, id, query, present)


mend_routes(router, NOTE, NoteShown, (WriteNote,), Guards(correct=acts.check_correction))
