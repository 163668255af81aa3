"""French typography for the sentences this package says: sources stay plain ASCII punctuation, readers see
good French.

The text that a user typed never passes through here: it is inserted afterwards, untouched.
"""

import re

NARROW_SPACE = "\u202f"
_BEFORE = re.compile(r" ([;:!?»])")
_AFTER = re.compile(r"« ")
_THOUSANDS = re.compile(r"(?<=\d) (?=\d{3}(?!\d))")


def french(template: str) -> str:
    """The template with typographic apostrophes and narrow no-break spaces where French wants them."""
    text = template.replace("'", "\u2019")
    text = _BEFORE.sub(NARROW_SPACE + r"\1", text)
    text = _AFTER.sub("«" + NARROW_SPACE, text)
    return _THOUSANDS.sub(NARROW_SPACE, text)


def say(template: str, **facts: object) -> str:
    """A French sentence: the template in good typography, then the facts inserted as they are."""
    return french(template).format(**facts)
