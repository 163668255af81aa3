"""What an import needs to know of a transformation, read in a few queries however many rows the file has."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow

from service.acts.plan_import_cells import comparable, levels_of
from service.domain.action import Action
from service.domain.axis import Axis
from service.domain.workstream import Workstream
from service.exchange.merge import same
from service.exchange.plan_row import Cells
from service.store.directory import ENTERED

NOW = 2**62
"""As a position: the present."""

ACTIONS = """
SELECT valid_from, state FROM actions
WHERE transformation_id = %s AND valid_to IS NULL AND NOT withdrawn ORDER BY id"""

PLACES = "SELECT id, valid_from, state FROM {table} WHERE transformation_id = %s ORDER BY id, valid_from"

BLOCKED = """
SELECT state -> 'blocks' AS blocks FROM obstacles
WHERE transformation_id = %s AND valid_to IS NULL AND status IN ('raised', 'active', 'postponed')"""

# A row without an event is of an act that a crash cut, or that is not over yet: nobody can be given a part by it.
PEOPLE: Any = rf"""
SELECT id, display_name FROM people p
WHERE id LIKE 'p\_%' AND {ENTERED}"""

# Rows that only imports have touched since they were made need no history: what they hold is what was imported.
VERSIONS = """
WITH touched AS (
    SELECT DISTINCT a.id FROM actions a JOIN audit_events e ON e.position = a.valid_from
    WHERE a.id = ANY (%(ids)s) AND (e.channel <> 'import' OR a.valid_from > %(exported)s)
)
SELECT a.id, a.valid_from, a.state, e.channel FROM actions a JOIN audit_events e ON e.position = a.valid_from
WHERE a.id IN (SELECT id FROM touched) ORDER BY a.id, a.valid_from"""


class Places:
    """Axes and workstreams with all their versions, so that the past is told with the titles of then."""

    def __init__(self, axes: Iterable[DictRow], workstreams: Iterable[DictRow]) -> None:
        self._versions: dict[UUID, tuple[list[int], list[Any]]] = {}
        for kind, rows in ((Axis, axes), (Workstream, workstreams)):
            for row in rows:
                positions, states = self._versions.setdefault(row["id"], ([], []))
                positions.append(row["valid_from"])
                states.append(kind.model_validate(row["state"]))

    def at(self, id: UUID | None, position: int = NOW) -> Any:
        """An axis or a workstream as it was, or None."""
        if id is None or id not in self._versions:
            return None
        positions, states = self._versions[id]
        index = bisect_right(positions, position)
        return states[index - 1] if index else None

    def now(self) -> Iterator[Axis | Workstream]:
        """All that stand today, axes first, in the order of their creation."""
        present = [states[-1] for _, states in self._versions.values() if not states[-1].withdrawn]
        return iter(sorted(present, key=lambda state: not isinstance(state, Axis)))

    def chain(self, workstream_id: UUID | None, position: int = NOW) -> list[Workstream]:
        """A workstream with those above it, the widest first."""
        found: list[Workstream] = []
        current = self.at(workstream_id, position)
        while current is not None and current not in found:
            found.insert(0, current)
            current = self.at(current.parent_id, position)
        return found

    def levels(self, action: Action, position: int = NOW) -> list[str | None]:
        """The three level cells of an action."""
        chain = self.chain(action.workstream_id, position)
        axis = self.at(action.axis_id or (chain[0].axis_id if chain else None), position)
        titles = [state.title for state in (axis, *chain) if state is not None]
        return levels_of(titles, action.levels, has_axis=axis is not None)


@dataclass
class World:
    """A transformation as an import finds it."""

    actions: dict[UUID, Action]
    since: dict[UUID, int]
    """The position of each action's last event."""
    places: Places
    names: dict[str, str]
    """Display names by person."""
    blocked: set[UUID] = field(default_factory=set)
    """Actions that an open obstacle blocks."""
    bases: dict[UUID, Cells] = field(default_factory=dict)
    """Each cell as the file and the service last agreed on it."""
    exported: dict[UUID, Cells] = field(default_factory=dict)
    """The row in the export that the file began as, where its cells have moved since."""

    def base(self, id: UUID, said: Cells) -> Cells | None:
        """What a row is compared with. A cell that still says what was exported was not changed in the file."""
        base, exported = self.bases.get(id), self.exported.get(id)
        if base is None or exported is None:
            return base
        kept = {name: exported[name] for name, cell in said.items() if name in exported and same(cell, exported[name])}
        return {**base, **kept}

    def parent_title(self, action: Action) -> str | None:
        parent = self.actions.get(action.parent_id) if action.parent_id else None
        return parent.title if parent else None

    def cells(self, action: Action, position: int = NOW) -> Cells:
        """What the export says of an action, with the titles of its place as of a position."""
        return comparable(action, self.parent_title(action), self.places.levels(action, position), self.names)


