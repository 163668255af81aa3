"""The axes and workstreams that the rows of an import stand in: found by their key or their title, else announced."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from service.acts.plan_import_match import stamp_key
from service.acts.plan_import_world import World
from service.domain import axis as axis_rules
from service.domain import workstream as workstream_rules
from service.domain.axis import Axis
from service.domain.event import new_id
from service.domain.refusal import Refusal
from service.domain.workstream import Workstream
from service.exchange.wording import identity

BETWEEN = "\x1f"
Path = tuple[str, ...]


@dataclass
class Place:
    """An axis (one title in its path) or a workstream (more), with its ancestors."""

    id: UUID
    titles: Path
    parent: "Place | None" = None
    state: Axis | Workstream | None = None
    """None is a place that the import creates."""
    row: int | None = None
    used: bool = False
    """Whether a row that is applied stands in it: only then is it created."""

    @property
    def is_axis(self) -> bool:
        return isinstance(self.state, Axis) or (self.state is None and self.parent is None)

    @property
    def axis_id(self) -> UUID | None:
        if self.is_axis:
            return self.id
        if isinstance(self.state, Workstream):
            return self.state.axis_id
        return self.parent.axis_id if self.parent else None

    @property
    def row_key(self) -> str:
        return stamp_key(BETWEEN.join(map(identity, self.titles)))

    def use(self) -> None:
        """A row stands here: so do those above."""
        place: Place | None = self
        while place is not None:
            place.used = True
            place = place.parent


@dataclass
class PlaceBook:
    """All places by their normalised path."""

    by_path: dict[Path, Place] = field(default_factory=dict)
    by_stamp: dict[str, Place] = field(default_factory=dict)
    new: list[Place] = field(default_factory=list)

    @classmethod
    def of(cls, world: World) -> "PlaceBook":
        """The places that stand today."""
        book = cls()
        known: dict[UUID, Place] = {}
        for state in world.places.now():
            if isinstance(state, Axis):
                place = Place(state.id, (state.title,), state=state)
            else:
                above = [
                    world.places.at(state.axis_id),
                    *world.places.chain(state.parent_id),
                ]
                titles = tuple(place.title for place in above if place is not None)
                over = state.parent_id or state.axis_id
                place = Place(state.id, (*titles, state.title), known.get(over) if over else None, state)
            known[state.id] = place
            book.by_path.setdefault(_normal(place.titles), place)
            if state.row is not None:
                book.by_stamp.setdefault(state.row.row_key, place)
        return book

    def find(self, titles: Sequence[str], row: int) -> Place | None:
        """The place of a path, made ready to be created where it does not exist; None for no path at all.

        Raises `AxisNotOpen` or `WorkstreamNotOpen` where the place is closed.
        """
        place: Place | None = None
        for depth in range(1, len(titles) + 1):
            path = tuple(titles[:depth])
            found = self.by_path.get(_normal(path)) or self.by_stamp.get(stamp_key(BETWEEN.join(map(identity, path))))
            if found is None and place is not None:  # its parent may be called otherwise today
                found = self.by_path.get(_normal((*place.titles, titles[depth - 1])))
            if found is None:
                found = Place(new_id(), path, place, row=row)
                self.by_path[_normal(path)] = found
                self.new.append(found)
            place = found
        if place is not None and isinstance(place.state, Axis):
            axis_rules.require_open(place.state)
        if place is not None and isinstance(place.state, Workstream):
            workstream_rules.require_open(place.state)
        return place

    def closed(self, titles: Sequence[str], row: int) -> Refusal | None:
        """Why nothing more can stand in a place, or None."""
        try:
            self.find(titles, row)
        except Refusal as refusal:
            return refusal
        return None


def _normal(titles: Sequence[str]) -> Path:
    return tuple(map(identity, titles))
