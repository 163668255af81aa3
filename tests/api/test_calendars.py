"""Calendars over HTTP, read back by a library that did not write them (vobject)."""

from datetime import date, timedelta
from typing import Any

import pytest
import vobject
from psycopg import sql

from service.domain.event import new_id
from tests.api.registers import Place, launched
from tests.api.steps import do, event_ids, refused
from tests.running import Running


@pytest.fixture(scope="module")
def place(running: Running) -> Place:
    return launched(running)


def calendar(place: Place, who: str = "lead", *, language: str = "fr", **params: Any) -> Any:
    """The answer to a subscriber."""
    path = f"/transformations/{place.id}/calendar.ics"
    answer = place.running.get(path, who, params=params, headers={"Accept-Language": language})
    assert answer.status_code == 200, answer.text
    return answer


def read(content: bytes) -> dict[str, Any]:
    """The events of a calendar by UID, by a parser that is not ours; lines as RFC 5545 (3.1) wants them."""
    lines = content.split(b"\r\n")
    assert lines.pop() == b""
    for line in lines:
        assert b"\n" not in line
        assert b"\r" not in line
        assert len(line) <= 75
        line.decode()  # no character is cut in two
    whole = vobject.readOne(content.decode())
    assert (whole.name, whole.version.value, whole.prodid.value) == (
        "VCALENDAR",
        "2.0",
        "-//Trajectoire//Calendrier//FR",
    )
    assert whole.vtimezone.tzid.value == "Europe/Paris"
    found = {event.uid.value: event for event in getattr(whole, "vevent_list", ())}
    assert len(found) == len(getattr(whole, "vevent_list", ()))
    return found


def entry(place: Place, id: str, **params: Any) -> Any:
    """One entry of the calendar."""
    return read(calendar(place, **params).content)[id]


def sequence(event: Any) -> int:
    return int(event.sequence.value)


def test_what_has_a_day_stands_in_the_calendar_in_french(place: Place) -> None:
    milestone = place.milestone(title="Restitution, partagée ; à tous", due_on="2026-05-04")
    body = place.items("bodies", kind="steering")[0]
    review = place.make(
        "reviews", {"body_id": body["id"], "title": "Premier bilan", "planned_on": "2026-04-14"}, "lead"
    )
    deliverable = place.items("deliverables")[0]
    do(place.running, f"/deliverables/{deliverable['id']}", "revise", due_on="2026-06-01")
    answer = calendar(place)
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    events = read(answer.content)
    shown = events[milestone["id"]]
    assert shown.summary.value == f"Jalon {milestone['ref']}\u202f: Restitution, partagée ; à tous"
    assert (shown.dtstart.value, shown.dtend.value) == (date(2026, 5, 4), date(2026, 5, 5))
    assert type(shown.dtstart.value) is date
    assert (shown.status.value, shown.transp.value) == ("CONFIRMED", "TRANSPARENT")
    assert shown.url.value.endswith(f"/api/v1/milestones/{milestone['id']}")
    assert "Statut\u202f: prévu" in shown.description.value
    assert events[review["id"]].summary.value == f"Point d’étape {review['ref']}\u202f: Premier bilan"
    assert f"Instance\u202f: {body['name']}" in events[review["id"]].description.value
    assert events[deliverable["id"]].dtstart.value == date(2026, 6, 1)
    assert "Phase\u202f: " in events[deliverable["id"]].description.value


def test_the_calendar_speaks_english_to_who_asks(place: Place) -> None:
    milestone = place.milestone(title="Restitution")
    answer = calendar(place, language="en")
    assert answer.headers["Content-Language"] == "en"
    shown = read(answer.content)[milestone["id"]]
    assert shown.summary.value == f"Milestone {milestone['ref']}: Restitution"
    assert "Status: planned" in shown.description.value


def test_every_change_raises_the_sequence_and_what_happened_stands_on_its_day(place: Place) -> None:
    path = f"/milestones/{place.milestone(due_on='2026-07-06')['id']}"
    id = path.rpartition("/")[2]
    seen = [entry(place, id)]
    do(place.running, path, "reschedule", due_on="2026-07-13", reason="Salle prise")
    seen.append(entry(place, id))
    assert seen[1].dtstart.value == date(2026, 7, 13)
    assert "Date déplacée 1 fois" in seen[1].description.value
    do(place.running, path, "revise", title="Restitution à tous")
    seen.append(entry(place, id))
    do(place.running, path, "reach", occurred_on="2026-02-27")
    seen.append(entry(place, id))
    assert seen[3].dtstart.value == date(2026, 2, 27)
    assert " atteint\u202f: Restitution à tous" in seen[3].summary.value
    do(place.running, path, "reopen", reason="Il en manque")
    seen.append(entry(place, id))
    assert seen[4].dtstart.value == date(2026, 7, 13)
    numbers = [sequence(event) for event in seen]
    assert numbers == sorted(set(numbers))
    assert len({event.uid.value for event in seen}) == 1


