"""French typography for the sentences this package says: sources stay plain ASCII punctuation, readers see
good French.

The text that a user typed never passes through here: it is inserted afterwards, untouched.
"""

import re

from service.domain.words import french_figures

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
    """A French sentence: the template in good typography, then the facts inserted as they are, but long numbers, which
    are cut in threes.
    """
    return french(template).format(**{name: figures(fact) for name, fact in facts.items()})


def figures(fact: object) -> object:
    """A whole number as a sentence writes it; anything else as it is."""
    return _Figures(fact) if isinstance(fact, int) and not isinstance(fact, bool) else fact


class _Figures(int):
    """Written in threes where nothing else is asked for."""

    def __format__(self, spec: str) -> str:
        return super().__format__(spec) if spec else french_figures(self)
