"""What is wrong with one cell or one row, in French, with what to do about it. A refused file is in
`refusal`.
"""

from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["error", "warning"]
SHOWN_LENGTH = 80


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding, at a place that the user can point at. `column` is the heading, `cell` the Excel
    coordinate.
    """

    sheet: str
    cell: str | None
    row: int | None
    column: str | None
    value: str
    code: str
    message: str
    suggestion: str
    severity: Severity = "error"

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", shown(self.value))


def shown(value: str) -> str:
    """A value as a message may quote it: on one line, printable, 80 characters at most."""
    head = " ".join(value[: SHOWN_LENGTH * 4].split())
    head = "".join(character if character.isprintable() else "\ufffd" for character in head)
    if len(head) > SHOWN_LENGTH or len(value) > SHOWN_LENGTH * 4:
        return head[: SHOWN_LENGTH - 1] + "…"
    return head


class Unreadable(Exception):
    """A cell's text has no meaning in its column: code, message and suggestion, without the place."""

    def __init__(self, code: str, message: str, suggestion: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.suggestion = suggestion


@dataclass(slots=True)
class Findings:
    """The problems of one file: every invalid row is known, but only the first `kept` errors and as many warnings
    are told in full: warnings never push an error out.
    """

    kept: int = 2_000
    problems: list[Problem] = field(default_factory=list)
    invalid_rows: set[int] = field(default_factory=set)
    errors: int = 0
    warnings: int = 0
    omitted: int = 0

    def add(self, problem: Problem) -> None:
        """Keep a problem; an error makes its row invalid."""
        if problem.severity == "error":
            self.errors += 1
            if problem.row is not None:
                self.invalid_rows.add(problem.row)
        else:
            self.warnings += 1
        if (self.errors if problem.severity == "error" else self.warnings) <= self.kept:
            self.problems.append(problem)
        else:
            self.omitted += 1
