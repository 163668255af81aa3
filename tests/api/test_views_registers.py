"""The obstacle register, the decision register and freshness over HTTP, compared with what was done by hand."""

from typing import Any

import pytest

from service.api.routers import views
from service.projections.freshness_view import LIVING
from tests.api.views_world import Acting
from tests.running import Running


@pytest.fixture
def acting(running: Running) -> Acting:
    return Acting(running)


def raise_one(acting: Acting, title: str, impact: int, urgency: int, **body: Any) -> dict[str, Any]:
    graded = {"title": title, "statement": "À décrire", "nature": "obstacle", "impact": impact, "urgency": urgency}
    return acting.add("obstacles", **graded, **body)


def test_the_gravest_and_highest_obstacles_come_first_with_their_clocks(acting: Acting) -> None:
    running = acting.running
    action = acting.add("actions", title="Migrer")
    blocks = [{"kind": "action", "id": action["id"]}]
    low = raise_one(acting, "Bruit", 1, 2)
    critical = raise_one(acting, "Panne", 3, 3, blocks=blocks, owner=running.people["contributor"])
    high = raise_one(acting, "Retard", 3, 2, next_look_on=(running.now.date()).isoformat())
    higher = raise_one(acting, "Budget", 2, 3)
    due_on = running.now.date().isoformat()
    acting.do("obstacles", higher, "escalate", {"level": "direction", "ask": "Arbitrer", "answer_due_on": due_on})
    running.advance(days=3)
    spoken = running.post(f"/obstacles/{critical['id']}/speak", {"text": "On avance"}, "contributor")
    assert spoken.status_code == 200, spoken.text
    running.advance(days=2)

    register = acting.view("obstacle-register")
    assert [each["id"] for each in register["open"]] == [critical["id"], higher["id"], high["id"], low["id"]]
    assert register["by_severity"] == {"critical": 1, "high": 2, "medium": 0, "low": 1}
    assert register["by_level"] == {"governance": 0, "direction": 1, "lead": 3}
    assert (register["open_count"], register["overdue_count"]) == (4, 2)
    first, second, third, _ = register["open"]
    assert (first["age_days"], first["days_silent"], first["last_word"]) == (5, 2, "On avance")
    assert first["blocked"] == [{"kind": "action", "id": action["id"], "ref": action["ref"], "title": "Migrer"}]
    assert (second["overdue"], second["days_at_level"], second["pending"]["ask"]) == (True, 5, "Arbitrer")
    assert (third["overdue"], third["answer_due_on"]) == (True, None)


def test_a_lifted_obstacle_names_the_decision_that_lifted_it_unless_one_may_not_see_it(acting: Acting) -> None:
    obstacle = raise_one(acting, "Panne", 3, 3)
    acting.running.advance(days=6)
    open_then = acting.head()
    decision = acting.add("decisions", title="Changer de serveur", chosen="Oui", resolves=[obstacle["id"]])
    register = acting.view("obstacle-register")
    assert register["open"] == []
    assert register["counts"] == {"resolved": 1}
    (lifted,) = register["lifted"]
    assert lifted["lifted_by"]["named"]["ref"] == decision["ref"]
    assert lifted["age_days"] == 6
    acting.do("decisions", decision, "revise", {"visibility": "restricted"}, who="governance")
    (lifted,) = acting.view("obstacle-register", "contributor")["lifted"]
    assert lifted["lifted_by"] == {"kind": "decision", "named": None}
    past = acting.view("obstacle-register", as_of_position=open_then)
    assert (past["open_count"], past["lifted"]) == (1, [])


def test_a_restricted_obstacle_is_in_no_count_of_the_register_for_who_may_not_see_it(acting: Acting) -> None:
    raise_one(acting, "Conflit", 3, 3, visibility="restricted", owner=acting.running.people["facilitator"])
    raised = acting.head()
    for when in ({}, {"as_of_position": raised}):
        assert acting.view("obstacle-register", "contributor", **when)["counts"] == {}
        assert acting.view("obstacle-register", "contributor", **when)["by_severity"]["critical"] == 0
        assert acting.view("obstacle-register", "facilitator", **when)["open_count"] == 1  # its owner
        assert acting.view("obstacle-register", "auditor", **when)["open_count"] == 1


