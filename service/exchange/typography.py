"""French typography for the sentences this package says: sources stay plain ASCII punctuation, readers see
good French.

The text that a user typed never passes through here: it is inserted afterwards, untouched.
"""

from service.domain.words import french, french_figures


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
