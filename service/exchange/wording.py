"""How two texts are found to be the same: for headings and choices (`fold`), and for the identity of a row
(`identity`).
"""

import difflib
import re
import unicodedata
from collections.abc import Iterable


def fold(text: str) -> str:
    """Only letters and digits, small, without accents: « Élu·e référent·e » and "elu.e referent.e" are one
    heading.
    """
    plain = unicodedata.normalize("NFKD", text.casefold())
    kept = (c if c.isalnum() else " " for c in plain if not unicodedata.combining(c))
    return " ".join("".join(kept).split())


_LINE_BREAKS = re.compile("\r\n|[\x0b\x0c\x85\u2028\u2029]")


def identity(text: str) -> str:
    """NFKC, small letters, single spaces, straight apostrophes. Accents are kept: « retraité » is not «
    retraite ».
    """
    plain = unicodedata.normalize("NFKC", text).casefold().replace("\u2019", "'")
    return " ".join(unicodedata.normalize("NFKC", plain).split())


def as_one_name(name: str) -> str:
    """A name as a cell of several can hold it: without the characters that would cut it in two when read again."""
    return " ".join(name.replace(",", " ").replace(";", " ").split())


def plain_breaks(text: str) -> str:
    """Every way to end a line as the one of our files."""
    return _LINE_BREAKS.sub("\n", text)


def nearest(text: str, words: Iterable[str]) -> str | None:
    """The word most like the text, when one is like it enough to be worth suggesting."""
    folded = {fold(word): word for word in words}
    close = difflib.get_close_matches(fold(text)[:100], folded, n=1, cutoff=0.6)
    return folded[close[0]] if close else None
