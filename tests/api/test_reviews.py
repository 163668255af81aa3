"""Stage reviews over HTTP: prepared, frozen, held with a quorum; what each rule refuses."""

import hashlib
import json
from typing import Any

import pytest

from tests.api.governed import Governed, appoint, governed
from tests.api.registers import Json, launched
from tests.api.steps import events, refused
from tests.running import Running

NOBODY = "p_" + "9" * 32


@pytest.fixture(scope="module")
def here(running: Running) -> Governed:
    return governed(running)


def test_a_review_goes_from_its_day_to_its_close(here: Governed) -> None:
    agenda = [{"title": "Le diagnostic", "owner": here.running.people["lead"], "expected": "verdict"}]
    review = here.review(planned_on="2026-03-05", agenda=agenda)
    assert (review["ref"][:2], review["status"], review["planned_on"]) == ("R-", "scheduled", "2026-03-05")
    assert review["criteria"][0]["statement"] == "Plus de la moitié des agents ont été rencontrés"
    assert review["unmet_mandatory"] == [1, 2, 3]
    assert refused(here.act(review, "reschedule", {"planned_on": here.today()}), 422, "reason-required")
    moved = here.done(review, "reschedule", {"planned_on": here.today(), "reason": "Salle libre plus tôt"})
    assert (moved["reschedule_count"], moved["forecasts"][1]["reason"]) == (1, "Salle libre plus tôt")
    described = here.done(review, "revise", {"title": "Fin du diagnostic", "mode": "written"})
    assert (described["title"], described["mode"]) == ("Fin du diagnostic", "written")
    here.done(review, "freeze-pack")
    held = here.done(review, "hold", {"attended": [here.running.people["sponsor"]], "minutes": "On a parlé"})
    assert held["quorum_reached"] is False
    assert held["attendance"]["quorum"] == {
        "required": 2,
        "present": 1,
        "filled": 3,
        "counted": [here.running.people["sponsor"]],
    }
    closed = here.done(review, "close", {"conclusions": "À reprendre"})
    assert (closed["status"], closed["conclusions"]) == ("closed", "À reprendre")
    assert events(here.running, f"/reviews/{review['id']}") == [
        "review.scheduled",
        "review.rescheduled",
        "review.described",
        "review.pack_frozen",
        "review.held",
        "review.closed",
    ]


def test_a_series_falls_on_working_days_and_warns_of_peaks(here: Governed) -> None:
    running = here.running
    peaks = [{"label": "Budget", "from_on": "2026-05-25", "to_on": "2026-06-30", "level": "peak"}]
    running.act(f"/transformations/{here.place.id}", "set-calendar", {"activity_periods": peaks})
    series = {"title": "Point régulier", "first_on": "2026-04-06", "count": 3}  # Easter Monday
    answer = running.post(f"/bodies/{here.body}/schedule-series", series)
    assert answer.status_code == 200, answer.text
    assert [warning["code"] for warning in answer.json()["warnings"]] == ["planned-in-activity-peak"]
    days = [r["planned_on"] for r in here.place.items("reviews", sort="planned_on", q="Point régulier")]
    assert days == ["2026-04-07", "2026-05-18", "2026-06-29"]
    (tools,) = here.place.items("bodies", kind="tools")
    without = running.act(f"/bodies/{tools['id']}", "revise", {"cadence": None})
    assert without.json()["cadence"] is None
    refused(running.post(f"/bodies/{tools['id']}/schedule-series", series), 409, "cadence-missing")


def test_a_cancelled_review_is_neither_frozen_nor_held(here: Governed) -> None:
    review = here.review()
    cancelled = here.done(review, "cancel", {"reason": "Agenda trop chargé"})
    assert (cancelled["status"], cancelled["cancelled_because"]) == ("cancelled", "Agenda trop chargé")
    for verb in ("freeze-pack", "hold"):
        problem = refused(here.act(review, verb), 409, "review-is-cancelled")
        assert problem["facts"] == {"ref": review["ref"]}
    assert refused(here.verdict(review, "go"), 409, "review-is-cancelled")


