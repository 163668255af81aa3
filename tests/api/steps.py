"""The steps that tests of the plan share: make an object, do something to it, be refused."""

from typing import Any
from uuid import UUID

from tests.running import Running


def make(running: Running, transformation: str, collection: str, who: str = "lead", **body: Any) -> dict[str, Any]:
    """The new object, as the service answers it."""
    made = running.post(f"/transformations/{transformation}/{collection}", body, who)
    assert made.status_code == 201, made.text
    answered: dict[str, Any] = made.json()
    assert made.headers["Location"] == f"/api/v1/{collection}/{answered['id']}"
    return answered


def do(running: Running, path: str, verb: str, who: str = "lead", **body: Any) -> dict[str, Any]:
    """The object after an act on the version just read."""
    done = running.act(path, verb, body, who)
    assert done.status_code == 200, done.text
    answered: dict[str, Any] = done.json()
    return answered


def submit_plan(running: Running, transformation: str, title: str = "Plan d’action") -> dict[str, Any]:
    """A version of the plan that awaits its validation."""
    version = make(running, transformation, "plan-versions", title=title)
    return do(running, f"/plan-versions/{version['id']}", "submit")


def refused(answer: Any, status: int, code: str) -> dict[str, Any]:
    """The problem document of a refusal."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert problem["code"] == code, problem
    return problem


def listed(running: Running, transformation: str, collection: str, who: str = "lead", **query: Any) -> list[Any]:
    """The items of the first page of a list."""
    page = running.get(f"/transformations/{transformation}/{collection}", who, params=query)
    assert page.status_code == 200, page.text
    items: list[Any] = page.json()["items"]
    return items


def events(running: Running, path: str) -> list[str]:
    """The topics recorded on an object, oldest first."""
    return [fact.topic for fact in running.service.log.history(_id(path))]


def event_ids(running: Running, path: str) -> list[str]:
    """The ids of the events of an object, oldest first."""
    return [str(fact.envelope.event_id) for fact in running.service.log.history(_id(path))]


def _id(path: str) -> UUID:
    return UUID(path.rpartition("/")[2])
