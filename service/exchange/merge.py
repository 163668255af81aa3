"""Three-way merge of one row: what the file changed since it was last imported or exported, against what the
service holds.

Absent rows are untouched: that is the caller's affair, who never merges them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from service.exchange.plan_row import LEVELS, CellContent, Cells
from service.exchange.wording import as_one_name, identity, plain_breaks

Outcome = Literal["create", "change", "unchanged", "conflict"]
Prefer = Literal["file", "service"]
Change = tuple[CellContent, CellContent]
Conflict = tuple[CellContent, CellContent, CellContent]


@dataclass(frozen=True, slots=True)
class RowMerge:
    """What applying a row would do. In a conflict nothing is applied: `changes` is empty, `withheld` tells
    what waits.
    """

    outcome: Outcome
    changes: Mapping[str, Change] = field(default_factory=dict)
    """Field -> before and after."""
    conflicts: Mapping[str, Conflict] = field(default_factory=dict)
    """Field -> base, file and service, all different."""
    withheld: Mapping[str, Change] = field(default_factory=dict)
    resolved: Mapping[str, Conflict] = field(default_factory=dict)
    """Conflicts that `prefer` settled."""


def merge_row(base: Cells | None, file: Cells, service: Cells | None, *, prefer: Prefer | None = None) -> RowMerge:
    """Merge the cells of a file's row into the service's.

    `service` is None when the row is new: every filled cell is a change. `base` is the row as last imported
    or exported; a field that it lacks (or no base at all) has no known past: a blank in the file is then left
    alone, and a difference with a filled cell of the service is a conflict. Fields that the file lacks are
    untouched.
    """
    if service is None:
        return RowMerge("create", {name: (None, after) for name, after in file.items() if not is_nothing(after)})
    changes: dict[str, Change] = {}
    conflicts: dict[str, Conflict] = {}
    for name, wanted in file.items():
        current = service.get(name)
        known = base is not None and name in base
        past = base[name] if base is not None and known else None
        if same(wanted, current) or same(wanted, past):
            continue
        if same(current, past):
            changes[name] = (current, wanted)
        else:
            conflicts[name] = (past, wanted, current)
    if any(level in changes for level in LEVELS) and base is not None and _moved(base, service):
        # A place is one thing: half of it from here and half from there would be a third one that nobody wanted.
        for level in LEVELS:
            if level in file and not same(file[level], service.get(level)):
                changes.pop(level, None)
                conflicts[level] = (base.get(level), file[level], service.get(level))
    resolved: dict[str, Conflict] = {}
    if prefer is not None:
        resolved, conflicts = conflicts, {}
        if prefer == "file":
            changes |= {name: (current, wanted) for name, (_, wanted, current) in resolved.items()}
    if conflicts:
        return RowMerge("conflict", conflicts=conflicts, withheld=changes)
    return RowMerge("change" if changes else "unchanged", changes, resolved=resolved)


def _moved(base: Cells, service: Cells) -> bool:
    return any(level in base and not same(service.get(level), base[level]) for level in LEVELS)


def is_nothing(content: CellContent) -> bool:
    """Blank, whatever the type: None, no text, nobody."""
    return content is None or content == () or (isinstance(content, str) and not content.strip())


def same(one: CellContent, other: CellContent) -> bool:
    """Equal for a reader: types, outer spaces and ways to end a line do not count, 10 is 10.00; people are those whom
    a cell can name, and their order counts (the first leads).
    """
    return _normal(one) == _normal(other)


def _normal(content: CellContent) -> object:
    if is_nothing(content):
        return None
    if isinstance(content, str):
        return plain_breaks(content).strip()
    if isinstance(content, tuple):
        return tuple(dict.fromkeys(identity(as_one_name(name)) for name in content))
    if isinstance(content, bool):
        return ("boolean", content)
    return content
