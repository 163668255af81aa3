"""One pass over the XML of a worksheet, before the fast reader sees it: formulas, errors, merges, extent,
amount of text.

The fast reader only gives cached values, allocates the whole used rectangle and copies a shared text into
every cell that uses it; this pass finds the formulas and knows those costs beforehand. It builds nothing that
grows with the cells.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from xml.parsers import expat

from service.exchange.grid import Place, column_number
from service.exchange.limits import Limits
from service.exchange.refusal import (
    DamagedWorkbook,
    ForbiddenXml,
    TooManyColumns,
    TooManyRows,
)

FORMULA_SHOWN = 200
_PIECE = 1 << 20
_LONGEST_TAG = 4 * _PIECE


@dataclass(slots=True)
class SheetScan:
    """What the pass learned about one sheet."""

    formulas: dict[Place, str] = field(default_factory=dict)
    faults: dict[Place, str] = field(default_factory=dict)
    merges: list[tuple[Place, Place]] = field(default_factory=list)
    last_row: int = 0
    last_column: int = 0
    shared_text: int = 0
    """Characters that the shared texts take once copied into their cells."""


def parse_xml(data: bytes, parser: expat.XMLParserType) -> None:
    """Feed a whole part to a parser. DOCTYPE, broken XML and a tag of several megabytes are refusals: the
    parser reads an unfinished tag again with every piece, so that one endless tag would cost minutes."""

    def refuse_doctype(*_: object) -> None:
        raise ForbiddenXml

    parser.StartDoctypeDeclHandler = refuse_doctype
    parser.EntityDeclHandler = refuse_doctype
    try:
        for fed in range(0, len(data), _PIECE):
            parser.Parse(data[fed : fed + _PIECE], False)
            if fed - parser.CurrentByteIndex > _LONGEST_TAG:
                raise DamagedWorkbook
        parser.Parse(b"", True)
    except (expat.ExpatError, LookupError, ValueError) as error:  # the last two: an encoding that does not exist
        raise DamagedWorkbook from error


def check_xml(data: bytes) -> None:
    """Refuse a part that is broken or declares a document type."""
    parse_xml(data, expat.ParserCreate())


def local(name: str) -> str:
    """An element's name without its namespace prefix."""
    return name.rpartition(":")[2]


def shared_lengths(data: bytes) -> list[int]:
    """The length of every shared text of the workbook, in characters, in their order."""
    lengths: list[int] = []
    inside = False

    def start(name: str, _: dict[str, str]) -> None:
        nonlocal inside
        if local(name) == "si":
            lengths.append(0)
            inside = True

    def end(name: str) -> None:
        nonlocal inside
        if local(name) == "si":
            inside = False

    def text(characters: str) -> None:
        if inside:
            lengths[-1] += len(characters)

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    parse_xml(data, parser)
    return lengths


def scan_sheet(data: bytes, name: str, lengths: Sequence[int], limits: Limits) -> SheetScan:
    """Read a worksheet's XML once. Raises TooManyRows or TooManyColumns as soon as a limit
    is passed.
    """
    scanner = _Scanner(name, lengths, limits)
    scanner.run(data)
    return scanner.scan


class _Scanner:
    """The handlers of the pass and the cell where it stands."""

    def __init__(self, name: str, lengths: Sequence[int], limits: Limits) -> None:
        self.scan = SheetScan()
        self.name, self.lengths, self.limits = name, lengths, limits
        self.row = self.column = 0
        self.kind, self.in_cell = "n", False
        self.collecting: list[str] | None = None
        self.masters: dict[str, str] = {}
        self.shared_index: str | None = None
        self.columns: dict[str, int] = {}

    def run(self, data: bytes) -> None:
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler, self.parser.EndElementHandler = self.start, self.end
        parse_xml(data, self.parser)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        tag = local(name)
        if tag == "c":
            self.enter_cell(attributes)
        elif tag == "row":
            written = attributes.get("r")
            self.row = self.number(written) if written else self.row + 1
            self.column = 0
        elif tag == "mergeCell":
            self.note_merge(attributes.get("ref", ""))
        elif not self.in_cell:
            return  # drop-downs and conditional formats hold formulas too: they are not in a cell
        elif tag in ("v", "is"):
            self.note_value(tag)
        elif tag == "f":
            self.note_value(tag)
            self.shared_index = attributes.get("si")
            self.collect()

    def end(self, name: str) -> None:
        if self.collecting is None:
            if name == "c" or name.endswith(":c"):
                self.in_cell = False
            return
        text, self.collecting, self.parser.CharacterDataHandler = "".join(self.collecting), None, None
        if local(name) == "f":
            self.note_formula(text)
        elif self.kind == "s":
            self.note_shared_text(text)
        elif self.kind == "e":
            self.scan.faults[self.row, self.column] = text[:FORMULA_SHOWN]

    def enter_cell(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("r")
        self.kind = attributes.get("t", "n")
        self.in_cell = True
        if reference is None:
            self.column += 1
            return
        letters = reference.rstrip("0123456789")
        self.row = self.number(reference[len(letters) :])
        column = self.columns.get(letters)
        if column is None:
            column = self.columns[letters] = column_number(letters)
        if not column:
            raise DamagedWorkbook
        self.column = column

    def number(self, digits: str) -> int:
        if not (digits.isascii() and digits.isdigit() and len(digits) <= 7 and int(digits)):
            raise DamagedWorkbook
        return int(digits)

    def note_value(self, tag: str) -> None:
        """A cell counts in the extent only if it holds something: formatting alone often runs to the last
        column.
        """
        if self.row > self.scan.last_row:
            if self.row > self.limits.rows:
                raise TooManyRows(sheet=self.name, limit=self.limits.rows)
            self.scan.last_row = self.row
        if self.column > self.scan.last_column:
            if self.column > self.limits.columns:
                raise TooManyColumns(sheet=self.name, limit=self.limits.columns)
            self.scan.last_column = self.column
        if tag == "v" and self.kind in ("s", "e"):
            self.collect()

    def collect(self) -> None:
        self.collecting = []
        self.parser.CharacterDataHandler = self.collecting.append

    def note_formula(self, text: str) -> None:
        """A shared formula is written once, at its first cell; the others only carry its number."""
        if self.shared_index is not None:
            if text:
                self.masters.setdefault(self.shared_index, text[:FORMULA_SHOWN])
            else:
                text = self.masters.get(self.shared_index, "")
        self.scan.formulas[self.row, self.column] = "=" + text[:FORMULA_SHOWN]

    def note_shared_text(self, text: str) -> None:
        try:
            self.scan.shared_text += self.lengths[int(text)]
        except (ValueError, IndexError) as error:
            raise DamagedWorkbook from error

    def note_merge(self, reference: str) -> None:
        first, _, last = reference.partition(":")
        self.scan.merges.append((self.place(first), self.place(last or first)))

    def place(self, reference: str) -> Place:
        letters = reference.rstrip("0123456789")
        column = column_number(letters)
        if not column:
            raise DamagedWorkbook
        return self.number(reference[len(letters) :]), column
