"""What changed between two points, worked out a second time from what stood at both and the events between."""

from collections.abc import Iterator
from typing import Any

from tests.laws.naive_events import Told, histories, taken_back, verb
from tests.laws.naive_past import Past, days, number, working_days
from tests.laws.naive_standing import FIRST, Thing

QUIET = ("confirmed", "looked_at")
CLOSED = ("reached", "cancelled", "done", "abandoned", "resolved", "closed", "rejected", "retired")
BROUGHT_BY = {
    "in_progress": ("started", "resumed"),
    "done": ("completed",),
    "proposed": ("put_back",),
    "active": ("activated", "resumed"),
    "open": ("opened", "resumed"),
    "running": ("launched",),
}
"""The verbs that bring a status; for the others, the one that is called like it."""
GROUP = {
    **dict.fromkeys(("done", "abandoned", "reached", "cancelled", "rejected", "retired", "closed"), "closed"),
    **dict.fromkeys(("superseded", "revoked", "running", "validated"), "decided"),
    "resolved": "lifted",
    "acknowledged": "weather",
}
UNSAID = ("taken", "defined", "reported")
"""What an object is again if the fact that ended it is taken back; that says enough."""
CREATED = {"decision": "decided", "status_report": "weather", "obstacle": "raised"}
SAYS = {
    "action": "title axis_id workstream_id phase_id lead contributors start_on end_on weight percent baselines",
    "milestone": "title weight due_on baselines",
    "obstacle": "title impact urgency owner blocks next_look_on visibility",
    "indicator": "title direction tolerance cadence weight owner collector baseline targets",
    "workstream": "title axis_id parent_id priority",
    "decision": "title chosen applies_from visibility",
    "status_report": "confidence narrative",
    "note": "text visibility",
}
"""What people say of an object in words of their own, and may say otherwise."""
FORECAST = {"action": "end_on", "milestone": "due_on"}
Item = tuple[str, list[str] | None, tuple[str, ...]]
"""The group, the events that are told (None: any of the object's), and facts that the sentence must give."""


def changes(before: Past, after: Past) -> dict[str, tuple[list[Item], list[Told]]]:
    """For each object that anything happened to: what is told of it, and the events between."""
    start = before.told[-1]["position"] if before.told else 0
    between = [e for e in after.told if e["position"] > start and e["stream"] in after.ever and verb(e) not in QUIET]
    return {id: (list(told_of(before, after, id, events)), events) for id, events in histories(between).items()}


def told_of(before: Past, after: Past, id: str, events: list[Told]) -> Iterator[Item]:
    if id not in after.all:
        yield "withdrawn", [e["event_id"] for e in events], ()
        return
    old, new = before.ever.get(id), after.ever[id]
    counting = [e for e in events if e["event_id"] not in taken_back(events)]

    def happened(*verbs: str) -> list[str]:
        return [e["event_id"] for e in counting if verb(e) in verbs]

    if old is None:
        yield CREATED.get(new["concept"], "added"), [events[0]["event_id"]], facts_of(before, new)
    slips = list(slip(new, happened("rescheduled")))
    yield from slips
    yield from status(old, new, happened)
    yield from more(old, new, happened)
    mended = {name for e in events if verb(e) == "corrected" for name in (*e["data"]["changes"], *e["data"]["texts"])}
    mended |= {FORECAST[new["concept"]]} if slips else set()
    words = (name for name in SAYS.get(new["concept"], "title").split() if name not in mended)
    if old is not None and any(_said(old, name) != _said(new, name) for name in words):
        yield "changed", None, ()
    for mending in ("corrected", "withdrawn"):
        if happened(mending):
            yield mending, happened(mending), ()


