"""The status of the action plan over HTTP, compared with numbers worked out by hand from a small world."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.api.views_world import Acting
from tests.running import Running


class World(Acting):
    """A plan in March 2026: an axis with nested workstreams, an axis in trouble, and what stands under none."""

    def __init__(self, running: Running) -> None:
        super().__init__(running)
        axis, troubled = self.axes[0]["id"], self.axes[1]["id"]
        self.outer = self.add("workstreams", title="Parcours", axis_id=axis)
        self.inner = self.add("workstreams", title="Accueil", parent_id=self.outer["id"])
        self.lonely = self.add("workstreams", title="Hors des axes")
        phase = self.phases[0]["id"]

        self.halfway = self.add("actions", title="Décrire", workstream_id=self.outer["id"], phase_id=phase)
        self.milestone("Entretiens faits", self.halfway, "2026-03-20", weight=1)
        self.reached = self.milestone("Cartographie", self.halfway, "2026-03-10", weight=1)
        self.part = self.add("actions", title="Décrire l’accueil", parent_id=self.halfway["id"])
        self.declared = self.add("actions", title="Former", axis_id=axis, weight=3)
        for verb, body in (("plan", {}), ("start", {}), ("declare-progress", {"percent": 25})):
            self.do("actions", self.declared, verb, body)
        self.unknown = self.add("actions", title="Outiller", workstream_id=self.inner["id"])
        self.abandoned = self.add("actions", title="Déménager", axis_id=axis)
        self.do("actions", self.abandoned, "abandon", {"reason": "Plus de locaux"})
        self.done = self.add("actions", title="Nommer un référent")
        for verb in ("plan", "start", "complete"):
            self.do("actions", self.done, verb, {})
        self.stuck = self.add("actions", title="Migrer", axis_id=troubled, end_on="2026-03-06")
        self.do("actions", self.stuck, "plan", {})
        self.do("milestones", self.reached, "reach", {})

    def milestone(self, title: str, action: dict[str, Any], due_on: str, **body: Any) -> dict[str, Any]:
        subject = {"kind": "action", "id": action["id"]}
        return self.add("milestones", title=title, subject=subject, due_on=due_on, **body)

    def status(self, who: str = "lead", **query: Any) -> dict[str, Any]:
        return self.view("action-plan", who, **query)


def counted(part: dict[str, Any]) -> dict[str, int]:
    """The statuses that some action has; every other one must be there with 0."""
    assert list(part["counts"]) == ["proposed", "planned", "in_progress", "paused", "done", "abandoned"]
    return {status: count for status, count in part["counts"].items() if count}


@pytest.fixture(scope="module")
def first(running: Running) -> tuple[World, dict[str, Any]]:
    """The world on its first day, and its status as read then."""
    world = World(running)
    return world, world.status(include="actions")


@pytest.fixture
def world(running: Running) -> World:
    """A world of the test's own."""
    return World(running)


def test_an_axis_counts_its_top_level_actions_and_weighs_the_known_ones(first: tuple[World, dict[str, Any]]) -> None:
    axis = first[1]["axes"][0]
    assert counted(axis) == {"proposed": 2, "in_progress": 1, "abandoned": 1}
    assert (axis["open"], axis["abandoned"]) == (3, 1)
    progress = axis["progress"]
    assert (
        progress["value"] == (1 * 0.5 + 3 * 0.25) / 4
    )  # half of « Décrire », a quarter of « Former », thrice as heavy
    assert progress["rule"] == "mean_of_known"
    assert progress["coverage"] == {"known": 2, "of": 3}  # « Outiller » is unknown; « Déménager » left the denominator
    assert len(progress["inputs"]["actions"]) == 3


def test_the_total_counts_every_top_level_action_once(first: tuple[World, dict[str, Any]]) -> None:
    total = first[1]["total"]
    assert counted(total) == {"proposed": 2, "planned": 1, "in_progress": 1, "done": 1, "abandoned": 1}
    assert total["progress"]["value"] == (1 * 0.5 + 3 * 0.25 + 1 * 1) / 5
    assert total["progress"]["coverage"] == {"known": 3, "of": 5}


def test_what_has_no_axis_stands_under_sans_axe(first: tuple[World, dict[str, Any]]) -> None:
    world, status = first
    without = status["without_axis"]
    assert counted(without) == {"done": 1}
    assert without["progress"]["value"] == 1
    assert [workstream["id"] for workstream in without["workstreams"]] == [world.lonely["id"]]


def test_workstreams_are_nested_and_the_outer_holds_what_the_inner_holds(first: tuple[World, dict[str, Any]]) -> None:
    world, status = first
    (outer,) = status["axes"][0]["workstreams"]
    (inner,) = outer["workstreams"]
    assert (outer["id"], inner["id"]) == (world.outer["id"], world.inner["id"])
    assert counted(outer) == {"proposed": 2}
    assert counted(inner) == {"proposed": 1}
    assert outer["progress"]["value"] == 0.5


