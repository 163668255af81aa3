"""What changed between two points of history: the objects at both ends, and the trail between them.

The sentences are in `change_sentences`; here is what they are about.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow
from psycopg.sql import SQL, Composable, Literal

from service.domain.concept import Concept, State, concepts
from service.domain.status_report import StatusReport
from service.projections.all_tables import TABLES
from service.projections.as_of import AsOf
from service.projections.status_reports import STATUS_REPORTS

BY_CONCEPT = {table.concept.name: table for table in TABLES}
_ANY_INSTANT = datetime(2000, 1, 1, tzinfo=UTC)  # rows do not depend on the clock
QUIET = frozenset({"confirmed", "looked_at"})
"""« Rien n’a changé » is no change."""
UNTOLD = frozenset({"person", "service", "key", "reminder"})
"""An import enrols the people that its file names: that changes the directory, not the transformation. Reminders stay
out of changes (DOMAIN section 3)."""


@dataclass(frozen=True)
class Step:
    """One event of the trail between the two points."""

    position: int
    event_id: UUID
    topic: str
    actor: str
    on_behalf_of: str | None
    mended_event_id: UUID | None
    forecast: bool = False
    """Whether it said another date."""

    @property
    def participle(self) -> str:
        return self.topic.partition(".")[2]


@dataclass
class Touched:
    """An object with events between the two points: as it was, as it is, and what happened."""

    concept: Concept[Any]
    id: UUID
    before: Any
    after: Any
    steps: list[Step] = field(default_factory=list)

    @property
    def added(self) -> bool:
        return self.before is None

    def happened(self, *participles: str) -> list[Step]:
        """The steps of these kinds, without those that were taken back since."""
        gone = {step.mended_event_id for step in self.steps if step.participle == "withdrawn"}
        return [step for step in self.steps if step.participle in participles and step.event_id not in gone]


def touched_between(
    connection: Connection[DictRow], transformation_id: UUID, start: int, end: AsOf, visible: Composable
) -> list[Touched]:
    """Every visible object with events after `start` and up to `end`, in the order of their first one."""
    query = SQL(
        "SELECT position, event_id, topic, actor, on_behalf_of ->> 'id' AS on_behalf_of, mended_event_id, "
        "changes ? 'forecasts' AS forecast, subject_kind, subject_id FROM audit_events e "
        "WHERE transformation_id = {id} AND position > {start} "
        "AND position <= {end} AND subject_kind <> ALL ({untold}) AND {visible} ORDER BY position"
    ).format(
        id=Literal(transformation_id),
        start=Literal(start),
        end=Literal(end.position if end.position is not None else 2**62),
        untold=Literal(sorted(UNTOLD)),
        visible=visible,
    )
    steps: dict[UUID, list[Step]] = {}
    kinds: dict[UUID, str] = {}
    for row in connection.execute(query):
        id, kind = row.pop("subject_id"), row.pop("subject_kind")
        kinds[id] = kind
        step = Step(**row)
        if step.participle not in QUIET:
            steps.setdefault(id, []).append(step)
    wanted: dict[str, list[UUID]] = {}
    for id in steps:
        wanted.setdefault(kinds[id], []).append(id)
    before: dict[UUID, State] = {}
    after: dict[UUID, State] = {}
    for kind, ids in wanted.items():
        before.update(_states(connection, kind, ids, AsOf(end.instant, start)))
        after.update(_states(connection, kind, ids, end))
    return [
        Touched(concepts[kinds[id]], id, before.get(id), after[id], found) for id, found in steps.items() if id in after
    ]


def _states(connection: Connection[DictRow], kind: str, ids: list[UUID], as_of: AsOf) -> dict[UUID, State]:
    table = BY_CONCEPT[kind]
    if as_of.position is None:
        return dict(table.states(connection, ids))
    query = SQL(
        "SELECT DISTINCT ON (id) id, state FROM {table} WHERE id = ANY (%s) AND valid_from <= %s "
        "ORDER BY id, valid_from DESC"
    ).format(table=SQL(table.name))
    rows = connection.execute(query, (ids, as_of.position))
    return {row["id"]: table.concept.state.model_validate(row["state"]) for row in rows}


def reports_before(connection: Connection[DictRow], transformation_id: UUID, start: int) -> dict[UUID, StatusReport]:
    """The weather of each subject as it was known at a position: its last report then."""
    where = SQL("t.transformation_id = {} AND NOT t.withdrawn").format(Literal(transformation_id))
    rows = STATUS_REPORTS.rows_of(transformation_id, AsOf(_ANY_INSTANT, start), where)
    query = SQL("SELECT r.state FROM {rows} r ORDER BY r.reported_on, r.id").format(rows=rows)
    found = (StatusReport.model_validate(row["state"]) for row in connection.execute(query))
    return {report.subject.id: report for report in found}


def names_of(connection: Connection[DictRow], ids: dict[str, set[UUID]], as_of: AsOf) -> dict[UUID, tuple[str, Any]]:
    """The objects that sentences mention by id, as (kind, state)."""
    found: dict[UUID, tuple[str, Any]] = {}
    for kind, wanted in ids.items():
        if kind in BY_CONCEPT and wanted:
            states = _states(connection, kind, sorted(wanted), as_of)
            found.update({id: (kind, state) for id, state in states.items()})
    return found
