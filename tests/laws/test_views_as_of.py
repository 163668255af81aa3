"""The views of the past: as of every position, each view says what a second computation from the raw events says."""

from collections import Counter
from random import Random

import pytest

from tests.laws.naive_events import Told
from tests.laws.naive_past import hidden
from tests.laws.views_life import ViewsLife
from tests.laws.views_seen import Looking, instants
from tests.running import Running

SEED = 102
EVENTFUL = {
    *("action.corrected", "action.withdrawn", "action.reopened", "action.progress_declared", "action.baseline_set"),
    *("milestone.corrected", "milestone.rescheduled", "milestone.reopened", "milestone.baseline_set"),
    *("obstacle.reopened", "obstacle.resolved", "obstacle.escalated", "obstacle.escalation_answered"),
    *("obstacle.spoken", "obstacle.assessed", "obstacle.assigned", "obstacle.corrected", "obstacle.withdrawn"),
    *("indicator.measured", "indicator.value_accepted", "indicator.value_refused", "indicator.retargeted"),
    *("indicator.rebaselined", "indicator.corrected", "indicator.withdrawn"),
    *("decision.superseded", "workstream.placed", "workstream.prioritised", "workstream.closed", "note.written"),
    *("status_report.reported", "status_report.acknowledged", "status_report.corrected", "status_report.withdrawn"),
    *(f"{kind}.confirmed" for kind in ("transformation", "phase", "workstream", "action", "milestone", "indicator")),
    "axis.looked_at",
}
SEEN = {
    *(f"computed={word}" for word in ("secured", "attainable", "support_needed", "compromised", "unknown")),
    *("declared=None", "declared", "disagreement=None", "disagreement"),
    *("milestone_late", "milestone_very_late", "indicator_stale", "action_blocked", "third_late_or_blocked"),
    *("escalation_unanswered", "critical_obstacle_overdue", "overdue=True"),
    *(f"rule={rule}" for rule in ("done", "mean_of_parts", "declared", "nothing_known", "mean_of_known", "none_known")),
    *("share_of_the_way", "inside_tolerance", "no_baseline", "no_target", "no_measure", "stale=True"),
    *("on_track=True", "on_track=False", "on_track=None", "applicable=False", "forgotten", "fresh", "series"),
    *("decided", "weather", "slipped", "raised", "lifted", "closed", "reopened", "added", "measured", "changed"),
    *("corrected", "withdrawn", "nothing changed"),
}
"""What is believed at some moment of that life: every weather, reason, rule of a figure and group of changes."""


def every_view_of_every_moment(running: Running, seed: int) -> tuple[ViewsLife, list[Told], Counter[str]]:
    """From the launch on: before it, nothing of what the views show was there. The facilitator looks half as often."""
    life = ViewsLife(running, seed).live()
    told, seen, draw = life.told(), Counter[str](), Random(seed)
    first = next(count for count, event in enumerate(told, 1) if event["position"] >= life.begins)
    moments = range(first, len(told) + 1)
    assert len(moments) >= 50
    ends = instants(told)
    for who, step in (("lead", 1), ("facilitator", 2)):
        looking = Looking(life, told, who)
        for count in moments[::step]:
            looking.at(count)
            looking.between(count - step, count)
            looking.between(draw.choice((0, first, draw.randrange(count))), count)
        for _ in range(10):
            looking.between(*sorted(draw.choices(ends, k=2)), by_instant=True)
        looking.between(len(told), len(told))
        seen += looking.seen
    return life, told, seen


def test_every_view_as_of_every_position_is_the_second_computation(running: Running) -> None:
    """Of a life in which something happens: the law would prove little over one in which nothing does."""
    life, told, seen = every_view_of_every_moment(running, SEED)
    assert {event["topic"] for event in told} >= EVENTFUL
    assert seen.keys() >= SEEN
    withheld, of_others = hidden(told, running.people["facilitator"]), hidden(told, "nobody")
    assert withheld < of_others, "the facilitator sees a restricted object that is their own, and misses others"
    assert life.refused < 40


@pytest.mark.prove
@pytest.mark.parametrize("seed", range(100, 120))
def test_the_same_for_more_lives(running: Running, seed: int) -> None:
    every_view_of_every_moment(running, seed)