def test_the_decision_register_says_what_is_not_told_not_applied_superseded(acting: Acting) -> None:
    first = acting.add("decisions", title="Un outil", chosen="A", applies_from="2026-03-01")
    told = acting.add("decisions", title="Un lieu", chosen="B")
    acting.do("decisions", told, "communicate", {"audience": "Tous"})
    acting.do("decisions", told, "apply", {})
    before = acting.head()
    second = acting.add("decisions", "governance", title="Un autre outil", chosen="C", supersedes=first["id"])
    register = acting.view("decision-register")
    assert [each["ref"] for each in register["decisions"]] == [first["ref"], told["ref"], second["ref"]]
    assert register["counts"] == {"superseded": 1, "taken": 2}
    assert (register["not_communicated"], register["not_applied"]) == (1, 1)  # only the new one
    old, applied, new = register["decisions"]
    assert (old["status"], old["superseded_by"]["ref"]) == ("superseded", second["ref"])
    assert (new["supersedes"]["ref"], new["not_communicated"], new["not_applied"]) == (first["ref"], True, True)
    assert (applied["not_communicated"], applied["not_applied"]) == (False, False)
    past = acting.view("decision-register", as_of_position=before)["decisions"]
    assert [(each["status"], each["superseded_by"]) for each in past] == [("taken", None), ("taken", None)]
    acting.do("decisions", second, "revise", {"visibility": "restricted"}, who="governance")
    seen = acting.view("decision-register", "contributor")
    assert [each["ref"] for each in seen["decisions"]] == [first["ref"], told["ref"]]
    assert seen["counts"] == {"superseded": 1, "taken": 1}
    assert seen["decisions"][0]["superseded_by"] is None
    assert "Un autre outil" not in str(seen)


def test_the_old_wording_of_a_corrected_decision_stays_in_the_register(acting: Acting) -> None:
    decision = acting.add("decisions", title="Un lieu", chosen="Batiment B")
    acting.mend("decisions", decision, "decision.taken", "correct", {"changes": {"chosen": "Bâtiment C"}})
    (shown,) = acting.view("decision-register")["decisions"]
    assert shown["chosen"] == "Bâtiment C"
    assert shown["corrections"][0]["before"] == {"chosen": "Batiment B"}


def test_freshness_names_what_nobody_touched_whose_it_is_and_a_call_that_works(acting: Acting) -> None:
    running = acting.running
    mine = acting.add("actions", title="Migrer", lead=running.people["contributor"])
    gone = acting.add("actions", title="Déménager")
    acting.do("actions", gone, "abandon", {"reason": "Plus utile"})
    subject = {"kind": "action", "id": mine["id"]}
    milestone = acting.add("milestones", title="Bascule", subject=subject, due_on="2030-01-01")
    start = acting.head()
    running.advance(days=20)
    touched = acting.add("actions", title="Former")
    running.advance(days=11)
    view = acting.view("freshness", days=30)
    found = {each["id"]: each for each in view["objects"]}
    assert {mine["id"], milestone["id"]} <= found.keys()
    assert not {gone["id"], touched["id"]} & found.keys()
    assert (found[mine["id"]]["days"], found[mine["id"]]["owners"]) == (31, [running.people["contributor"]])
    assert found[milestone["id"]]["owners"] == [running.people["contributor"]]  # that of its action
    assert found[acting.axes[0]["id"]]["owners"] == [running.people["lead"]]  # nobody's: the lead's
    assert view["by_kind"]["action"] == {"living": 2, "stale": 1}
    assert view["stale"] == len(view["objects"])
    days = [each["days"] for each in view["objects"]]
    assert days == sorted(days, reverse=True)
    assert acting.view("freshness", days=31)["stale"] == 0
    assert acting.view("freshness", days=30, as_of_position=start)["stale"] == 0

    for each in view["objects"]:
        confirmed = running.post(each["confirm"].removeprefix("/api/v1"))
        assert confirmed.status_code == 200, (each["confirm"], confirmed.text)
    assert acting.view("freshness", days=30)["objects"] == []


def test_every_kind_in_freshness_has_a_route_that_gives_its_sign_of_life(acting: Acting) -> None:
    paths = acting.running.get("/openapi.json", who="").json()["paths"]
    for kind in LIVING:
        id = "transformation" if kind.concept.name == "transformation" else "id"
        assert f"/api/v1/{kind.concept.collection}/{{{id}}}/{kind.verb}" in paths


VIEWS = {
    "action-plan": views.ActionPlanView,
    "milestone-timeline": views.MilestoneTimelineView,
    "obstacle-register": views.ObstacleRegisterView,
    "indicator-board": views.IndicatorBoardView,
    "decision-register": views.DecisionRegisterView,
    "freshness": views.FreshnessAnswer,
}


def test_every_view_names_people_and_says_its_position_and_day(acting: Acting) -> None:
    acting.add("actions", title="Migrer", lead=acting.running.people["lead"])
    for name, model in VIEWS.items():
        now = acting.view(name)
        model.model_validate(now)  # as the OpenAPI document describes it: nothing missing, nothing more
        assert now["as_of"] is None
        assert now["position"] == acting.head()
        past = acting.view(name, as_of_position=acting.head())
        assert past["as_of"] is not None
        assert {**past, "as_of": None} == now
    people = acting.view("action-plan", include="actions")["people"]
    assert people[acting.running.people["lead"]] == "lead"
