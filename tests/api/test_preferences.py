"""How each wants to be reminded, over HTTP: kept in the directory, and nowhere in the log."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from service.domain.event import new_id
from service.domain.preference import DEFAULT, Preference
from tests.api.steps import refused
from tests.running import Running

BEFORE = {
    "language": "fr",
    "channels": ["inbox", "email"],
    "digest": "daily",
    "quiet_hours": None,
    "email": None,
}
NIGHT = {"begins": "20:00", "ends": "07:30"}


@pytest.fixture
def who(running: Running) -> str:
    """Somebody who has not wished for anything yet."""
    name = f"Personne {new_id().hex[-8:]}"
    running.person(name)
    return name


def read(running: Running, who: str) -> dict[str, Any]:
    answer = running.get("/me/preferences", who)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def revise(running: Running, who: str, **changes: Any) -> dict[str, Any]:
    answer = running.post("/me/preferences", changes, who)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_whoever_wished_for_nothing_has_the_defaults(running: Running, who: str) -> None:
    assert read(running, who) == BEFORE
    row = running.service.database.one("SELECT preferences FROM people WHERE id = %s", (running.people[who],))
    assert row == {"preferences": {}}


def test_only_what_is_said_changes_and_stays(running: Running, who: str) -> None:
    address = f"{new_id().hex}@exemple.example"
    assert revise(running, who, digest="weekly") == {**BEFORE, "digest": "weekly"}
    assert revise(running, who, quiet_hours=NIGHT)["quiet_hours"] == NIGHT
    assert revise(running, who, email=address, language="en")["email"] == address
    after = {**BEFORE, "digest": "weekly", "quiet_hours": NIGHT, "email": address, "language": "en"}
    assert read(running, who) == after
    assert revise(running, who, quiet_hours=None)["quiet_hours"] is None
    assert revise(running, who) == {**after, "quiet_hours": None}


def test_the_reminders_read_the_same_wishes(running: Running, who: str) -> None:
    id = running.people[who]
    revise(running, who, channels=["inbox", "inbox"], quiet_hours=NIGHT, language="en")
    found = running.service.directory.preferences([id, running.admin, "p_" + "f" * 32])
    assert found == {
        id: Preference(channels=("inbox",), quiet_from="20:00", quiet_to="07:30", language="en"),
        running.admin: DEFAULT,
    }


@pytest.mark.parametrize(
    ("sent", "code", "pointer"),
    [
        ({"channels": ["email"]}, "inbox-stays", "/channels"),
        ({"quiet_hours": {"begins": "08:00", "ends": "08:00"}}, "quiet-hours-empty", "/quiet_hours/ends"),
        ({"channels": []}, "invalid", "/channels"),
        ({"channels": ["inbox", "pigeon"]}, "invalid", "/channels/1"),
        ({"digest": "hourly"}, "invalid", "/digest"),
        ({"digest": None}, "invalid", "/digest"),
        ({"language": "de"}, "invalid", "/language"),
        ({"quiet_hours": {"begins": "24:00", "ends": "08:00"}}, "invalid", "/quiet_hours/begins"),
        ({"quiet_hours": {"begins": "20:00"}}, "invalid", "/quiet_hours"),
        ({"email": "nobody"}, "invalid", "/email"),
        ({"email": "a@b.example\r\nBcc: c@d.example"}, "invalid", "/email"),
        ({"telephone": "01"}, "invalid", "/telephone"),
    ],
)
def test_a_wish_that_cannot_be_is_refused_where_it_stands(
    running: Running, who: str, sent: dict[str, Any], code: str, pointer: str
) -> None:
    problem = refused(running.post("/me/preferences", sent, who), 422, code)
    assert pointer in [error["pointer"] for error in problem["errors"]]
    assert read(running, who) == BEFORE


def test_mail_needs_an_address_and_an_address_has_one_owner(running: Running, who: str) -> None:
    address = f"{new_id().hex}@exemple.example"
    refused(running.post("/me/preferences", {"channels": ["inbox", "email"]}, who), 409, "address-needed")
    assert revise(running, who, channels=["inbox", "email"], email=address)["email"] == address
    refused(running.post("/me/preferences", {"email": None}, who), 409, "address-needed")
    assert revise(running, who, email=None, channels=["inbox"])["email"] is None
    revise(running, who, email=address)
    running.person(other := f"Autre {new_id().hex[-8:]}")
    problem = refused(running.post("/me/preferences", {"email": address.upper()}, other), 409, "address-taken")
    assert running.people[who] not in str(problem)


def test_a_replay_answers_the_same_and_keeps_what_was_wished_since(running: Running, who: str) -> None:
    key = str(new_id())
    first = running.post("/me/preferences", {"digest": "none"}, who, key=key)
    revise(running, who, digest="weekly")
    again = running.post("/me/preferences", {"digest": "none"}, who, key=key)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.json() == first.json()
    assert read(running, who)["digest"] == "weekly"
    refused(running.post("/me/preferences", {"digest": "daily"}, who, key=key), 422, "key-reused")


def test_two_wishes_at_once_are_both_kept(running: Running, who: str) -> None:
    wishes: list[dict[str, Any]] = [{"digest": "weekly"}, {"quiet_hours": NIGHT}, {"language": "en"}]
    with ThreadPoolExecutor(3) as threads:
        answers = list(threads.map(lambda wish: running.post("/me/preferences", wish, who), wishes))
    assert [answer.status_code for answer in answers] == [200] * 3
    assert read(running, who) == {**BEFORE, "digest": "weekly", "quiet_hours": NIGHT, "language": "en"}


def test_wishes_are_no_events_and_go_with_their_person(running: Running, who: str) -> None:
    address = f"{new_id().hex}@exemple.example"
    head = running.service.log.head()
    revise(running, who, email=address, quiet_hours=NIGHT)
    assert running.service.log.head() == head
    kept = running.service.database.one(
        "SELECT count(*) AS n FROM idempotency WHERE answer::text LIKE %s", (f"%{address}%",)
    )
    assert kept == {"n": 0}
    running.erase(running.people[who])
    assert running.service.directory.preferences([running.people[who]]) == {}
