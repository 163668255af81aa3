"""Acts on the event loop: the same decisions and the same bytes as by queries, and whatever is not at hand waits."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest

from service.domain.event import new_id
from service.projections.table_feed import TableFeed
from service.store.database import MustWait
from tests.running import Running


@pytest.fixture(scope="module")
def plan(running: Running) -> dict[str, str]:
    """A transformation with one action; both were just written, so this process remembers them."""
    transformation = running.transformation()
    action = running.post(f"/transformations/{transformation}/actions", {"title": "Équiper une salle"})
    assert action.status_code == 201, action.text
    promised(running, transformation, action.json()["id"])
    return {"transformation": transformation, "action": action.json()["id"]}


@pytest.fixture
def no_thread(running: Running, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Acts that need a thread fail."""

    def execute(*given: Any, **named: Any) -> None:
        raise AssertionError("this act went to a thread")

    with monkeypatch.context() as patched:
        patched.setattr(running.service.recorder, "execute", execute)
        yield


def promised(running: Running, transformation: str, action: str, **options: Any) -> Any:
    body = {"subject": {"kind": "action", "id": action}, "title": "Salle équipée", "due_on": "2026-09-01"}
    return running.post(f"/transformations/{transformation}/milestones", body, **options)


@pytest.mark.usefixtures("no_thread")
def test_what_is_remembered_is_created_and_acted_upon_without_a_thread(running: Running, plan: dict[str, str]) -> None:
    made = promised(running, plan["transformation"], plan["action"])
    assert made.status_code == 201, made.text
    reached = running.post(f"/milestones/{made.json()['id']}/reach", {}, etag=made.headers["ETag"])
    assert reached.status_code == 200, reached.text
    assert reached.json()["status"] == "reached"


WRITES: dict[str, tuple[str, dict[str, Any]]] = {
    "milestones": ("milestones", {"title": "Salle équipée", "due_on": "2026-09-01"}),
    "obstacles": (
        "obstacles",
        {"title": "Salle prise", "statement": "En juin.", "nature": "obstacle", "impact": 2, "urgency": 3},
    ),
    "restricted obstacles": (
        "obstacles",
        {
            "title": "Départ",
            "statement": "Non remplacé.",
            "nature": "risk",
            "impact": 3,
            "urgency": 3,
            "visibility": "restricted",
        },
    ),
    "indicators": (
        "indicators",
        {
            "title": "Agents rencontrés",
            "family": "being",
            "unit": "%",
            "direction": "up",
            "cadence": "monthly",
            "baseline": {"value": 0.5, "on": "2026-01-05"},
            "targets": [{"value": 50, "on": "2027-12-31"}],
        },
    ),
    "notes": ("notes", {"text": "Vu avec l’équipe."}),
    "actions": ("actions", {"title": "Former les rédacteurs", "weight": 2.5}),
    "decisions": ("decisions", {"title": "Une seconde salle", "chosen": "Oui."}),
}


@pytest.mark.parametrize("kind", WRITES)
def test_the_answer_at_once_is_the_one_that_is_read_later(running: Running, plan: dict[str, str], kind: str) -> None:
    collection, body = WRITES[kind]
    who = "sponsor" if collection == "decisions" else "lead"
    if collection in ("milestones", "notes"):
        body = {**body, "subject": {"kind": "action", "id": plan["action"]}}
    key = str(new_id())

    written = running.post(f"/transformations/{plan['transformation']}/{collection}", body, who, key=key)

    assert written.status_code == 201, written.text
    replayed = running.post(f"/transformations/{plan['transformation']}/{collection}", body, who, key=key)
    position = written.headers["Trajectoire-Position"]
    read = running.get(f"/{collection}/{written.json()['id']}?as_of_position={position}", who)
    assert replayed.headers["Idempotent-Replayed"] == "true"
    assert written.content == replayed.content
    assert written.headers["ETag"] == replayed.headers["ETag"]
    assert read.json() == {name: value for name, value in written.json().items() if name != "warnings"}


def test_what_is_forgotten_is_read_and_the_act_is_done_all_the_same(running: Running, plan: dict[str, str]) -> None:
    made = promised(running, plan["transformation"], plan["action"])
    running.service.log.states.forget([UUID(made.json()["id"])])

    reached = running.post(f"/milestones/{made.json()['id']}/reach", {}, etag=made.headers["ETag"])

    assert reached.status_code == 200, reached.text


