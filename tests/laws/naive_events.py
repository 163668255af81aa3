"""What stands after raw events, folded a second time: plain dictionaries, mendings heeded, and who may not see what.

Nothing of the product computes here: neither its projections, nor the folds of its concepts, nor its clocks.
"""

from collections.abc import Iterable, Iterator
from typing import Any

Told = dict[str, Any]
"""One event as the log has it: position, stream, topic, event_id, on (true-on), today (known-on, in Paris), data."""
LIFTED = ("resolved", "closed")
STATUS_AFTER = {
    **{f"action.{verb}": verb for verb in ("planned", "paused", "abandoned")},
    **{f"obstacle.{verb}": verb for verb in ("postponed", "rejected", *LIFTED)},
    **{f"milestone.{verb}": verb for verb in ("reached", "cancelled")},
    **{f"decision.{verb}": verb for verb in ("superseded", "revoked")},
    "action.started": "in_progress",
    "action.completed": "done",
    "action.put_back": "proposed",
    "obstacle.activated": "active",
    "obstacle.resumed": "active",
    "obstacle.reopened": "active",
    "milestone.reopened": "planned",
    "indicator.retired": "retired",
}
FIRST = {
    "action": "proposed",
    "milestone": "planned",
    "obstacle": "raised",
    "indicator": "defined",
    "decision": "taken",
}


def effective(told: Iterable[Told]) -> Iterator[list[Told]]:
    """The history of each object as it counts: corrected facts as corrected, facts taken back left out. An object
    whose creation was taken back is none."""
    streams: dict[str, list[Told]] = {}
    for event in told:
        streams.setdefault(event["stream"], []).append(event)
    for history in streams.values():
        gone = {e["data"]["target_event_id"] for e in history if e["topic"].endswith(".withdrawn")}
        if history[0]["event_id"] in gone:
            continue
        facts = [dict(e) for e in history if not e["topic"].endswith((".withdrawn", ".corrected"))]
        for mend in (e["data"] for e in history if e["topic"].endswith(".corrected")):
            for fact in (f for f in facts if f["event_id"] == mend["target_event_id"]):
                right = {**mend["changes"], **mend["texts"]}
                fact["on"] = right.pop("occurred_on", fact["on"])
                fact["data"] = {**fact["data"], **right}
        yield [fact for fact in facts if fact["event_id"] not in gone]


def standing(history: list[Told]) -> dict[str, Any]:
    """An object after its history: the last word on every field, and what its life adds to them."""
    kind = history[0]["topic"].partition(".")[0]
    it: dict[str, Any] = {
        "concept": kind,
        "id": history[0]["stream"],
        "status": FIRST.get(kind),
        "born": history[0]["on"],
    }
    it |= {"reopened": 0, "moved": 0, "real": None, "ended": None, "told": 0, "applied": None, "level": "lead"}
    it |= {"baselines": [], "measures": {}, "proposed": {}}
    for event in history:
        topic, data, on = event["topic"], event["data"], event["on"]
        verb = topic.partition(".")[2]
        if verb == "baseline_set":
            it["baselines"].append(data["date"])
            continue
        if data.get("baseline_on"):  # the first date of a validated plan, as it was put right
            it["baselines"].append(data.get("due_on") or data.get("end_on"))
        end = "due_on" if kind == "milestone" else "end_on"
        it["moved"] += verb == "rescheduled" and (kind == "milestone" or data.get(end, it.get(end)) != it[end])
        paused_from = it["status"]
        it |= data
        if topic == "action.resumed":
            it["status"] = it["paused_from"]
        elif topic == "action.reopened":
            it["status"] = "in_progress" if it.get("begun") else "planned"
        elif topic == "obstacle.escalated" and it["status"] == "postponed":
            it["status"] = "active"
        else:
            it["status"] = STATUS_AFTER.get(topic, it["status"])
        if verb == "paused":
            it["paused_from"] = paused_from
        elif verb in ("started", "put_back"):
            it["begun"] = verb == "started"
        elif verb in ("completed", "reached"):
            it["real"] = on
        elif verb == "reopened":
            it |= {"real": None, "ended": None, "reopened": it["reopened"] + 1}
        elif verb in ("resolved", "rejected"):
            it["ended"] = on
        elif verb == "communicated":
            it["told"] += 1
        elif verb == "applied":
            it["applied"] = on
        elif verb == "measured":
            it["measures"][on] = data["value"]
        elif verb == "value_proposed":
            it["proposed"][event["event_id"]] = (on, data["value"])
        elif verb == "value_accepted":
            on, value = it["proposed"].pop(data["proposal_event_id"])
            it["measures"][on] = value
        elif verb == "value_refused":
            it["proposed"].pop(data["proposal_event_id"])
    return it


def hidden(told: Iterable[Told], person: str | None) -> set[str]:
    """The ids that a person may not see, by the rights of today: what is restricted, and not their own. None sees all.

    An object taken back stays as restricted as it was.
    """
    if person is None:
        return set()
    every = list(told)
    births = {history[0]["stream"] for history in effective(every)}
    taken_back = [e for e in every if e["topic"].endswith(".withdrawn") and e["stream"] not in births]
    spared = {(e["stream"], e["data"]["target_event_id"]) for e in taken_back}
    kept = [e for e in every if (e["stream"], e["data"].get("target_event_id")) not in spared]
    return {
        it["id"]
        for it in map(standing, effective(kept))
        if it.get("visibility") == "restricted"
        and person not in (it.get("owner"), (it.get("authority") or {}).get("id"))
    }
