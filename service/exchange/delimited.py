"""A CSV file as a sheet: encoding and separator are guessed from the content, as French tools write them."""

import csv
import io
from collections import Counter

from service.exchange.grid import CellValue, Place, Sheet
from service.exchange.limits import DEFAULT_LIMITS, Limits
from service.exchange.refusal import (
    DamagedWorkbook,
    NotAWorkbook,
    TooManyCells,
    TooManyColumns,
    TooManyRows,
    UnclosedQuote,
)

SHEET_NAME = "CSV"
_SEPARATORS = (";", ",", "\t")
_SAMPLE = 64_000
csv.field_size_limit(DEFAULT_LIMITS.file_size)  # of the process: a long cell is told at its place, not as a file
_CONTROLS = frozenset(chr(code) for code in range(32)) - {"\t", "\n", "\r", "\x0b", "\x0c"}


def read_delimited(content: bytes, limits: Limits) -> Sheet:
    """The one sheet of a CSV file. Raises NotAWorkbook when it is not text, or text without columns."""
    text = _decode(content)
    if text.lstrip()[:1] in ("<", "{", "["):
        raise NotAWorkbook
    separator = _separator(text[:_SAMPLE])
    _require_closed_quotes(text, separator)
    rows: list[tuple[CellValue, ...]] = []
    formulas: dict[Place, str] = {}
    cells = 0
    try:
        for number, record in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=separator), start=1):
            if number > limits.rows:
                raise TooManyRows(sheet=SHEET_NAME, limit=limits.rows)
            values = [field.replace("\r\n", "\n").replace("\r", "\n") or None for field in record]
            while values and values[-1] is None:
                values.pop()
            if len(values) > limits.columns:
                raise TooManyColumns(sheet=SHEET_NAME, limit=limits.columns)
            cells += len(values)
            if cells > limits.cells:
                raise TooManyCells(limit=limits.cells)
            for column, value in enumerate(values, start=1):
                if value is not None and value.startswith("="):
                    formulas[number, column] = value[:200]
            rows.append(tuple(values))
    except csv.Error as error:
        raise DamagedWorkbook from error
    return Sheet(SHEET_NAME, tuple(rows), formulas=formulas)


def _require_closed_quotes(text: str, separator: str) -> None:
    """A cell that never ends would swallow all rows after it. Raises UnclosedQuote."""
    records = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    row = 1
    try:
        while next(records, None) is not None:
            row += 1
    except csv.Error as error:
        if "unexpected end of data" in str(error):  # other liberties with quotes are read as Excel reads them
            raise UnclosedQuote(row=row) from error


def _decode(content: bytes) -> str:
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not _CONTROLS.isdisjoint(text[:_SAMPLE]):
            raise NotAWorkbook
        return text
    raise NotAWorkbook


def _separator(sample: str) -> str:
    """The separator under which the records agree on their number of columns, and that gives the most."""
    best, best_score = "", (False, 0)
    for separator in _SEPARATORS:
        widths: Counter[int] = Counter()
        try:
            for number, record in enumerate(csv.reader(io.StringIO(sample, newline=""), delimiter=separator)):
                widths[len(record)] += 1
                if number >= 50:
                    break
        except csv.Error:
            continue
        width, count = max(widths.items(), key=lambda item: (item[0] - 1) * item[1], default=(1, 0))
        score = (width > 1 and count >= 0.9 * widths.total(), (width - 1) * count)
        if score > best_score:
            best, best_score = separator, score
    if not best:
        raise NotAWorkbook
    return best
