"""The indicators worked out a second time (DOMAIN section 2, Indicators): how far, on track, stale, and their rates."""

from calendar import monthrange
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from tests.laws.naive_past import Past, mean, number
from tests.laws.naive_standing import Thing

MONTHS = {"monthly": 1, "quarterly": 3, "half_yearly": 6, "yearly": 12}
Point = tuple[str, Fraction]
"""A day, and a value on it."""


def board(past: Past) -> dict[str, Any]:
    families = {}
    for family in ("doing", "being", "benefit"):
        members = [i for i in past.of("indicator") if i["family"] == family]
        followed = [i for i in members if i["status"] == "defined"]
        families[family] = {
            "rate": rate(members),
            "stale_count": sum(stale(past, i) for i in followed),
            "off_track_count": sum(on_track(i) is False for i in followed),
            "indicators": {f"I-{i['ref']}": indicator(past, i) for i in members},
        }
    return families


def indicator(past: Past, i: Thing) -> dict[str, Any]:
    last, (value, rule) = last_of(i), progress(i)
    return {
        "status": i["status"],
        "last": last and (last[0], number(last[1])),
        "series": series(i),
        "pending": len(i["proposed"]),
        "progress": (number(value), rule),
        "on_track": on_track(i),
        "expected": number(expected(i, past.today)),
        "stale": stale(past, i),
        "value_due_on": value_due_on(i),
        "previous_cycle": number(since_last_cycle(i)),
        "applicable": applicable(i),
    }


def series(i: Thing) -> list[Any]:
    """By the days on which the values were true; what lies before the baseline is history."""
    start = i["baseline"]["on"] if i["baseline"] else ""
    return [(on, number(m["value"]), m["event_id"], m["by"], on < start) for on, m in sorted(i["measures"].items())]


def trajectory(past: Past, i: Thing) -> list[Any]:
    """The series beside what was expected on each day."""
    return [(on, number(m["value"]), number(expected(i, on))) for on, m in sorted(i["measures"].items())]


def points(i: Thing) -> list[Point]:
    """The baseline, if there is one, and the targets in the order of their days."""
    dated = [i["baseline"]] if i["baseline"] else []
    return [(p["on"], Fraction(p["value"])) for p in (*dated, *sorted(i["targets"], key=lambda t: str(t["on"])))]


def goal(i: Thing) -> Fraction | None:
    """The final target; what is held without one is the baseline itself."""
    return points(i)[-1][1] if i["targets"] or (i["direction"] == "hold" and i["baseline"]) else None


def last_of(i: Thing) -> Point | None:
    """The last value by its day, unless it is history."""
    if not i["measures"]:
        return None
    on = max(i["measures"])
    counts = not i["baseline"] or on >= i["baseline"]["on"]
    return (on, Fraction(i["measures"][on]["value"])) if counts else None


def held(i: Thing, actual: Fraction, wanted: Fraction) -> bool:
    return abs(actual - wanted) <= Fraction(i["tolerance"] or 0)


def progress(i: Thing) -> tuple[Fraction | None, str]:
    """(actual - baseline) / (target - baseline), unclamped; `hold` is 1 inside its tolerance, 0 outside."""
    last, target = last_of(i), goal(i)
    if not i["baseline"]:
        return None, "no_baseline"
    if target is None:
        return None, "no_target"
    if last is None:
        return None, "no_measure"
    if i["direction"] == "hold":
        return Fraction(held(i, last[1], target)), "inside_tolerance"
    start = Fraction(i["baseline"]["value"])
    return (last[1] - start) / (target - start), "share_of_the_way"


def expected(i: Thing, on: str) -> Fraction | None:
    """On the straight line to the next dated target, and the last one from then on; `hold` has no line."""
    if not i["baseline"] or goal(i) is None or on < i["baseline"]["on"]:
        return None
    before = points(i)[0]
    for after in points(i)[1:]:
        if on <= after[0]:
            if i["direction"] == "hold" or on == after[0]:
                return after[1]
            gone, whole = ((date.fromisoformat(d) - date.fromisoformat(before[0])).days for d in (on, after[0]))
            return before[1] + (after[1] - before[1]) * Fraction(gone, whole)
        before = after
    return before[1]


def on_track(i: Thing) -> bool | None:
    """The last value compared with what was expected on its day."""
    last = last_of(i)
    wanted = expected(i, last[0]) if last else None
    if last is None or wanted is None:
        return None
    if i["direction"] == "hold":
        return held(i, last[1], wanted)
    return last[1] >= wanted if i["direction"] == "up" else last[1] <= wanted


def period(on: date, cadence: str) -> tuple[date, date] | None:
    """The first and the last day of the week (from Monday), the month, the quarter …; `once` has none."""
    if cadence == "weekly":
        monday = on - timedelta(days=on.weekday())
        return monday, monday + timedelta(days=6)
    if cadence == "once":
        return None
    span = MONTHS[cadence]
    first = (on.month - 1) // span * span + 1
    return date(on.year, first, 1), date(on.year, first + span - 1, monthrange(on.year, first + span - 1)[1])


def value_due_on(i: Thing) -> str | None:
    """The end of the next period and the delay; never measured, it counts from the baseline. `once`: by its target."""
    if i["status"] != "defined":
        return None
    last, delay = last_of(i), timedelta(days=i["availability_delay_days"])
    since = date.fromisoformat(last[0] if last else i["baseline"]["on"] if i["baseline"] else i["born"])
    now = period(since, i["cadence"])
    if now is None:
        return None if last or not i["targets"] else str(date.fromisoformat(points(i)[-1][0]) + delay)
    following = period(now[1] + timedelta(days=1), i["cadence"])
    return str(following[1] + delay) if following else None


def stale(past: Past, i: Thing) -> bool:
    due = value_due_on(i)
    return due is not None and past.today > due


def since_last_cycle(i: Thing) -> Fraction | None:
    """The last value minus the last one of the same period a year before."""
    if not i["measures"]:
        return None
    on = max(i["measures"])
    day = date.fromisoformat(on)
    then = date(day.year - 1, day.month, min(day.day, monthrange(day.year - 1, day.month)[1]))
    first, last = period(then, i["cadence"]) or (then, then)
    earlier = [d for d in i["measures"] if str(first) <= d <= str(last)]
    value = Fraction(i["measures"][on]["value"])
    return value - Fraction(i["measures"][max(earlier)]["value"]) if earlier else None


def applicable(i: Thing) -> bool:
    """Followed, with something to reach and a weight."""
    return i["status"] == "defined" and Fraction(i["weight"]) > 0 and bool(i["targets"] or i["direction"] == "hold")


def rate(members: list[Thing]) -> tuple[float | None, int, int]:
    """The weighted mean of what lies between 0 and 1, only if every applicable one has a value; and k of n."""
    counted = [(progress(i)[0], Fraction(i["weight"])) for i in members if applicable(i)]
    known = [(min(max(value, Fraction(0)), Fraction(1)), weight) for value, weight in counted if value is not None]
    value = mean(known) if len(known) == len(counted) else None
    return number(value), len(known), len(counted)
