"""Actions over HTTP: from the proposal to « réalisée », their sheet, and « mes actions »."""

from typing import Any
from uuid import UUID

import psycopg
import pytest

from tests.api.steps import do, event_ids, events, listed, make, refused
from tests.running import Running


@pytest.fixture(scope="module")
def transformation(running: Running) -> str:
    return running.transformation()


@pytest.fixture(scope="module")
def axes(running: Running, transformation: str) -> list[str]:
    return [a["id"] for a in listed(running, transformation, "axes", sort="position")]


def propose(running: Running, transformation: str, **body: Any) -> dict[str, Any]:
    return make(running, transformation, "actions", **{"title": "Former les agents", **body})


def started(running: Running, transformation: str, **body: Any) -> str:
    """The path of an action in progress."""
    path = f"/actions/{propose(running, transformation, **body)['id']}"
    do(running, path, "plan")
    do(running, path, "start")
    return path


# Proposing


def test_a_proposed_action_is_read_back_as_it_was_answered(running: Running, transformation: str) -> None:
    made = propose(
        running,
        transformation,
        description="Deux jours",
        lead=running.people["contributor"],
        contributors=[running.people["lead"], running.people["lead"]],
        focus="being",
        horizon="short",
        priority="high",
        start_on="2026-03-09",
        end_on="2026-06-30",
        weight=2.5,
        budget=1200.5,
        funders=[{"name": "Budget propre", "amount": 1200.5}],
        attributes={"Direction pilote": "DSI"},
        ongoing=True,
    )
    assert running.get(f"/actions/{made['id']}").json() == made
    assert made["ref"].startswith("A-")
    assert (made["status"], made["weight"], made["budget"]) == ("proposed", 2.5, 1200.5)
    assert made["contributors"] == [running.people["lead"]]
    assert made["people"][running.people["contributor"]] == "contributor"
    assert made["attributes"] == {"Direction pilote": "DSI"}
    assert made["progress"]["value"] is None
    assert made["progress"]["rule"] == "nothing_known"


def test_an_action_in_a_workstream_takes_its_axis(running: Running, transformation: str, axes: list[str]) -> None:
    workstream = make(running, transformation, "workstreams", title="X", axis_id=axes[1])
    assert propose(running, transformation, workstream_id=workstream["id"])["axis_id"] == axes[1]
    body = {"title": "A", "workstream_id": workstream["id"], "axis_id": axes[0]}
    refused(running.post(f"/transformations/{transformation}/actions", body), 409, "workstream-of-another-axis")


@pytest.mark.parametrize("place", ["axis_id", "workstream_id", "phase_id", "parent_id"])
def test_an_action_has_no_place_in_another_transformation(running: Running, transformation: str, place: str) -> None:
    elsewhere = running.transformation()
    collection = {"axis_id": "axes", "workstream_id": "workstreams", "phase_id": "phases", "parent_id": "actions"}[
        place
    ]
    foreign = (listed(running, elsewhere, collection) or [make(running, elsewhere, collection, title="X")])[0]
    answered = running.post(f"/transformations/{transformation}/actions", {"title": "A", place: foreign["id"]})
    refused(answered, 404, "not-found")


def test_who_leads_an_action_is_in_the_directory(running: Running, transformation: str) -> None:
    stranger = "p_" + "7" * 32
    for body in ({"lead": stranger}, {"contributors": [stranger]}):
        answered = running.post(f"/transformations/{transformation}/actions", {"title": "A", **body})
        refused(answered, 404, "not-found")
    path = f"/actions/{propose(running, transformation)['id']}"
    refused(running.act(path, "revise", {"lead": stranger}), 404, "not-found")


