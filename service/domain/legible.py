"""What leaves a mark on a page: a text of which nothing can be seen is no text, by whatever door it comes in."""

import unicodedata

UNSEEN = {"Cc", "Cf", "Zl", "Zp", "Zs"}
"""Categories of Unicode whose characters leave no mark on a page: a text of these alone is an empty one."""
BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and symbols that are drawn as nothing: the fillers of Hangul, Braille without a dot."""


def is_seen(text: str) -> bool:
    """Whether a reader sees anything of it."""
    return not all(unicodedata.category(character) in UNSEEN or character in BLANKS for character in text)
