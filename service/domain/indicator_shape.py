"""Which definitions of an indicator make sense: exact numbers, targets after the baseline and on its right side."""

from datetime import date
from decimal import Decimal

from service.domain.indicator_events import DatedValue, Direction
from service.domain.number import require_exact, require_weight
from service.domain.refusal import Invalid


class ToleranceNegative(Invalid):
    """A tolerance cannot be negative: {tolerance}."""

    FR = "Une tolérance ne peut pas être négative\u202f: {tolerance}."


class DelayNegative(Invalid):
    """An availability delay cannot be negative: {days} days."""

    FR = "Un délai de mise à disposition ne peut pas être négatif\u202f: {days} jours."


class TwoTargetsOneDay(Invalid):
    """There are two targets for {on}."""

    FR = "Il y a deux cibles pour le {on}."


class TargetNotAfterBaseline(Invalid):
    """The target of {on} does not come after the baseline, of {baseline_on}."""

    FR = "La cible du {on} ne vient pas après la valeur de référence, du {baseline_on}."


class TargetBelowBaseline(Invalid):
    """The indicator is to rise: its target {target} must lie above the baseline {baseline}."""

    FR = "L’indicateur doit monter\u202f: sa cible {target} doit dépasser la valeur de référence {baseline}."


class TargetAboveBaseline(Invalid):
    """The indicator is to fall: its target {target} must lie below the baseline {baseline}."""

    FR = "L’indicateur doit baisser\u202f: sa cible {target} doit être inférieure à la valeur de référence {baseline}."


def require_shape(
    *,
    direction: Direction,
    tolerance: Decimal | None,
    baseline: DatedValue | None,
    targets: tuple[DatedValue, ...],
    availability_delay_days: int,
    weight: Decimal,
) -> None:
    """The rules of a definition as a whole (DOMAIN section 2); only `hold` may target the baseline itself."""
    require_weight(weight)
    if availability_delay_days < 0:
        raise DelayNegative(pointer="/availability_delay_days", days=availability_delay_days)
    if tolerance is not None:
        require_exact(tolerance, "/tolerance")
        if tolerance < 0:
            raise ToleranceNegative(pointer="/tolerance", tolerance=tolerance)
    if baseline is not None:
        require_exact(baseline.value, "/baseline/value")
    seen: set[date] = set()
    for index, target in enumerate(targets):
        require_exact(target.value, f"/targets/{index}/value")
        if target.on in seen:
            raise TwoTargetsOneDay(pointer=f"/targets/{index}/on", on=target.on)
        seen.add(target.on)
        require_side(direction, baseline, target, f"/targets/{index}")


def require_side(direction: Direction, baseline: DatedValue | None, target: DatedValue, pointer: str = "") -> None:
    """A target comes after the baseline and, for `up` and `down`, lies on that side of it."""
    if baseline is None:
        return
    if target.on <= baseline.on:
        raise TargetNotAfterBaseline(pointer=f"{pointer}/on", on=target.on, baseline_on=baseline.on)
    if direction == "up" and target.value <= baseline.value:
        raise TargetBelowBaseline(pointer=f"{pointer}/value", target=target.value, baseline=baseline.value)
    if direction == "down" and target.value >= baseline.value:
        raise TargetAboveBaseline(pointer=f"{pointer}/value", target=target.value, baseline=baseline.value)


def fits(direction: Direction, baseline: DatedValue | None, targets: tuple[DatedValue, ...]) -> bool:
    """Whether these targets may stand with that direction and baseline."""
    try:
        for target in targets:
            require_side(direction, baseline, target)
    except Invalid:
        return False
    return True