def facts_of(before: Past, new: Thing) -> tuple[str, ...]:
    """How grave an obstacle is; a weather with the one that was declared last for the same part."""
    if new["concept"] == "obstacle":
        return (f"impact {new['impact']}, urgency {new['urgency']}: {new['impact'] * new['urgency']} of 9",)
    if new["concept"] != "status_report":
        return ()
    earlier = [r for r in before.of("status_report") if r["subject"]["id"] == new["subject"]["id"]]
    last = max(earlier, key=lambda r: (r["born"], r["id"]), default=None)
    said = f"is: {new['confidence'].replace('_', ' ')}"
    if last is None:
        return (f"{said}.",)
    as_before = last["confidence"] == new["confidence"]
    return (said, "as before" if as_before else f"before: {last['confidence'].replace('_', ' ')}")


def slip(new: Thing, rescheduled: list[str]) -> Iterator[Item]:
    """New forecasts moved the date, from the one that counted before them, as it is known now: a correction is none."""
    ids = [event_id for event_id, _ in new["forecasts"]]
    moves = [ids.index(event_id) for event_id in rescheduled if event_id in ids]
    if new["concept"] in FORECAST and moves and moves[0]:
        was, now = new["forecasts"][moves[0] - 1][1], new[FORECAST[new["concept"]]]
        if now is not None and was != now:
            moved = (f"{abs(days(was, now))} day", f"({abs(working_days(was, now))} working day")
            yield "slipped", rescheduled, (*moved, "slipped" if was < now else "brought forward")


def status(old: Thing | None, new: Thing, happened: Any) -> Iterator[Item]:
    """Only who reopens reopens: a fact that was taken back counts as no reopening."""
    now, was, first = new["status"], old and old["status"], FIRST.get(new["concept"])
    if now == was or (old is None and now == first and not happened("reopened")):
        return
    if (was in CLOSED or now == first) and now not in CLOSED and happened("reopened"):
        yield "reopened", happened("reopened"), ()
        return
    lifted = now == "closed" and new["concept"] == "obstacle"
    brought = happened("resolved", "closed") if lifted else happened(*BROUGHT_BY.get(now, (now,)))
    group = "lifted" if lifted else GROUP.get(now, "changed")
    if brought or (old is not None and now not in UNSAID):
        yield group, brought or None, ()


def more(old: Thing | None, new: Thing, happened: Any) -> Iterator[Item]:
    """What has a sentence of its own: levels and answers, values, what was communicated and applied, the plan."""
    match new["concept"]:
        case "obstacle":
            if happened("escalated") and new["level"] != (old["level"] if old else "lead"):
                yield "raised", happened("escalated"), (new["level"],)
            if answered := happened("escalation_answered"):
                yield "raised", answered, ()
        case "indicator":
            known = {m["event_id"] for m in old["measures"].values()} if old else set()
            for _, m in sorted(new["measures"].items()):
                if m["event_id"] not in known:
                    value = number(m["value"])
                    yield "measured", happened("measured", "value_accepted") or None, (f"stands at {value:g}\u202f",)
        case "decision":
            for told in dict.fromkeys(new["told"]):
                if happened("communicated") and (old is None or told not in old["told"]):
                    yield "decided", happened("communicated"), (f"communicated on {int(told[1][-2:])} ",)
            if new["applied"] and not (old and old["applied"]):
                yield "decided", happened("applied") or None, (f"applies since {int(new['applied'][-2:])} ",)
        case "transformation":
            if validated := happened("plan_validated"):
                yield "decided", validated, ()


def amiss(believed: list[Item], shown: list[dict[str, Any]]) -> tuple[list[Item], list[dict[str, Any]]]:
    """What is believed of an object and not shown, and what is shown and not believed."""
    missing, left = [], list(shown)
    for group, events, facts in sorted(believed, key=lambda item: item[1] is None):
        for change in left:
            same = events is None or change["event_ids"] == events
            if change["group"] == group and same and all(fact in change["sentence"] for fact in facts):
                left.remove(change)
                break
        else:
            missing.append((group, events, facts))
    return missing, left


def _said(it: Thing, name: str) -> Any:
    return it["baselines"][-1:] if name == "baselines" else it.get(name)
