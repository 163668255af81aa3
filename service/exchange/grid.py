"""A workbook as this package sees it: sheets of plain values at Excel coordinates. How it was read is not
here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Literal

CellValue = str | int | float | bool | date | datetime | time | timedelta | None
Place = tuple[int, int]
"""Row and column, both from 1 as in Excel."""


def column_letters(column: int) -> str:
    """1 -> A, 27 -> AA."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_number(letters: str) -> int:
    """A -> 1, AA -> 27; 0 when these are not column letters."""
    number = 0
    for letter in letters.upper():
        if not "A" <= letter <= "Z":
            return 0
        number = number * 26 + ord(letter) - 64
    return number


def coordinate(row: int, column: int) -> str:
    """The Excel name of a cell: (4, 2) -> B4."""
    return f"{column_letters(column)}{row}"


@dataclass(frozen=True, slots=True)
class Cell:
    """A value and where it stands."""

    row: int
    column: int
    value: CellValue

    @property
    def coordinate(self) -> str:
        """Its Excel name, as B4."""
        return coordinate(self.row, self.column)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet. Merged ranges are filled down their first column; `filled` says which values come from
    that.
    """

    name: str
    rows: Sequence[Sequence[CellValue]]
    visible: bool = True
    formulas: Mapping[Place, str] = field(default_factory=dict)
    faults: Mapping[Place, str] = field(default_factory=dict)
    """Cells that show an Excel error such as #REF!."""
    filled: frozenset[Place] = frozenset()

    @property
    def height(self) -> int:
        """The number of the last row."""
        return len(self.rows)

    def value(self, row: int, column: int) -> CellValue:
        """The value at a place, None when blank or outside."""
        if not 1 <= row <= len(self.rows):
            return None
        values = self.rows[row - 1]
        return values[column - 1] if 1 <= column <= len(values) else None

    def cells(self, row: int) -> Iterator[Cell]:
        """The cells of a row that hold something, from left to right."""
        for column, value in enumerate(self.rows[row - 1], start=1):
            if value is not None:
                yield Cell(row, column, value)

    def own_cells(self, row: int) -> Iterator[Cell]:
        """The cells of a row that hold something by themselves, not from a merged range that begins above."""
        return (cell for cell in self.cells(row) if (row, cell.column) not in self.filled)


@dataclass(frozen=True, slots=True)
class Workbook:
    """What a file held. `uses_1904` is the calendar of old Macintosh workbooks: their serial dates start
    later.
    """

    sheets: tuple[Sheet, ...]
    format: Literal["xlsx", "csv"]
    uses_1904: bool = False