def test_a_sub_action_has_no_sub_action(running: Running, transformation: str) -> None:
    whole = propose(running, transformation)
    part = propose(running, transformation, parent_id=whole["id"])
    answered = running.post(f"/transformations/{transformation}/actions", {"title": "A", "parent_id": part["id"]})
    refused(answered, 409, "sub-action-of-sub-action")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", " "),
        ("weight", 0),
        ("weight", 1.0000000000000002),
        ("budget", -1),
        ("funders", [{"name": ""}]),
        ("start_on", "01/02/2026"),
        ("lead", "somebody"),
        ("focus", "having"),
        ("body_id", None),
    ],
)
def test_an_impossible_field_is_named(running: Running, transformation: str, field: str, value: Any) -> None:
    answered = running.post(f"/transformations/{transformation}/actions", {"title": "A", field: value})
    assert answered.status_code == 422, answered.text
    assert answered.json()["errors"][0]["pointer"].startswith(f"/{field}")


def test_an_action_does_not_end_before_it_starts(running: Running, transformation: str) -> None:
    body = {"title": "A", "start_on": "2026-04-02", "end_on": "2026-04-01"}
    answered = running.post(f"/transformations/{transformation}/actions", body)
    assert refused(answered, 422, "action-ends-before-it-starts")["errors"][0]["pointer"] == "/end_on"


# Revising


def test_an_edit_of_several_meanings_records_several_events_at_once(
    running: Running, transformation: str, axes: list[str]
) -> None:
    path = f"/actions/{propose(running, transformation)['id']}"
    body: dict[str, Any] = {
        "title": "Autrement",
        "lead": running.people["lead"],
        "end_on": "2026-05-01",
        "axis_id": axes[0],
        "priority": "low",
        "budget": 10,
        "attributes": {"Code": "Z"},
    }
    after = do(running, path, "revise", **body)
    assert {name: after[name] for name in body} == body
    assert events(running, path) == [
        "action.proposed",
        "action.described",
        "action.reassigned",
        "action.rescheduled",
        "action.placed",
        "action.prioritised",
        "action.budgeted",
        "action.labelled",
    ]
    recorded = running.service.log.history(UUID(path.rpartition("/")[2]))[1:]
    assert len({fact.envelope.correlation_id for fact in recorded}) == 1
    assert len({fact.recorded_at for fact in recorded}) == 1


def test_an_edit_that_changes_nothing_is_refused(running: Running, transformation: str) -> None:
    funders = [{"name": "Budget propre", "amount": 5}]
    path = f"/actions/{propose(running, transformation, funders=funders, priority='low')['id']}"
    answered = running.act(path, "revise", {"funders": funders, "priority": "low"})
    refused(answered, 422, "nothing-to-change")


def test_another_workstream_brings_its_axis(running: Running, transformation: str, axes: list[str]) -> None:
    workstream = make(running, transformation, "workstreams", title="X", axis_id=axes[2])
    path = f"/actions/{propose(running, transformation, axis_id=axes[0])['id']}"
    assert do(running, path, "revise", workstream_id=workstream["id"])["axis_id"] == axes[2]
    refused(running.act(path, "revise", {"axis_id": axes[0]}), 409, "workstream-of-another-axis")
    after = do(running, path, "revise", axis_id=axes[0], workstream_id=None)
    assert (after["axis_id"], after["workstream_id"]) == (axes[0], None)


def test_a_place_that_is_named_as_it_stands_is_no_change(
    running: Running, transformation: str, axes: list[str]
) -> None:
    workstream = make(running, transformation, "workstreams", title="X", axis_id=axes[2])
    path = f"/actions/{propose(running, transformation, axis_id=axes[0])['id']}"
    after = do(running, path, "revise", axis_id=axes[1], workstream_id=None)
    assert (after["axis_id"], after["workstream_id"]) == (axes[1], None)
    elsewhere = {"axis_id": axes[1], "workstream_id": workstream["id"]}
    refused(running.act(path, "revise", elsewhere), 409, "workstream-of-another-axis")
    assert do(running, path, "revise", axis_id=axes[2])["axis_id"] == axes[2]
    after = do(running, path, "revise", axis_id=axes[2], workstream_id=workstream["id"])
    assert (after["axis_id"], after["workstream_id"]) == (axes[2], workstream["id"])
    refused(
        running.act(path, "revise", {"axis_id": axes[2], "workstream_id": workstream["id"]}), 422, "nothing-to-change"
    )


# Its course


