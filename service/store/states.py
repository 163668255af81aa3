"""The states that this process recorded or loaded last: deciding again on an object does not read its history again.

A remembered state may be behind. It is safe because an append checks the version of every stream that its decision
read, and because a refusal is never told from a remembered state (`Recorder`): the decision is then made afresh.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterable
from uuid import UUID

from service.domain.concept import State

MOST_FACTS = 50_000
"""The bound, in facts that made the states: a long history weighs more than a short one."""


class States:
    """A bounded memory, the least recently used forgotten first."""

    def __init__(self, most_facts: int = MOST_FACTS) -> None:
        self.most_facts = most_facts
        self._lock = threading.Lock()
        self._states: OrderedDict[UUID, State] = OrderedDict()
        self._facts = 0

    def get(self, stream: UUID) -> State | None:
        with self._lock:
            state = self._states.get(stream)
            if state is not None:
                self._states.move_to_end(stream)
            return state

    def keep(self, state: State) -> None:
        """Remember a state, unless a later one is known."""
        with self._lock:
            known = self._states.get(state.id)
            if known is not None and known.version >= state.version:
                return
            self._facts += state.version - (known.version if known is not None else 0)
            self._states[state.id] = state
            self._states.move_to_end(state.id)
            while self._facts > self.most_facts:
                _, forgotten = self._states.popitem(last=False)
                self._facts -= forgotten.version

    def forget(self, streams: Iterable[UUID]) -> None:
        with self._lock:
            for stream in streams:
                state = self._states.pop(stream, None)
                if state is not None:
                    self._facts -= state.version
