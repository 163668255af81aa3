"""The event log as an application of the eventsourcing library: load an aggregate, append facts."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar
from uuid import UUID

from eventsourcing.application import AggregateNotFoundError, Application
from eventsourcing.utils import Environment

from service.domain.concept import Concept, State, fold
from service.domain.event import Fact
from service.domain.refusal import NotFound
from service.store.batch import Append, Conditions, Recorded
from service.store.database import Database
from service.store.mapper import FactMapper, StoredFact, placed
from service.store.recorder import LogRecorder
from service.store.states import States
from service.store.texts import TextVault

S = TypeVar("S", bound=State)
Present = Callable[[Concept[Any], UUID], Any]


class EventLog(Application[UUID]):
    """The one log. Aggregates are folds of their streams by their concept's `evolve`."""

    name = "trajectoire"

    def __init__(self, database: Database, vault: TextVault) -> None:
        self.database = database
        self.vault = vault
        self.states = States()
        self.present: Present = lambda concept, stream: None
        """The present state of an object by its read model, where one is wired: the snapshot of long histories."""
        super().__init__()

    def construct_env(self, name: str, env: Any = None) -> Environment:
        """No setting of the library reaches us through the process environment."""
        return Environment(name, {})

    def construct_mapper(self) -> FactMapper:
        return FactMapper(self.vault)

    def construct_recorder(self) -> LogRecorder:
        return LogRecorder(self.database, self.vault.master_key_id)

    def load(self, concept: Concept[S], stream: UUID, *, version: int | None = None) -> S:
        """The state of one object now, or as it was at an earlier version. Raises `NotFound`."""

        def project(initial: S | None, facts: Iterable[Any]) -> S | None:
            return fold(concept, facts)

        try:
            return self.repository.get(stream, version=version, projector_func=project)
        except AggregateNotFoundError:
            raise NotFound(what=concept.name, id=stream) from None

    def history(self, stream: UUID, *, after: int | None = None, until: int | None = None) -> list[Fact]:
        """The facts of one stream, in order: `after` a version, `until` a version (inclusive)."""
        return self.opened(self.stored(stream, after=after, until=until))

    def stored(
        self, stream: UUID, *, after: int | None = None, until: int | None = None, most: int | None = None
    ) -> Sequence[StoredFact]:
        """The same as rows, at `most` so many: opening their texts is what costs."""
        recorder: Any = self.recorder
        rows: Sequence[StoredFact] = recorder.select_events(stream, gt=after, lte=until, limit=most)
        return rows

    def opened(self, rows: Iterable[StoredFact]) -> list[Fact]:
        mapper: Any = self.mapper
        return [mapper.to_domain_event(row) for row in rows]

    def append(self, facts: Sequence[Fact], conditions: Conditions) -> list[Fact]:
        """Record facts atomically; they come back with position and instant. Raises `AppendRefused`."""
        recorder: Any = self.recorder
        return self.placed(facts, recorder.append(self._stored(facts), conditions))

    def submit(self, facts: Sequence[Fact], conditions: Conditions) -> Append:
        """Put facts in the queue of what is to be recorded; the future of the append tells the outcome."""
        recorder: Any = self.recorder
        append: Append = recorder.writer.submit(self._stored(facts), conditions)
        return append

    def _stored(self, facts: Sequence[Fact]) -> list[StoredFact]:
        mapper: Any = self.mapper
        return [mapper.to_stored_event(fact) for fact in facts]

    @staticmethod
    def placed(facts: Sequence[Fact], recorded: Recorded) -> list[Fact]:
        """The facts as the log recorded them."""
        if recorded.recorded_at is None:
            return []
        return [
            placed(fact, position, recorded.recorded_at)
            for fact, position in zip(facts, recorded.positions, strict=True)
        ]

    def head(self) -> int:
        """The position of the last recorded event; 0 for an empty log."""
        row = self.database.one("SELECT COALESCE(max(notification_id), 0) AS head FROM events")
        return int(row["head"]) if row else 0

    def position_at(self, instant: Any) -> int:
        """The last position recorded at or before an instant; waits for a commit in progress."""
        row = self.database.one("SELECT position_at(%s) AS position", (instant,))
        return int(row["position"]) if row else 0

    def instant_of(self, position: int) -> Any:
        """When the last event at or before a position was recorded: the clock of a read as of that position."""
        query = "SELECT recorded_at FROM events WHERE notification_id <= %s ORDER BY notification_id DESC LIMIT 1"
        row = self.database.one(query, (position,))
        if row is None:
            raise NotFound(what="position", id=position)
        return row["recorded_at"]
