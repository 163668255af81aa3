"""One step of history as projections hear it: the fact, and the object before and after it."""

from dataclasses import dataclass
from typing import Any

from service.domain.concept import Concept, State
from service.domain.event import Fact


@dataclass(frozen=True, slots=True)
class Change:
    """The engine folds every stream once and tells all projections; none folds by itself."""

    fact: Fact
    concept: Concept[Any]
    before: State | None
    after: State
