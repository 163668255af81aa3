"""Transformations over HTTP: prepared from a template, launched by the sponsor, with two calendars."""

from uuid import UUID

import pytest

from service.domain.event import new_id
from tests.api.steps import do, event_ids, events, listed, make, refused
from tests.running import Running


@pytest.fixture(scope="module")
def transformation(running: Running) -> str:
    return running.transformation("DCR")


def prepared(running: Running, **more: object) -> dict[str, object]:
    people = {"lead": running.people["lead"], "sponsor": running.people["sponsor"]}
    return {"code": f"T{new_id().hex[-8:].upper()}", "name": "Direction", **people, **more}


def test_a_transformation_is_named_by_its_code_or_its_id(running: Running, transformation: str) -> None:
    by_id = running.get(f"/transformations/{transformation}")
    by_code = running.get("/transformations/DCR")
    assert by_id.json() == by_code.json()
    assert by_id.headers["ETag"] == by_code.headers["ETag"]
    assert (by_id.json()["code"], by_id.json()["status"]) == ("DCR", "prepared")


def test_a_code_is_taken_once(running: Running, transformation: str) -> None:
    again = running.post("/transformations", prepared(running, code="DCR"), "Administratrice")
    assert "DCR" in refused(again, 409, "already-taken")["detail"]


def test_the_template_brings_four_phases_four_axes_and_two_members(running: Running) -> None:
    body = prepared(running, template="direction-4-phases")
    made = running.post("/transformations", body, "Administratrice")
    assert made.status_code == 201, made.text
    id = made.json()["id"]
    assert [p["ordinal"] for p in listed(running, id, "phases", sort="ordinal")] == [1, 2, 3, 4]
    assert len(listed(running, id, "axes")) == 4
    assert {m["role"]: m["person_id"] for m in listed(running, id, "members")} == {
        "lead": running.people["lead"],
        "sponsor": running.people["sponsor"],
    }


def test_an_unknown_template_or_person_is_refused_and_nothing_is_recorded(
    running: Running, transformation: str
) -> None:
    before = running.service.log.head()
    unknown = running.post("/transformations", prepared(running, template="ailleurs"), "Administratrice")
    assert refused(unknown, 422, "template-unknown")["errors"][0]["pointer"] == "/template"
    nobody = running.post("/transformations", prepared(running, lead="p_" + "0" * 32), "Administratrice")
    refused(nobody, 404, "not-found")
    assert running.service.log.head() == before


def test_only_an_administrator_prepares_one_and_sees_no_content(running: Running, transformation: str) -> None:
    refused(running.post("/transformations", prepared(running), "lead"), 403, "not-allowed")
    refused(running.get("/transformations/DCR", "Administratrice"), 404, "not-found")
    entries = running.get("/transformations", "Administratrice").json()["items"]
    assert next(e for e in entries if e["code"] == "DCR")["role"] is None


def test_the_sponsor_launches_and_the_first_phase_opens_in_one_commit(running: Running) -> None:
    id = running.transformation()
    path = f"/transformations/{id}"
    refused(running.act(path, "launch", None, "lead"), 403, "not-allowed")
    launched = do(running, path, "launch", "sponsor", occurred_on="2026-03-01")
    assert (launched["status"], launched["launched_on"]) == ("running", "2026-03-01")
    phases = listed(running, id, "phases", sort="ordinal")
    assert [p["status"] for p in phases] == ["open", "planned", "planned", "planned"]
    assert (phases[0]["opened_on"], phases[0]["opened_by"]) == ("2026-03-01", None)
    facts = [running.service.log.history(UUID(stream))[-1] for stream in (id, phases[0]["id"])]
    assert facts[0].envelope.correlation_id == facts[1].envelope.correlation_id
    assert facts[0].recorded_at == facts[1].recorded_at
    refused(running.act(path, "launch", None, "sponsor"), 409, "transformation-already-launched")


def test_a_transformation_without_a_phase_is_not_launched(running: Running) -> None:
    id = running.transformation(template=None)
    refused(running.act(f"/transformations/{id}", "launch", None, "sponsor"), 409, "no-phase-to-open")
    make(running, id, "phases", ordinal=2, title="Deuxième")
    make(running, id, "phases", ordinal=1, title="Première")
    do(running, f"/transformations/{id}", "launch", "sponsor")
    assert [p["status"] for p in listed(running, id, "phases", sort="ordinal")] == ["open", "planned"]