def test_what_is_cancelled_or_withdrawn_stays_as_cancelled(place: Place) -> None:
    running = place.running
    cancelled, withdrawn = place.milestone(title="Plus voulu"), place.milestone(title="Saisi deux fois")
    body = place.items("bodies", kind="steering")[0]["id"]
    review = place.make("reviews", {"body_id": body, "title": "Inutile", "planned_on": "2026-04-21"}, "lead")
    before = {each["id"]: sequence(entry(place, each["id"])) for each in (cancelled, withdrawn, review)}
    do(running, f"/milestones/{cancelled['id']}", "cancel", reason="Plus utile")
    do(running, f"/reviews/{review['id']}", "cancel", reason="Rien à juger")
    path = f"/milestones/{withdrawn['id']}"
    taken = running.act(path, f"events/{event_ids(running, path)[0]}/withdraw", {"reason": "Doublon"})
    assert taken.status_code == 200, taken.text
    events = read(calendar(place).content)
    for each, word in ((cancelled, "annulé"), (withdrawn, "retiré"), (review, "annulé")):
        shown = events[each["id"]]
        assert shown.status.value == "CANCELLED"
        assert f"{each['ref']} {word}\u202f: " in shown.summary.value
        assert sequence(shown) > before[each["id"]]


def test_a_deliverable_without_a_date_of_its_own_moves_with_its_phase(place: Place) -> None:
    second = place.phases[1]
    phase = f"/phases/{second}"
    (deliverable, *_) = [each for each in place.items("deliverables") if each["phase_id"] == second]
    assert deliverable["id"] not in read(calendar(place).content)
    do(place.running, phase, "revise", planned_from="2026-06-01", planned_to="2026-10-30")
    first = entry(place, deliverable["id"])
    do(place.running, phase, "revise", planned_to="2026-11-27", reason="Plus long")
    moved = entry(place, deliverable["id"])
    do(place.running, f"/deliverables/{deliverable['id']}", "revise", due_on="2026-10-01")
    own = entry(place, deliverable["id"])
    assert [event.dtstart.value for event in (first, moved, own)] == [
        date(2026, 10, 30),
        date(2026, 11, 27),
        date(2026, 10, 1),
    ]
    assert sequence(first) < sequence(moved) < sequence(own)


def test_who_holds_these_bytes_gets_304_until_something_changes(place: Place) -> None:
    path = f"/transformations/{place.id}/calendar.ics"
    first = calendar(place)
    again = place.running.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert place.running.client.head(f"/api/v1{path}", headers=place.running.headers("lead", {})).content == b""
    place.milestone(title="Encore un")
    changed = place.running.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != first.headers["ETag"]


def test_the_calendar_of_a_past_moment_is_the_one_that_was_read_then(place: Place) -> None:
    before = calendar(place)
    place.running.advance(hours=1)
    place.milestone(title="Plus tard")
    again = calendar(place, as_of_position=before.headers["Trajectoire-Position"])
    assert again.content == before.content
    later = (place.running.now + timedelta(days=1)).isoformat()
    refused(
        place.running.get(f"/transformations/{place.id}/calendar.ics", params={"as_of": later}), 422, "as-of-in-future"
    )


@pytest.mark.parametrize(
    "title",
    [
        "Ligne\nBEGIN:VALARM\nACTION:DISPLAY",
        "é" * 120,
        "日本語のとても長い題名" * 9,
        "🙂" * 60,
        r"a\n\;b, c; d\\ « e » : f",
        "x" * 74 + "é",
    ],
)
def test_a_title_comes_back_as_it_was_written_on_one_line(place: Place, title: str) -> None:
    milestone = place.milestone(title=title)
    shown = entry(place, milestone["id"])
    assert shown.summary.value == f"Jalon {milestone['ref']}\u202f: {title.replace(chr(10), ' ')}"
    assert not hasattr(shown, "valarm")


# The personal calendar


