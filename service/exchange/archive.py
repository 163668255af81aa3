"""The zip of an .xlsx opened with care: bounded inflation, one meaning only, and a clean copy for the fast
reader.

The reader is never given the stranger's zip: it gets a copy made of the very parts that were inflated and
scanned here, so that no trick of the container (false sizes, doubled names, two directories) can show it
something else.
"""

import io
import posixpath
import struct
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from xml.parsers import expat

from service.exchange.limits import MEGABYTE, Limits
from service.exchange.refusal import (
    CompressionBomb,
    DamagedWorkbook,
    NotAWorkbook,
    OtherSpreadsheet,
    PasswordProtected,
    TooManyCells,
)
from service.exchange.sheet_scan import SheetScan, check_xml, local, parse_xml, scan_sheet, shared_lengths

_LOCAL_HEADER = struct.Struct("<4s5H3L2H")
_UNUSED = (
    "docprops/",
    "customxml/",
    "xl/theme/",
    "xl/media/",
    "xl/drawings/",
    "xl/comments",
    "xl/threadedcomments/",
    "xl/persons/",
    "xl/charts/",
    "xl/tables/",
    "xl/pivot",
    "xl/printersettings/",
    "xl/externallinks/",
    "xl/calcchain",
)
_WORKBOOK = "xl/workbook.xml"
_RELATIONS = "xl/_rels/workbook.xml.rels"
_SHARED = "xl/sharedstrings.xml"


@dataclass(frozen=True, slots=True)
class Archive:
    """The clean copy, and what the scan learned: one entry per sheet in the workbook's order, None for a
    chart.
    """

    copy: io.BytesIO
    scans: tuple[tuple[str, SheetScan | None], ...]
    uses_1904: bool


def open_archive(content: bytes, limits: Limits) -> Archive:
    """Inflate within the limits, scan every sheet, and copy. Raises the refusal that fits, never a
    library's error.
    """
    parts = _inflate(content, limits)
    by_lower = {name.lower(): data for name, data in parts.items()}
    sheets, uses_1904 = _list_sheets(by_lower[_WORKBOOK])
    targets = _relations(by_lower.get(_RELATIONS, b"<r/>"))
    shared = by_lower.get(_SHARED)
    lengths = shared_lengths(shared) if shared is not None else []
    scans: list[tuple[str, SheetScan | None]] = []
    scanned: set[str] = {_WORKBOOK, _RELATIONS, _SHARED}
    cells = text = 0
    for name, relation in sheets:
        target = targets.get(relation)
        if target is None or target not in by_lower:
            raise DamagedWorkbook
        if not target.startswith("xl/worksheets/"):
            scans.append((name, None))
            continue
        scan = scan_sheet(by_lower[target], name, lengths, limits)
        scanned.add(target)
        scans.append((name, scan))
        cells += scan.last_row * scan.last_column
        text += scan.shared_text
        if cells > limits.cells:
            raise TooManyCells(limit=limits.cells)
        if text > limits.inflated_size:
            raise CompressionBomb(limit=limits.inflated_size // MEGABYTE)
    for name, data in by_lower.items():
        if name not in scanned:
            check_xml(data)
    by_lower.clear()
    return Archive(_copy(parts), tuple(scans), uses_1904)


def _inflate(content: bytes, limits: Limits) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as container:
            entries = container.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, struct.error, NotImplementedError) as error:
        raise DamagedWorkbook from error
    if len(entries) > limits.parts:
        raise CompressionBomb(limit=limits.inflated_size // MEGABYTE)
    names = {entry.filename.lower() for entry in entries}
    _check_kind(names, content)
    parts: dict[str, bytes] = {}
    seen: set[str] = set()
    left = limits.inflated_size
    for entry in entries:
        name = entry.filename.lower()
        if not name.endswith((".xml", ".rels")) or name.startswith(_UNUSED):
            continue
        if name in seen:
            raise DamagedWorkbook
        seen.add(name)
        data = _inflate_part(content, entry, left, limits)
        left -= len(data)
        parts[entry.filename] = data
    return parts


def _check_kind(names: Iterable[str], content: bytes) -> None:
    held = set(names)
    if _WORKBOOK in held:
        return
    if "xl/workbook.bin" in held:
        raise OtherSpreadsheet(format=".xlsb")
    if "mimetype" in held and b"opendocument.spreadsheet" in content[:200]:
        raise OtherSpreadsheet(format=".ods")
    if "index/document.iwa" in held:
        raise OtherSpreadsheet(format=".numbers")
    raise NotAWorkbook


def _inflate_part(content: bytes, entry: zipfile.ZipInfo, left: int, limits: Limits) -> bytes:
    """One part, exactly as long as it says, never longer than what is left of the budget."""
    if entry.flag_bits & 0x1:
        raise PasswordProtected
    packed, size = entry.compress_size, entry.file_size
    if size > left or (size > limits.ratio_floor and size > packed * limits.compression_ratio):
        raise CompressionBomb(limit=limits.inflated_size // MEGABYTE)
    try:
        header = _LOCAL_HEADER.unpack_from(content, entry.header_offset)
    except struct.error as error:
        raise DamagedWorkbook from error
    start = entry.header_offset + _LOCAL_HEADER.size + header[-2] + header[-1]
    raw = memoryview(content)[start : start + packed]
    if header[0] != b"PK\x03\x04" or len(raw) != packed:
        raise DamagedWorkbook
    if entry.compress_type == zipfile.ZIP_STORED:
        data = bytes(raw)
    elif entry.compress_type == zipfile.ZIP_DEFLATED:
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            data = inflater.decompress(raw, size + 1)
        except zlib.error as error:
            raise DamagedWorkbook from error
    else:
        raise DamagedWorkbook
    if len(data) > size:
        raise CompressionBomb(limit=limits.inflated_size // MEGABYTE)
    if len(data) != size or zlib.crc32(data) != entry.CRC:
        raise DamagedWorkbook
    return data


def _list_sheets(data: bytes) -> tuple[list[tuple[str, str]], bool]:
    """Name and relation of each sheet, in order, and whether the workbook counts its days from 1904."""
    sheets: list[tuple[str, str]] = []
    uses_1904 = False

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal uses_1904
        tag = local(name)
        if tag == "sheet":
            relation = next((value for key, value in attributes.items() if key.endswith(":id")), "")
            sheets.append((attributes.get("name", ""), relation))
        elif tag == "workbookPr":
            uses_1904 = attributes.get("date1904", "").lower() in ("1", "true", "on")

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parse_xml(data, parser)
    return sheets, uses_1904


def _relations(data: bytes) -> dict[str, str]:
    """Relation id -> part, in small letters."""
    targets: dict[str, str] = {}

    def start(name: str, attributes: dict[str, str]) -> None:
        if local(name) == "Relationship":
            target = attributes.get("Target", "")
            path = target.lstrip("/") if target.startswith("/") else posixpath.join("xl", target)
            targets[attributes.get("Id", "")] = posixpath.normpath(path).lower()

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parse_xml(data, parser)
    return targets


def _copy(parts: dict[str, bytes]) -> io.BytesIO:
    """A zip of the parts, which it empties on the way so that they are not held twice."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as container:
        for name in list(parts):
            container.writestr(zipfile.ZipInfo(name), parts.pop(name))
    buffer.seek(0)
    return buffer
