"""What was submitted stays as it was submitted: no correction rewords it afterwards."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow

from service.domain.concept import Concept
from service.domain.event import Fact
from service.domain.mending import effective
from service.domain.submission import SubmittedIsFixed
from service.store.unit import Unit

ANSWERS = ("submitted", "validated", "returned", "adjusted", "reopened")
"""The kinds of events that are the submission itself: these are mended like every fact."""


class SubmittedContent:
    """The guards of a concept whose content is submitted: pass `correct` and `withdraw` to its mending routes."""

    settles = "submitted"
    """The kind of event after which the words are no longer mended."""

    def __init__(self, concept: Concept[Any]) -> None:
        self.concept = concept

    def correct(self, unit: Unit, id: UUID, event_id: UUID, changes: dict[str, Any]) -> None:
        """Raises `SubmittedIsFixed` for words that a later submission put before the authority."""
        if changes.keys() - {"occurred_on"}:
            self._require_before_submission(unit, id, event_id)

    def withdraw(self, unit: Unit, connection: Connection[DictRow], id: UUID, event_id: UUID) -> None:
        """The whole object may go, and so may a submission or its answer; what was submitted may not go from it."""
        if unit.history(id)[0].envelope.event_id != event_id:
            self._require_before_submission(unit, id, event_id)

    def _require_before_submission(self, unit: Unit, id: UUID, event_id: UUID) -> None:
        state = unit.get(self.concept, id)
        standing = effective(unit.history(id))
        target = next((fact for fact in standing if fact.envelope.event_id == event_id), None)
        if target is not None and _kind(target) not in ANSWERS and self._settled_after(standing, target):
            raise SubmittedIsFixed(ref=self.concept.reference(state), status=state.status)

    def _settled_after(self, facts: Sequence[Fact], target: Fact) -> bool:
        later = (fact for fact in facts if fact.originator_version > target.originator_version)
        return any(_kind(fact) == self.settles for fact in later)


class ValidatedContent(SubmittedContent):
    """The same, where nothing is submitted: what was validated stays as it was validated."""

    settles = "validated"


def _kind(fact: Fact) -> str:
    return fact.topic.partition(".")[2]
