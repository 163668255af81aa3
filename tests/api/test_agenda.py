"""The agenda: what waits for whom, now and then; each one's own over all transformations."""

from typing import Any

import pytest

from tests.api.governed import Governed, governed
from tests.running import Running


@pytest.fixture(scope="module")
def here(running: Running) -> Governed:
    return governed(running)


def kinds(here: Governed, who: str, **query: Any) -> set[str]:
    """What waits for somebody in this transformation."""
    params = {"person": here.running.people[who], **query}
    answer = here.running.get(here.place.path("agenda"), params=params)
    assert answer.status_code == 200, answer.text
    return {item["kind"] for item in answer.json()["items"]}


def test_a_review_waits_for_the_lead_then_its_body_then_all_who_sat(here: Governed) -> None:
    running = here.running
    review = here.review()
    assert {"review_to_prepare", "review_to_record"} <= kinds(here, "lead")
    assert "review_to_attend" in kinds(here, "governance")
    for number in (1, 2, 3):
        here.done(review, "assess-criterion", {"number": number, "met": True})
    here.done(review, "freeze-pack")
    assert "review_to_prepare" not in kinds(here, "lead")
    held = here.done(review, "hold", {"attended": [running.people[w] for w in ("sponsor", "second")]})
    position = running.service.log.head()
    assert "verdict_to_give" in kinds(here, "second")
    assert "verdict_to_give" not in kinds(here, "governance")
    assert here.verdict(held, "go_with_conditions", conditions=[here.condition(blocking=True)]).status_code == 200
    assert "verdict_to_give" not in kinds(here, "second")
    assert "verdict_to_give" in kinds(here, "second", as_of_position=position)
    assert "review_to_acknowledge" in kinds(here, "governance")
    assert {"decision_to_communicate", "decision_to_apply", "review_to_close"} <= kinds(here, "lead")
    assert "condition_due" in kinds(here, "contributor")
    assert "condition_escalated" not in kinds(here, "sponsor")
    running.advance(days=40)
    try:
        assert "condition_escalated" in kinds(here, "sponsor")
        mine = running.get("/me/agenda", "contributor").json()["items"]
        (due,) = [m for m in mine if m["kind"] == "condition_due" and m["subject"]["id"] == review["id"]]
        assert (due["overdue"], due["due_on"]) == (True, "2026-04-01")
        assert due["sentence"] == f"Remplir la condition 1 du point d’étape {review['ref']}."
    finally:
        running.advance(days=-40)
    english = running.get("/me/agenda", "contributor", headers={"Accept-Language": "en"}).json()["items"]
    assert any(m["sentence"] == f"Meet condition 1 of review {review['ref']}." for m in english)


def test_what_is_asked_contested_or_recorded_in_ones_name_waits(here: Governed) -> None:
    running, place = here.running, here.place
    obstacle = place.obstacle()
    ask = {"level": "governance", "ask": "Un poste", "answer_due_on": "2026-03-20"}
    assert running.act(f"/obstacles/{obstacle['id']}", "escalate", ask).status_code == 200
    assert "escalation_to_answer" in kinds(here, "governance")
    behalf = {**place.behalf("sponsor"), "kind": "body", "id": here.body}
    made = place.decision("facilitator", on_behalf_of=behalf)
    assert "recorded_in_your_name" in kinds(here, "second")
    running.post(f"/decisions/{made['id']}/contest", {"text": "Non"}, "second")
    assert "contestation_to_answer" in kinds(here, "lead")
    running.act(f"/obstacles/{obstacle['id']}", "answer", {"answer": "Oui"}, "governance")
    assert "escalation_to_answer" not in kinds(here, "governance")


def test_what_is_restricted_waits_unseen(here: Governed) -> None:
    running, place = here.running, here.place
    hidden = place.obstacle(visibility="restricted", title="Tenu secret")
    ask = {"level": "governance", "ask": "Un avis", "answer_due_on": "2026-03-20"}
    running.act(f"/obstacles/{hidden['id']}", "escalate", ask)
    path = place.path("agenda")
    assert hidden["id"] in running.get(path, "sponsor").text
    assert hidden["id"] not in running.get(path, "contributor").text


def test_the_agenda_counts_by_kind_and_narrows(here: Governed) -> None:
    whole = here.running.get(here.place.path("agenda")).json()
    assert sum(whole["counts"].values()) == len(whole["items"])
    days = [item["due_on"] or "9999" for item in whole["items"]]
    assert days == sorted(days)
    here.place.decision("sponsor")
    one = here.running.get(here.place.path("agenda"), params={"kind": "decision_to_communicate"}).json()
    assert {item["kind"] for item in one["items"]} == {"decision_to_communicate"}
    assert here.running.get(here.place.path("agenda"), params={"person": "me"}).status_code == 422


def test_a_value_waits_for_who_collects_it_once_its_period_is_over(here: Governed) -> None:
    running, place = here.running, here.place
    collector = running.people["contributor"]
    said = {"title": "Délai", "family": "doing", "unit": "jours", "direction": "down", "cadence": "monthly"}
    kept = {"availability_delay_days": 10, "owner": running.people["lead"], "collector": collector}
    indicator = place.make("indicators", {**said, **kept, "baseline": {"value": 4, "on": "2026-02-10"}})

    def due() -> list[Any]:
        items = running.get(place.path("agenda"), params={"person": collector, "kind": "value_to_give"}).json()["items"]
        return [item["due_on"] for item in items if item["subject"]["id"] == indicator["id"]]

    assert due() == []
    running.advance(days=31)
    try:
        assert due() == ["2026-04-10"]
        measure = {"value": 3, "occurred_on": "2026-03-31"}
        answered = running.post(f"/indicators/{indicator['id']}/measure", measure, "contributor")
        assert answered.status_code == 200, answered.text
        assert due() == []
    finally:
        running.advance(days=-31)


def test_a_contestation_left_unanswered_is_looked_at_by_the_auditors(here: Governed) -> None:
    running, place = here.running, here.place
    made = place.decision("facilitator", on_behalf_of={**place.behalf("sponsor"), "kind": "body", "id": here.body})
    assert running.post(f"/decisions/{made['id']}/contest", {"text": "Non"}, "second").status_code == 200
    mine = f"contestation de la décision {made['ref']}"

    def told(who: str) -> bool:
        items = running.get("/me/agenda", who).json()["items"]
        return any(mine in item["sentence"] for item in items)

    assert (told("lead"), told("auditor")) == (True, False)
    running.advance(days=10)
    try:
        assert (told("lead"), told("auditor")) == (True, True)
    finally:
        running.advance(days=-10)
