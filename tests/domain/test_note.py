"""A note beside any object: written, seen by all or by few, mended like every fact."""

from uuid import UUID

from service.domain.concept import NothingToChange, ObjectWithdrawn
from service.domain.note import NOTE, NoteSubject, NoteVisibilityChanged, NoteWritten, change_visibility, write
from tests.domain.given import LEAD, SPONSOR, TODAY, act, given, in_the_name_of, refusal_of

SUBJECT = NoteSubject(kind="action", id=UUID("01980000-0000-7000-8000-00000000000a"))
WRITTEN = NoteWritten(subject=SUBJECT, text="Vu avec l’équipe")


def test_a_note_belongs_to_who_wrote_it() -> None:
    state = (
        given(NOTE)
        .when(lambda: write(subject=SUBJECT, text="Vu avec l’équipe"), act(LEAD, for_whom=in_the_name_of(SPONSOR)))
        .then(WRITTEN)
    )
    assert (state.author, state.written_on, state.subject) == (LEAD, TODAY, SUBJECT)
    assert list(NOTE.owners(state)) == [LEAD]


def test_a_note_can_be_restricted_and_opened_again() -> None:
    world = given(NOTE, WRITTEN)
    state = world.when(lambda note: change_visibility(note, "restricted")).then(
        NoteVisibilityChanged(visibility="restricted")
    )
    assert NOTE.restricted(state)
    refusal_of(NothingToChange, lambda: change_visibility(state, "restricted"))
    assert not NOTE.restricted(world.when(lambda note: change_visibility(note, "members")).unrefused())


def test_a_note_is_corrected_with_its_old_wording_kept() -> None:
    state = given(NOTE, WRITTEN).correct(NoteWritten, text="Vu avec les équipes").unrefused()
    assert (state.text, state.corrections[0].before) == ("Vu avec les équipes", {"text": "Vu avec l’équipe"})


def test_a_note_written_by_mistake_is_withdrawn() -> None:
    world = given(NOTE, WRITTEN).withdraw(NoteWritten)
    assert world.unrefused().withdrawn
    world.when(lambda note: change_visibility(note, "restricted")).refused(ObjectWithdrawn)