def test_a_review_is_held_on_its_day_with_its_pack(here: Governed) -> None:
    review = here.review(planned_on="2026-03-20")
    assert refused(here.act(review, "hold"), 409, "review-without-pack")
    assert refused(here.verdict(review, "go"), 409, "review-without-pack")
    here.done(review, "freeze-pack")
    early = refused(here.act(review, "hold"), 409, "review-before-its-date")
    assert early["facts"] == {"ref": review["ref"], "planned_on": "2026-03-20", "on": "2026-03-02"}
    assert refused(here.verdict(review, "go"), 409, "review-not-held")
    again = refused(here.act(review, "freeze-pack"), 422, "reason-required")
    assert again["errors"][0]["pointer"] == "/reason"


def test_nobody_takes_another_out_of_the_quorum_but_who_records_for_others(here: Governed) -> None:
    running = here.running
    review = here.review(agenda=[{"title": "Un point", "owner": running.people["contributor"]}])
    named = {"person_id": running.people["sponsor"], "reason": "Concerné"}
    for who in ("contributor", "governance"):
        assert refused(here.act(review, "recuse", named, who), 409, "recusal-of-somebody-else")
    shown = here.done(review, "recuse", named, "facilitator")
    assert [each["person_id"] for each in shown["recusals"]] == [running.people["sponsor"]]
    own = {"person_id": running.people["governance"], "reason": "Concerné"}
    assert len(here.done(review, "recuse", own, "governance")["recusals"]) == 2


def test_only_those_who_sit_count_and_a_recused_one_does_not(here: Governed) -> None:
    running, review = here.running, here.review()
    here.done(review, "freeze-pack")
    outsider = {"attended": [running.people["facilitator"]]}
    assert refused(here.act(review, "hold", outsider), 409, "not-seated")
    recused = here.done(review, "recuse", {"reason": "Mon service est concerné"}, "governance")
    assert recused["recusals"][0]["person_id"] == running.people["governance"]
    assert refused(here.act(review, "recuse", {"reason": "Encore"}, "governance"), 409, "recused-already")
    everybody = {"attended": [running.people[who] for who in ("sponsor", "governance", "second")]}
    problem = refused(here.act(review, "hold", everybody), 409, "recused-member-counted")
    assert problem["facts"]["person"] == running.people["governance"]
    held = here.done(review, "hold", {"attended": [running.people["alternate"], running.people["second"]]})
    assert held["attendance"]["quorum"] == {
        "required": 2,
        "present": 2,
        "filled": 2,
        "counted": [running.people["alternate"], running.people["second"]],
    }
    assert refused(here.act(review, "recuse", {"reason": "Trop tard"}, "second"), 409, "review-held-already")
    assert refused(
        here.act(review, "reschedule", {"planned_on": "2026-04-01", "reason": "X"}), 409, "review-held-already"
    )


def test_a_second_convening_needs_no_quorum_where_the_rules_say_so(here: Governed) -> None:
    first = here.ready(attended=("sponsor",))
    problem = refused(here.verdict(first, "hold"), 409, "quorum-not-reached")
    assert problem["facts"] == {"ref": first["ref"], "present": 1, "required": 2}
    second = here.review(second_of=first["id"])
    assert second["agenda"] == first["agenda"]
    here.done(second, "freeze-pack")
    held = here.done(second, "hold", {"attended": [here.running.people["sponsor"]]})
    assert (held["attendance"]["quorum"]["required"], held["quorum_reached"]) == (0, True)
    body = {"body_id": here.body, "title": "Encore", "planned_on": here.today(), "phase_id": here.place.phases[0]}
    again = here.running.post(here.place.path("reviews"), {**body, "second_of": second["id"]})
    assert refused(again, 409, "second-convening-unfounded")


