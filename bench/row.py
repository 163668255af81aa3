"""One line of the table: what was measured, against what, and whether its goal is met."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Row:
    """`ratio` is value over baseline where there is one; `spread` is (smallest, largest) over the runs."""

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
        spread = f"  ({self.spread[0]:.4g} … {self.spread[1]:.4g})" if self.spread else ""
        mark = "✓" if self.goal_met else "✗"
        return f"{mark} {self.name:<60} {self.value:>9.4g} {self.unit:<4} goal {self.goal}{spread}"
