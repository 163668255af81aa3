"""The closed lists of the plan workbook, and the words that people write for them. What they mean is the
domain's affair.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from service.exchange.problem import Unreadable
from service.exchange.typography import say
from service.exchange.wording import fold, nearest


@dataclass(frozen=True)
class Choice:
    """A drop-down: its words in their canonical spelling, other spellings of them, and near misses worth a
    suggestion.
    """

    words: tuple[str, ...]
    spellings: Mapping[str, str]
    meant: Mapping[str, str]

    @cached_property
    def known(self) -> Mapping[str, str]:
        """Folded text -> canonical word."""
        return {fold(word): word for word in self.words} | {fold(text): word for text, word in self.spellings.items()}

    @cached_property
    def suspected(self) -> Mapping[str, str]:
        """Folded text -> the word it probably stands for."""
        return {fold(text): word for text, word in self.meant.items()}


STATUSES = Choice(
    words=("À venir", "À discuter", "En cours", "Réalisé", "En retard", "En pause", "Bloqué", "Abandonné"),
    spellings={"réalisée": "Réalisé", "bloquée": "Bloqué", "abandonnée": "Abandonné"},
    meant={
        "terminé": "Réalisé",
        "terminée": "Réalisé",
        "fini": "Réalisé",
        "fait": "Réalisé",
        "clos": "Réalisé",
        "en attente": "En pause",
        "suspendu": "En pause",
        "non démarré": "À venir",
        "non commencé": "À venir",
        "à faire": "À venir",
        "prévu": "À venir",
        "planifié": "À venir",
        "annulé": "Abandonné",
        "démarré": "En cours",
        "commencé": "En cours",
    },
)

PRIORITIES = Choice(
    words=("Élevé", "Moyen", "Bas"),
    spellings={"élevée": "Élevé", "moyenne": "Moyen", "basse": "Bas"},
    meant={
        "haute": "Élevé",
        "haut": "Élevé",
        "forte": "Élevé",
        "urgent": "Élevé",
        "faible": "Bas",
        "normale": "Moyen",
    },
)

PARTICIPATIONS = (
    "Pas de participation citoyenne",
    "Information",
    "Consultation",
    "Concertation",
    "Co-construction",
)

_TRUE = frozenset(("vrai", "true", "1", "oui", "o", "yes", "x"))
_FALSE = frozenset(("faux", "false", "0", "non", "n", "no"))


def read_choice(text: str, choice: Choice) -> str:
    """The canonical word; case, accents and outer spaces do not count. Raises Unreadable with the nearest
    word.
    """
    wanted = fold(text)
    if word := choice.known.get(wanted):
        return word
    near = choice.suspected.get(wanted) or nearest(text, choice.words)
    listed = ", ".join(choice.words)
    if near:
        advice = say("Vouliez-vous dire « {near} » ? Les valeurs admises sont : {listed}.", near=near, listed=listed)
    else:
        advice = say("Choisissez une valeur de la liste : {listed}.", listed=listed)
    raise Unreadable("unknown_choice", say("Cette valeur n'est pas dans la liste."), advice)


def read_boolean(value: str | float | bool) -> bool:
    """VRAI or FAUX, and what people write instead. Raises Unreadable."""
    if isinstance(value, bool):
        return value
    written = fold(value if isinstance(value, str) else f"{value:g}")
    if written in _TRUE:
        return True
    if written in _FALSE:
        return False
    raise Unreadable(
        "not_a_boolean",
        say("Cette valeur n'est ni VRAI ni FAUX."),
        say("Écrivez VRAI ou FAUX, ou laissez la cellule vide."),
    )
