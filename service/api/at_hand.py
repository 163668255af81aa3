"""What a process has at hand to do a write on its event loop: the standing of who writes, references, names.

All of it is a memory of what one query has just confirmed, or is checked by the append; what is not at hand raises
`MustWait`, and the act is done again in a thread, by its queries.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast
from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow

from service.api.door import Door
from service.api.reader import Reader
from service.api.who import Caller, Membership
from service.domain.permissions import sees_restricted
from service.domain.transformation import Transformation
from service.projections.as_of import AsOf
from service.projections.gate import ProjectionGate
from service.projections.viewer import Viewer
from service.store.database import MustWait

MOST_TRANSFORMATIONS = 200
MOST_NAMES = 20_000


@dataclass(frozen=True, slots=True)
class Access:
    """How a member comes to a write, on one snapshot of the database."""

    member: Membership
    owners: Collection[str] | None
    """Who may see the object beside those who see all that is restricted; None where it is not restricted."""
    directory: int
    """The revision of the names."""
    lacking: bool
    """Whether views of this transformation lack events."""
    asides: int
    """Of the gate, before: something that is set aside since may be what the act recorded."""

    def sees(self) -> bool:
        """Whether the object may be seen, by today's restrictions."""
        viewer = self.member.viewer
        return self.owners is None or viewer.sees_restricted or viewer.person in self.owners


class AtHand:
    """The memory of one application; it is used on its event loop only."""

    def __init__(self, door: Door, gate: ProjectionGate) -> None:
        self.door = door
        self.gate = gate
        self._transformations: OrderedDict[UUID | str, tuple[int, Transformation]] = OrderedDict()
        self._names: dict[str, str | None] = {}
        self._directory = -1
        self._asked: dict[tuple[UUID, str], list[tuple[int, asyncio.Future[range]]]] = {}
        self._calls: dict[tuple[UUID, str], asyncio.Future[range]] = {}

    async def access(self, caller: Caller, transformation: UUID | str, object: UUID | None) -> Access | None:
        """How the caller comes to a transformation and to one of its objects; None for who is no member."""
        known = self._transformations.get(transformation)
        held = (known[1].version, known[0]) if known else None
        asides = self.gate.asides
        row = await self.door.access(transformation, caller.principal, object, held)
        if row is None:
            return None
        if row["state"] is not None or known is None:
            known = (row["epoch"], Transformation.model_validate(row["state"]))
            self._transformations[transformation] = known
            while len(self._transformations) > MOST_TRANSFORMATIONS:
                self._transformations.popitem(last=False)
        viewer = Viewer(caller.principal, sees_restricted(row["role"]))
        member = Membership(transformation=known[1], role=row["role"], viewer=viewer)
        return Access(member, row["owners"], row["directory"], row["lacking"], asides)

    async def references(self, transformation_id: UUID, letter: str, count: int) -> range:
        """The next short references; those who ask while a call is under way share the next one. None is put by."""
        future: asyncio.Future[range] = asyncio.get_running_loop().create_future()
        key = (transformation_id, letter)
        waiting = self._asked.get(key)
        if waiting is not None:
            waiting.append((count, future))
            return await future
        self._asked[key] = []
        try:
            return await self.door.references(transformation_id, letter, count)
        finally:
            # Whatever became of this call, those who came meanwhile are served by a call of their own.
            self._serve(key)

    def _serve(self, key: tuple[UUID, str]) -> None:
        waiting = self._asked[key]
        if not waiting:
            del self._asked[key]
            self._calls.pop(key, None)
            return
        self._asked[key] = []
        call = self.door.references(*key, sum(count for count, _ in waiting))
        self._calls[key] = asyncio.ensure_future(call)  # the loop itself holds it weakly

        def served(done: asyncio.Future[range]) -> None:
            self._serve(key)
            problem = None if done.cancelled() else done.exception()
            first = 0
            for count, future in waiting:
                if not future.cancelled():  # else its references are a gap
                    if done.cancelled():
                        future.cancel()
                    elif problem is not None:
                        future.set_exception(problem)
                    else:
                        future.set_result(done.result()[first : first + count])
                first += count

        self._calls[key].add_done_callback(served)

    async def names(self, ids: list[str], revision: int) -> dict[str, str]:
        """The names of principals as of a revision of the directory."""
        if self._directory != revision or len(self._names) > MOST_NAMES:
            self._directory, self._names = revision, {}
        known = self._names
        missing = [id for id in ids if id not in known]
        if missing:
            found = await self.door.names(missing)
            known.update((id, found.get(id)) for id in missing)
        return {id: name for id in ids if (name := known[id]) is not None}


class NoConnection:
    """Stands where a read would ask the database."""

    def __getattr__(self, name: str) -> Any:
        raise MustWait()


@dataclass(frozen=True)
class ReaderAtHand(Reader):
    """Shows an object that was just recorded, from what the act knew: the append has confirmed it."""

    @cached_property
    def transformation(self) -> Transformation:
        return self.member.transformation


def reader_at_hand(service: Any, caller: Caller, access: Access, as_of: AsOf, position: int) -> Reader:
    """A reader without a database: `MustWait` for what it does not know."""
    nothing = cast(Connection[DictRow], NoConnection())
    return ReaderAtHand(service, nothing, caller, access.member, as_of, position)
