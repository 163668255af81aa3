"""One step of history as projections hear it: the fact, and the object before and after it."""

from typing import Any, NamedTuple

from service.domain.concept import Concept, State
from service.domain.event import Fact


class Change(NamedTuple):
    """The engine folds every stream once and tells all projections; none folds by itself."""

    fact: Fact
    concept: Concept[Any]
    before: State | None
    after: State
