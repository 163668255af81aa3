"""The weather worked out a second time (DOMAIN section 2): declared, computed beside it, and where the two part."""

from typing import Any

from tests.laws.naive_indicators import stale
from tests.laws.naive_past import Past, is_open, working_days
from tests.laws.naive_registers import obstacle, unanswered
from tests.laws.naive_standing import Thing

WORDS = ("secured", "attainable", "support_needed", "compromised")
"""From the best to the worst, which wins."""


def weather(past: Past, id: str, contents: list[Thing]) -> dict[str, Any]:
    """Of a part with what stands in it; `id` is that of what a report may be about, or nothing for the whole."""
    subjects = {id} if id else {it["id"] for it in past.of("transformation")}
    last = max(
        (r for r in past.of("status_report") if r["subject"]["id"] in subjects),
        key=lambda r: (r["born"], r["id"]),
        default=None,
    )
    reasons = computed(past, contents)
    seen = any(signals(it) for it in contents)
    value = max((word for word, *_ in reasons.values()), key=WORDS.index, default="secured" if seen else "unknown")
    declared = last and last["confidence"]
    apart = WORDS.index(value) - WORDS.index(declared) if declared and value != "unknown" else 0
    return {
        "declared": last and (declared, last["born"], last["by"], last["noted"]),
        "computed": value,
        "reasons": reasons,
        "disagreement": (declared, value, apart) if apart else None,
    }


def signals(it: Thing) -> bool:
    """Nothing cancelled, abandoned, retired or lifted says anything; sub-actions speak through their parent."""
    match it["concept"]:
        case "milestone":
            return bool(it["status"] != "cancelled")
        case "action":
            return it["status"] != "abandoned" and it["parent_id"] is None
        case "indicator":
            return bool(it["status"] == "defined")
        case _:
            return it["concept"] == "obstacle" and is_open(it)


def computed(past: Past, contents: list[Thing]) -> dict[str, tuple[str, list[str], dict[str, int]]]:
    """Every reason: the weather that it asks for, whom it names, and the facts beside."""
    found: dict[str, tuple[str, list[str], dict[str, int]]] = {}

    def reason(code: str, word: str, things: list[Thing], **facts: int) -> None:
        if things:
            found[code] = (word, sorted(it["id"] for it in things), facts)

    here: dict[str, list[Thing]] = {kind: [] for kind in ("milestone", "action", "indicator", "obstacle")}
    for it in filter(signals, contents):
        here[it["concept"]].append(it)
    late = {m["id"]: late_by(past, m) for m in here["milestone"] if past.promise(m)["late"]}
    few = [m for m in here["milestone"] if late.get(m["id"], 11) <= 10]
    many = [m for m in here["milestone"] if late.get(m["id"], 0) > 10]
    reason("milestone_late", "attainable", few, working_days=max((late[m["id"]] for m in few), default=0))
    reason("milestone_very_late", "support_needed", many, working_days=max((late[m["id"]] for m in many), default=0))
    reason("indicator_stale", "attainable", [i for i in here["indicator"] if stale(past, i)])
    opened = [a for a in here["action"] if a["status"] != "done"]
    blocked = [a for a in opened if past.blockers(a)]
    troubled = [a for a in opened if a in blocked or past.promise(a)["late"]]
    reason("action_blocked", "support_needed", blocked)
    if 3 * len(troubled) >= len(opened):
        reason("third_late_or_blocked", "compromised", troubled, count=len(troubled), of=len(opened))
    reason("escalation_unanswered", "support_needed", [o for o in here["obstacle"] if unanswered(o)])
    grave = [o for o in here["obstacle"] if o["level"] == "governance" and o["impact"] * o["urgency"] == 9]
    reason("critical_obstacle_overdue", "compromised", [o for o in grave if obstacle(past, o)["overdue"]])
    return found


def late_by(past: Past, milestone: Thing) -> int:
    """In working days, from what was promised first: the baseline, or a forecast before it."""
    since = min([milestone["due_on"], *milestone["baselines"][-1:]])
    return working_days(since, max(milestone["due_on"], past.today))