def opened(running: Running, who: str) -> str:
    """A new address, as a path under /api/v1."""
    answer = running.post("/me/calendar", {}, who)
    assert answer.status_code == 201, answer.text
    address = answer.json()["address"]
    assert address.startswith(running.service.settings.address)
    return str(address).partition("/api/v1")[2]


def test_a_personal_calendar_holds_all_transformations_of_today(running: Running, place: Place) -> None:
    here = place.milestone(title="Ici")
    other = launched(running)
    there = other.milestone(title="Là-bas")
    path = opened(running, "contributor")
    answer = running.get(path, who="")
    assert answer.status_code == 200, answer.text
    assert "Authorization" not in answer.headers.get("Vary", "")
    events = read(answer.content)
    code = running.get(f"/transformations/{other.id}").json()["code"]
    assert events[there["id"]].summary.value == f"{code} – Jalon {there['ref']}\u202f: Là-bas"
    assert here["id"] in events
    again = running.get(path, who="", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    (member,) = [each for each in other.items("members") if each["person_id"] == running.people["contributor"]]
    do(running, f"/members/{member['id']}", "revoke", reason="Fin de mission")
    left = running.get(path, who="", headers={"If-None-Match": answer.headers["ETag"]})
    assert left.status_code == 200
    assert there["id"] not in read(left.content)
    assert here["id"] in read(left.content)


def test_a_personal_calendar_speaks_the_language_of_its_owner(running: Running, place: Place) -> None:
    milestone = place.milestone(title="Bilan")
    path = opened(running, "facilitator")
    assert running.post("/me/preferences", {"language": "en"}, "facilitator").status_code == 200
    shown = read(running.get(path, who="", headers={"Accept-Language": "fr"}).content)[milestone["id"]]
    assert f"Milestone {milestone['ref']}: Bilan" in shown.summary.value
    assert running.post("/me/preferences", {"language": "fr"}, "facilitator").status_code == 200


def test_whoever_is_in_no_transformation_has_a_valid_empty_calendar(running: Running) -> None:
    running.person("Nouvelle")
    assert read(running.get(opened(running, "Nouvelle"), who="").content) == {}


def test_another_address_ends_the_first_and_revoking_ends_them_all(running: Running, place: Place) -> None:
    first = opened(running, "governance")
    second = opened(running, "governance")
    refused(running.get(first, who=""), 404, "calendar-address-unknown")
    assert running.get(second, who="").status_code == 200
    told = running.get("/me/calendar", "governance").json()
    assert (told["active"], told["last_used_on"]) == (True, running.now.date().isoformat())
    assert "address" not in told or told["address"] is None
    revoked = running.post("/me/calendar/revoke", {}, "governance")
    assert (revoked.status_code, revoked.json()["active"]) == (200, False)
    problem = refused(running.get(second, who=""), 404, "calendar-address-unknown")
    assert second.rpartition("/")[2].removesuffix(".ics") not in str(problem)
    refused(running.post("/me/calendar/revoke", {}, "governance"), 409, "no-calendar-address")


def test_the_address_is_shown_once_and_only_its_hash_is_kept(running: Running, place: Place) -> None:
    key = str(new_id())
    first = running.post("/me/calendar", {}, "sponsor", key=key)
    again = running.post("/me/calendar", {}, "sponsor", key=key)
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (201, "true")
    assert again.json() == {name: value for name, value in first.json().items() if name != "address"}
    secret = first.json()["address"].rpartition("/")[2].removesuffix(".ics")
    assert running.get(f"/calendars/{secret}.ics", who="").status_code == 200
    tables = running.service.database.all("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    for table in tables:
        kept = sql.SQL("SELECT count(*) AS n FROM {} t WHERE position(%s IN t::text) > 0")
        query = kept.format(sql.Identifier(table["tablename"]))
        assert running.service.database.one(query, (secret,)) == {"n": 0}, table


def test_a_key_that_may_not_read_makes_no_address_that_would(running: Running, place: Place) -> None:
    body = {"name": "écrire", "owner": running.people["lead"], "scopes": ["write"]}
    writing = running.post("/keys", body, "Administratrice").json()["key"]
    headers = {"Authorization": f"Bearer {writing}", "Idempotency-Key": str(new_id())}
    refused(running.client.post("/api/v1/me/calendar", json={}, headers=headers), 403, "scope-missing")


def test_the_address_goes_with_its_person(running: Running, place: Place) -> None:
    person = running.person("De passage")
    path = opened(running, "De passage")
    running.erase(person)
    refused(running.get(path, who=""), 404, "calendar-address-unknown")
