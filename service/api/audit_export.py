"""The audit trail as files: JSON Lines for programs, CSV for spreadsheets (which take some cells for formulas)."""

import csv
import io
from collections.abc import Callable, Iterator
from typing import Any

import orjson

from service.api.answers import to_json

Batch = Callable[[int | None], tuple[list[dict[str, Any]], dict[str, str]]]
"""The events after a position, and the names of the people in them."""

COLUMNS: dict[str, tuple[str, str]] = {
    "position": ("Position", "Position"),
    "recorded_at": ("Connu le", "Known on"),
    "occurred_on": ("Vrai le", "True on"),
    "occurred_on_basis": ("Date d’après", "Date from"),
    "type": ("Type", "Type"),
    "label": ("Ce qui s’est passé", "What happened"),
    "kind": ("Objet", "Subject"),
    "ref": ("Référence", "Reference"),
    "title": ("Titre", "Title"),
    "changes": ("Avant et après", "Before and after"),
    "actor": ("Par", "By"),
    "actor_name": ("Nom", "Name"),
    "role": ("Rôle", "Role"),
    "on_behalf_of": ("Au nom de", "On behalf of"),
    "reason": ("Motif", "Reason"),
    "channel": ("Canal", "Channel"),
    "mends": ("Rectifie ou retire", "Mends"),
    "mended_by": ("Rectifié ou retiré par", "Mended by"),
    "event_id": ("Événement", "Event"),
    "subject_id": ("Identifiant de l’objet", "Subject id"),
    "correlation_id": ("Corrélation", "Correlation"),
    "causation_id": ("Cause", "Causation"),
}
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")


def safe_cell(value: Any) -> str:
    """The text of a cell; one that a spreadsheet would take for a formula begins with an apostrophe (OWASP)."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(DANGEROUS) or text.lstrip().startswith(("=", "+", "@")) else text


def batches(batch: Batch) -> Iterator[tuple[list[dict[str, Any]], dict[str, str]]]:
    """Every batch until the trail ends."""
    after = None
    while True:
        events, people = batch(after)
        if not events:
            return
        yield events, people
        after = events[-1]["position"]


def as_json_lines(batch: Batch, language: str) -> Iterator[bytes]:
    """One JSON object per line, with the names of the people it mentions."""
    for events, people in batches(batch):
        lines = []
        for event in events:
            mentioned = {event["actor"], (event["on_behalf_of"] or {}).get("id")}
            lines.append(to_json({**event, "people": {id: people[id] for id in mentioned if id in people}}) + b"\n")
        yield b"".join(lines)


def as_csv(batch: Batch, language: str) -> Iterator[bytes]:
    """Semicolons and a byte order mark, as French spreadsheets read it without asking (RFC 4180 otherwise)."""
    yield b"\xef\xbb\xbf" + _line([titles[0 if language == "fr" else 1] for titles in COLUMNS.values()])
    for events, people in batches(batch):
        yield b"".join(_line([_cell(event, name, people) for name in COLUMNS]) for event in events)


def _line(cells: list[str]) -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerow(cells)
    return out.getvalue().encode()


def _cell(event: dict[str, Any], name: str, people: dict[str, str]) -> str:
    match name:
        case "kind" | "ref" | "title":
            value = event["subject"][name]
        case "subject_id":
            value = event["subject"]["id"]
        case "actor_name":
            value = people.get(event["actor"])
        case "on_behalf_of":
            behalf = event["on_behalf_of"]
            value = people.get(behalf["id"], behalf["id"]) if behalf else None
        case "recorded_at":
            value = event[name].isoformat()
        case "mended_by":
            value = ", ".join(map(str, event[name]))
        case "changes":
            value = "\n".join(
                f"{field}: {_said(change['before'])} → {_said(change['after'])}"
                for field, change in event[name].items()
            )
        case _:
            value = event[name]
    return safe_cell(value)


def _said(value: Any) -> str:
    if value is None:
        return "—"
    return value if isinstance(value, str) else orjson.dumps(value).decode()
