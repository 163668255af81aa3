"""Which objects stand on which: asked before something is withdrawn, so that nothing is left standing on air."""

from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow
from psycopg.sql import SQL, Literal

from service.domain.concept import Concept, State
from service.domain.words import word
from service.projections.bulk import write_rows
from service.projections.change import Change
from service.projections.viewer import Viewer

SCHEMA = """
CREATE TABLE object_links (
    from_id uuid NOT NULL,
    to_id uuid NOT NULL,
    from_kind text NOT NULL,
    from_ref text NOT NULL,
    PRIMARY KEY (from_id, to_id)
);
CREATE INDEX object_links_to ON object_links (to_id);
"""


COLUMNS = {"from_id": "uuid", "to_id": "uuid", "from_kind": "text", "from_ref": "text"}


class Links:
    """Keeps the links of every object that stands; a withdrawn object stands on nothing."""

    TABLE = "object_links"
    SCHEMA = SCHEMA
    READS_OTHERS = False

    def __init__(self) -> None:
        self._pending: dict[UUID, list[tuple[UUID, UUID, str, str]]] = {}
        self._known: set[UUID] = set()

    def apply(self, change: Change) -> None:
        after: Any = change.after
        concept = change.concept
        links = set() if after.withdrawn else set(concept.links(after))
        if change.before is not None:
            if links == set(concept.links(change.before)) and not after.withdrawn:
                return
            self._known.add(after.id)
        self._pending[after.id] = [(after.id, to, concept.name, _said(concept, after)) for to in links]

    def flush(self, connection: Connection[DictRow]) -> None:
        known = [id for id in self._pending if id in self._known]
        if known:
            connection.execute("DELETE FROM object_links WHERE from_id = ANY (%s)", (known,), prepare=True)
        write_rows(connection, self.TABLE, COLUMNS, [row for links in self._pending.values() for row in links])
        self.discard()

    def discard(self) -> None:
        self._pending.clear()
        self._known.clear()


def _said(concept: Concept[Any], state: State) -> str:
    """`J-7` where the object has a reference, else its title between French quotation marks."""
    if concept.letter:
        return concept.reference(state)
    title = getattr(state, "title", None) or getattr(state, "name", None)
    return f"«\u202f{title}\u202f»" if title else str(state.id)


def dependents(connection: Connection[DictRow], id: UUID, viewer: Viewer) -> list[str]:
    """What stands on an object, said aloud: « jalon J-7 »; what the viewer may not see is told without its name."""
    query = SQL(
        "SELECT l.from_kind, l.from_ref, {visible} AS visible FROM object_links l WHERE l.to_id = {id} "
        "ORDER BY l.from_kind, l.from_ref LIMIT 20"
    ).format(visible=viewer.visible("l.from_id"), id=Literal(id))
    return [
        f"{word(row['from_kind'])} {row['from_ref']}" if row["visible"] else "un objet à visibilité restreinte"
        for row in connection.execute(query)
    ]