def test_unknown_is_never_zero(first: tuple[World, dict[str, Any]]) -> None:
    status = first[1]
    inner = status["axes"][0]["workstreams"][0]["workstreams"][0]
    assert inner["progress"]["value"] is None
    assert inner["progress"]["coverage"] == {"known": 0, "of": 1}
    empty = status["axes"][3]
    assert counted(empty) == {}
    assert empty["progress"]["value"] is None
    assert empty["weather"] == {
        "declared": None,
        "computed": {"value": "unknown", "reasons": []},
        "disagreement": None,
    }


def test_phases_and_what_has_no_phase_share_the_actions_out(first: tuple[World, dict[str, Any]]) -> None:
    status = first[1]
    assert [phase["ordinal"] for phase in status["phases"]] == [1, 2, 3, 4]
    assert counted(status["phases"][0]) == {"proposed": 1}
    assert status["phases"][0]["status"] == "open"
    assert counted(status["without_phase"]) == {
        "proposed": 1,
        "planned": 1,
        "in_progress": 1,
        "done": 1,
        "abandoned": 1,
    }


def test_sub_actions_feed_their_parent_and_show_among_the_rows(first: tuple[World, dict[str, Any]]) -> None:
    world, status = first
    rows = {row["id"]: row for row in status["actions"]}
    assert len(rows) == 7
    progress = rows[world.halfway["id"]]["progress"]
    assert progress["value"] == 0.5
    assert progress["coverage"] == {"known": 2, "of": 3}  # two milestones, and a sub-action of unknown progress
    part = rows[world.part["id"]]
    assert part["parent_id"] == world.halfway["id"]
    assert part["axis_id"] == world.axes[0]["id"]  # that of its parent's workstream


def test_the_rows_come_only_when_asked_for(first: tuple[World, dict[str, Any]]) -> None:
    assert first[0].status()["actions"] is None


def test_the_last_change_of_a_part_is_the_last_event_that_stands_in_it(first: tuple[World, dict[str, Any]]) -> None:
    world, status = first
    last = status["axes"][0]["last_change"]
    assert (last["topic"], last["subject_ref"]) == ("milestone.reached", world.reached["ref"])
    assert last["what"] == "Jalon atteint"
    assert last["recorded_at"] == "2026-03-02T09:00:00+00:00"
    assert last["actor"] == world.running.people["lead"]
    assert status["axes"][1]["last_change"]["topic"] == "action.planned"
    assert status["axes"][3]["last_change"]["topic"] == "axis.proposed"


def test_a_date_that_passes_makes_late_and_overdue_without_any_event(world: World, running: Running) -> None:
    assert world.status()["axes"][1]["overdue"] == 0
    before = world.head()
    running.now = max(running.now, datetime(2026, 3, 9, 9, tzinfo=UTC))
    troubled = world.status()["axes"][1]
    assert (troubled["late"], troubled["overdue"], troubled["blocked"]) == (1, 1, 0)
    assert world.status()["total"]["late"] == 1
    assert world.status(as_of_position=before)["axes"][1]["late"] == 0  # the clock of a past read is the past


def test_an_open_obstacle_blocks_and_shows_in_every_part_it_touches(world: World, running: Running) -> None:
    raised = world.add(
        "obstacles",
        title="Serveur saturé",
        statement="Plus de place",
        nature="obstacle",
        impact=3,
        urgency=2,
        blocks=[{"kind": "action", "id": world.stuck["id"]}],
    )
    running.advance(days=4)
    status = world.status()
    troubled = status["axes"][1]
    assert (troubled["blocked"], status["total"]["blocked"], status["axes"][0]["blocked"]) == (1, 1, 0)
    (obstacle,) = troubled["open_obstacles"]
    assert (obstacle["id"], obstacle["severity"], obstacle["level"]) == (raised["id"], "high", "lead")
    assert (obstacle["age_days"], obstacle["days_at_level"], obstacle["days_silent"]) == (4, 4, 4)
    assert status["axes"][0]["open_obstacles"] == []
    by = {"resolution": "Espace libéré", "resolved_by": {"kind": "other"}}
    world.do("obstacles", raised, "resolve", by)
    assert world.status()["axes"][1]["blocked"] == 0
    assert world.status()["axes"][1]["open_obstacles"] == []


def test_a_restricted_obstacle_is_not_counted_for_who_may_not_see_it_even_in_the_past(world: World) -> None:
    obstacle = world.add(
        "obstacles",
        title="Conflit de personnes",
        statement="À traiter",
        nature="obstacle",
        impact=3,
        urgency=3,
        blocks=[{"kind": "action", "id": world.stuck["id"]}],
    )
    open_then = world.head()
    world.do("obstacles", obstacle, "revise", {"visibility": "restricted"})
    seen, hidden = world.status("governance")["axes"][1], world.status("contributor")["axes"][1]
    assert (seen["blocked"], len(seen["open_obstacles"])) == (1, 1)
    assert (hidden["blocked"], hidden["open_obstacles"]) == (0, [])
    assert "action_blocked" in [reason["code"] for reason in seen["weather"]["computed"]["reasons"]]
    assert "action_blocked" not in [reason["code"] for reason in hidden["weather"]["computed"]["reasons"]]
    assert hidden["last_change"]["topic"] == "action.planned"
    past = world.status("contributor", as_of_position=open_then)
    assert past["total"]["blocked"] == 0  # it was open to all then; today's rights hold
    assert past["total"]["open_obstacles"] == []
    assert "Conflit" not in str(past)


