"""What is said of a restricted object is restricted, however many notes stand between."""

from typing import Any, cast
from uuid import UUID

from service.acts.notes import check_correction
from service.domain.concept import Concept
from service.domain.event import new_id
from service.domain.note import Note, NoteSubject
from service.store.unit import Unit
from tests.domain.given import LEAD, TODAY

LONGER_THAN_THE_STACK = 5000


class Chain:
    """As much of a unit as is asked: notes that stand on one another, the first of them on the phase."""

    def __init__(self, length: int) -> None:
        subject = NoteSubject(kind="phase", id=new_id())
        self.known: dict[UUID, Any] = {subject.id: None}
        for _ in range(length):
            id = new_id()
            self.known[id] = Note(id=id, subject=subject, text="Suite", author=LEAD, written_on=TODAY)
            subject = NoteSubject(kind="note", id=id)
        self.last = subject.id

    def get(self, concept: Concept[Any], id: UUID) -> Any:
        return self.known[id]


def test_a_chain_of_notes_may_be_longer_than_the_stack_is_deep() -> None:
    chain = Chain(LONGER_THAN_THE_STACK)
    check_correction(cast(Unit, chain), chain.last, new_id(), {"visibility": "members"})
