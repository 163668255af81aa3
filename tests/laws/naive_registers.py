"""The timeline and the registers worked out a second time: milestones, obstacles, decisions."""

from typing import Any

from tests.laws.naive_past import Past, days, is_open
from tests.laws.naive_standing import Thing

GRAVITY = {1: "low", 2: "low", 3: "medium", 4: "medium", 6: "high", 9: "critical"}
CLOCKS = ("days_at_level", "days_silent", "look_on", "answer_due_on", "overdue")


def milestones(past: Past) -> dict[str, Any]:
    return {
        f"J-{m['ref']}": {
            **past.promise(m),
            "title": m["title"],
            "due_on": m["due_on"],
            "reschedule_count": m["moved"],
            "reopen_count": m["reopened"],
        }
        for m in past.of("milestone")
    }


def obstacles(past: Past) -> dict[str, Any]:
    """The open and the lifted ones; the clocks of those that are lifted are of no interest any more."""
    listed = {f"O-{o['ref']}": (o, obstacle(past, o)) for o in past.of("obstacle") if o["status"] != "rejected"}
    return {
        ref: {name: said for name, said in line.items() if is_open(o) or name not in CLOCKS}
        for ref, (o, line) in listed.items()
    }


def obstacle(past: Past, o: Thing) -> dict[str, Any]:
    """An obstacle with its clocks, which stop on the day on which it was lifted."""
    ended = o["ended"] or past.today
    look = (o["until"] if o["status"] == "postponed" else o["next_look_on"]) if is_open(o) else None
    answer = o["asks"][-1]["due"] if is_open(o) and unanswered(o) else None
    return {
        "title": o["title"],
        "status": o["status"],
        "level": o["level"],
        "owner": o["owner"],
        "severity": GRAVITY[o["impact"] * o["urgency"]],
        "age_days": days(o["born"], ended),
        "days_at_level": days(o["level_since"], ended),
        "days_silent": days(o["word_on"], ended),
        "look_on": look,
        "answer_due_on": answer,
        "overdue": any(due is not None and due < past.today for due in (look, answer)),
    }


def unanswered(o: Thing) -> bool:
    """What was asked last waits for its answer."""
    return bool(o["asks"]) and not o["asks"][-1]["answered"]


def decisions(past: Past) -> dict[str, Any]:
    return {
        f"D-{d['ref']}": {
            **{name: d[name] for name in ("title", "chosen", "visibility", "status")},
            "taken_on": d["born"],
            "applied_on": d["applied"],
            "not_communicated": d["status"] == "taken" and not d["told"],
            "not_applied": d["status"] == "taken"
            and not d["applied"]
            and (d["applies_from"] or d["born"]) <= past.today,
        }
        for d in past.of("decision")
    }