def test_declared_and_computed_weather_stand_side_by_side_and_disagree_in_words(world: World) -> None:
    axis = world.axes[1]["id"]
    for confidence, narrative in (("compromised", "Tout va mal"), ("secured", "Tout va bien")):
        subject = {"kind": "axis", "id": axis}
        report = world.add("status-reports", subject=subject, confidence=confidence, narrative=narrative)
    world.add(
        "obstacles",
        title="Serveur saturé",
        statement="Plus de place",
        nature="obstacle",
        impact=2,
        urgency=2,
        blocks=[{"kind": "action", "id": world.stuck["id"]}],
    )
    weather = world.status()["axes"][1]["weather"]
    assert weather["declared"]["confidence"] == "secured"  # the last word of the day
    assert weather["declared"]["narrative"] == "Tout va bien"
    assert weather["declared"]["by"] == world.running.people["lead"]
    assert weather["declared"]["acknowledged"] is False
    assert weather["computed"]["value"] == "compromised"
    assert [reason["code"] for reason in weather["computed"]["reasons"]] == ["third_late_or_blocked", "action_blocked"]
    ref = world.stuck["ref"]
    blocked = weather["computed"]["reasons"][1]
    assert blocked["sentence"] == f"L’action {ref} est bloquée."
    assert [subject["ref"] for subject in blocked["subjects"]] == [ref]
    assert weather["disagreement"]["steps"] == 3
    assert weather["disagreement"]["sentence"] == (
        "Déclarée «\u202fobjectifs sécurisés\u202f», calculée «\u202fobjectifs compromis\u202f»\u202f: "
        "3 crans d’écart, la personne est plus confiante que les faits."
    )
    english = world.status(language="en")["axes"][1]["weather"]
    assert english["computed"]["reasons"][1]["sentence"] == f"Action {ref} is blocked."
    assert english["disagreement"]["sentence"] == (
        "Declared “secured”, computed “compromised”: 3 steps apart, the person is more confident than the facts."
    )
    world.do("status-reports", report, "acknowledge", {}, who="sponsor")
    assert world.status()["axes"][1]["weather"]["declared"]["acknowledged"] is True
    assert world.status()["total"]["weather"]["declared"] is None  # a report speaks of its own subject only


def test_a_correction_and_a_withdrawal_change_today_and_leave_the_past_as_it_was_believed(world: World) -> None:
    believed = world.head()
    path = f"/transformations/{world.id}/action-plan"
    before = world.running.get(path, params={"as_of_position": believed, "include": "actions"})
    world.mend("actions", world.declared, "action.progress_declared", "correct", {"changes": {"percent": 75}})
    assert world.status()["axes"][0]["progress"]["value"] == (1 * 0.5 + 3 * 0.75) / 4
    world.mend("milestones", world.reached, "milestone.reached", "withdraw", {})
    assert world.status()["axes"][0]["progress"]["value"] == (1 * 0 + 3 * 0.75) / 4
    world.mend("actions", world.abandoned, "action.proposed", "withdraw", {})
    now = world.status()["axes"][0]
    assert counted(now) == {"proposed": 2, "in_progress": 1}
    assert now["last_change"]["topic"] == "action.withdrawn"  # it counts nowhere, and is what changed last
    after = world.running.get(path, params={"as_of_position": believed, "include": "actions"})
    assert after.content == before.content


def test_who_holds_the_same_bytes_gets_none(world: World) -> None:
    path = f"/transformations/{world.id}/action-plan"
    read = world.running.get(path)
    again = world.running.get(path, headers={"If-None-Match": read.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    world.do("actions", world.unknown, "plan", {})
    changed = world.running.get(path, headers={"If-None-Match": read.headers["ETag"]})
    assert changed.status_code == 200
    assert changed.json()["position"] > read.json()["position"]


def test_strangers_find_nothing_and_unknown_parameters_are_refused(world: World) -> None:
    path = f"/transformations/{world.id}/action-plan"
    if "stranger" not in world.running.people:
        world.running.person("stranger")
    assert world.running.get(path, "stranger").status_code == 404
    assert world.running.get(path, params={"include": "everything"}).status_code == 422
    assert world.running.get(path, params={"inlcude": "actions"}).status_code == 422
    assert world.running.get(path, params={"as_of": "2026-03-02T09:00:00"}).status_code == 422
