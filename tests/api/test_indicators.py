"""Indicators over HTTP: defined, measured, corrected, proposed and settled, read as a series and as of the past."""

from typing import Any

import pytest

from tests.running import Running


@pytest.fixture(scope="module")
def place(running: Running) -> dict[str, str]:
    transformation = running.transformation()
    axes = running.get(f"/transformations/{transformation}/axes")
    phases = running.get(f"/transformations/{transformation}/phases").json()["items"]
    return {
        "transformation": transformation,
        "other": running.transformation(),
        "axis": axes.json()["items"][0]["id"],
        "phase": phases[0]["id"],
    }


def body_of(running: Running, **more: Any) -> dict[str, Any]:
    return {
        "title": "Délai moyen de réponse",
        "family": "doing",
        "unit": "jours",
        "direction": "down",
        "cadence": "monthly",
        "baseline": {"value": 20, "on": "2026-01-01"},
        "targets": [{"value": 10, "on": "2026-12-31"}, {"value": 15, "on": "2026-06-30"}],
        "owner": running.people["contributor"],
        **more,
    }


def define(running: Running, place: dict[str, str], **more: Any) -> dict[str, Any]:
    made = running.post(f"/transformations/{place['transformation']}/indicators", body_of(running, **more))
    assert made.status_code == 201, made.text
    return dict(made.json())


def measure(running: Running, id: str, value: Any, on: str, who: str = "contributor", **more: Any) -> Any:
    return running.post(f"/indicators/{id}/measure", {"value": value, "occurred_on": on, **more}, who)


