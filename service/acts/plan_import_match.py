"""Which action each row of a file speaks of: by its hidden id, else by the key it was imported under, else by what the
plan says now (SHAPES: Import)."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from service.acts.plan_import_world import World
from service.domain.action import Action
from service.exchange.grid import coordinate
from service.exchange.plan_checks import title_field
from service.exchange.plan_columns import ACTION_TITLE, SUB_ACTION_TITLE
from service.exchange.plan_reader import PlanFile
from service.exchange.plan_row import PlanRow, row_key
from service.exchange.problem import Problem
from service.exchange.typography import say
from service.exchange.wording import identity

LONGEST_KEY = 200


@dataclass
class Found:
    """A row and the action it speaks of; None is a new one. `parent` is the action or the row of a sub-action."""

    row: PlanRow
    action: Action | None = None
    exported: bool = False
    """Found by the hidden id of our own export."""
    parent: "Found | None" = None
    parent_action: Action | None = None
    problems: list[Problem] = field(default_factory=list)


class Pointer:
    """Makes problems that point at a cell of the file."""

    def __init__(self, file: PlanFile) -> None:
        self.sheet = file.sheet
        self.columns = {column.column.field: column for column in file.columns if column.column is not None}

    def problem(self, row: PlanRow, name: str, code: str, message: str, suggestion: str) -> Problem:
        column = self.columns.get(name)
        place = coordinate(row.number, column.position) if column else None
        value = row.labels.get(name, row.title if name == title_field(row) else "")
        label = column.label if column else None
        return Problem(self.sheet, place, row.number, label, value, code, message, suggestion)


def stamp_key(key: str) -> str:
    """The key of a row as events and claims hold it: itself, or its SHA-256 where it is long."""
    return key if len(key) <= LONGEST_KEY else f"sha256:{hashlib.sha256(key.encode()).hexdigest()}"


def match(rows: Sequence[PlanRow], file: PlanFile, world: World) -> list[Found]:
    """Every row with its action. Two rows that mean one action, or one row that means two, are problems."""
    pointer = Pointer(file)
    by_stamp: dict[str, Action] = {}
    by_key: dict[str, list[Action]] = {}
    for action in world.actions.values():
        if action.row is not None:
            by_stamp.setdefault(action.row.row_key, action)
        by_key.setdefault(present_key(world, action), []).append(action)
    found = [_find(row, world, by_stamp, by_key, pointer) for row in rows]
    taken: dict[UUID, Found] = {}
    for one in found:
        if one.action is None:
            continue
        first = taken.setdefault(one.action.id, one)
        if first is not one:
            one.problems.append(_same_action(pointer, one.row, first.row))
    _find_parents(found, by_stamp, by_key, pointer, world)
    return found


def present_key(world: World, action: Action) -> str:
    """The key of an action by its present place and titles."""
    levels = world.places.levels(action)
    path = [level for level in levels if level]
    parent = world.parent_title(action)
    return row_key(path, action.title) if parent is None else row_key(path, parent, action.title)


def _find(
    row: PlanRow, world: World, by_stamp: dict[str, Action], by_key: dict[str, list[Action]], pointer: Pointer
) -> Found:
    action = world.actions.get(_uuid(row.row_id)) if row.row_id else None
    if action is not None and (action.parent_id is None) == (row.sub_action is None):
        return Found(row, action, exported=True)
    stamped = by_stamp.get(stamp_key(row.key))
    if stamped is not None:
        return Found(row, stamped)
    present = by_key.get(row.key, [])
    one = Found(row, present[0] if present else None)
    if len(present) > 1:
        refs = ", ".join(f"A-{action.ref}" for action in present)
        message = say("Plusieurs actions du plan portent ce titre au même endroit : {refs}.", refs=refs)
        advice = say("Partez d'un export du plan : sa colonne masquée les distingue, ou renommez l'une d'elles.")
        one.problems.append(pointer.problem(row, title_field(row), "ambiguous_row", message, advice))
    return one


def _uuid(text: str | None) -> UUID:
    try:
        return UUID(text or "")
    except ValueError:
        return UUID(int=0)


def _find_parents(
    found: Iterable[Found],
    by_stamp: dict[str, Action],
    by_key: dict[str, list[Action]],
    pointer: Pointer,
    world: World,
) -> None:
    tops = [one for one in found if one.row.sub_action is None]
    rows = {one.row.key: one for one in tops}
    by_title: dict[str, list[Found]] = {}
    for one in tops:
        by_title.setdefault(identity(one.row.action), []).append(one)
    for one in found:
        key = one.row.parent_key
        if key is None:
            continue
        alone = by_title.get(identity(one.row.action), [])
        one.parent = rows.get(key) or (alone[0] if not one.row.path and len(alone) == 1 else None)
        if one.parent is not None:
            one.parent_action = one.parent.action
        else:
            one.parent_action = by_stamp.get(stamp_key(key)) or next(iter(by_key.get(key, ())), None)
        _check_parent(one, pointer, world)


def _check_parent(one: Found, pointer: Pointer, world: World) -> None:
    if one.action is None:
        if one.parent is None and one.parent_action is None:
            message = say("L'action de cette sous-action n'est ni dans le fichier ni dans le plan.")
            advice = say("Ajoutez une ligne pour l'action, ou corrigez son titre et ses axes sur cette ligne.")
            one.problems.append(pointer.problem(one.row, ACTION_TITLE, "parent_unknown", message, advice))
        elif one.parent_action is not None and one.parent_action.parent_id is not None:
            message = say("Une sous-action ne peut pas avoir de sous-actions.")
            advice = say("Rattachez la ligne à une action de premier niveau.")
            one.problems.append(pointer.problem(one.row, ACTION_TITLE, "sub_action_of_sub_action", message, advice))
        return
    held = world.actions.get(one.action.parent_id) if one.action.parent_id else None
    moved = one.parent_action is None or held is None or one.parent_action.id != held.id
    same_title = held is not None and identity(held.title) == identity(one.row.action)
    if moved and not same_title and not (one.parent is None and one.parent_action is None and not one.exported):
        message = say("Cette sous-action changerait d'action, ce que l'import ne sait pas faire.")
        advice = say("Remettez le titre de son action, ou créez une nouvelle sous-action en vidant son identifiant.")
        one.problems.append(pointer.problem(one.row, ACTION_TITLE, "sub_action_moved", message, advice))


def _same_action(pointer: Pointer, row: PlanRow, first: PlanRow) -> Problem:
    message = say("Cette ligne désigne la même action que la ligne {first}.", first=first.number)
    advice = say("Gardez une seule des deux lignes, ou donnez-leur des titres différents.")
    return pointer.problem(row, title_field(row), "same_action", message, advice)


def own_title(row: PlanRow) -> str:
    """The column that holds the row's own title."""
    return ACTION_TITLE if row.sub_action is None else SUB_ACTION_TITLE
