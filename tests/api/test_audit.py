"""The audit trail: who, what, when, on what basis, through what; for who may see it, in pages and in files."""

import csv
import io
from typing import Any

import orjson
import pytest

from service.api.audit_shapes import AuditPage
from service.domain.event import type_registry
from service.projections.event_words import EVENT_WORDS
from tests.running import Running


@pytest.fixture(scope="module")
def plan(running: Running) -> dict[str, Any]:
    """A milestone planned, rescheduled, reached, and the reaching withdrawn."""
    running.person("Passante")
    transformation = running.transformation("TRAIL")
    row = running.service.database.one(
        "SELECT id FROM phases WHERE transformation_id = %s AND valid_to IS NULL AND ordinal = 1", (transformation,)
    )
    assert row
    phase_id = str(row["id"])
    body = {"subject": {"kind": "phase", "id": phase_id}, "title": "=Restitution", "due_on": "2026-06-01"}
    milestone = running.post(f"/transformations/{transformation}/milestones", body).json()["id"]
    path = f"/milestones/{milestone}"
    running.advance(hours=1)
    assert running.act(path, "reschedule", {"due_on": "2026-06-12", "reason": "Salle indisponible"}).status_code == 200
    reached = running.act(path, "reach", {"occurred_on": "2026-03-01"})
    assert reached.status_code == 200, reached.text
    event = trail(running, transformation, type="milestone.reached")[0]
    etag = running.get(path).headers["ETag"]
    mended = running.post(f"{path}/events/{event['event_id']}/withdraw", {"reason": "Erreur de ligne"}, etag=etag)
    assert mended.status_code == 200, mended.text
    return {"transformation": transformation, "milestone": milestone, "phase": phase_id}


def trail(running: Running, transformation: str, who: str = "lead", **asked: Any) -> list[dict[str, Any]]:
    answer = running.get("/audit/events", who, params={"transformation": transformation, **asked})
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def test_every_event_has_a_french_label() -> None:
    own = {topic for topic in type_registry if not topic.endswith((".corrected", ".withdrawn"))}
    assert own == EVENT_WORDS.keys()


def test_the_trail_tells_who_what_when_and_why(running: Running, plan: dict[str, Any]) -> None:
    moved = trail(running, plan["transformation"], type="milestone.rescheduled")[0]
    assert moved["label"] == "Jalon décalé"
    assert (moved["actor"], moved["role"], moved["channel"]) == (running.people["lead"], "lead", "api")
    assert moved["changes"]["due_on"] == {"before": "2026-06-01", "after": "2026-06-12"}
    assert moved["reason"] == "Salle indisponible"
    assert moved["subject"] == {
        "kind": "milestone", "id": plan["milestone"], "ref": "J-1", "title": "=Restitution",
    }  # fmt: skip
    assert moved["occurred_on_basis"] == "recording"
    reached = trail(running, plan["transformation"], type="milestone.reached")[0]
    assert (reached["occurred_on"], reached["occurred_on_basis"]) == ("2026-03-01", "stated")
    assert reached["recorded_at"][:10] == "2026-03-02"


def test_a_mending_and_what_it_mends_name_each_other(running: Running, plan: dict[str, Any]) -> None:
    reached = trail(running, plan["transformation"], type="milestone.reached")[0]
    mending = trail(running, plan["transformation"], type="milestone.withdrawn")[0]
    assert mending["mends"] == reached["event_id"]
    assert reached["mended_by"] == [mending["event_id"]]
    before = trail(running, plan["transformation"], type="milestone.reached", as_of_position=mending["position"] - 1)[0]
    assert before["mended_by"] == []


def test_the_role_is_the_one_held_then(running: Running, plan: dict[str, Any]) -> None:
    granted = trail(running, plan["transformation"], type="member.granted")
    assert {event["role"] for event in granted} <= {None, "lead"}
    assert trail(running, plan["transformation"], actor="me", type="milestone.planned")[0]["role"] == "lead"


def test_pages_follow_one_another_newest_first_without_gap_or_repetition(
    running: Running, plan: dict[str, Any]
) -> None:
    whole = trail(running, plan["transformation"], limit=200)
    assert [event["position"] for event in whole] == sorted((e["position"] for e in whole), reverse=True)
    united, path = [], f"/audit/events?transformation={plan['transformation']}&limit=3"
    while path:
        page = running.get(path.removeprefix("/api/v1"))
        assert page.status_code == 200, page.text
        united += page.json()["items"]
        path = page.json()["next"]
        assert (path is not None) == ('rel="next"' in page.headers.get("link", ""))
    assert united == whole
    oldest = trail(running, plan["transformation"], limit=200, sort="position")
    assert oldest == whole[::-1]


def test_a_cursor_that_was_altered_or_of_other_filters_is_refused(running: Running, plan: dict[str, Any]) -> None:
    following = running.get(f"/audit/events?transformation={plan['transformation']}&limit=2").json()["next"]
    following = following.removeprefix("/api/v1")
    assert running.get(following + "&type=milestone.reached").status_code == 400
    head, _, cursor = following.partition("cursor=")
    changed = cursor[:30] + ("A" if cursor[30] != "A" else "B") + cursor[31:]
    assert running.get(f"{head}cursor={changed}").status_code == 400