def test_a_memory_that_is_behind_decides_nothing(running: Running, plan: dict[str, str]) -> None:
    made = promised(running, plan["transformation"], plan["action"]).json()
    behind = running.service.log.states.get(UUID(made["id"]))
    reached = running.act(f"/milestones/{made['id']}", "reach")
    running.service.log.states.forget([UUID(made["id"])])
    running.service.log.states.keep(behind)  # as a process remembers that did not hear of the act

    again = running.act(f"/milestones/{made['id']}", "reach")
    stale = running.post(f"/milestones/{made['id']}/reach", {}, etag=made_etag(made))

    assert reached.status_code == 200
    assert again.status_code == 409
    assert stale.status_code == 412


def test_a_role_that_was_taken_away_acts_no_more(running: Running, plan: dict[str, str]) -> None:
    person = running.person("Éphémère")
    members = f"/transformations/{plan['transformation']}/members"
    member = running.post(members, {"person_id": person, "role": "facilitator"}).json()["id"]
    body = {"text": "Bien vu.", "subject": {"kind": "action", "id": plan["action"]}}
    notes = f"/transformations/{plan['transformation']}/notes"
    assert running.post(notes, body, "Éphémère").status_code == 201

    assert running.act(f"/members/{member}", "revoke", {"reason": "Mission finie."}).status_code == 200

    assert running.post(notes, body, "Éphémère").status_code == 404


def test_thirty_promises_at_once_have_thirty_references(running: Running, plan: dict[str, str]) -> None:
    with ThreadPoolExecutor(30) as threads:
        made = list(threads.map(lambda _: promised(running, plan["transformation"], plan["action"]), range(30)))
    assert {answer.status_code for answer in made} == {201}
    assert len({answer.json()["ref"] for answer in made}) == 30


def test_the_event_loop_never_waits_for_a_query(running: Running) -> None:
    async def ask() -> None:
        running.service.log.head()

    async def wait() -> None:
        running.service.gate.wait(1)

    for asked in (ask, wait):
        with pytest.raises(MustWait):
            asyncio.run(asked())


def test_a_new_name_is_in_the_next_answer(running: Running, plan: dict[str, str]) -> None:
    person = running.person("Nom de jeune fille")
    running.post(f"/transformations/{plan['transformation']}/members", {"person_id": person, "role": "contributor"})
    actions = f"/transformations/{plan['transformation']}/actions"
    before = running.post(actions, {"title": "Accueillir", "lead": person})
    with running.service.database.connection() as connection:
        connection.execute("UPDATE people SET display_name = 'Nom d’usage' WHERE id = %s", (person,))
    after = running.post(actions, {"title": "Former", "lead": person})
    assert before.json()["people"][person] == "Nom de jeune fille"
    assert after.json()["people"][person] == "Nom d’usage"


def made_etag(made: dict[str, Any]) -> str:
    return f'"{made["version"]}"'


def test_an_object_raised_as_restricted_is_hidden_before_the_views_know_it(
    running: Running, plan: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The read models stand still meanwhile: only the object itself says who may see it."""
    still = threading.Event()
    flush = TableFeed.flush
    monkeypatch.setattr(TableFeed, "flush", lambda feed, connection: (still.wait(5), flush(feed, connection))[1])
    at_once = {"Prefer": "respond-async"}
    body = {**WRITES["restricted obstacles"][1]}
    made = running.post(f"/transformations/{plan['transformation']}/obstacles", body, headers=at_once)
    assess = f"/obstacles/{made.json()['id']}/assess"

    said = running.post(assess, {"impact": 3, "urgency": 3}, "integration", etag=made.headers["ETag"], headers=at_once)
    still.set()

    assert said.status_code == 404


def test_the_names_in_an_answer_stand_in_one_order_wherever_they_come_from(
    running: Running, plan: dict[str, str]
) -> None:
    person = running.person("Première du fichier")
    running.post(f"/transformations/{plan['transformation']}/members", {"person_id": person, "role": "contributor"})
    with running.service.database.connection() as connection:  # its row moves to the end of the table
        connection.execute("UPDATE people SET email = 'p@example.org' WHERE id = %s", (running.people["lead"],))
    path, key = f"/transformations/{plan['transformation']}/obstacles", str(new_id())
    body = {**WRITES["obstacles"][1], "owner": person}

    written, replayed = running.post(path, body, key=key), running.post(path, body, key=key)

    assert len(written.json()["people"]) == 2
    assert written.content == replayed.content
