"""An explained figure: never a bare number, always with the rule, the inputs and the coverage it rests on."""

from collections.abc import Iterable
from decimal import Context, Decimal
from typing import Any

from service.domain.event import Value

EXACT = Context(prec=28)
"""The arithmetic of figures, so that none depends on the context of a thread."""


class Coverage(Value):
    """Of `of` inputs that should count, `known` have a value."""

    known: int
    of: int


class Explained(Value):
    """Why: `rule` is a stable word, put into French by `RULES`; `inputs` is what it was applied to."""

    rule: str
    inputs: dict[str, Any]
    coverage: Coverage


class Figure(Explained):
    """A computed number, or None if it is unknown: unknown is never 0."""

    value: Decimal | None


class Answer(Explained):
    """A computed yes or no, or None if it is unknown."""

    value: bool | None


RULES: dict[str, str] = {
    # progress of actions
    "done": "Réalisée\u202f: l’avancement est complet.",
    "mean_of_parts": "Moyenne pondérée des jalons (atteint 1, sinon 0\u202f; sans les annulés) et des sous-actions.",
    "declared": "Avancement déclaré, à sa date.",
    "nothing_known": "Ni jalon, ni sous-action, ni avancement déclaré\u202f: inconnu.",
    "mean_of_known": "Moyenne pondérée des actions dont l’avancement est connu, sans les abandonnées.",
    "none_known": "Aucune action dont l’avancement soit connu\u202f: inconnu.",
    # indicators
    "share_of_the_way": "(valeur − référence) / (cible finale − référence), sans bornage.",
    "inside_tolerance": "Maintien\u202f: 1 dans la tolérance autour de la cible, 0 en dehors.",
    "no_baseline": "Aucune valeur de référence\u202f: inconnu.",
    "no_target": "Aucune cible\u202f: inconnu.",
    "no_measure": "Aucune mesure depuis la date de référence\u202f: inconnu.",
    "compared_with_interpolation": "Valeur comparée à l’interpolation vers la prochaine cible, à la date de la mesure.",
    "compared_with_hold": "Valeur comparée à la cible à maintenir, à la tolérance près.",
    "mean_of_clamped": "Moyenne pondérée des avancements ramenés entre 0 et 1.",
    "incomplete": "Il manque au moins une valeur\u202f: la moyenne n’est pas donnée.",
    "past_next_period": "Périmé après la fin de la période suivante, plus le délai de mise à disposition.",
    "never_due": "Aucune valeur n’est attendue.",
    "minus_previous_cycle": "Dernière valeur moins celle de la même période du cycle d’activité précédent.",
    "no_previous_cycle": "Aucune valeur pour la même période du cycle d’activité précédent.",
}
"""The rules in French, for every screen that answers « pourquoi\u202f? »."""


def ratio(part: Decimal, whole: Decimal) -> Decimal:
    """Their quotient, to 28 significant digits."""
    return EXACT.divide(part, whole)


def weighted_mean(weighted: Iterable[tuple[Decimal, Decimal]]) -> Decimal | None:
    """The mean of (value, weight) pairs. None if they weigh nothing together."""
    total = weight_sum = Decimal(0)
    for value, weight in weighted:
        total = EXACT.add(total, EXACT.multiply(value, weight))
        weight_sum = EXACT.add(weight_sum, weight)
    return ratio(total, weight_sum) if weight_sum else None


def figure(value: Decimal | None, rule: str, **inputs: Any) -> Figure:
    """A figure that rests on one object, which has a value or not."""
    return Figure(value=value, rule=rule, inputs=inputs, coverage=Coverage(known=int(value is not None), of=1))


def answer(value: bool | None, rule: str, **inputs: Any) -> Answer:
    """An answer that rests on one object, which has a value or not."""
    return Answer(value=value, rule=rule, inputs=inputs, coverage=Coverage(known=int(value is not None), of=1))
