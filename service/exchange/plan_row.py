"""A row of a plan, typed, and its identity. The reader makes them, the writer takes them, the merge
compares them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal, Protocol

from service.exchange.plan_columns import ACTION_TITLE, AXIS, SUB_ACTION_TITLE, SUB_AXIS, SUB_SUB_AXIS
from service.exchange.wording import identity

CellContent = str | Decimal | date | bool | tuple[str, ...] | None
Cells = Mapping[str, CellContent]
ATTRIBUTE_PREFIX = "attribute:"
LEVELS = (AXIS, SUB_AXIS, SUB_SUB_AXIS)
"""The columns that say, together, where a row stands."""
_BETWEEN_LEVELS, _BETWEEN_PARTS = "\x1f", "\x1e"


class ExportRow(Protocol):
    """What the writer needs of a row."""

    @property
    def action(self) -> str: ...
    @property
    def sub_action(self) -> str | None: ...
    @property
    def row_id(self) -> str | None: ...
    @property
    def cells(self) -> Cells: ...
    @property
    def attributes(self) -> Mapping[str, str]: ...


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One action or sub-action.

    `cells` has one entry per known column of the file (but the titles) that could be read: None (or no names)
    when blank, no entry when the column is absent or the cell is in error. `attributes` has only what holds
    data. `labels` is the text as written, by field.
    """

    action: str
    sub_action: str | None = None
    cells: Cells = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)
    row_id: str | None = None
    sheet: str = ""
    number: int = 0
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def kind(self) -> Literal["action", "sub_action"]:
        """A row with a sub-action title is that sub-action, not its action."""
        return "action" if self.sub_action is None else "sub_action"

    @property
    def title(self) -> str:
        """Its own title."""
        return self.action if self.sub_action is None else self.sub_action

    @property
    def path(self) -> tuple[str, ...]:
        """The levels above the action that are filled, from the widest. A level left blank between two is
        skipped.
        """
        levels = (self.cells.get(level) for level in LEVELS)
        return tuple(level for level in levels if isinstance(level, str) and level)

    @property
    def axis(self) -> str | None:
        """The first filled level; None is « Sans axe »."""
        return self.path[0] if self.path else None

    @property
    def workstreams(self) -> tuple[str, ...]:
        """The filled levels under the axis."""
        return self.path[1:]

    @property
    def key(self) -> str:
        """Its identity when it has no row id: `row_key` of its path and titles."""
        return row_key(self.path, self.action, self.sub_action)

    @property
    def parent_key(self) -> str | None:
        """The key of the action that a sub-action belongs to, whether or not the file has a row for it."""
        return None if self.sub_action is None else row_key(self.path, self.action)

    def comparable(self, labels: Iterable[str] = ()) -> dict[str, CellContent]:
        """Everything that a merge compares: titles, cells, then the attributes as `attribute:<label>`.

        `labels` are the attribute columns that the file has: blank there means emptied, not absent.
        """
        compared: dict[str, CellContent] = {
            ACTION_TITLE: self.action,
            SUB_ACTION_TITLE: self.sub_action,
            **self.cells,
        }
        for label in (*labels, *self.attributes):
            compared[ATTRIBUTE_PREFIX + label] = self.attributes.get(label)
        return compared


def row_key(path: Iterable[str], action: str, sub_action: str | None = None) -> str:
    """Path, action title and sub-action title, each normalised by `wording.identity` (NFKC, small letters,
    single spaces, straight apostrophes, accents kept), joined by separators that no cell can contain.
    """
    parts = [_BETWEEN_LEVELS.join(map(identity, path)), identity(action)]
    if sub_action is not None:
        parts.append(identity(sub_action))
    return _BETWEEN_PARTS.join(parts)
