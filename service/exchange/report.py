"""What an import did, or would do: one object for the API, the command line and the tests, whatever the format.

`rows` holds the rows of the file, then what they bring with them (axes, workstreams, people); the counts count the rows
of the file alone. Building a report is the importers' affair.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic.dataclasses import dataclass  # a large file has tens of thousands of differences: slots keep them small

from service.exchange.problem import Problem

Mode = Literal["simulate", "apply"]
RowOutcome = Literal["create", "change", "unchanged", "conflict", "error"]
RowKind = Literal["action", "sub_action", "axis", "workstream", "person", "measure", "baseline", "target"]
Shown = str | int | float | bool | list[str] | None
"""A cell as JSON shows it: amounts are numbers, dates are ISO texts, several people are a list."""


class ReportModel(BaseModel):
    """Parts of a report are frozen once made, and have no fields that this file does not tell."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ReportProblem(ReportModel):
    """What is wrong with one cell, in French, and what to do about it. `value` has 80 characters at most."""

    sheet: str
    cell: str | None
    value: str
    code: str
    message: str
    suggestion: str
    row: int | None = None
    column: str | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """A cell that the import changes: what the service holds, and what the file says."""

    before: Shown
    after: Shown


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A cell that both sides changed: the last common value, and what each says now."""

    base: Shown
    file: Shown
    service: Shown


class RowReport(ReportModel):
    """What becomes of one row. A row in conflict is not applied: `differences` tells what waits with it."""

    sheet: str
    row: int | None
    kind: RowKind
    outcome: RowOutcome
    title: str
    id: UUID | None = None
    """The object, once it exists."""
    ref: str | None = None
    differences: dict[str, Difference] = Field(default_factory=dict)
    conflicts: dict[str, Disagreement] = Field(default_factory=dict)
    settled: dict[str, Disagreement] = Field(default_factory=dict)
    """The conflicts that `prefer` settled."""
    remarks: list[str] = Field(default_factory=list)
    """What the import does besides: a note, an obstacle."""


class Report(ReportModel):
    """The whole of it. `created` and the other counts are numbers of rows; `errors` tells what is wrong, by cell."""

    mode: Mode
    format: Literal["plan", "indicator_values"] = "plan"
    sheet: str
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    conflicts: int = 0
    invalid: int = 0
    """How many rows are wrong and not applied."""
    errors: list[ReportProblem] = Field(default_factory=list)
    omitted: int = 0
    """How many findings are not listed: there were too many."""
    warnings: list[ReportProblem] = Field(default_factory=list)
    rows: list[RowReport] = Field(default_factory=list)
    new_axes: list[str] = Field(default_factory=list)
    new_workstreams: list[str] = Field(default_factory=list)
    """Each with its path: « Axe › Chantier »."""
    new_people: list[str] = Field(default_factory=list)
    """Names that enter the directory without an account."""
    import_id: UUID | None = None
    position: int | None = None
    """Where an applied import ends in the log."""


def report_problem(problem: Problem) -> ReportProblem:
    """A finding of the reader, as reports tell it."""
    return ReportProblem(
        sheet=problem.sheet,
        cell=problem.cell,
        value=problem.value,
        code=problem.code,
        message=problem.message,
        suggestion=problem.suggestion,
        row=problem.row,
        column=problem.column,
    )


def report_of(
    mode: Mode,
    sheet: str,
    rows: Iterable[RowReport],
    problems: Iterable[Problem],
    *,
    format: Literal["plan", "indicator_values"] = "plan",
    brought: Iterable[RowReport] = (),
    omitted: int = 0,
    unread: int = 0,
) -> Report:
    """The report of `rows` (those of the file) and what they bring; the counts are made here, once.

    `unread` is the number of wrong rows that could not even become a row of the report.
    """
    rows, brought, problems = list(rows), list(brought), list(problems)
    count = {outcome: sum(row.outcome == outcome for row in rows) for outcome in ("create", "change", "unchanged")}
    return Report(
        mode=mode,
        format=format,
        sheet=sheet,
        created=count["create"],
        changed=count["change"],
        unchanged=count["unchanged"],
        conflicts=sum(row.outcome == "conflict" for row in rows),
        invalid=sum(row.outcome == "error" for row in rows) + unread,
        errors=[report_problem(problem) for problem in problems if problem.severity == "error"],
        warnings=[report_problem(problem) for problem in problems if problem.severity == "warning"],
        omitted=omitted,
        rows=[*rows, *brought],
        new_axes=[row.title for row in brought if row.kind == "axis"],
        new_workstreams=[row.title for row in brought if row.kind == "workstream"],
        new_people=[row.title for row in brought if row.kind == "person"],
    )


def as_shown(content: object) -> Shown:
    """A cell's content as JSON shows it."""
    match content:
        case None | bool() | str() | int() | float():
            return content
        case Decimal():
            return int(content) if content == content.to_integral_value() else float(content)
        case date():
            return content.isoformat()
        case tuple() | list():
            return [str(item) for item in content]
        case _:
            return str(content)


def differences_of(changes: Mapping[str, tuple[object, object]]) -> dict[str, Difference]:
    """`merge.RowMerge.changes` for a report."""
    return {name: Difference(before=as_shown(old), after=as_shown(new)) for name, (old, new) in changes.items()}


def conflicts_of(conflicts: Mapping[str, tuple[object, object, object]]) -> dict[str, Disagreement]:
    """`merge.RowMerge.conflicts` for a report."""
    return {
        name: Disagreement(base=as_shown(base), file=as_shown(file), service=as_shown(service))
        for name, (base, file, service) in conflicts.items()
    }
