"""One line of the table: what was measured, against what, and whether its goal is met."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any


@dataclass(frozen=True)
class Row:
    """`ratio` is value over baseline where there is one; `spread` is (smallest, largest) over the runs, of the ratio
    where there is one, else of the value."""

    name: str
    value: float
    unit: str
    goal: str
    goal_met: bool
    baseline: float | None = None
    ratio: float | None = None
    spread: tuple[float, float] | None = None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def as_line(self) -> str:
        against = f" / {self.baseline:.4g} = {self.ratio:.3g}" if self.baseline is not None and self.ratio else ""
        spread = f"  ({self.spread[0]:.3g} … {self.spread[1]:.3g})" if self.spread else ""
        mark = "✓" if self.goal_met else "✗"
        return f"{mark} {self.name:<70} {self.value:>9.4g} {self.unit:<9}{against:<22} goal {self.goal}{spread}"


def paired(
    name: str, unit: str, pairs: Sequence[tuple[float, float]], *, at_least: float = 0, at_most: float = 0
) -> Row:
    """The row of runs that alternated (ours, baseline): medians, and the median and spread of the ratios."""
    ratios = [ours / baseline for ours, baseline in pairs]
    ratio = median(ratios)
    met = ratio >= at_least if at_least else not at_most or ratio <= at_most
    goal = f">= {at_least:g}x" if at_least else f"<= {at_most:g}x" if at_most else "shown"
    return Row(
        name,
        median(ours for ours, _ in pairs),
        unit,
        goal,
        met,
        baseline=median(baseline for _, baseline in pairs),
        ratio=ratio,
        spread=(min(ratios), max(ratios)),
    )


def alone(name: str, unit: str, values: Sequence[float], *, at_least: float = 0, at_most: float = 0) -> Row:
    """The row of a figure that is compared with nothing; without a bound it is shown, and met."""
    value = median(values)
    if at_least:
        goal, met = f">= {at_least:g} {unit}", value >= at_least
    elif at_most:
        goal, met = f"<= {at_most:g} {unit}", value <= at_most
    else:
        goal, met = "shown", True
    return Row(name, value, unit, goal, met, spread=(min(values), max(values)) if len(values) > 1 else None)
