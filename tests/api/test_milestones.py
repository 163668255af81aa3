"""Milestones over HTTP, from the promise to the withdrawal; the manners of every write are tried on them."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from service.domain.event import new_id
from tests.api.steps import do, event_ids, events, listed, make, refused
from tests.running import Running


@pytest.fixture(scope="module")
def transformation(running: Running) -> str:
    periods = [{"label": "Clôture", "from_on": "2026-12-01", "to_on": "2026-12-31", "level": "peak"}]
    return running.transformation(activity_periods=periods)


@pytest.fixture(scope="module")
def phase(running: Running, transformation: str) -> str:
    return str(listed(running, transformation, "phases", sort="ordinal")[0]["id"])


@pytest.fixture
def milestone(running: Running, transformation: str, phase: str) -> dict[str, Any]:
    return promise(running, transformation, phase)


def promise(running: Running, transformation: str, phase: str, **more: Any) -> dict[str, Any]:
    body = {"subject": {"kind": "phase", "id": phase}, "title": "Restitution", "due_on": "2026-06-01", **more}
    return make(running, transformation, "milestones", **body)


def path_of(milestone: dict[str, Any]) -> str:
    return f"/milestones/{milestone['id']}"


# Its life


def test_a_promised_milestone_is_read_back_as_it_was_answered(
    running: Running, transformation: str, phase: str
) -> None:
    made = promise(running, transformation, phase, description="Devant toute la direction")
    read = running.get(path_of(made))
    assert read.json() == made
    assert made["ref"].startswith("J-")
    assert made["status"] == "planned"
    assert listed(running, transformation, "milestones", ref=made["ref"])[0]["id"] == made["id"]


def test_a_milestone_is_reached_on_the_day_that_is_stated_with_its_evidence(
    running: Running, milestone: dict[str, Any]
) -> None:
    evidence = [{"title": "Compte rendu", "uri": "https://exemple.fr/cr.pdf", "sha256": "a" * 64, "dated_on": None}]
    after = do(running, path_of(milestone), "reach", occurred_on="2026-02-27", evidence=evidence)
    assert (after["status"], after["reached_on"], after["evidence"]) == ("reached", "2026-02-27", evidence)
    assert (after["late"], after["overdue"]) == (False, False)
    refused(running.act(path_of(milestone), "reach"), 409, "milestone-not-planned")


def test_a_milestone_is_not_reached_tomorrow(running: Running, milestone: dict[str, Any]) -> None:
    answered = running.act(path_of(milestone), "reach", {"occurred_on": "2026-03-03"})
    assert refused(answered, 422, "true-on-in-future")["errors"][0]["pointer"] == "/occurred_on"


def test_each_new_forecast_has_its_reason_and_is_counted(running: Running, milestone: dict[str, Any]) -> None:
    path = path_of(milestone)
    refused(running.act(path, "reschedule", {"due_on": "2026-07-01"}), 422, "reason-required")
    after = do(running, path, "reschedule", due_on="2026-07-01", reason="Salle indisponible")
    assert (after["due_on"], after["reschedule_count"]) == ("2026-07-01", 1)
    assert [(f["due_on"], f["reason"]) for f in after["forecasts"]] == [
        ("2026-06-01", None),
        ("2026-07-01", "Salle indisponible"),
    ]


def test_an_edit_of_words_and_date_records_both_meanings(running: Running, milestone: dict[str, Any]) -> None:
    after = do(running, path_of(milestone), "revise", title="Bilan", due_on="2026-08-01", reason="Décalé")
    assert (after["title"], after["due_on"], after["reschedule_count"]) == ("Bilan", "2026-08-01", 1)
    assert events(running, path_of(milestone)) == [
        "milestone.planned",
        "milestone.rescheduled",
        "milestone.described",
    ]


@pytest.mark.parametrize("field", ["title", "due_on", "weight"])
def test_what_a_milestone_must_have_is_not_cleared(running: Running, milestone: dict[str, Any], field: str) -> None:
    answered = running.act(path_of(milestone), "revise", {field: None, "reason": "x"})
    assert answered.status_code == 422
    assert answered.json()["errors"][0]["pointer"] == f"/{field}"


def test_a_cancelled_milestone_is_reopened_with_a_reason(running: Running, milestone: dict[str, Any]) -> None:
    path = path_of(milestone)
    refused(running.act(path, "cancel"), 422, "reason-required")
    assert do(running, path, "cancel", reason="Plus d’objet")["status"] == "cancelled"
    after = do(running, path, "reopen", reason="Redemandé")
    assert (after["status"], after["reopen_count"]) == ("planned", 1)
    refused(running.act(path, "reopen", {"reason": "x"}), 409, "milestone-still-planned")


def test_a_milestone_past_its_date_is_late_from_the_day_after(
    running: Running, transformation: str, phase: str
) -> None:
    today, yesterday = (promise(running, transformation, phase, due_on=d) for d in ("2026-03-02", "2026-03-01"))
    assert (today["late"], today["overdue"]) == (False, False)
    assert (yesterday["late"], yesterday["overdue"]) == (True, True)
    assert yesterday["slippage"] is None  # before the plan is validated nothing slips


def test_planning_in_an_activity_peak_warns_and_is_done(running: Running, transformation: str, phase: str) -> None:
    made = promise(running, transformation, phase, due_on="2026-12-15")
    assert [w["code"] for w in made["warnings"]] == ["planned-in-activity-peak"]
    assert "Clôture" in made["warnings"][0]["detail"]
    assert "warnings" not in promise(running, transformation, phase, due_on="2027-01-01")


def test_a_milestone_is_of_an_object_of_its_transformation(running: Running, transformation: str) -> None:
    foreign = listed(running, running.transformation(), "phases")[0]["id"]
    body = {"subject": {"kind": "phase", "id": foreign}, "title": "J", "due_on": "2026-06-01"}
    refused(running.post(f"/transformations/{transformation}/milestones", body), 404, "not-found")
    body["subject"] = {"kind": "action", "id": foreign}
    refused(running.post(f"/transformations/{transformation}/milestones", body), 404, "not-found")


def test_a_contributor_handles_the_milestones_of_own_actions_only(
    running: Running, transformation: str, milestone: dict[str, Any]
) -> None:
    own = make(running, transformation, "actions", title="A", lead=running.people["contributor"])
    body = {"subject": {"kind": "action", "id": own["id"]}, "title": "J", "due_on": "2026-06-01"}
    mine = make(running, transformation, "milestones", "contributor", **body)
    assert do(running, path_of(mine), "reach", "contributor")["status"] == "reached"
    refused(running.act(path_of(milestone), "reach", None, "contributor"), 403, "not-allowed")
    body["subject"] = milestone["subject"]
    answered = running.post(f"/transformations/{transformation}/milestones", body, "contributor")
    refused(answered, 403, "not-allowed")


def test_a_milestone_of_another_transformation_does_not_exist(running: Running, milestone: dict[str, Any]) -> None:
    running.person("Étrangère")
    refused(running.get(path_of(milestone), "Étrangère"), 404, "not-found")
    refused(running.post(f"{path_of(milestone)}/reach", None, "Étrangère", etag='"1"'), 404, "not-found")


# Mending


def test_a_withdrawn_reach_counts_as_no_reopening(running: Running, milestone: dict[str, Any]) -> None:
    path = path_of(milestone)
    do(running, path, "reach")
    after = do(running, path, f"events/{event_ids(running, path)[-1]}/withdraw", reason="Mauvais jalon")
    assert (after["status"], after["reached_on"], after["reopen_count"]) == ("planned", None, 0)


def test_a_corrected_date_counts_as_no_reschedule(running: Running, milestone: dict[str, Any]) -> None:
    path = path_of(milestone)
    first = event_ids(running, path)[0]
    after = do(running, path, f"events/{first}/correct", reason="Coquille", changes={"due_on": "2026-06-11"})
    assert (after["due_on"], after["reschedule_count"]) == ("2026-06-11", 0)
    assert after["corrections"][0]["before"] == {"due_on": "2026-06-01"}
    refused(running.act(path, f"events/{first}/correct", {"changes": {"title": "X"}}), 422, "invalid")


def test_a_withdrawn_milestone_is_read_but_no_longer_listed(
    running: Running, transformation: str, milestone: dict[str, Any]
) -> None:
    path = path_of(milestone)
    do(running, path, f"events/{event_ids(running, path)[0]}/withdraw", reason="Doublon")
    assert running.get(path).json()["withdrawn"]
    assert milestone["id"] not in [m["id"] for m in listed(running, transformation, "milestones", limit=200)]
    refused(running.act(path, "reach"), 409, "object-withdrawn")


# Versions


def test_an_act_without_a_version_is_asked_for_one(running: Running, milestone: dict[str, Any]) -> None:
    refused(running.post(f"{path_of(milestone)}/reach"), 428, "precondition-required")
    assert running.get(path_of(milestone)).json()["status"] == "planned"


def test_an_act_on_an_old_version_gets_the_present_one_and_records_nothing(
    running: Running, milestone: dict[str, Any]
) -> None:
    path = path_of(milestone)
    old = running.get(path).headers["ETag"]
    do(running, path, "revise", title="Autrement")
    before = running.service.log.head()
    stale = running.post(f"{path}/reach", etag=old)
    problem = refused(stale, 412, "stale-version")
    assert problem["facts"] == {"held": 1, "current": 2}
    assert stale.headers["ETag"] == running.get(path).headers["ETag"]
    assert running.service.log.head() == before
    assert running.post(f"{path}/reach", etag=stale.headers["ETag"]).status_code == 200


def test_a_weak_version_is_no_version(running: Running, milestone: dict[str, Any]) -> None:
    etag = running.get(path_of(milestone)).headers["ETag"]
    assert running.post(f"{path_of(milestone)}/reach", etag=f"W/{etag}").status_code == 412


def test_only_the_version_part_of_an_etag_is_compared(running: Running, milestone: dict[str, Any]) -> None:
    etag = running.get(path_of(milestone)).headers["ETag"]
    version = etag.strip('"').partition(".")[0]
    assert running.post(f"{path_of(milestone)}/reach", etag=f'"{version}.0000"').status_code == 200


def test_the_etag_of_an_answer_is_that_of_the_next_read(running: Running, milestone: dict[str, Any]) -> None:
    acted = running.act(path_of(milestone), "reach")
    read = running.get(path_of(milestone))
    assert acted.headers["ETag"] == read.headers["ETag"]
    again = running.get(path_of(milestone), headers={"If-None-Match": read.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_of_twenty_acts_on_one_version_one_is_done(running: Running, milestone: dict[str, Any]) -> None:
    path = path_of(milestone)
    etag = running.get(path).headers["ETag"]
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda n: running.post(f"{path}/revise", {"title": f"T{n}"}, etag=etag), range(20)))
    assert sorted(a.status_code for a in answers) == [200] + [412] * 19
    assert events(running, path) == ["milestone.planned", "milestone.described"]


# Idempotency


def test_a_repeated_request_gets_the_same_bytes_though_the_object_moved_on(
    running: Running, milestone: dict[str, Any]
) -> None:
    path, key = path_of(milestone), str(new_id())
    etag = running.get(path).headers["ETag"]
    first = running.post(f"{path}/reach", {"occurred_on": "2026-03-01"}, etag=etag, key=key)
    do(running, path, "reopen", reason="À refaire")
    before = running.service.log.head()
    again = running.post(f"{path}/reach", {"occurred_on": "2026-03-01"}, etag=etag, key=f'"{key}"')
    assert first.status_code == again.status_code == 200
    assert again.content == first.content
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert running.service.log.head() == before


def test_a_repeated_creation_gets_the_same_milestone_and_warning(
    running: Running, transformation: str, phase: str
) -> None:
    key, path = str(new_id()), f"/transformations/{transformation}/milestones"
    body = {"subject": {"kind": "phase", "id": phase}, "title": "Une fois", "due_on": "2026-12-24"}
    first, again = (running.post(path, body, key=key) for _ in range(2))
    assert first.status_code == again.status_code == 201
    assert first.content == again.content
    assert first.headers["Location"] == again.headers["Location"]
    assert len(listed(running, transformation, "milestones", q="Une fois")) == 1


def test_a_key_is_for_one_request(running: Running, milestone: dict[str, Any]) -> None:
    path, key = path_of(milestone), str(new_id())
    assert running.post(f"{path}/confirm", {"reason": "a"}, key=key).status_code == 200
    assert running.post(f"{path}/confirm", {"reason": "b"}, key=key).status_code == 422


def test_a_refusal_releases_the_key(running: Running, milestone: dict[str, Any]) -> None:
    path, key = path_of(milestone), str(new_id())
    etag = running.get(path).headers["ETag"]
    refused(running.post(f"{path}/cancel", etag=etag, key=key), 422, "reason-required")
    assert running.post(f"{path}/cancel", {"reason": "Oui"}, etag=etag, key=key).status_code == 200


def test_a_write_needs_a_key(running: Running, milestone: dict[str, Any]) -> None:
    headers = running.headers("lead", {})
    answered = running.client.post(f"/api/v1{path_of(milestone)}/confirm", json={}, headers=headers)
    refused(answered, 400, "idempotency-key-missing")


def test_who_does_not_wait_gets_the_reference_and_the_version(
    running: Running, transformation: str, phase: str
) -> None:
    body = {"subject": {"kind": "phase", "id": phase}, "title": "Vite", "due_on": "2026-06-01"}
    path = f"/transformations/{transformation}/milestones"
    made = running.post(path, body, headers={"Prefer": "respond-async"})
    assert made.status_code == 201
    assert made.headers["Preference-Applied"] == "respond-async"
    answered = made.json()
    assert answered.keys() == {"id", "ref", "version", "position"}
    assert running.service.gate.wait(answered["position"], 10)
    read = running.get(f"/milestones/{answered['id']}")
    assert (read.json()["ref"], read.json()["version"]) == (answered["ref"], answered["version"])
    assert running.post(f"/milestones/{answered['id']}/reach", etag=made.headers["ETag"]).status_code == 200


# The past


def test_the_past_is_read_by_instant_and_by_position(running: Running, milestone: dict[str, Any]) -> None:
    path = path_of(milestone)
    first = int(running.post(f"{path}/confirm").headers["Trajectoire-Position"])
    known = running.now.isoformat()
    running.advance(days=1)
    do(running, path, "reach")
    by_position = running.get(path, params={"as_of_position": first})
    assert by_position.json()["status"] == "planned"
    assert running.get(path, params={"as_of": known}).json() == by_position.json()
    assert running.get(path).json()["status"] == "reached"
    do(running, path, "reopen", reason="À refaire")
    assert running.get(path, params={"as_of_position": first}).content == by_position.content
    before = running.get(path, params={"as_of_position": 1})
    refused(before, 404, "not-found")


def test_lateness_is_judged_at_the_clock_of_the_past(running: Running, transformation: str, phase: str) -> None:
    made = promise(running, transformation, phase, due_on=running.now.date().isoformat())
    known = running.now.isoformat()
    running.advance(days=2)
    path = path_of(made)
    assert running.get(path).json()["overdue"] is True
    assert running.get(path, params={"as_of": known}).json()["overdue"] is False
    items = listed(running, transformation, "milestones", as_of=known, ref=made["ref"])
    assert items[0]["overdue"] is False


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"as_of": "2026-03-02T09:00:00"}, "invalid"),
        ({"as_of": "2036-01-01T00:00:00Z"}, "as-of-in-future"),
        ({"as_of_position": 10**9}, "as-of-beyond-head"),
        ({"as_of_position": 0}, "invalid"),
        ({"as_of": "2026-03-02T09:00:00Z", "as_of_position": 1}, "as-of-twice"),
        ({"when": "2026-03-02"}, "invalid"),
    ],
)
def test_a_past_that_cannot_be_is_refused(
    running: Running, milestone: dict[str, Any], query: dict[str, Any], code: str
) -> None:
    problem = refused(running.get(path_of(milestone), params=query), 422, code)
    assert problem["errors"][0]["parameter"] in query


def test_the_past_is_not_written(running: Running, milestone: dict[str, Any]) -> None:
    answered = running.post(f"{path_of(milestone)}/confirm?as_of_position=1")
    refused(answered, 400, "as-of-on-write")
