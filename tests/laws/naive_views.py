"""The composed views worked out a second time, by the rules of DOMAIN, from what stood after the raw events."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from tests.laws.naive_events import Told, effective, standing

FIXED = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
MOVING = {
    date(2026, 4, 6),
    date(2026, 5, 14),
    date(2026, 5, 25),
    date(2027, 3, 29),
    date(2027, 5, 6),
    date(2027, 5, 17),
}
STATUSES = ("proposed", "planned", "in_progress", "paused", "done", "abandoned")
OPEN = STATUSES[:4]


def working_days(a: date, b: date) -> int:
    """Signed, half-open, after the earlier date."""
    first, last = sorted((a, b))
    days = (first + timedelta(n) for n in range(1, (last - first).days + 1))
    found = sum(day.weekday() < 5 and (day.month, day.day) not in FIXED and day not in MOVING for day in days)
    return found if a <= b else -found


@dataclass
class Past:
    """What stood after these events, for who may not see `unseen`; `today` is the day of the last of them."""

    told: list[Told]
    unseen: set[str]

    def __post_init__(self) -> None:
        self.today = self.told[-1]["today"]
        things = [standing(history) for history in effective(self.told)]
        self.all = {it["id"]: it for it in things if it["id"] not in self.unseen}

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [it for it in self.all.values() if it["concept"] == kind]

    def promise(self, it: dict[str, Any]) -> dict[str, Any]:
        """Late, overdue and both slippages of an action or a milestone."""
        baselines, today = it["baselines"], self.today
        due = it.get("due_on") or it.get("end_on") or (baselines[-1] if baselines else None)
        given_up = it["status"] in ("cancelled", "abandoned")
        awaited = due is not None and it["real"] is None and not given_up
        overdue = awaited and today > due
        compared = it["real"] or max(due or today, today)

        def slip(baseline: str) -> tuple[int, int]:
            a, b = date.fromisoformat(baseline), date.fromisoformat(compared)
            return (b - a).days, working_days(a, b)

        measured = [] if given_up else baselines
        return {
            "status": it["status"],
            "late": overdue or (awaited and bool(baselines) and due > baselines[-1]),
            "overdue": overdue,
            "slippage": slip(measured[-1]) if measured else None,
            "original_slippage": slip(measured[0]) if measured else None,
        }

    def axis_of(self, action: dict[str, Any]) -> str | None:
        """That of its parent, of its workstream, or its own."""
        action = self.all.get(action["parent_id"], action)
        workstream = self.all.get(action["workstream_id"])
        axis: str | None = (workstream or action)["axis_id"]
        return axis

    def actions(self) -> dict[str, dict[str, Any]]:
        """Every action by reference, sub-actions too."""
        stops = [o for o in self.of("obstacle") if o["status"] in ("raised", "active", "postponed")]
        by_action = {(target["id"], o["id"]) for o in stops for target in o["blocks"] if target["kind"] == "action"}
        return {
            f"A-{a['ref']}": {
                **self.promise(a),
                "axis": self.axis_of(a),
                "blockers": sorted({o for id, o in by_action if id in (a["id"], a["parent_id"])}),
            }
            for a in self.of("action")
        }

    def parts(self) -> dict[str, dict[str, Any]]:
        """The plan as a whole, by axis and by phase: only actions of the top level are counted."""
        rows = self.actions()
        tops = [(a, rows[f"A-{a['ref']}"]) for a in self.of("action") if a["parent_id"] is None]
        parts = {"total": [row for _, row in tops]}
        for key, place in (("axis", self.axis_of), ("phase", lambda a: a["phase_id"])):
            for id in (None, *(it["id"] for it in self.of(key))):
                parts[f"{key} {id}"] = [row for a, row in tops if place(a) == id]
        return {name: counted(rows) for name, rows in parts.items()}

    def milestones(self) -> dict[str, dict[str, Any]]:
        return {
            f"J-{m['ref']}": {
                **self.promise(m),
                "title": m["title"],
                "due_on": m["due_on"],
                "reschedule_count": m["moved"],
                "reopen_count": m["reopened"],
            }
            for m in self.of("milestone")
        }

    def obstacles(self) -> dict[str, dict[str, Any]]:
        """The open and the lifted ones; age stops where it was lifted."""
        return {
            f"O-{o['ref']}": {
                "title": o["title"],
                "status": o["status"],
                "level": o["level"],
                "owner": o["owner"],
                "gravity": o["impact"] * o["urgency"],
                "age_days": (date.fromisoformat(o["ended"] or self.today) - date.fromisoformat(o["born"])).days,
            }
            for o in self.of("obstacle")
            if o["status"] != "rejected"
        }

    def decisions(self) -> dict[str, dict[str, Any]]:
        return {
            f"D-{d['ref']}": {
                **{name: d[name] for name in ("title", "chosen", "visibility", "status")},
                "taken_on": d["born"],
                "applied_on": d["applied"],
                "not_communicated": d["status"] == "taken" and not d["told"],
                "not_applied": d["status"] == "taken"
                and not d["applied"]
                and (d["applies_from"] or d["born"]) <= self.today,
            }
            for d in self.of("decision")
        }

    def indicators(self) -> dict[str, dict[str, Any]]:
        """The last value on or after the day of the baseline, by the day on which it was true."""
        found = {}
        for i in self.of("indicator"):
            series = sorted(i["measures"].items())
            since = i["baseline"]["on"] if i["baseline"] else ""
            last = series[-1] if series and series[-1][0] >= since else None
            found[f"I-{i['ref']}"] = {
                "status": i["status"],
                "last": last and (last[0], Decimal(str(last[1]))),
                "series": [on for on, _ in series],
                "pending": len(i["proposed"]),
            }
        return found


def counted(rows: list[dict[str, Any]]) -> dict[str, Any]:
    opened = [row for row in rows if row["status"] in OPEN]
    statuses = Counter(row["status"] for row in rows)
    return {
        "counts": {status: statuses[status] for status in STATUSES},
        "open": len(opened),
        "late": sum(row["late"] for row in opened),
        "overdue": sum(row["overdue"] for row in opened),
        "blocked": sum(bool(row["blockers"]) for row in opened),
    }
