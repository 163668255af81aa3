"""What the views answer, cut down to what is compared, beside the second computation of the same."""

from collections.abc import Callable, Iterator
from typing import Any

from tests.laws import naive_indicators, naive_plan, naive_registers
from tests.laws.naive_past import Past, number
from tests.laws.naive_weather import WORDS

Json = dict[str, Any]
PROMISED = ("status", "late", "overdue")


def plan(view: Json) -> Any:
    rows = {
        a["ref"]: {
            **promised(a),
            "axis": a["axis_id"],
            "blockers": sorted(a["blockers"]),
            "progress": figure(a["progress"]),
        }
        for a in view["actions"]
    }
    workstreams = list(_workstreams(view))
    parts = {"total": view["total"], "axis None": view["without_axis"], "phase None": view["without_phase"]}
    parts |= {f"{kind} {part['id']}": part for kind in ("axis", "phase") for part in view[PLURAL[kind]]}
    parts |= {f"workstream {part['id']}": part for _, part in workstreams}
    tree = {part["ref"]: (above, part["status"], part["priority"]) for above, part in workstreams}
    return rows, {name: part_of(part) for name, part in parts.items()}, tree


PLURAL = {"axis": "axes", "phase": "phases"}


def _workstreams(view: Json) -> Iterator[tuple[str | None, Json]]:
    """Every workstream at any depth, with what it is shown under."""
    waiting = [(axis["id"], axis["workstreams"]) for axis in view["axes"]]
    waiting.append((None, view["without_axis"]["workstreams"]))
    while waiting:
        above, shown = waiting.pop()
        yield from ((above, part) for part in shown)
        waiting += [(part["id"], part["workstreams"]) for part in shown]


def part_of(part: Json) -> Json:
    same = ("counts", "open", "abandoned", "late", "overdue", "blocked")
    return {
        **{each: part[each] for each in same},
        "progress": figure(part["progress"]),
        "open_obstacles": sorted((o["ref"], o["severity"]) for o in part["open_obstacles"]),
        "weather": weather(part["weather"]),
        "last_change": part["last_change"] and part["last_change"]["position"],
    }


def weather(shown: Json) -> Json:
    declared, gap = shown["declared"], shown["disagreement"]
    reasons = shown["computed"]["reasons"]
    grades = [WORDS.index(reason["weather"]) for reason in reasons]
    assert grades == sorted(grades, reverse=True), "the worst first"
    if declared:
        assert declared["acknowledged"] == bool(declared["acknowledgements"])
        noted = [(each["by"], each["on"]) for each in declared["acknowledgements"]]
        declared = (declared["confidence"], declared["on"], declared["by"], noted)
    return {
        "declared": declared,
        "computed": shown["computed"]["value"],
        "reasons": {
            reason["code"]: (reason["weather"], sorted(s["id"] for s in reason["subjects"]), reason["facts"])
            for reason in reasons
        },
        "disagreement": gap and (gap["declared"], gap["computed"], gap["steps"]),
    }


def figure(shown: Json) -> Json:
    """A progress with its rule, its coverage and what it rests on."""
    inputs = [(p["kind"], p["id"], number(p["weight"]), number(p["value"])) for p in shown["inputs"].get("parts", ())]
    inputs += [("action", a["id"], number(a["weight"]), number(a["value"])) for a in shown["inputs"].get("actions", ())]
    if said := shown["inputs"].get("declared"):
        inputs.append(("declared", said["on"], None, number(said["value"])))
    return {
        "value": number(shown["value"]),
        "rule": shown["rule"],
        **shown["coverage"],
        "inputs": sorted(inputs),
    }


def promised(shown: Json) -> Json:
    slips = {
        name: shown[name] and (shown[name]["calendar_days"], shown[name]["working_days"])
        for name in ("slippage", "original_slippage")
    }
    return {**{name: shown[name] for name in PROMISED}, **slips}


def milestones(view: Json) -> Json:
    own = ("title", "due_on", "reschedule_count", "reopen_count")
    listed = [m for month in view["months"] for m in month["milestones"]]
    assert view["late"] == sum(m["late"] for m in listed)
    return {m["ref"]: {**promised(m), **{name: m[name] for name in own}} for m in listed}


def obstacles(view: Json) -> Json:
    own = ("title", "status", "level", "owner", "severity", "age_days")
    assert view["open_count"] == len(view["open"])
    opened = {o["ref"]: {name: o[name] for name in (*own, *naive_registers.CLOCKS)} for o in view["open"]}
    return opened | {o["ref"]: {name: o[name] for name in own} for o in view["lifted"]}


def decisions(view: Json) -> Json:
    own = ("title", "chosen", "visibility", "status", "taken_on", "applied_on", "not_communicated", "not_applied")
    return {d["ref"]: {name: d[name] for name in own} for d in view["decisions"]}


def indicators(view: Json) -> Json:
    return {
        family["family"]: {
            "rate": (number(family["rate"]["value"]), *family["rate"]["coverage"].values()),
            "stale_count": family["stale_count"],
            "off_track_count": family["off_track_count"],
            "indicators": {i["ref"]: indicator(i) for i in family["indicators"]},
        }
        for family in view["families"]
    }


def indicator(i: Json) -> Json:
    return {
        "status": i["status"],
        "last": i["last"] and (i["last"]["on"], number(i["last"]["value"])),
        "series": [(p["on"], number(p["value"]), p["event_id"], p["by"], p["history"]) for p in i["series"]],
        "pending": i["pending_count"],
        "progress": (number(i["progress"]["value"]), i["progress"]["rule"]),
        "on_track": i["on_track"]["value"],
        "expected": number(i["expected"]),
        "stale": i["stale"]["value"],
        "value_due_on": i["value_due_on"],
        "previous_cycle": number(i["previous_cycle"]["value"]),
        "applicable": i["applicable"],
    }


def trajectory(series: Json) -> list[Any]:
    return [(m["on"], number(m["value"]), number(m["expected"])) for m in series["measures"]]


def freshness(view: Json) -> Json:
    assert view["living"] == sum(kind["living"] for kind in view["by_kind"].values())
    assert view["stale"] == len(view["objects"])
    own = ("kind", "id", "status", "last_on", "days", "owners", "confirm")
    return {
        "by_kind": {name: (kind["living"], kind["stale"]) for name, kind in view["by_kind"].items()},
        "objects": [tuple(o[name] for name in own) for o in view["objects"]],
    }


Computation = Callable[[Past], Any]
VIEWS: tuple[tuple[str, Callable[[Json], Any], Computation], ...] = (
    (
        "action-plan",
        plan,
        lambda past: (naive_plan.actions(past), naive_plan.parts(past), naive_plan.tree(past)),
    ),
    ("milestone-timeline", milestones, naive_registers.milestones),
    ("obstacle-register", obstacles, naive_registers.obstacles),
    ("decision-register", decisions, naive_registers.decisions),
    ("indicator-board", indicators, naive_indicators.board),
)