def test_a_pack_is_the_same_bytes_for_ever(here: Governed) -> None:
    running = here.running
    obstacle = here.place.obstacle()
    hidden = here.place.obstacle(visibility="restricted", title="Souffrance")
    review = here.review()
    frozen = here.done(review, "freeze-pack")
    path = f"/reviews/{review['id']}/pack"
    first = running.get(path, "contributor")
    assert first.status_code == 200, first.text
    assert hashlib.sha256(first.content).hexdigest() == frozen["packs"][0]["sha256"]
    assert first.headers["ETag"] == f'"{frozen["packs"][0]["sha256"]}"'
    pack = first.json()
    assert pack["position"] == frozen["packs"][0]["position"]
    assert hidden["id"] not in first.text
    assert hidden["title"] not in first.text
    assert obstacle["statement"] not in first.text
    readable = running.get(path, params={"form": "readable"}).json()
    shown = {each["id"]: each for each in readable["pack"]["obstacles"]}
    assert shown[obstacle["id"]]["statement"] == obstacle["statement"]
    assert readable["people"][obstacle["owner"] or running.people["lead"]]
    here.place.milestone(title="Après le gel")
    refrozen = here.done(review, "freeze-pack", {"reason": "Un jalon manquait"})
    assert [(p["number"], p["reason"]) for p in refrozen["packs"]] == [(1, None), (2, "Un jalon manquait")]
    assert running.get(path).content != first.content
    assert running.get(path, params={"number": 1}).content == first.content
    assert refused(running.get(path, params={"number": 3}), 404, "pack-unknown")
    position = frozen["packs"][0]["position"] + 1
    assert running.get(path, params={"as_of_position": position}).content == first.content
    running.advance(days=40)
    try:
        assert running.get(path, params={"number": 1}).content == first.content
    finally:
        running.advance(days=-40)
    # texts are sealed apart: nothing personal is in the clear bytes of the log
    row = running.service.database.one(
        "SELECT state FROM events WHERE originator_id = %s AND topic = 'review.pack_frozen' ORDER BY 1 LIMIT 1",
        (review["id"],),
    )
    stored = json.loads(row["state"])
    assert obstacle["statement"] not in bytes(row["state"]).decode()
    assert all("$text" in sealed for sealed in stored["data"]["texts"].values())


def test_what_was_computed_is_not_reworded(here: Governed) -> None:
    review = here.review()
    here.done(review, "freeze-pack")
    (frozen,) = here.place.events(review["id"], "review.pack_frozen")
    changed = here.act(review, f"events/{frozen}/correct", {"reason": "Erreur", "changes": {"sha256": "0" * 64}})
    assert refused(changed, 422, "correction-invalid")


def test_a_pack_is_frozen_today_and_judged_by_from_then_on(here: Governed) -> None:
    review = here.review()
    here.running.advance(days=7)
    yesterday = {"occurred_on": "2026-03-08"}
    problem = refused(here.act(review, "freeze-pack", yesterday), 422, "pack-frozen-in-the-past")
    assert problem["facts"] == {"today": here.today(), "on": "2026-03-08"}
    here.done(review, "freeze-pack")
    earlier = {"attended": [here.running.people["sponsor"]], "occurred_on": "2026-03-08"}
    assert refused(here.act(review, "hold", earlier), 409, "pack-frozen-later")
    here.done(review, "hold", earlier | {"occurred_on": here.today()})
    before = here.running.post(f"/reviews/{review['id']}/acknowledge", yesterday, "sponsor")
    assert refused(before, 409, "before-review-held")


def test_a_correction_names_what_everybody_may_see_and_touches_no_quorum(here: Governed) -> None:
    review, other = here.review(), here.review(None)
    here.done(review, "assess-criterion", {"number": 1, "met": True})

    def corrected(of: Json, topic: str, **changed: Any) -> Any:
        (event, *_) = here.place.events(of["id"], topic)
        return here.act(of, f"events/{event}/correct", {"reason": "Erreur", "changes": changed})

    hidden = here.place.obstacle(visibility="restricted")
    elsewhere = launched(here.running).obstacle()
    for obstacle in (hidden, elsewhere):
        evidence = [{"kind": "obstacle", "id": obstacle["id"]}]
        assert refused(corrected(review, "review.criterion_assessed", evidence=evidence), 404, "not-found")
    agenda = [{"title": "Point", "owner": NOBODY}]
    assert refused(corrected(review, "review.scheduled", agenda=agenda), 404, "not-found")
    assert refused(corrected(review, "review.scheduled", second_of=other["id"]), 422, "correction-invalid")
    first = here.ready(attended=("sponsor",))
    second = here.review(second_of=first["id"])
    assert refused(corrected(second, "review.scheduled", agenda=[{"title": "Autre"}]), 422, "correction-invalid")
    assert refused(here.act(second, "revise", {"agenda": [{"title": "Autre"}]}), 409, "second-convening-keeps-agenda")
    assert corrected(second, "review.scheduled", title="Seconde convocation").status_code == 200


