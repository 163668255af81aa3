"""What counts as the same words for a French reader who looks for them: « election » finds « Élection ».

Case, accents, ligatures, the shape of apostrophes and dashes, and the width of spaces make no difference. The text that
is looked into stays as it was written; the wanted words become a regular expression (PostgreSQL's advanced ones, and
Python's), so that every database answers alike, whatever its locale and its collations.
"""

import re
import unicodedata
from functools import cache

LATIN = "".join(map(chr, (*range(0x41, 0x180), *range(0x218, 0x21C))))
LIGATURES = {"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae"}
MARKS = "[\u0300-\u036f]*"
"""Accents that a text holds apart from their letters."""
ALIKE = ("'\u2018\u2019\u02bc", "-\u2010\u2011\u2012\u2013\u2014")
SPACES = "[ \t\r\n\u00a0\u2009\u202f]+"


def pattern(wanted: str) -> str:
    """The regular expression that finds `wanted`, anywhere in a text and however it is spelt."""
    bare = _bare(wanted) or wanted
    parts = []
    for word in re.findall("oe|ae|\\s+|.", bare, re.DOTALL):
        ligatures = "".join(sign for sign, letters in LIGATURES.items() if letters == word)
        if ligatures:
            parts.append(f"(?:{_letter(word[0])}{_letter(word[1])}|[{ligatures}])")
        else:
            parts.append(SPACES if word.isspace() else _letter(word))
    return "".join(parts)


def _bare(text: str) -> str:
    """Without accents and ligatures, in lower case."""
    for sign, letters in LIGATURES.items():
        text = text.replace(sign, letters)
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c)).lower()


@cache
def _letter(sign: str) -> str:
    """Every spelling of one sign."""
    if not sign.isalpha():
        return next((f"[{alike}]" for alike in ALIKE if sign in alike), re.escape(sign))
    spellings = {sign, sign.upper(), *(other for other in LATIN if _bare(other) == sign)}
    return f"[{''.join(sorted(each for each in spellings if len(each) == 1))}]{MARKS}"
