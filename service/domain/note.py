"""Note (note de suivi): a text that somebody puts beside any object. Mended like every fact: corrected or withdrawn."""

from datetime import date
from typing import Literal
from uuid import UUID

from service.domain.authority import Visibility
from service.domain.concept import Concept, NothingToChange, State, created
from service.domain.event import Event, Fact, Value
from service.domain.text import PersonalText

# Events


class NoteSubject(Value):
    """What the note is about: the name of a concept and the id of the object."""

    kind: str
    id: UUID


class NoteWritten(Event):
    """Somebody notes something about an object."""

    TOPIC = "note.written"
    subject: NoteSubject
    text: PersonalText
    visibility: Visibility = "members"


class NoteVisibilityChanged(Event):
    """Who may see the note changed."""

    TOPIC = "note.visibility_changed"
    visibility: Visibility


# State


class Note(State):
    """A note as it stands."""

    status: Literal["written", "withdrawn"] = "written"
    subject: NoteSubject
    text: str
    author: str
    """Who wrote it, even when on behalf of somebody else."""
    written_on: date
    visibility: Visibility = "members"


def evolve(note: Note | None, fact: Fact) -> Note:
    """The note after one more fact."""
    event = fact.event
    if isinstance(event, NoteWritten):
        return Note(
            **created(fact),
            subject=event.subject,
            text=event.text,
            author=fact.envelope.actor,
            written_on=fact.occurred_on,
            visibility=event.visibility,
        )
    assert note is not None  # a stream begins with its creation; `fold` has checked it
    if isinstance(event, NoteVisibilityChanged):
        return note.model_copy(update={"visibility": event.visibility})
    return note


def check(note: Note | None, fact: Fact) -> None:
    """A note has no rule of its own."""


# Decisions


def write(*, subject: NoteSubject, text: str, visibility: Visibility = "members") -> list[Event]:
    """Write a note about an object."""
    return [NoteWritten(subject=subject, text=text, visibility=visibility)]


def change_visibility(note: Note, visibility: Visibility) -> list[Event]:
    """Show it to all members, or restrict it. Raises `NothingToChange`."""
    if visibility == note.visibility:
        raise NothingToChange(pointer="/visibility")
    return [NoteVisibilityChanged(visibility=visibility)]


NOTE: Concept[Note] = Concept(
    name="note",
    collection="notes",
    state=Note,
    events=(NoteWritten, NoteVisibilityChanged),
    evolve=evolve,
    check=check,
    owners=lambda note: (note.author,),
    restricted=lambda note: note.visibility == "restricted",
)
