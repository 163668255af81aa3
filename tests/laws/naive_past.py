"""What stood after some events, for one person: the ground on which every view is worked out a second time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from tests.laws.naive_events import Told, effective, histories, taken_back
from tests.laws.naive_standing import Thing, standing

FIXED = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
MOVING = {
    date(2026, 4, 6),
    date(2026, 5, 14),
    date(2026, 5, 25),
    date(2027, 3, 29),
    date(2027, 5, 6),
    date(2027, 5, 17),
}
PLACES = 9
"""Figures are worked out in fractions here; as JSON has them they are equal to so many decimals."""


def days(a: str, b: str) -> int:
    return (date.fromisoformat(b) - date.fromisoformat(a)).days


def working_days(a: str, b: str) -> int:
    """Signed, half-open, after the earlier date."""
    first, last = sorted(map(date.fromisoformat, (a, b)))
    between = (first + timedelta(n) for n in range(1, (last - first).days + 1))
    found = sum(day.weekday() < 5 and (day.month, day.day) not in FIXED and day not in MOVING for day in between)
    return found if a <= b else -found


def mean(weighted: Iterable[tuple[Fraction, Fraction]]) -> Fraction | None:
    """Of values with their weights; there is none of what weighs nothing."""
    pairs = list(weighted)
    whole = sum(weight for _, weight in pairs)
    return sum((value * weight for value, weight in pairs), Fraction()) / whole if whole else None


def number(value: Any) -> float | None:
    """A figure as two computations may compare it."""
    return None if value is None else round(float(value), PLACES)


@dataclass
class Past:
    """What stood after these events, for who may not see `unseen`; `today` is the day of the last of them."""

    told: list[Told]
    unseen: set[str]

    def __post_init__(self) -> None:
        self.today: str = self.told[-1]["today"] if self.told else ""
        self.last = {event["stream"]: event for event in self.told}
        """The last event of each object, whatever it was."""
        gone = {id for id, history in histories(self.told).items() if history[0]["event_id"] in taken_back(history)}
        things = [standing(history) for history in effective(self.told, gone_too=True)]
        self.ever = {it["id"]: it for it in things if it["id"] not in self.unseen}
        """What was taken back too: its withdrawal is news of the place where it stood."""
        self.all = {id: it for id, it in self.ever.items() if id not in gone}

    def of(self, kind: str) -> list[Thing]:
        return [it for it in self.all.values() if it["concept"] == kind]

    def promise(self, it: Thing) -> dict[str, Any]:
        """Late, overdue and both slippages of an action or a milestone."""
        baselines, today = it["baselines"], self.today
        due: str = it.get("due_on") or it.get("end_on") or (baselines[-1] if baselines else "")
        given_up = it["status"] in ("cancelled", "abandoned")
        awaited = bool(due) and it["real"] is None and not given_up
        overdue = awaited and today > due
        compared = it["real"] or max(due or today, today)
        measured = [] if given_up else baselines
        slips = {baseline: (days(baseline, compared), working_days(baseline, compared)) for baseline in measured}
        return {
            "status": it["status"],
            "late": overdue or (awaited and bool(baselines) and due > baselines[-1]),
            "overdue": overdue,
            "slippage": slips[measured[-1]] if measured else None,
            "original_slippage": slips[measured[0]] if measured else None,
        }

    def blockers(self, action: Thing) -> set[str]:
        """The open obstacles in the way of an action or of the one that it is a part of."""
        stopped = {action["id"], action["parent_id"]}
        return {
            o["id"]
            for o in self.of("obstacle")
            if is_open(o) and any(t["kind"] == "action" and t["id"] in stopped for t in o["blocks"])
        }


def is_open(obstacle: Thing) -> bool:
    """Not lifted, nor found to be none."""
    return obstacle["status"] in ("raised", "active", "postponed")


def hidden(told: Iterable[Told], person: str | None) -> set[str]:
    """The ids that a person may not see, by the rights of today: what is restricted, and not their own. None sees all.

    An object taken back stays as restricted as it was; so is a note beside an object that they may not see.
    """
    if person is None:
        return set()
    things = [standing(history) for history in effective(told, gone_too=True)]
    unseen = {
        it["id"]
        for it in things
        if it.get("visibility") == "restricted"
        and person not in (it.get("owner"), (it.get("authority") or {}).get("id"), it["concept"] == "note" and it["by"])
    }
    return unseen | {it["id"] for it in things if it["concept"] == "note" and it["subject"]["id"] in unseen}
