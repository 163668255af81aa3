"""What an action says in the cells of the plan workbook, and what these cells mean for an action. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from service.domain.action import Action
from service.domain.action_events import ActionStatus, Funder, Priority
from service.exchange.merge import is_nothing
from service.exchange.plan_columns import (
    ACTION_TITLE,
    AMOUNTS,
    AXIS,
    FUNDERS,
    SUB_ACTION_TITLE,
    SUB_AXIS,
    SUB_SUB_AXIS,
)
from service.exchange.plan_row import ATTRIBUTE_PREFIX, CellContent, Cells

LEVELS = (AXIS, SUB_AXIS, SUB_SUB_AXIS)
STATUS_OF: Mapping[str, ActionStatus] = {
    "À venir": "planned",
    "À discuter": "proposed",
    "En cours": "in_progress",
    "Réalisé": "done",
    "En pause": "paused",
    "Abandonné": "abandoned",
    "En retard": "in_progress",
    "Bloqué": "in_progress",
}
"""DOMAIN section 5. A blank status is `proposed`."""
WORD_OF: Mapping[str, str] = {
    "planned": "À venir",
    "in_progress": "En cours",
    "done": "Réalisé",
    "paused": "En pause",
    "abandoned": "Abandonné",
}
LATE, BLOCKED = "En retard", "Bloqué"
PRIORITY_OF: Mapping[str, Priority] = {"Élevé": "high", "Moyen": "medium", "Bas": "low"}
PRIORITY_WORDS: Mapping[str, str] = {value: word for word, value in PRIORITY_OF.items()}
SAME_NAME = ("description", "governance", "expected_result", "budget", "start_on", "end_on")
"""Columns called as the field of the action."""


def cells_of(action: Action, place: Sequence[str | None], names: Mapping[str, str]) -> dict[str, CellContent]:
    """The cells of an action, but its titles. `place` has the three levels, `names` those of people by id."""
    people = [person for person in (action.lead, *action.contributors) if person is not None]
    cells: dict[str, CellContent] = dict(zip(LEVELS, place, strict=True))
    for name in SAME_NAME:
        cells[name] = getattr(action, name)
    cells["people"] = tuple(names.get(person, person) for person in people)
    cells["status"] = status_word(action)
    cells["priority"] = PRIORITY_WORDS.get(action.priority or "")
    cells["continuous"] = action.ongoing
    for index, (funder, amount) in enumerate(zip(FUNDERS, AMOUNTS, strict=True)):
        said = action.funders[index] if index < len(action.funders) else None
        cells[funder] = (said.name or None) if said else None
        cells[amount] = said.amount if said else None
    return cells


def status_word(action: Action) -> str | None:
    """The word of the workbook until the status changes, else ours; a proposal is blank (SHAPES: Import)."""
    return action.imported_status or WORD_OF.get(action.status)


def comparable(action: Action, parent: str | None, place: Sequence[str | None], names: Mapping[str, str]) -> Cells:
    """As `PlanRow.comparable`: titles, cells, attributes. `parent` is the title of its action, for a sub-action."""
    return {
        ACTION_TITLE: action.title if parent is None else parent,
        SUB_ACTION_TITLE: None if parent is None else action.title,
        **cells_of(action, place, names),
        **{ATTRIBUTE_PREFIX + label: text for label, text in action.attributes.items()},
    }


def fields_of(changed: Mapping[str, CellContent], action: Action | None, title_column: str) -> dict[str, Any]:
    """The fields of an action that the changed cells speak of; its place, people and status are told elsewhere."""
    fields: dict[str, Any] = {name: changed[name] for name in SAME_NAME if name in changed}
    if title_column in changed:
        fields["title"] = changed[title_column]
    if "priority" in changed:
        fields["priority"] = PRIORITY_OF.get(str(changed["priority"]))
    if "continuous" in changed:
        fields["ongoing"] = changed["continuous"]
    if changed.keys() & {*FUNDERS, *AMOUNTS}:
        fields["funders"] = funders_of(changed, action.funders if action else ())
    labels = {name.removeprefix(ATTRIBUTE_PREFIX): changed[name] for name in changed if _is_attribute(name)}
    if labels:
        kept = {**(action.attributes if action else {}), **labels}
        fields["attributes"] = {label: text for label, text in kept.items() if not is_nothing(text)}
    return fields


def funders_of(changed: Mapping[str, CellContent], present: Sequence[Funder]) -> tuple[Funder, ...]:
    """The funders with the three pairs of the workbook applied; a pair left blank between two keeps its place."""
    pairs: list[tuple[str, Any]] = [(funder.name, funder.amount) for funder in present]
    pairs += [("", None)] * (len(FUNDERS) - len(pairs))
    for index, (funder, amount) in enumerate(zip(FUNDERS, AMOUNTS, strict=True)):
        name, sum_ = pairs[index]
        pairs[index] = (str(changed.get(funder, name) or ""), changed.get(amount, sum_))
    while pairs and pairs[-1] == ("", None):
        pairs.pop()
    return tuple(Funder(name=name, amount=amount) for name, amount in pairs)


def levels_of(titles: Sequence[str], filled: Sequence[int], *, has_axis: bool) -> list[str | None]:
    """The titles of a place, from the axis down, in the three columns. `filled` are the columns that a workbook used.

    What lies deeper than the third level is told in the third column.
    """
    if len(filled) != len(titles):
        first = 1 if has_axis else 2
        filled = range(first, first + len(titles))
    levels: list[str | None] = [None] * len(LEVELS)
    for column, title in zip(filled, titles, strict=True):
        at = min(column, len(LEVELS)) - 1
        above = levels[at]
        levels[at] = title if above is None else f"{above} › {title}"
    return levels


def filled_levels(levels: Iterable[CellContent]) -> tuple[int, ...]:
    """Which columns a place is written in, when it is not simply the first ones."""
    filled = tuple(column for column, level in enumerate(levels, start=1) if not is_nothing(level))
    return () if filled == tuple(range(1, len(filled) + 1)) else filled


def _is_attribute(name: str) -> bool:
    return name.startswith(ATTRIBUTE_PREFIX)
