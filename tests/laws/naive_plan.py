"""The action plan worked out a second time: its rows, and each part with its figures, its weather and its last news."""

from collections import Counter
from typing import Any

from tests.laws.naive_past import Past, is_open
from tests.laws.naive_places import axis_of, parts_of
from tests.laws.naive_progress import of_action, rolled_up, shown
from tests.laws.naive_registers import GRAVITY
from tests.laws.naive_standing import Thing
from tests.laws.naive_weather import weather

STATUSES = ("proposed", "planned", "in_progress", "paused", "done", "abandoned")
OPEN = STATUSES[:4]
TELLING = ("transformation", "axis", "workstream", "phase", "action", "milestone", "obstacle", "indicator")


def actions(past: Past) -> dict[str, Any]:
    """Every action by reference, sub-actions too."""
    return {
        f"A-{a['ref']}": {
            **past.promise(a),
            "axis": axis_of(past, a),
            "blockers": sorted(past.blockers(a)),
            "progress": shown(of_action(past, a)),
        }
        for a in past.of("action")
    }


def parts(past: Past) -> dict[str, Any]:
    """The plan as a whole, by axis, workstream and phase; only actions of the top level are counted."""
    names = ["total", "axis None", "phase None"]
    names += [f"{kind} {it['id']}" for kind in ("axis", "workstream", "phase") for it in past.of(kind)]
    contents: dict[str, list[Thing]] = {name: [] for name in names}
    news: dict[str, int] = dict.fromkeys(names, 0)
    for id, it in past.ever.items():
        if it["concept"] in (*TELLING, "status_report"):
            for name in parts_of(past, it):
                news[name] = max(news.get(name, 0), past.last[id]["position"])
                if id in past.all and name in contents:
                    contents[name].append(it)
    return {name: {**figures(past, name, contents[name]), "last_change": news[name] or None} for name in names}


def figures(past: Past, name: str, contents: list[Thing]) -> dict[str, Any]:
    tops = [it for it in contents if it["concept"] == "action" and it["parent_id"] is None]
    opened = [(past.promise(a), past.blockers(a)) for a in tops if a["status"] in OPEN]
    statuses = Counter(a["status"] for a in tops)
    return {
        "counts": {status: statuses[status] for status in STATUSES},
        "open": len(opened),
        "abandoned": statuses["abandoned"],
        "late": sum(promise["late"] for promise, _ in opened),
        "overdue": sum(promise["overdue"] for promise, _ in opened),
        "blocked": sum(bool(stopped) for _, stopped in opened),
        "progress": shown(rolled_up(past, tops)),
        "open_obstacles": sorted(
            (f"O-{o['ref']}", GRAVITY[o["impact"] * o["urgency"]])
            for o in contents
            if o["concept"] == "obstacle" and is_open(o)
        ),
        "weather": weather(past, name.partition(" ")[2], contents),
    }


def tree(past: Past) -> dict[str, Any]:
    """What each workstream is shown under: another workstream, an axis or nothing; and as what."""
    return {
        f"X-{w['ref']}": (w["parent_id"] or w["axis_id"], w["status"], w.get("priority")) for w in past.of("workstream")
    }
