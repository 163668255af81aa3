"""What is set aside is seen: in the views that lack it, in /readyz and /metrics, by who decides about it."""

from collections.abc import Iterator
from typing import Any

import pytest

from service.domain.event import new_id
from service.projections import folding
from tests.running import Running


@pytest.fixture
def broken(running: Running, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """A milestone whose second event cannot be folded by the projections."""
    id = running.transformation()
    phase = running.get(f"/transformations/{id}/phases").json()["items"][0]["id"]
    body = {"subject": {"kind": "phase", "id": phase}, "title": "Restitution", "due_on": "2026-06-01"}
    milestone = running.post(f"/transformations/{id}/milestones", body).json()
    before = running.service.log.head()
    real = folding.advance

    def advance(concept: Any, state: Any, fact: Any, history: Any) -> Any:
        if str(fact.originator_id) == milestone["id"] and fact.originator_version == 2:
            raise ZeroDivisionError
        return real(concept, state, fact, history)

    monkeypatch.setattr(folding, "advance", advance)
    made = running.post(f"/milestones/{milestone['id']}/confirm")
    assert made.status_code == 200
    yield {"transformation": id, "milestone": milestone["id"], "before": before}
    monkeypatch.undo()
    if any(row["stream_id"] == milestone["id"] for row in standing(running)["set_aside"]):
        running.post(f"/projections/{milestone['id']}/retry", {"reason": "fin"}, "Administratrice")
        assert_freed(running, milestone["id"])


def standing(running: Running) -> Any:
    return running.get("/projections", "Administratrice").json()


def assert_freed(running: Running, stream: str) -> None:
    for _ in range(500):
        if all(row["stream_id"] != stream for row in standing(running)["set_aside"]):
            return
    raise AssertionError("it still waits")


def test_every_answer_that_lacks_an_event_says_so(running: Running, broken: dict[str, Any]) -> None:
    of = f"/transformations/{broken['transformation']}"
    for path in ("/action-plan", "/milestone-timeline", "/milestones", "/changes?from=1"):
        answer = running.get(of + path)
        assert answer.headers["Trajectoire-Incomplete"] == "1", path
        (missing,) = answer.json()["incomplete"]
        assert missing["kind"] == "milestone"
        assert missing["id"] == broken["milestone"]
        assert missing["skipped"] is False
        past = running.get(f"{of}{path}{'&' if '?' in path else '?'}as_of_position={broken['before']}")
        assert past.json()["incomplete"] == []
        assert "Trajectoire-Incomplete" not in past.headers
    assert running.get(f"/milestones/{broken['milestone']}").json()["incomplete"] is True
    hidden = running.get(f"{of}/action-plan", who="contributor").json()["incomplete"]
    assert [row["id"] for row in hidden] == [None]  # who does not see restricted objects is told of one, not of which


def test_it_is_told_to_those_who_run_the_service(running: Running, broken: dict[str, Any]) -> None:
    assert running.client.get("/readyz").json()["set_aside"] == 1
    assert "\ntrajectoire_set_aside 1.0\n" in running.client.get("/metrics").text
    (waiting,) = standing(running)["set_aside"]
    assert waiting["stream_id"] == broken["milestone"]
    assert waiting["topic"] == "milestone.confirmed"
    assert "ZeroDivisionError" in waiting["problem"]


def test_an_administrator_retries_and_the_decision_is_kept(
    running: Running, broken: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, key = f"/projections/{broken['milestone']}/retry", str(new_id())
    assert running.post(path, {"reason": "non"}, "lead").status_code == 403
    assert running.post(path, {}, "Administratrice").status_code == 422
    monkeypatch.undo()  # the cause is mended
    monkeypatch.setattr(running.service.settings, "consistency_wait", 10)
    made = running.post(path, {"reason": "corrigé en 1.2"}, "Administratrice", key=key)
    assert made.status_code == 201, made.text
    again = running.post(path, {"reason": "corrigé en 1.2"}, "Administratrice", key=key)
    assert (again.status_code, again.headers["Idempotent-Replayed"], again.content) == (201, "true", made.content)
    assert running.post(path, {"reason": "autre"}, "Administratrice", key=key).status_code == 422
    assert_freed(running, broken["milestone"])
    assert running.post(path, {"reason": "encore"}, "Administratrice").status_code == 404
    (kept, *_) = standing(running)["decisions"]
    assert (kept["decision"], kept["reason"]) == ("retry", "corrigé en 1.2")
    assert kept["principal"] == running.people["Administratrice"]
    answer = running.get(f"/transformations/{broken['transformation']}/milestone-timeline")
    assert answer.json()["incomplete"] == []
    assert running.get(f"/milestones/{broken['milestone']}").json()["version"] == 2


def test_a_service_whose_engine_is_gone_is_not_ready(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    from service.api.routers import operate

    real = operate.look

    def silent(database: Any) -> Any:
        return real(database)._replace(silence=20.0)  # type: ignore[union-attr]

    monkeypatch.setattr(operate, "look", silent)
    answer = running.client.get("/readyz", headers={"Accept-Language": "en"})
    assert (answer.status_code, answer.json()["code"]) == (503, "projections-stopped")
    assert "trajectoire worker" in answer.json()["detail"]

    def late(database: Any) -> Any:
        found = real(database)
        return found._replace(head=found.projected + 5, since_caught_up=31.0)  # type: ignore[union-attr]

    monkeypatch.setattr(operate, "look", late)
    answer = running.client.get("/readyz")
    assert (answer.status_code, answer.json()["facts"]["lag"]) == (503, 5)
