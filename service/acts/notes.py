"""Writing a note beside any object; what is said of a restricted object is restricted too, and so is what is said of
that."""

from collections.abc import Iterator
from itertools import chain
from typing import Any
from uuid import UUID

from service.acts.subjects import find_subject
from service.domain import note
from service.domain.authority import Visibility
from service.domain.concept import State, concepts
from service.domain.note import NOTE, Note, NoteSubject
from service.domain.permissions import sees_restricted
from service.domain.refusal import Conflict, NotFound
from service.domain.transformation import Transformation
from service.store.unit import Unit


class NoteOfRestricted(Conflict):
    """This note is about a restricted object: it is as restricted as that."""

    FR = "Cette note porte sur un objet restreint\u202f: elle l’est autant que lui."


def write_note(
    unit: Unit, transformation: Transformation, *, subject: NoteSubject, text: str, visibility: Visibility = "members"
) -> Note:
    """Write a note. Raises `NotFound` where the actor cannot see the subject, `ObjectWithdrawn`."""
    find_noted(unit, transformation.id, subject)
    if any(True for _ in _restricting(unit, subject)):
        visibility = "restricted"
    return unit.create(NOTE, note.write(subject=subject, text=text, visibility=visibility))


def find_noted(unit: Unit, transformation_id: UUID, subject: NoteSubject) -> State:
    """What a note is about. Raises `NotFound` where the actor cannot see it, be it a note itself, `ObjectWithdrawn`."""
    about = find_subject(unit, transformation_id, subject.kind, subject.id)
    restricting = list(_restricting(unit, subject))
    seers = {*concepts[subject.kind].owners(about), *chain.from_iterable(restricting)}
    if restricting and not sees_restricted(unit.act.role) and unit.act.actor not in seers:
        raise NotFound(what=subject.kind, id=subject.id)
    return about


def check_correction(unit: Unit, id: UUID, event_id: UUID, changes: dict[str, Any]) -> None:
    """No correction shows to all members what is said of a restricted object. Raises `NoteOfRestricted`."""
    if changes.get("visibility") == "members" and any(True for _ in _restricting(unit, unit.get(NOTE, id).subject)):
        raise NoteOfRestricted()


def _restricting(unit: Unit, subject: NoteSubject) -> Iterator[tuple[str, ...]]:
    """The owners of each restricted object that a note on this subject is about, through the notes between."""
    while True:
        concept = concepts[subject.kind]
        about: State = unit.get(concept, subject.id)
        if concept.restricted(about):
            yield tuple(concept.owners(about))
        if not isinstance(about, Note):
            return
        subject = about.subject  # step by step: nobody limits how many notes stand on one another
