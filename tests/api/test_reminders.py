"""Reminders over HTTP: the list, what a day would bring, the rules, the inbox; and where reminders stay out."""

from pathlib import Path
from typing import Any

import pytest

from tests.jobs.house import at, tick
from tests.running import Running


@pytest.fixture(scope="module")
def house(database: str, tmp_path_factory: pytest.TempPathFactory) -> Any:
    with Running(database, tmp_path_factory.mktemp("keys")) as running:
        transformation = running.transformation("RAPPELS")
        phase = running.get(f"/transformations/{transformation}/phases").json()["items"][0]["id"]
        for due_on in ("2026-03-13", "2026-03-05"):
            sent = {"subject": {"kind": "phase", "id": phase}, "title": f"Pour le {due_on}", "due_on": due_on}
            assert running.post(f"/transformations/{transformation}/milestones", sent).status_code == 201
        at(running, "2026-03-04")
        assert tick(running).raised == 2
        yield running


PATH = "/transformations/RAPPELS"


def test_the_list_says_what_was_sent_to_whom_and_with_which_outcome(house: Running) -> None:
    shown = house.get(f"{PATH}/reminders", params={"sort": "due_on"}).json()
    first, second = shown["items"]
    assert (first["rule"], first["offset"], first["due_on"]) == ("milestone_upcoming", -1, "2026-03-05")
    assert second["why"] == "Règle «\u202fJalon à venir\u202f», 7 jours ouvrés avant le 13 mars 2026."
    assert shown["people"][first["recipient"]] == "lead"
    assert [each["channel"] for each in first["deliveries"]] == ["email"]
    assert house.get(f"{PATH}/reminders?rule=value_due").json()["items"] == []
    assert len(house.get(f"{PATH}/reminders?q=LÉAD").json()["items"]) == 2, "found by the name of who is reminded"
    assert house.get(f"{PATH}/reminders?q=personne").json()["items"] == []


def test_a_past_read_does_not_know_what_came_after(house: Running) -> None:
    position = house.get(f"{PATH}/reminders").json()["position"]
    asked = f"{PATH}/reminders?as_of_position={position}"
    before = house.get(asked).content
    line = house.get("/me/inbox?which=all").json()["items"][0]["id"]
    house.advance(minutes=5)
    assert house.post(f"/me/inbox/{line}/read", {}).status_code == 200
    assert house.get(asked).content == before
    assert any(each["read_at"] for each in house.get(f"{PATH}/reminders").json()["items"])


def test_a_preview_says_who_would_get_what_on_any_day_without_sending(house: Running) -> None:
    shown = house.get(f"{PATH}/reminders/preview?on=2026-03-12").json()
    ours = [each for each in shown["items"] if each["rule"] == "milestone_upcoming"]
    assert [(each["offset"], each["due_on"], each["raised"]) for each in ours] == [(-1, "2026-03-13", False)]
    overdue = [each for each in shown["items"] if each["rule"] == "milestone_overdue"]
    assert [(each["offset"], each["due_on"]) for each in overdue] == []
    (line,) = house.get(f"{PATH}/reminders/preview?on=2026-03-06").json()["items"]
    assert (line["rule"], line["offset"], line["due_on"]) == ("milestone_overdue", 1, "2026-03-05")
    closed = house.get(f"{PATH}/reminders/preview?on=2026-03-07").json()
    assert (closed["closed"], closed["items"]) == (True, [])
    today = house.get(f"{PATH}/reminders/preview").json()
    assert all(each["raised"] for each in today["items"])
    assert len(house.get(f"{PATH}/reminders").json()["items"]) == 2


