"""The views of the past: as of every position, each view says what a second computation from the raw events says."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.laws.naive_events import Told, hidden
from tests.laws.naive_views import Past
from tests.laws.views_life import ViewsLife
from tests.running import Running

GRAVITY = {1: "low", 2: "low", 3: "medium", 4: "medium", 6: "high", 9: "critical"}
SEED = 3
EVENTFUL = {
    *("action.corrected", "action.withdrawn", "milestone.corrected", "milestone.rescheduled", "milestone.reopened"),
    *("action.baseline_set", "milestone.baseline_set", "action.reopened", "obstacle.reopened", "obstacle.resolved"),
    *("indicator.measured", "indicator.value_accepted", "decision.superseded", "workstream.placed"),
}
PROMISED = ("status", "late", "overdue")


def plan_rows(view: dict[str, Any]) -> dict[str, Any]:
    return {a["ref"]: {**promised(a), "axis": a["axis_id"], "blockers": sorted(a["blockers"])} for a in view["actions"]}


def plan_parts(view: dict[str, Any]) -> dict[str, Any]:
    parts = {"total": view["total"], "axis None": view["without_axis"], "phase None": view["without_phase"]}
    parts |= {f"axis {axis['id']}": axis for axis in view["axes"]}
    parts |= {f"phase {phase['id']}": phase for phase in view["phases"]}
    shown = ("counts", "open", "late", "overdue", "blocked")
    return {name: {each: part[each] for each in shown} for name, part in parts.items()}


def promised(shown: dict[str, Any]) -> dict[str, Any]:
    slips = {
        name: shown[name] and (shown[name]["calendar_days"], shown[name]["working_days"])
        for name in ("slippage", "original_slippage")
    }
    return {**{name: shown[name] for name in PROMISED}, **slips}


def milestones(view: dict[str, Any]) -> dict[str, Any]:
    own = ("title", "due_on", "reschedule_count", "reopen_count")
    listed = [m for month in view["months"] for m in month["milestones"]]
    assert view["late"] == sum(m["late"] for m in listed)
    return {m["ref"]: {**promised(m), **{name: m[name] for name in own}} for m in listed}


def obstacles(view: dict[str, Any]) -> dict[str, Any]:
    own = ("title", "status", "level", "owner", "severity", "age_days")
    assert view["open_count"] == len(view["open"])
    return {o["ref"]: {name: o[name] for name in own} for o in (*view["open"], *view["lifted"])}


def decisions(view: dict[str, Any]) -> dict[str, Any]:
    own = ("title", "chosen", "visibility", "status", "taken_on", "applied_on", "not_communicated", "not_applied")
    return {d["ref"]: {name: d[name] for name in own} for d in view["decisions"]}


def indicators(view: dict[str, Any]) -> dict[str, Any]:
    return {
        i["ref"]: {
            "status": i["status"],
            "last": i["last"] and (i["last"]["on"], Decimal(str(i["last"]["value"]))),
            "series": [point["on"] for point in i["series"]],
            "pending": i["pending_count"],
        }
        for family in view["families"]
        for i in family["indicators"]
    }


def grave(past: Past) -> dict[str, Any]:
    return {
        ref: {**{k: v for k, v in o.items() if k != "gravity"}, "severity": GRAVITY[o["gravity"]]}
        for ref, o in past.obstacles().items()
    }


VIEWS: tuple[tuple[str, Callable[[dict[str, Any]], Any], Callable[[Past], Any]], ...] = (
    ("action-plan?include=actions&", lambda v: (plan_rows(v), plan_parts(v)), lambda p: (p.actions(), p.parts())),
    ("milestone-timeline?", milestones, Past.milestones),
    ("obstacle-register?", obstacles, grave),
    ("decision-register?", decisions, Past.decisions),
    ("indicator-board?", indicators, Past.indicators),
)


def every_view_of_every_moment(running: Running, seed: int) -> tuple[ViewsLife, list[Told]]:
    """From the launch on: before it, nothing of what the views show was there."""
    life = ViewsLife(running, seed).live()
    told = life.told()
    moments = [count for count, event in enumerate(told, 1) if event["position"] >= life.begins]
    assert len(moments) >= 50
    for who, person in (("lead", None), ("facilitator", running.people["facilitator"])):
        unseen = hidden(told, person)
        for count in moments:
            past = Past(told[:count], unseen)
            for name, read, believed in VIEWS:
                path = f"/transformations/{life.acting.id}/{name}as_of_position={told[count - 1]['position']}"
                view = running.get(path, who).json()
                assert view["today"] == past.today
                assert read(view) == believed(past), (path, who)
    return life, told


def test_every_view_as_of_every_position_is_the_second_computation(running: Running) -> None:
    """Of a life in which something happens: the law would prove little over one in which nothing does."""
    life, told = every_view_of_every_moment(running, SEED)
    assert {event["topic"] for event in told} >= EVENTFUL
    withheld, of_others = hidden(told, running.people["facilitator"]), hidden(told, "nobody")
    assert withheld < of_others, "the facilitator sees a restricted object that is their own, and misses others"
    assert life.refused < 40


@pytest.mark.prove
@pytest.mark.parametrize("seed", range(100, 120))
def test_the_same_for_more_lives(running: Running, seed: int) -> None:
    every_view_of_every_moment(running, seed)
