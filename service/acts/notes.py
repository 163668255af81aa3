"""Writing a note beside any object; what is said of a restricted object is restricted too."""

from service.acts.subjects import find_subject
from service.domain import note
from service.domain.authority import Visibility
from service.domain.concept import concepts
from service.domain.note import NOTE, Note, NoteSubject
from service.domain.transformation import Transformation
from service.store.unit import Unit


def write_note(
    unit: Unit, transformation: Transformation, *, subject: NoteSubject, text: str, visibility: Visibility = "members"
) -> Note:
    """Write a note. Raises `NotFound` where the actor cannot see the subject, `ObjectWithdrawn`."""
    about = find_subject(unit, transformation.id, subject.kind, subject.id)
    if concepts[subject.kind].restricted(about):
        visibility = "restricted"
    return unit.create(NOTE, note.write(subject=subject, text=text, visibility=visibility))