def test_the_calendars_are_set_apart_and_only_if_they_change(running: Running) -> None:
    path = f"/transformations/{running.transformation()}"
    peak = {"label": "Clôture des comptes", "from_on": "2026-12-01", "to_on": "2027-01-31", "level": "peak"}
    after = do(running, path, "set-calendar", closed_days=["2026-07-13"], activity_periods=[peak])
    assert (after["closed_days"], after["activity_periods"]) == (["2026-07-13"], [peak])
    refused(running.act(path, "set-calendar", {"activity_periods": [peak]}), 422, "nothing-to-change")
    after = do(running, path, "set-calendar", closed_days=[])
    assert (after["closed_days"], after["activity_periods"]) == ([], [peak])
    assert events(running, f"/transformations/{after['id']}") == [
        "transformation.prepared",
        "transformation.calendar_set",
        "transformation.activity_calendar_set",
        "transformation.calendar_set",
    ]


def test_a_closed_day_is_no_working_day_of_a_slippage(running: Running) -> None:
    id = running.transformation()
    action = make(running, id, "actions", title="A", end_on="2026-02-26")
    assert action["late_working_days"] == 2  # Friday and Monday
    do(running, f"/transformations/{id}", "set-calendar", closed_days=["2026-02-27"])
    assert running.get(f"/actions/{action['id']}").json()["late_working_days"] == 1


def test_a_period_does_not_end_before_it_starts(running: Running, transformation: str) -> None:
    period = {"label": "X", "from_on": "2026-12-02", "to_on": "2026-12-01", "level": "low"}
    answered = running.act(f"/transformations/{transformation}", "set-calendar", {"activity_periods": [period]})
    refused(answered, 422, "period-ends-before-it-starts")


@pytest.mark.parametrize(("verb", "field"), [("revise", "name"), ("set-calendar", "closed_days")])
def test_what_a_transformation_must_have_is_not_cleared(
    running: Running, transformation: str, verb: str, field: str
) -> None:
    answered = running.act(f"/transformations/{transformation}", verb, {field: None})
    assert answered.status_code == 422
    assert answered.json()["errors"][0]["pointer"] == f"/{field}"


def test_its_words_are_revised_and_put_right(running: Running) -> None:
    path = f"/transformations/{running.transformation()}"
    after = do(running, path, "revise", name="Direction du contrôle", description="Pour les directions")
    assert (after["name"], after["description"]) == ("Direction du contrôle", "Pour les directions")
    by_id = f"/transformations/{after['id']}"
    last = event_ids(running, by_id)[-1]
    after = do(running, by_id, f"events/{last}/correct", reason="Coquille", changes={"name": "Direction des comptes"})
    assert after["name"] == "Direction des comptes"
    first = event_ids(running, by_id)[0]
    answered = running.act(by_id, f"events/{first}/correct", {"reason": "x", "changes": {"code": "AUTRE"}})
    refused(answered, 422, "correction-invalid")
    assert do(running, by_id, f"events/{last}/withdraw", reason="Erreur")["name"] == "Direction des comptes rendus"


def test_a_launch_is_withdrawn_after_the_phase_that_it_opened(running: Running) -> None:
    id = running.transformation()
    path = f"/transformations/{id}"
    do(running, path, "launch", "sponsor")
    prepared_by, launched_by = event_ids(running, path)
    basis = {"kind": "document", "document": {"title": "Note du directeur"}}
    behalf = {"kind": "person", "id": running.people["sponsor"], "basis": basis}
    alone = refused(running.act(path, f"events/{launched_by}/withdraw", {"reason": "x"}), 403, "not-allowed")
    assert alone["facts"]["act"] == "transformation.launch"
    for event in (prepared_by, launched_by):
        body = {"reason": "x", "on_behalf_of": behalf}
        problem = refused(running.act(path, f"events/{event}/withdraw", body), 409, "later-facts-depend")
        assert problem["facts"]["dependents"] == ["phase 1"]
    phase = f"/phases/{listed(running, id, 'phases', sort='ordinal')[0]['id']}"
    do(running, phase, f"events/{event_ids(running, phase)[-1]}/withdraw", reason="Lancée trop tôt")
    undone = do(running, path, f"events/{launched_by}/withdraw", reason="Lancée trop tôt", on_behalf_of=behalf)
    assert undone["status"] == "prepared"
    do(running, path, "launch", "sponsor")
    assert running.get(phase).json()["status"] == "open"


def test_confirming_needs_no_version(running: Running, transformation: str) -> None:
    confirmed = running.post("/transformations/DCR/confirm")
    assert confirmed.status_code == 200, confirmed.text
    assert confirmed.json()["confirmed_on"] == running.now.date().isoformat()


def test_who_is_no_member_finds_nothing(running: Running, transformation: str) -> None:
    running.person("Passante")
    for path in ("", "/phases", "/axes", "/workstreams", "/actions", "/milestones", "/members"):
        refused(running.get(f"/transformations/DCR{path}", "Passante"), 404, "not-found")
    refused(running.post("/transformations/DCR/axes", {"title": "X"}, "Passante"), 404, "not-found")
    assert running.get("/transformations", "Passante").json()["items"] == []