def test_the_life_of_an_action(running: Running, transformation: str) -> None:
    path = f"/actions/{propose(running, transformation)['id']}"
    assert do(running, path, "plan")["status"] == "planned"
    begun = do(running, path, "start", occurred_on="2026-02-20")
    assert (begun["status"], begun["started_on"]) == ("in_progress", "2026-02-20")
    declared = do(running, path, "declare-progress", percent=40)
    assert (declared["progress"]["value"], declared["progress"]["rule"]) == (0.4, "declared")
    assert do(running, path, "pause", reason="Congés")["status"] == "paused"
    assert do(running, path, "resume")["status"] == "in_progress"
    done = do(running, path, "complete")
    assert (done["status"], done["completed_on"]) == ("done", running.now.date().isoformat())
    assert (done["progress"]["value"], done["progress"]["rule"]) == (1, "done")
    again = do(running, path, "reopen", reason="Il manque une session")
    assert (again["status"], again["reopen_count"]) == ("in_progress", 1)
    assert do(running, path, "put-back")["status"] == "proposed"
    given_up = do(running, path, "abandon", reason="Plus de besoin")
    assert (given_up["status"], given_up["status_reason"]) == ("abandoned", "Plus de besoin")


@pytest.mark.parametrize("verb", ["pause", "abandon"])
def test_what_stops_an_action_takes_a_reason(running: Running, transformation: str, verb: str) -> None:
    path = started(running, transformation)
    problem = refused(running.act(path, verb), 422, "reason-required")
    assert problem["errors"][0]["pointer"] == "/reason"


def test_an_act_out_of_turn_says_the_status_and_what_it_takes(running: Running, transformation: str) -> None:
    path = f"/actions/{propose(running, transformation)['id']}"
    problem = refused(running.act(path, "complete"), 409, "action-not-in-status")
    assert problem["facts"] == {"ref": running.get(path).json()["ref"], "status": "proposed", "needed": ["in_progress"]}


@pytest.mark.parametrize("percent", [-1, 100.5, "beaucoup", None])
def test_a_progress_is_a_per_cent(running: Running, transformation: str, percent: Any) -> None:
    path = started(running, transformation)
    assert running.act(path, "declare-progress", {"percent": percent}).status_code == 422


def test_work_that_begins_before_its_phase_warns_and_is_done(running: Running, transformation: str) -> None:
    phases = listed(running, transformation, "phases", sort="ordinal")
    path = f"/actions/{propose(running, transformation, phase_id=phases[1]['id'])['id']}"
    assert "warnings" not in do(running, path, "plan")
    begun = do(running, path, "start")
    assert begun["status"] == "in_progress"
    assert begun["warnings"][0]["code"] == "action-before-its-phase"
    assert phases[1]["title"] in begun["warnings"][0]["detail"]
    assert begun["before_its_phase"]


def test_confirming_needs_no_version(running: Running, transformation: str) -> None:
    path = f"/actions/{propose(running, transformation)['id']}"
    assert running.post(f"{path}/confirm").json()["confirmed_on"] == running.now.date().isoformat()


# The sheet


def test_progress_is_the_weighted_mean_of_milestones_and_sub_actions(running: Running, transformation: str) -> None:
    action = propose(running, transformation)
    path = f"/actions/{action['id']}"
    subject = {"kind": "action", "id": action["id"]}
    reached = make(running, transformation, "milestones", subject=subject, title="A", due_on="2026-04-01", weight=3)
    planned = make(running, transformation, "milestones", subject=subject, title="B", due_on="2026-05-01")
    do(running, f"/milestones/{reached['id']}", "reach")
    part = propose(running, transformation, parent_id=action["id"], title="Partie")
    unknown = propose(running, transformation, parent_id=action["id"], title="Inconnue")
    do(running, f"/actions/{part['id']}", "plan")
    do(running, f"/actions/{part['id']}", "start")
    do(running, f"/actions/{part['id']}", "declare-progress", percent=50)
    sheet = running.get(path).json()
    assert sheet["progress"]["value"] == pytest.approx((3 * 1 + 0 + 0.5) / 5)
    assert sheet["progress"]["rule"] == "mean_of_parts"
    assert sheet["progress"]["coverage"] == {"known": 3, "of": 4}
    assert [(m["id"], m["ref"], m["status"]) for m in sheet["milestones"]] == [
        (reached["id"], reached["ref"], "reached"),
        (planned["id"], planned["ref"], "planned"),
    ]
    assert [(a["id"], a["ref"], a["status"]) for a in sheet["sub_actions"]] == [
        (part["id"], part["ref"], "in_progress"),
        (unknown["id"], unknown["ref"], "proposed"),
    ]
    assert running.get(f"/actions/{part['id']}").json()["progress"]["value"] == 0.5


