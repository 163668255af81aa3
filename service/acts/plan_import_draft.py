"""What applying a file would do, row by row: decided once, for the simulation and for the application alike."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from service.acts.plan_import_cells import LEVELS, STATUS_OF, fields_of, filled_levels
from service.acts.plan_import_match import Found, Pointer, match, own_title
from service.acts.plan_import_people import PeopleBook
from service.acts.plan_import_places import Place, PlaceBook
from service.acts.plan_import_world import World
from service.domain.action import Action
from service.domain.action_events import ActionStatus
from service.exchange.dates import french_date
from service.exchange.merge import Prefer, RowMerge, is_nothing, merge_row
from service.exchange.plan_columns import ACTION_TITLE
from service.exchange.plan_reader import PlanFile
from service.exchange.plan_row import CellContent, PlanRow
from service.exchange.problem import Problem
from service.exchange.report import RowOutcome, RowReport, conflicts_of, differences_of
from service.exchange.typography import say


@dataclass
class Draft:
    """One row, what it becomes and what is to be recorded for it."""

    found: Found
    merge: RowMerge
    fields: dict[str, Any] = field(default_factory=dict)
    place: Place | None = None
    moved: bool = False
    people: tuple[str, ...] | None = None
    status: ActionStatus | None = None
    word: str | None = None
    problems: list[Problem] = field(default_factory=list)
    id: UUID | None = None
    ref: int | None = None
    remarks: list[str] = field(default_factory=list)

    @property
    def row(self) -> PlanRow:
        return self.found.row

    @property
    def outcome(self) -> RowOutcome:
        return "error" if self.problems else self.merge.outcome

    @property
    def writes(self) -> bool:
        return self.outcome in ("create", "change")

    def report(self, *, created: bool) -> RowReport:
        """The row as the report tells it."""
        action = self.found.action
        id, ref = (action.id, action.ref) if action else (self.id, self.ref) if created else (None, None)
        wrong = bool(self.problems)
        return RowReport(
            sheet=self.row.sheet,
            row=self.row.number,
            kind=self.row.kind,
            outcome=self.outcome,
            title=self.row.title,
            id=id,
            ref=f"A-{ref}" if ref else None,
            differences={} if wrong else differences_of(self.merge.changes or self.merge.withheld),
            conflicts={} if wrong else conflicts_of(self.merge.conflicts),
            settled={} if wrong else conflicts_of(self.merge.resolved),
            remarks=list(self.remarks),
        )


@dataclass
class Draughts:
    """All rows of a file, with the places and people that they bring."""

    rows: list[Draft]
    places: PlaceBook
    people: PeopleBook

    @property
    def problems(self) -> list[Problem]:
        return [problem for draft in self.rows for problem in draft.problems]


def found_rows(file: PlanFile, world: World) -> list[Found]:
    """The rows of the file that can be read, each with its action."""
    return match([row for row in file.rows if row.number not in file.invalid_rows], file, world)


def draft(file: PlanFile, found: list[Found], world: World, prefer: Prefer | None) -> Draughts:
    """Merge every row into what the service holds, and say what it takes to record it."""
    drafter = _Drafter(file, world, prefer)
    drafts = [drafter.draft(one) for one in found]
    by_row = {id(one.found): one for one in drafts}
    invalid = {row.key for row in file.rows if row.number in file.invalid_rows}
    for one in drafts:
        if one.found.action is not None or one.row.sub_action is None or one.problems:
            continue
        parent = by_row.get(id(one.found.parent)) if one.found.parent else None
        if (parent is not None and parent.found.action is None and parent.problems) or (
            parent is None and one.found.parent_action is None and one.row.parent_key in invalid
        ):
            drafter.refuse_orphan(one)
    for one in drafts:
        if one.writes:
            if one.place is not None and one.moved:
                one.place.use()
            if one.people is not None:
                drafter.people.use(one.people, one.row.number)
    return Draughts(drafts, drafter.places, drafter.people)


class _Drafter:
    def __init__(self, file: PlanFile, world: World, prefer: Prefer | None) -> None:
        self.world, self.prefer = world, prefer
        self.labels = file.attribute_labels
        self.pointer = Pointer(file)
        self.places = PlaceBook.of(world)
        self.people = PeopleBook(world.names)

    def draft(self, found: Found) -> Draft:
        said = dict(found.row.comparable(self.labels))
        if found.row.sub_action is not None:
            del said[ACTION_TITLE]  # the title of its action, which has a row of its own
        action = found.action
        service = None if action is None else self.world.cells(action)
        base = None if action is None else self.world.base(action.id, said)
        merge = merge_row(base, said, service, prefer=self.prefer)
        drafted = Draft(found, merge, problems=list(found.problems))
        if drafted.writes:
            self.decide(drafted, {name: after for name, (_, after) in merge.changes.items()}, service)
        return drafted

    def decide(
        self, drafted: Draft, changed: Mapping[str, CellContent], service: Mapping[str, CellContent] | None
    ) -> None:
        row, action = drafted.row, drafted.found.action
        drafted.fields = fields_of(changed, action, own_title(row))
        if not drafted.fields.get("title", row.title):
            self.refuse(drafted, own_title(row), "title_missing", say("Il manque le titre."), say("Écrivez-le."))
        if changed.keys() & set(LEVELS):
            self.decide_place(drafted, {**(service or {}), **changed})
        if "people" in changed:
            names = changed["people"]
            drafted.people = names if isinstance(names, tuple) else ()
            for code, message, suggestion in self.people.problems(drafted.people):
                self.refuse(drafted, "people", code, message, suggestion)
        if "status" in changed or (action is None and row.cells.get("status")):
            word = changed.get("status")
            drafted.word = str(word) if word else ""
            drafted.status = STATUS_OF[drafted.word] if drafted.word else "proposed"
        self.check_dates(drafted, action)

    def decide_place(self, drafted: Draft, cells: Mapping[str, CellContent]) -> None:
        levels = [cells.get(level) for level in LEVELS]
        titles = [str(level) for level in levels if not is_nothing(level)]
        refusal = self.places.closed(titles, drafted.row.number)
        if refusal is not None:
            advice = say("Rouvrez-le d'abord, ou placez l'action ailleurs.")
            column = [name for name, level in zip(LEVELS, levels, strict=True) if not is_nothing(level)][-1]
            self.refuse(drafted, column, "place_closed", refusal.message("fr"), advice)
            return
        drafted.place = self.places.find(titles, drafted.row.number)
        drafted.moved = True
        drafted.fields["levels"] = filled_levels(levels)

    def check_dates(self, drafted: Draft, action: Action | None) -> None:
        """The dates of the file with those that the service keeps."""
        start = drafted.fields.get("start_on", action.start_on if action else None)
        end = drafted.fields.get("end_on", action.end_on if action else None)
        if isinstance(start, date) and isinstance(end, date) and end < start:
            message = say(
                "Après l'import, la date de fin ({end}) serait avant la date de début ({start}).",
                end=french_date(end),
                start=french_date(start),
            )
            column = "end_on" if "end_on" in drafted.fields else "start_on"
            self.refuse(drafted, column, "end_before_start", message, say("Corrigez l'une des deux dates."))

    def refuse_orphan(self, drafted: Draft) -> None:
        message = say("L'action de cette sous-action n'est pas importée : sa ligne est en erreur.")
        self.refuse(drafted, ACTION_TITLE, "parent_in_error", message, say("Corrigez d'abord la ligne de l'action."))

    def refuse(self, drafted: Draft, name: str, code: str, message: str, suggestion: str) -> None:
        drafted.problems.append(self.pointer.problem(drafted.row, name, code, message, suggestion))