def read_places(connection: Connection[DictRow], transformation_id: UUID) -> Places:
    """All axes and workstreams of a transformation, with their past."""

    def versions(table: str) -> list[DictRow]:
        query: Any = PLACES.format(table=table)
        return connection.execute(query, (transformation_id,)).fetchall()

    return Places(versions("axes"), versions("workstreams"))


def read_world(connection: Connection[DictRow], transformation_id: UUID) -> World:
    """Read it, on the connection's snapshot."""
    actions, since = {}, {}
    for row in connection.execute(ACTIONS, (transformation_id,)):
        action = Action.model_validate(row["state"])
        actions[action.id], since[action.id] = action, row["valid_from"]
    blocked = {
        UUID(target["id"])
        for row in connection.execute(BLOCKED, (transformation_id,))
        for target in row["blocks"]
        if target["kind"] == "action"
    }
    return World(actions, since, read_places(connection, transformation_id), read_people(connection), blocked)


def read_people(connection: Connection[DictRow]) -> dict[str, str]:
    """The display names of those who are in the directory, by person."""
    return {row["id"]: row["display_name"] for row in connection.execute(PEOPLE)}


def read_bases(
    connection: Connection[DictRow], world: World, ids: Sequence[UUID], exported: Mapping[UUID, int]
) -> None:
    """Fill `world.bases`: each cell as the file and the service last agreed on it (SHAPES: Import).

    That is its value in the export that the file began as (`exported`: the position, for rows found by their hidden
    id), and after that its value in the last import that wrote it. What others wrote since is no base.
    """
    position = max(exported.values(), default=NOW)
    parameters = {"ids": list(ids), "exported": position}
    versions: dict[UUID, list[tuple[int, Action, str]]] = {}
    for row in connection.execute(VERSIONS, parameters):
        version = (row["valid_from"], Action.model_validate(row["state"]), row["channel"])
        versions.setdefault(row["id"], []).append(version)
    for id in ids:
        base: Cells | None
        if id in versions:
            base = _base(world, id, versions[id], exported.get(id))
        else:
            base = world.cells(world.actions[id], max(world.since[id], exported.get(id, 0)))
        if base is not None:
            world.bases[id] = base


def _base(world: World, id: UUID, versions: Sequence[tuple[int, Action, str]], exported: int | None) -> Cells | None:
    base: dict[str, Any] | None = None
    before: Action | None = None
    if exported is not None:
        known = [version for version in versions if version[0] <= exported]
        versions = versions[len(known) :]
        if known:
            before = known[-1][1]
            base = world.exported[id] = dict(world.cells(before, exported))
    for position, action, channel in versions:
        if channel == "import":
            after = world.cells(action, position)
            earlier = world.cells(before, position) if before is not None else {}
            written = {
                name: after.get(name)
                for name in {**earlier, **after}
                if before is None or after.get(name) != earlier.get(name)
            }
            base = {**(base or {}), **written}
        before = action
    return base