def test_a_list_shows_the_same_sheets_as_one_by_one(running: Running, transformation: str) -> None:
    items = listed(running, transformation, "actions", limit=200)
    assert len(items) > 10
    for item in items:
        alone = running.get(f"/actions/{item['id']}").json()
        del alone["people"]
        assert item == alone


def test_a_list_costs_the_same_queries_however_long(
    running: Running, transformation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[Any] = []
    execute = psycopg.Connection.execute

    def counted(self: Any, query: Any, *args: Any, **options: Any) -> Any:
        said.append(query)
        return execute(self, query, *args, **options)

    monkeypatch.setattr(psycopg.Connection, "execute", counted)
    listed(running, transformation, "actions", limit=1)
    few = len(said)
    assert few
    said.clear()
    assert len(listed(running, transformation, "actions", limit=50)) > 10
    assert len(said) == few


def test_an_action_past_its_end_is_late_and_overdue(running: Running, transformation: str) -> None:
    path = f"/actions/{propose(running, transformation, end_on='2026-03-01')['id']}"
    sheet = running.get(path).json()
    assert (sheet["late"], sheet["overdue"], sheet["slippage"]) == (True, True, None)
    future = propose(running, transformation, end_on="2026-03-02")
    assert (future["late"], future["overdue"]) == (False, False)
    do(running, path, "abandon", reason="Plus de besoin")
    assert running.get(path).json()["late"] is False


def test_an_open_obstacle_blocks_an_action_and_its_sub_actions(running: Running, transformation: str) -> None:
    action = propose(running, transformation)
    part = propose(running, transformation, parent_id=action["id"])
    other = propose(running, transformation)
    obstacle = make(
        running,
        transformation,
        "obstacles",
        title="Pas de salle",
        statement="Aucune salle libre",
        nature="obstacle",
        impact=2,
        urgency=2,
        blocks=[{"kind": "action", "id": action["id"]}],
    )
    for blocked in (action, part):
        sheet = running.get(f"/actions/{blocked['id']}").json()
        assert (sheet["blocked"], sheet["blockers"]) == (True, [obstacle["id"]])
    assert running.get(f"/actions/{other['id']}").json()["blocked"] is False


def test_a_restricted_obstacle_does_not_show_in_a_sheet(running: Running, transformation: str) -> None:
    action = propose(running, transformation, lead=running.people["contributor"])
    make(
        running,
        transformation,
        "obstacles",
        title="Départ",
        statement="Annoncé à la direction seulement",
        nature="risk",
        impact=3,
        urgency=2,
        visibility="restricted",
        blocks=[{"kind": "action", "id": action["id"]}],
    )
    path = f"/actions/{action['id']}"
    assert running.get(path, "lead").json()["blocked"] is True
    for hidden in (running.get(path, "contributor").json(), running.get("/me/actions", "contributor").json()):
        shown = hidden if "blocked" in hidden else next(i for i in hidden["items"] if i["id"] == action["id"])
        assert shown["blocked"] is False


# Who


def test_a_contributor_acts_on_own_actions_only(running: Running, transformation: str) -> None:
    own = propose(running, transformation, contributors=[running.people["contributor"]])
    other = propose(running, transformation, lead=running.people["facilitator"])
    assert do(running, f"/actions/{own['id']}", "plan", "contributor")["status"] == "planned"
    assert do(running, f"/actions/{own['id']}", "revise", "contributor", title="À moi")["title"] == "À moi"
    refused(running.act(f"/actions/{other['id']}", "plan", None, "contributor"), 403, "not-allowed")
    refused(running.act(f"/actions/{own['id']}", "start", None, "governance"), 403, "not-allowed")


def test_a_contributor_proposes_sub_actions_of_own_actions_only(running: Running, transformation: str) -> None:
    own = propose(running, transformation, lead=running.people["contributor"])
    other = propose(running, transformation)
    part = make(running, transformation, "actions", "contributor", title="Partie", parent_id=own["id"])
    assert part["parent_id"] == own["id"]
    for body in ({"title": "A"}, {"title": "A", "parent_id": other["id"]}):
        answered = running.post(f"/transformations/{transformation}/actions", body, "contributor")
        refused(answered, 403, "not-allowed")


def test_lists_filter_by_who_where_and_when(running: Running, transformation: str, axes: list[str]) -> None:
    mine = propose(
        running, transformation, lead=running.people["sponsor"], axis_id=axes[3], end_on="2031-05-01", title="Zèbre"
    )
    for query in (
        {"lead": running.people["sponsor"]},
        {"axis_id": axes[3]},
        {"end_on[gte]": "2031-01-01"},
        {"q": "zèbre"},
        {"ref": mine["ref"]},
    ):
        assert [a["id"] for a in listed(running, transformation, "actions", **query)] == [mine["id"]], query
    assert [a["id"] for a in listed(running, transformation, "actions", "sponsor", lead="me")] == [mine["id"]]


def test_my_actions_come_from_every_transformation_open_ones_first(running: Running) -> None:
    person = running.person("Camille")
    codes = []
    for _ in range(2):
        transformation = running.transformation()
        codes.append(running.get(f"/transformations/{transformation}").json()["code"])
        make(running, transformation, "members", person_id=person, role="contributor")
    first, second = codes
    later = propose(running, first, lead=person, title="Plus tard", end_on="2026-09-01")
    late = propose(running, second, contributors=[person], title="En retard", end_on="2026-01-15")
    undated = propose(running, first, lead=person, title="Sans date")
    over = propose(running, first, lead=person, title="Abandonnée", end_on="2026-01-01")
    do(running, f"/actions/{over['id']}", "abandon", reason="Plus de besoin")
    propose(running, first, title="Pas à moi")
    mine = running.get("/me/actions", "Camille")
    assert mine.status_code == 200, mine.text
    assert [i["id"] for i in mine.json()["items"]] == [late["id"], later["id"], undated["id"], over["id"]]
    assert mine.json()["items"][0] == {
        "transformation": second,
        "id": late["id"],
        "ref": late["ref"],
        "title": "En retard",
        "status": "proposed",
        "end_on": "2026-01-15",
        "late": True,
        "blocked": False,
    }
    before = running.get("/me/actions", "Camille", params={"as_of_position": mine.json()["position"]})
    assert before.json()["items"] == mine.json()["items"]


# Mending


def test_a_completion_recorded_by_mistake_is_withdrawn_and_is_no_reopening(
    running: Running, transformation: str
) -> None:
    path = started(running, transformation)
    do(running, path, "complete")
    after = do(running, path, f"events/{event_ids(running, path)[-1]}/withdraw", reason="Mauvaise action")
    assert (after["status"], after["reopen_count"]) == ("in_progress", 0)


def test_a_start_that_a_completion_rests_on_is_not_withdrawn(running: Running, transformation: str) -> None:
    path = started(running, transformation)
    begun = event_ids(running, path)[-1]
    do(running, path, "complete")
    answered = running.act(path, f"events/{begun}/withdraw", {"reason": "Erreur"})
    refused(answered, 409, "later-facts-depend")


def test_the_day_of_a_start_is_put_right(running: Running, transformation: str) -> None:
    path = started(running, transformation)
    begun = event_ids(running, path)[-1]
    after = do(running, path, f"events/{begun}/correct", reason="La veille", changes={"occurred_on": "2026-03-01"})
    assert after["started_on"] == "2026-03-01"
    answered = running.act(path, f"events/{begun}/correct", {"reason": "x", "changes": {"occurred_on": "2027-01-01"}})
    refused(answered, 422, "true-on-in-future")
