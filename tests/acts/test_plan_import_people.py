"""The people that a file brings: the directory and the log agree on them, whatever comes between."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from service.acts import plan_import_run
from service.acts.plan_import_run import one_at_a_time
from service.acts.plan_import_world import read_people
from service.domain.event import new_id
from service.domain.principal import person_id
from tests.acts.test_plan_import_merge import Plan
from tests.api.test_imports import send, sheet
from tests.running import Running


def bearers(running: Running, name: str) -> list[str]:
    rows = running.service.database.all("SELECT id FROM people WHERE display_name = %s ORDER BY id", (name,))
    return [row["id"] for row in rows]


def entered(running: Running, id: str) -> bool:
    return running.get(f"/people/{id}", "Administratrice").status_code == 200


def test_who_was_left_by_a_crash_before_any_event_is_given_no_part(running: Running) -> None:
    left = person_id(new_id())
    running.service.directory.add_person(left, "Orphée Valmont", has_account=False)
    plan = Plan(running)
    assert plan.bring({"Titre de l'action": "Une", "Personne pilote": "Orphée Valmont"}).new_people
    lead = plan.action("Une")["lead"]
    assert lead != left
    assert entered(running, lead)
    found = running.get("/people", "Administratrice", params={"q": "Orphée Valmont"}).json()["items"]
    assert [person["id"] for person in found] == [lead], "nor is one found by name"


def test_an_import_interrupted_while_it_is_recorded_keeps_the_names_that_it_brought(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = Plan(running)
    append: Callable[..., Any] = running.service.recorder._append

    def interrupted(*arguments: Any) -> None:
        append(*arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(running.service.recorder, "_append", interrupted)
    with pytest.raises(KeyboardInterrupt):
        plan.bring({"Titre de l'action": "Une", "Personne pilote": "Ysolde Ctrl"})
    assert running.service.gate.wait(running.service.log.head(), 10)
    assert bearers(running, "Ysolde Ctrl") == [plan.action("Une")["lead"]]


def test_a_name_is_not_taken_back_from_who_entered_the_log(running: Running) -> None:
    somebody = running.person("Restée Là")
    running.service.directory.remove_person(somebody)
    assert bearers(running, "Restée Là") == [somebody]


def test_two_imports_at_once_into_two_plans_enter_a_newcomer_once(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = Plan(running), Plan(running)
    both_have_read = threading.Barrier(2, timeout=20)
    meetings = iter(range(2))
    door = plan_import_run.alone

    def alone(*arguments: Any) -> None:
        if next(meetings, None) is not None:
            both_have_read.wait()  # both take the person for somebody new
        door(*arguments)

    monkeypatch.setattr(plan_import_run, "alone", alone)
    row = {"Titre de l'action": "Une", "Personne pilote": "Nova Partagée"}
    threads = [threading.Thread(target=plan.bring, args=(row,)) for plan in (one, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (id,) = bearers(running, "Nova Partagée")
    assert {one.action("Une")["lead"], other.action("Une")["lead"]} == {id}
    with running.service.database.connection() as connection:
        assert read_people(connection)[id] == "Nova Partagée"


def test_an_answered_key_is_replayed_even_while_another_import_runs(running: Running) -> None:
    plan = running.transformation()
    content, key = sheet({"Titre de l'action": "Une"}), str(new_id())
    first = send(running, plan, content, key=key, mode="apply")
    assert first.status_code == 201, first.text
    with one_at_a_time(running.service, first.json()["transformation_id"]):
        again = send(running, plan, content, key=key, mode="apply")
        busy = send(running, plan, content, mode="apply")
    assert (again.status_code, again.json()) == (201, first.json())
    assert (busy.status_code, busy.json()["code"]) == (409, "import-in-progress")
    assert busy.headers["Retry-After"]