def test_evidence_names_what_everybody_may_see(here: Governed) -> None:
    review, milestone = here.review(), here.place.milestone()
    shown = {"number": 1, "met": True, "evidence": [{"kind": "milestone", "id": milestone["id"]}]}
    done = here.done(review, "assess-criterion", shown)
    assert done["criteria"][0]["evidence"][0]["id"] == milestone["id"]
    hidden = here.place.obstacle(visibility="restricted")
    for evidence, status, code in (
        ({"kind": "milestone"}, 422, "evidence-incomplete"),
        ({"kind": "milestone", "id": review["id"]}, 404, "not-found"),
        ({"kind": "unicorn", "id": review["id"]}, 404, "not-found"),
        ({"kind": "obstacle", "id": hidden["id"]}, 404, "not-found"),
    ):
        answer = here.act(review, "assess-criterion", {"number": 1, "met": True, "evidence": [evidence]})
        assert refused(answer, status, code)
    assert refused(here.act(review, "assess-criterion", {"number": 9, "met": True}), 404, "criterion-unknown")
    here.done(review, "freeze-pack")
    pack = here.running.get(f"/reviews/{review['id']}/pack").json()
    (link,) = pack["review"]["criteria"][0]["evidence"]
    assert (link["ref"], link["title"], link["status"]) == (milestone["ref"], milestone["title"], "planned")
    # what a review stands on is not withdrawn under it
    (planned,) = here.place.events(milestone["id"], "milestone.planned")
    gone = here.place.withdraw(f"/milestones/{milestone['id']}", planned, "lead")
    assert refused(gone, 409, "later-facts-depend")


def test_members_acknowledge_and_contest_what_was_recorded(here: Governed) -> None:
    running, review = here.running, here.ready(None)
    path = f"/reviews/{review['id']}"
    assert set(review["awaiting"]) == {running.people[who] for who in ("sponsor", "governance", "second", "alternate")}
    read: Any = running.post(f"{path}/acknowledge", who="governance").json()
    assert running.people["governance"] not in read["awaiting"]
    assert refused(running.post(f"{path}/acknowledge", who="governance"), 409, "review-acknowledged-already")
    contested = running.post(f"{path}/contest", {"text": "Je n’ai pas dit cela"}, "second").json()
    assert contested["contested"] is True
    (objection,) = contested["contestations"]
    answer = {"contested_event_id": objection["event_id"], "answer": "Le compte rendu est corrigé"}
    answered = here.done(review, "answer-contestation", answer)
    assert answered["contested"] is False
    assert refused(here.act(review, "answer-contestation", answer), 409, "review-contestation-settled")
    unknown = {**answer, "contested_event_id": review["id"]}
    assert refused(here.act(review, "answer-contestation", unknown), 404, "review-contestation-unknown")
    assert running.post(f"{path}/contest", {"text": "Non"}, "contributor").status_code == 403
    other = governed(running, ())
    mine = other.review(None)
    running.act(f"/bodies/{other.body}", "leave", {"person_id": running.people["second"]})
    other.done(mine, "freeze-pack")
    other.done(mine, "hold", {"attended": [running.people["sponsor"], running.people["governance"]]})
    outside = running.post(f"/reviews/{mine['id']}/contest", {"text": "Non"}, "second")
    assert refused(outside, 409, "review-not-yours")


