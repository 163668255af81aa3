"""An object after its history: a plain dictionary with the last word on every field, and what its life adds to them."""

from typing import Any

from tests.laws.naive_events import Told, verb

Thing = dict[str, Any]
LIFTED = ("resolved", "closed")
STATUS_AFTER = {
    **{f"action.{past}": past for past in ("planned", "paused", "abandoned")},
    **{f"obstacle.{past}": past for past in ("postponed", "rejected", *LIFTED)},
    **{f"milestone.{past}": past for past in ("reached", "cancelled")},
    **{f"decision.{past}": past for past in ("superseded", "revoked")},
    **{f"plan_version.{past}": past for past in ("submitted", "validated")},
    "action.started": "in_progress",
    "action.completed": "done",
    "action.put_back": "proposed",
    "obstacle.activated": "active",
    "obstacle.resumed": "active",
    "obstacle.reopened": "active",
    "milestone.reopened": "planned",
    "indicator.retired": "retired",
    "workstream.closed": "closed",
    "workstream.reopened": "open",
    "status_report.acknowledged": "acknowledged",
    "phase.opened": "open",
    "transformation.launched": "running",
}
FIRST = {
    "action": "proposed",
    "milestone": "planned",
    "obstacle": "raised",
    "indicator": "defined",
    "decision": "taken",
    "workstream": "open",
    "axis": "proposed",
    "phase": "planned",
    "status_report": "reported",
    "transformation": "prepared",
    "plan_version": "drafted",
    "member": "granted",
}


def standing(history: list[Told]) -> Thing:
    """An object after its history."""
    kind = history[0]["topic"].partition(".")[0]
    it: Thing = {"concept": kind, "id": history[0]["stream"], "status": FIRST.get(kind), "born": history[0]["on"]}
    it |= {
        "by": history[0]["who"][-1],
        "reopened": 0,
        "moved": 0,
        "real": None,
        "ended": None,
        "told": [],
        "applied": None,
    }
    it |= {"level": "lead", "baselines": [], "measures": {}, "proposed": {}, "forecasts": [], "asks": [], "noted": []}
    for event in history:
        happened(it, event, kind)
    return it


def happened(it: Thing, event: Told, kind: str) -> None:
    topic, on, past, data = event["topic"], event["on"], verb(event), dict(event["data"])
    if past == "baseline_set":
        it["baselines"].append(data["date"])
        return
    if data.get("baseline_on"):  # the first date of a validated plan, as it was put right
        it["baselines"].append(data.get("due_on") or data.get("end_on"))
    end = "due_on" if kind == "milestone" else "end_on"
    moved = data.get(end) and (kind == "milestone" or data[end] != it.get(end))
    if moved:
        it["moved"] += past == "rescheduled" and (kind == "milestone" or bool(it["forecasts"]))
        it["forecasts"].append((event["event_id"], data[end]))
    if past == "spoken" and not data.get("next_look_on"):
        data.pop("next_look_on")  # without a day, the next look stays as it was
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
    match past:
        case "paused":
            it["paused_from"] = paused_from
        case "started" | "put_back":
            it["begun"] = past == "started"
        case "completed" | "reached":
            it["real"] = on
        case "reopened":
            it |= {"real": None, "ended": None, "reopened": it["reopened"] + 1}
        case "progress_declared":
            it["percent_on"] = on
        case "communicated":
            it["told"].append((data["audience"], on))
        case "applied":
            it["applied"] = on
        case "acknowledged":
            it["noted"].append((event["who"][-1], on))
    if kind == "obstacle":
        stood_in_the_way(it, past, on, event["who"][-1])
    elif kind == "indicator":
        measured(it, past, event)


def stood_in_the_way(it: Thing, past: str, on: str, by: str) -> None:
    """The clocks of an obstacle: since when at its level, since when nobody who owns it spoke, what was asked."""
    match past:
        case "raised":
            it |= {"level_since": on, "word_on": on}
        case "assigned" | "spoken":
            it["word_on"] = on
        case "resolved" | "rejected":
            it["ended"] = on
        case "escalated":
            if not it["asks"] or it["asks"][-1]["level"] != it["level"]:
                it["level_since"] = on
            it["asks"].append({"level": it["level"], "due": it["answer_due_on"], "answered": False})
        case "escalation_answered":
            it["asks"][-1]["answered"] = True


def measured(it: Thing, past: str, event: Told) -> None:
    """The values of an indicator by the days on which they were true; those proposed, until somebody answers."""
    data = event["data"]
    value = {"value": data.get("value"), "event_id": event["event_id"], "by": event["who"][-1]}
    if past == "measured":
        it["measures"][event["on"]] = value
    elif past == "value_proposed":
        it["proposed"][event["event_id"]] = (event["on"], value)
    elif past == "value_accepted":
        on, value = it["proposed"].pop(data["proposal_event_id"])
        it["measures"][on] = value
    elif past == "value_refused":
        it["proposed"].pop(data["proposal_event_id"])
