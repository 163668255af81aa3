"""Text that others put on one line: in a header of a mail, in a property of a calendar."""

import re

BREAKS = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+")
TURNS = re.compile(r"[\u202a-\u202e\u2066-\u2069]")
"""Marks that turn the direction of writing: they show other words than those that are there."""
SHORTENED = "…"


def one_line(text: str, most: int | None = None) -> str:
    """The text without line breaks and control characters, of `most` characters; spaces that do not break stay."""
    line = BREAKS.sub(" ", TURNS.sub("", text)).strip()
    if most is None or len(line) <= most:
        return line
    head = line[: most - 1]
    return (head.rpartition(" ")[0] or head).rstrip(" ,;:\u202f") + SHORTENED