def test_the_inbox_is_read_put_off_and_paged_and_belongs_to_its_owner(house: Running) -> None:
    whole = house.get("/me/inbox?which=all").json()["items"]
    assert len(whole) == 2
    page = house.get("/me/inbox?which=all&limit=1")
    following = house.get(page.json()["next"].removeprefix("/api/v1"))
    assert [*page.json()["items"], *following.json()["items"]] == whole
    assert following.json()["next"] is None
    id = whole[0]["id"]
    put_off = house.post(f"/me/inbox/{id}/snooze", {"until": "2026-03-09"}, key="later")
    assert put_off.json()["snoozed_until"] == "2026-03-09"
    again = house.post(f"/me/inbox/{id}/snooze", {"until": "2026-03-09"}, key="later")
    assert (again.content, again.headers["Idempotent-Replayed"]) == (put_off.content, "true")
    assert house.post(f"/me/inbox/{id}/snooze", {"until": "2026-03-10"}, key="later").status_code == 422
    assert id in {each["id"] for each in house.get("/me/inbox?which=snoozed").json()["items"]}
    assert id not in {each["id"] for each in house.get("/me/inbox").json()["items"]}
    assert house.post(f"/me/inbox/{id}/snooze", {"until": "2026-03-04"}).status_code == 422
    assert house.get("/me/inbox", "sponsor").json()["items"] == []
    assert house.post(f"/me/inbox/{id}/read", {}, "sponsor").status_code == 404


def test_reminders_stay_out_of_changes_and_of_the_default_trail_and_are_found_when_asked_for(house: Running) -> None:
    assert "reminder" not in house.get(f"{PATH}/changes?from=2026-03-02T09:00:00Z").text
    trail = house.get("/audit/events?transformation=RAPPELS&limit=200", "auditor").json()["items"]
    assert not [each for each in trail if each["type"].startswith("reminder.")]
    asked = house.get("/audit/events?transformation=RAPPELS&type=reminder.raised", "auditor").json()
    assert [each["channel"] for each in asked["items"]] == ["job", "job"]
    assert "Trajectoire (règle automatique)" in asked["people"].values()


def test_the_rules_of_a_transformation_are_set_with_its_etag_and_wrong_ones_are_refused(house: Running) -> None:
    rules = [{"rule": "milestone_upcoming", "offsets": [-3]}, {"rule": "obstacle_silent", "on": False}]
    done = house.act(PATH, "set-reminders", {"rules": rules})
    assert done.status_code == 200, done.text
    assert [each["rule"] for each in done.json()["reminder_rules"]] == ["milestone_upcoming", "obstacle_silent"]
    for wrong in ([{"rule": "milestone_upcoming", "offsets": [3]}], [rules[0], rules[0]]):
        refused = house.act(PATH, "set-reminders", {"rules": wrong})
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"].startswith("/rules/")
    assert house.act(PATH, "set-reminders", {"rules": rules}).status_code == 422  # nothing to change


def test_a_reminder_of_what_becomes_restricted_is_restricted_with_it(house: Running, tmp_path: Path) -> None:
    sent = {"title": "Salle", "statement": "Prise", "nature": "obstacle", "impact": 2, "urgency": 2}
    made = house.post(f"{PATH}/obstacles", {**sent, "next_look_on": "2026-03-04"}).json()
    assert tick(house).raised >= 1
    asked = f"{PATH}/reminders?subject_id={made['id']}"
    assert len(house.get(asked, "contributor").json()["items"]) == 1
    for visibility, seen in (("restricted", 0), ("members", 1)):
        assert house.act(f"/obstacles/{made['id']}", "revise", {"visibility": visibility}).status_code == 200
        assert len(house.get(asked, "contributor").json()["items"]) == seen
        assert len(house.get(asked, "lead").json()["items"]) == 1


def test_who_is_no_member_any_more_reads_nothing_in_the_inbox(house: Running) -> None:
    sent = {"title": "Badge", "statement": "Perdu", "nature": "obstacle", "impact": 2, "urgency": 2}
    sent |= {"owner": house.people["contributor"], "next_look_on": "2026-03-04"}
    assert house.post(f"{PATH}/obstacles", sent).status_code == 201
    tick(house)
    (line,) = house.get("/me/inbox", "contributor").json()["items"]
    members = house.get(f"{PATH}/members").json()["items"]
    member = next(each for each in members if each["person_id"] == house.people["contributor"])
    assert house.act(f"/members/{member['id']}", "revoke").status_code == 200
    assert house.get("/me/inbox?which=all", "contributor").json()["items"] == []
    assert house.post(f"/me/inbox/{line['id']}/read", {}, "contributor").status_code == 404