def test_filters_by_subject_reference_text_and_period(running: Running, plan: dict[str, Any]) -> None:
    of_milestone = trail(running, plan["transformation"], subject=plan["milestone"])
    assert len(of_milestone) == 4
    assert trail(running, plan["transformation"], subject="J-1") == of_milestone
    assert [e["type"] for e in trail(running, plan["transformation"], q="indisponible")] == ["milestone.rescheduled"]
    assert [e["type"] for e in trail(running, plan["transformation"], q="ÌNDISPONIBLE")] == ["milestone.rescheduled"]
    planned = of_milestone[-1]
    until = trail(running, plan["transformation"], subject="J-1", to=planned["recorded_at"])
    assert [event["type"] for event in until] == ["milestone.planned"]
    for wrong in ({"type": "milestone.danced"}, {"subject": "???"}, {"from": "2026-03-01T00:00:00"}, {"what": "1"}):
        answer = running.get("/audit/events", params={"transformation": plan["transformation"], **wrong})
        assert answer.status_code == 422, (wrong, answer.text)


def test_one_event_is_found_by_its_id_by_members_alone(running: Running, plan: dict[str, Any]) -> None:
    event = trail(running, plan["transformation"], type="milestone.planned")[0]
    shown = running.get(f"/audit/events/{event['event_id']}").json()
    assert shown.pop("people")[running.people["lead"]] == "lead"
    assert shown == event
    assert running.get(f"/audit/events/{event['event_id']}", "Passante").status_code == 404
    assert running.get(f"/audit/events?transformation={plan['transformation']}", "Passante").status_code == 404


def test_events_of_the_instance_are_for_administrators(running: Running, plan: dict[str, Any]) -> None:
    answer = running.get("/audit/events?limit=200", "Administratrice")
    assert {item["type"] for item in answer.json()["items"]} >= {"person.enrolled", "key.issued"}
    assert all(item["transformation_id"] is None for item in answer.json()["items"])
    enrolled = answer.json()["items"][-1]["event_id"]
    assert running.get("/audit/events", "lead").status_code == 403
    assert running.get(f"/audit/events/{enrolled}", "lead").status_code == 404
    assert running.get(f"/audit/events/{enrolled}", "Administratrice").status_code == 200


def test_what_is_restricted_is_absent_for_who_may_not_see_it(running: Running, plan: dict[str, Any]) -> None:
    """The milestone is made restricted by hand, so that this does not wait for the routes of obstacles."""
    event = trail(running, plan["transformation"], type="milestone.planned")[0]["event_id"]
    with running.service.database.connection() as connection:
        connection.execute(
            "INSERT INTO restricted_objects VALUES (%s, %s, %s)",
            (plan["milestone"], plan["transformation"], [running.people["facilitator"]]),
        )
    try:
        asked = {"subject": plan["milestone"], "as_of_position": running.service.log.head()}
        for who, visible in (("contributor", False), ("facilitator", True), ("auditor", True)):
            assert bool(trail(running, plan["transformation"], who, **asked)) == visible, who
            assert (running.get(f"/audit/events/{event}", who).status_code == 200) == visible, who
            lines = running.get(
                "/audit/events", who, params={"transformation": plan["transformation"], "format": "jsonl"}
            )
            assert (plan["milestone"].encode() in lines.content) == visible, who
    finally:
        running.service.database.one("DELETE FROM restricted_objects WHERE id = %s RETURNING id", (plan["milestone"],))


def test_reading_the_trail_is_itself_recorded(running: Running, plan: dict[str, Any]) -> None:
    trail(running, plan["transformation"], "auditor", type="milestone.planned")
    row = running.service.database.one("SELECT * FROM audit_reads ORDER BY id DESC LIMIT 1")
    assert row is not None
    assert (row["principal"], str(row["transformation_id"])) == (running.people["auditor"], plan["transformation"])
    assert "type=milestone.planned" in row["what"]
    assert row["read_at"] == running.now


def test_an_export_holds_every_event_as_lines_of_json(running: Running, plan: dict[str, Any]) -> None:
    whole = trail(running, plan["transformation"], limit=200)
    answer = running.get(
        "/audit/events", params={"transformation": plan["transformation"]}, headers={"Accept": "application/jsonl"}
    )
    assert answer.headers["content-type"].startswith("application/jsonl")
    lines = [orjson.loads(line) for line in answer.content.splitlines()]
    people = [line.pop("people") for line in lines]
    assert lines == whole
    assert people[0] == {running.people["lead"]: "lead"}


def test_a_spreadsheet_takes_no_cell_of_an_export_for_a_formula(running: Running, plan: dict[str, Any]) -> None:
    answer = running.get(f"/audit/events?transformation={plan['transformation']}&format=csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert len(rows) == len(trail(running, plan["transformation"], limit=200))
    moved = next(row for row in rows if row["Type"] == "milestone.rescheduled")
    assert moved["Titre"] == "'=Restitution"
    assert moved["Avant et après"].startswith("due_on: 2026-06-01 → 2026-06-12")
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())


def test_the_trail_as_of_a_position_never_changes(running: Running, plan: dict[str, Any]) -> None:
    path = f"/audit/events?transformation={plan['transformation']}&as_of_position={running.service.log.head()}"
    before = running.get(path)
    running.post(f"/milestones/{plan['milestone']}/confirm")
    after = running.get(path)
    assert after.content == before.content
    assert running.get(path, headers={"If-None-Match": before.headers["ETag"]}).status_code == 304


def test_the_answer_is_the_published_one(running: Running, plan: dict[str, Any]) -> None:
    answer = running.get("/audit/events", params={"transformation": plan["transformation"], "limit": 200}).json()
    shown = AuditPage.model_validate(answer).model_dump(mode="json")
    assert [set(item) for item in shown["items"]] == [set(item) for item in answer["items"]]
    assert shown.keys() == answer.keys()