def test_a_held_review_grounds_an_act_in_the_name_of_its_body(here: Governed) -> None:
    running = here.running
    planned = here.review(None, planned_on="2026-03-27")
    behalf = {"kind": "body", "id": here.body, "basis": {"kind": "review", "id": planned["id"]}}
    decision = {"title": "Retenir B", "chosen": "B", "on_behalf_of": behalf}
    path = here.place.path("decisions")
    assert refused(running.post(path, decision, "facilitator"), 409, "grounds-not-held")
    held = here.ready(None)
    grounds = {**behalf, "basis": {"kind": "review", "id": held["id"]}}
    made = running.post(path, {**decision, "on_behalf_of": grounds}, "facilitator")
    assert made.status_code == 201, made.text
    assert made.json()["recorded_for"] == {"kind": "body", "id": here.body}
    (tools,) = here.place.items("bodies", kind="tools")
    other = running.post(path, {**decision, "on_behalf_of": {**grounds, "id": tools["id"]}}, "facilitator")
    assert refused(other, 409, "grounds-of-another-body")
    assert running.post(f"/decisions/{made.json()['id']}/contest", {"text": "Non"}, "second").status_code == 200
    direct = {"title": "Retenir C", "chosen": "C", "authority": {"kind": "body", "id": here.body}}
    assert running.post(path, direct, "governance").status_code == 201
    assert refused(running.post(path, direct, "lead"), 409, "not-seated")


def test_a_body_keeps_its_seats(here: Governed) -> None:
    running = here.running
    body = {"name": "Comité de suivi", "seats": ["Un", "Deux"], "quorum": 3}
    problem = refused(running.post(here.place.path("bodies"), body), 409, "seats-below-quorum")
    assert problem["facts"] == {"name": "Comité de suivi", "seats": 2, "quorum": 3}
    made = here.place.make("bodies", {**body, "quorum": 2})
    path = f"/bodies/{made['id']}"
    assert refused(running.act(path, "revise", {"seats": ["Un"]}), 409, "seats-below-quorum")
    appoint(running, made["id"], "second", 2)
    for sent, status, code in (
        ({"person_id": running.people["second"], "seat": 1}, 409, "seated-already"),
        ({"person_id": running.people["governance"], "seat": 2}, 409, "seat-taken"),
        ({"person_id": running.people["governance"], "seat": 3}, 422, "seat-unknown"),
        ({"person_id": NOBODY, "seat": 1}, 404, "not-found"),
    ):
        assert refused(running.act(path, "appoint", sent), status, code)
    assert refused(running.act(path, "revise", {"seats": ["Un"], "quorum": None}), 409, "seat-occupied")
    assert refused(running.act(path, "leave", {"person_id": NOBODY}), 404, "no-such-seat-holder")
    left = running.act(path, "leave", {"person_id": running.people["second"]}).json()
    assert (left["sitting"], left["filled"], left["required"]) == ([], 0, 2)
    convened = here.place.make("reviews", {"body_id": made["id"], "title": "Suivi", "planned_on": here.today()})
    waited = refused(running.act(path, "dissolve", {"reason": "Plus d’objet"}), 409, "body-still-convened")
    assert waited["facts"] == {"name": "Comité de suivi", "pending": [convened["ref"]]}
    here.done(convened, "cancel", {"reason": "Plus d’objet"})
    steering = running.act(f"/bodies/{here.body}", "dissolve", {"reason": "Fusion"})
    assert {f"phase {n}" for n in (1, 2, 3, 4)} <= {*refused(steering, 409, "body-still-convened")["facts"]["pending"]}
    ended = running.act(path, "dissolve", {"reason": "Plus d’objet"}).json()
    assert ended["status"] == "dissolved"
    gone = running.act(path, "appoint", {"person_id": running.people["second"], "seat": 1})
    assert refused(gone, 409, "body-is-dissolved")
    convened = {"body_id": made["id"], "title": "X", "planned_on": here.today()}
    assert refused(running.post(here.place.path("reviews"), convened), 409, "body-is-dissolved")