def series(running: Running, id: str, **query: Any) -> Any:
    answer = running.get(f"/indicators/{id}/series", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def code_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_a_defined_indicator_is_read_back_as_it_was_answered(running: Running, place: dict[str, str]) -> None:
    made = define(running, place, subject={"kind": "axis", "id": place["axis"]}, description="Courriers compris")
    assert running.get(f"/indicators/{made['id']}").json() == made
    assert made["ref"].startswith("I-")
    assert [target["value"] for target in made["targets"]] == [15, 10], "in the order of their days"
    assert (made["progress"]["value"], made["progress"]["rule"]) == (None, "no_measure")
    assert made["on_track"]["value"] is None
    assert made["expected_today"] == pytest.approx(20 - 5 * 60 / 180), "60 of the 180 days to the next target"


def test_progress_and_trajectory_are_explained(running: Running, place: dict[str, str]) -> None:
    made = define(running, place)
    measured = measure(running, made["id"], 17.5, "2026-03-01", comment="Relevé du mois").json()
    assert measured["progress"]["value"] == 0.25
    assert measured["progress"]["rule"] == "share_of_the_way"
    assert measured["on_track"] == {
        "value": True,
        "rule": "compared_with_interpolation",
        "inputs": {
            "actual": {"value": 17.5, "on": "2026-03-01", "event_id": measured["last_measure"]["event_id"]},
            "expected": pytest.approx(20 - 5 * 59 / 180),
        },
        "coverage": {"known": 1, "of": 1},
    }
    assert measured["stale"]["value"] is False
    assert measured["value_due_on"] == "2026-04-30"
    assert measured["last_measure"]["comment"] == "Relevé du mois"


def test_an_indicator_nobody_measures_becomes_stale(running: Running, place: dict[str, str]) -> None:
    late = define(running, place, baseline={"value": 20, "on": "2025-11-10"}, availability_delay_days=20)
    assert (late["stale"]["value"], late["value_due_on"]) == (True, "2026-01-20")


def test_numbers_keep_every_digit_up_to_fifteen(running: Running, place: dict[str, str]) -> None:
    made = define(running, place)
    exact = measure(running, made["id"], 0.123456789012345, "2026-02-01")
    assert b'"value":0.123456789012345,' in exact.content
    whole = measure(running, made["id"], 123456789012345, "2026-02-02")
    assert b'"value":123456789012345,' in whole.content


@pytest.mark.parametrize("value", [0.1234567890123456, 1234567890123456, 1e300, "12", True, None])
def test_what_is_no_exact_number_is_refused(running: Running, place: dict[str, str], value: Any) -> None:
    made = define(running, place)
    refused = measure(running, made["id"], value, "2026-02-01")
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/value"


def test_a_day_has_one_value_and_none_comes_from_the_future(running: Running, place: dict[str, str]) -> None:
    made = define(running, place)
    measure(running, made["id"], 19, "2026-02-01")
    again = measure(running, made["id"], 18, "2026-02-01")
    assert code_of(again) == (409, "already-measured")
    assert again.json()["facts"]["event_id"]
    assert code_of(measure(running, made["id"], 18, "2026-03-03")) == (422, "true-on-in-future")


def test_a_definition_that_makes_no_sense_points_at_what_is_wrong(running: Running, place: dict[str, str]) -> None:
    targets = [{"value": 15, "on": "2026-06-30"}, {"value": 25, "on": "2026-03-31"}]
    refused = running.post(f"/transformations/{place['transformation']}/indicators", body_of(running, targets=targets))
    assert code_of(refused) == (422, "target-above-baseline")
    assert refused.json()["errors"][0]["pointer"] == "/targets/1/value"


@pytest.mark.parametrize("field", ["subject", "owner"])
def test_what_it_is_about_and_who_answers_for_it_must_exist(
    running: Running, place: dict[str, str], field: str
) -> None:
    wrong = {"subject": {"kind": "axis", "id": place["axis"]}, "owner": "p_" + "f" * 32}
    home = place["other"] if field == "subject" else place["transformation"]
    path = f"/transformations/{home}/indicators"
    assert running.post(path, body_of(running, **{field: wrong[field]})).status_code == 404
    made = running.post(path, body_of(running)).json()
    assert running.act(f"/indicators/{made['id']}", "revise", {field: wrong[field]}).status_code == 404


def test_a_corrected_measure_shows_the_new_value_and_the_old_one(running: Running, place: dict[str, str]) -> None:
    made = define(running, place)
    first = measure(running, made["id"], 12, "2026-02-10", comment="Provisoire").json()["measures"][0]
    position = series(running, made["id"])["position"]
    path = f"/indicators/{made['id']}"
    for changes, reason in (({"value": 21}, "Chiffres inversés"), ({"occurred_on": "2026-02-09"}, "Jour du relevé")):
        mended = running.act(path, f"events/{first['event_id']}/correct", {"changes": changes, "reason": reason})
        assert mended.status_code == 200, mended.text
    (point,) = series(running, made["id"])["measures"]
    assert (point["value"], point["on"], point["comment"]) == (21, "2026-02-09", "Provisoire")
    old = [(was["value"], was["on"], was["comment"], was["reason"]) for was in point["corrections"]]
    assert old == [
        (12, "2026-02-10", "Provisoire", "Chiffres inversés"),
        (21, "2026-02-10", "Provisoire", "Jour du relevé"),
    ]
    (then,) = series(running, made["id"], as_of_position=position)["measures"]
    assert (then["value"], then["corrections"]) == (12, [])


def test_a_withdrawn_measure_is_gone_now_and_still_there_in_the_past(running: Running, place: dict[str, str]) -> None:
    made = define(running, place)
    event = measure(running, made["id"], 12, "2026-02-10").json()["measures"][0]["event_id"]
    position = series(running, made["id"])["position"]
    path = f"/indicators/{made['id']}"
    assert running.act(path, f"events/{event}/withdraw", {}).status_code == 422, "a reason is needed"
    assert running.act(path, f"events/{event}/withdraw", {"reason": "Autre service"}).status_code == 200
    assert series(running, made["id"])["measures"] == []
    assert [m["value"] for m in series(running, made["id"], as_of_position=position)["measures"]] == [12]
    assert measure(running, made["id"], 13, "2026-02-10").status_code == 200, "its day is free again"


def test_the_series_follows_the_days_and_not_the_order_of_recording(running: Running, place: dict[str, str]) -> None:
    made = define(running, place)
    for value, on in ((18, "2026-02-20"), (25, "2025-12-01"), (19, "2026-01-20")):
        assert measure(running, made["id"], value, on).status_code == 200
    read = series(running, made["id"])
    assert [(m["on"], m["value"], m["before_baseline"]) for m in read["measures"]] == [
        ("2025-12-01", 25, True),
        ("2026-01-20", 19, False),
        ("2026-02-20", 18, False),
    ]
    assert read["measures"][0]["expected"] is None
    assert read["measures"][1]["expected"] == pytest.approx(20 - 5 * 19 / 180)
    assert read["targets"] == [{"value": 15, "on": "2026-06-30"}, {"value": 10, "on": "2026-12-31"}]
    assert read["people"][running.people["contributor"]] == "contributor"


def test_a_proposed_value_counts_once_another_person_accepts_it(running: Running, place: dict[str, str]) -> None:
    made = define(running, place)
    path = f"/indicators/{made['id']}"
    sent = {"value": 16, "occurred_on": "2026-02-15"}
    proposed = running.post(f"{path}/propose-value", sent, "contributor").json()
    assert (proposed["measures"], proposed["proposals"][0]["status"]) == ([], "pending")
    named = {"proposal_event_id": proposed["proposals"][0]["event_id"]}
    assert code_of(running.act(path, "accept-value", named, "contributor")) == (409, "proposer-cannot-accept")
    accepted = running.act(path, "accept-value", named).json()
    assert (accepted["last_measure"]["value"], accepted["proposals"][0]["status"]) == (16, "accepted")
    assert code_of(running.act(path, "accept-value", named)) == (409, "proposal-settled")
    read = series(running, made["id"])
    assert read["proposals"][0]["settled_by"] == running.people["lead"]
    assert read["measures"][0]["by"] == running.people["contributor"]


def test_a_refused_value_does_not_count_and_says_why(running: Running, place: dict[str, str]) -> None:
    made = define(running, place)
    path = f"/indicators/{made['id']}"
    proposed = running.post(f"{path}/propose-value", {"value": 16}, "contributor").json()
    named = {"proposal_event_id": proposed["proposals"][0]["event_id"]}
    assert running.act(path, "refuse-value", named).status_code == 422, "a reason is needed"
    refused = running.act(path, "refuse-value", {**named, "reason": "Périmètre différent"}).json()
    assert refused["measures"] == []
    assert [refused["proposals"][0][name] for name in ("status", "reason")] == ["refused", "Périmètre différent"]
    unknown = running.act(path, "accept-value", {"proposal_event_id": made["id"]})
    assert code_of(unknown) == (404, "proposal-unknown")


def test_a_revision_records_one_event_per_meaning(running: Running, place: dict[str, str]) -> None:
    made = define(running, place)
    path = f"/indicators/{made['id']}"
    wanted = {
        "title": "Délai médian",
        "baseline": {"value": 22, "on": "2026-01-01"},
        "targets": [{"value": 8, "on": "2026-12-31"}],
        "collector": running.people["facilitator"],
        "owner": None,
    }
    revised = running.act(path, "revise", wanted).json()
    assert revised["version"] == made["version"] + 4
    assert {name: revised[name] for name in wanted} == wanted
    asked = {"transformation": place["transformation"], "subject": made["id"]}
    told = {item["type"] for item in running.get("/audit/events", params=asked).json()["items"]}
    assert told == {f"indicator.{p}" for p in ("defined", "described", "rebaselined", "retargeted", "reassigned")}


@pytest.mark.parametrize(
    ("body", "code"), [({}, "nothing-to-change"), ({"title": None}, "invalid"), ({"targets": None}, "invalid")]
)
def test_a_revision_changes_something_and_empties_only_what_may_be_empty(
    running: Running, place: dict[str, str], body: dict[str, Any], code: str
) -> None:
    made = define(running, place)
    assert code_of(running.act(f"/indicators/{made['id']}", "revise", body)) == (422, code)
    same = {"targets": made["targets"], "baseline": made["baseline"], "title": made["title"]}
    assert code_of(running.act(f"/indicators/{made['id']}", "revise", same)) == (422, "nothing-to-change")


def test_revising_asks_for_the_version_and_measuring_does_not(running: Running, place: dict[str, str]) -> None:
    made = define(running, place)
    assert running.post(f"/indicators/{made['id']}/revise", {"title": "Autre"}).status_code == 428
    stale = running.post(f"/indicators/{made['id']}/revise", {"title": "Autre"}, etag='"99"')
    assert stale.status_code == 412
    assert stale.headers["ETag"] == running.get(f"/indicators/{made['id']}").headers["ETag"]
    assert running.post(f"/indicators/{made['id']}/confirm", {}).json()["confirmed_on"] == "2026-03-02"


def test_a_retired_indicator_takes_no_more_values(running: Running, place: dict[str, str]) -> None:
    made = define(running, place)
    path = f"/indicators/{made['id']}"
    assert running.act(path, "retire", {}).status_code == 422, "a reason is needed"
    retired = running.act(path, "retire", {"reason": "Remplacé"}).json()
    assert (retired["status"], retired["retired_because"], retired["stale"]["value"]) == ("retired", "Remplacé", False)
    assert code_of(measure(running, made["id"], 1, "2026-03-01")) == (409, "indicator-no-longer-followed")


def test_contributors_measure_what_is_their_own_and_propose_the_rest(running: Running, place: dict[str, str]) -> None:
    made = define(running, place, owner=running.people["facilitator"])
    path = f"/indicators/{made['id']}"
    assert measure(running, made["id"], 1, "2026-03-01").status_code == 403
    assert running.post(f"{path}/propose-value", {"value": 12}, "contributor").status_code == 200
    assert (
        running.post(f"/transformations/{place['transformation']}/indicators", body_of(running), "auditor").status_code
        == 403
    )
    stranger = "Étrangère"
    running.person(stranger)
    assert running.get(path, stranger).status_code == 404


def test_lists_filter_by_family_owner_and_external_id(running: Running, place: dict[str, str]) -> None:
    made = define(running, place, family="being", external_id="IND-042", owner=running.people["sponsor"])
    path = f"/transformations/{place['transformation']}/indicators"
    for query in ({"family": "being"}, {"external_id": "IND-042"}, {"owner": running.people["sponsor"]}):
        found = running.get(path, params=query).json()
        assert [item["id"] for item in found["items"]] == [made["id"]], query
    assert running.get(path, params={"families": "being"}).status_code == 422
    assert running.get(path, params={"ref": made["ref"], "fields": "ref,progress"}).json()["items"] == [
        {"id": made["id"], "ref": made["ref"], "progress": made["progress"]}
    ]
