"""What is read: pages united are the list, and the past has the same bytes whenever it is asked for."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from service.api.routers import ROUTERS
from service.api.routing import BASE_PATH
from service.domain.event import new_id
from tests.running import Running


@pytest.fixture(scope="module")
def plan(running: Running) -> dict[str, str]:
    transformation = running.transformation("READS")
    row = running.service.database.one(
        "SELECT id FROM phases WHERE transformation_id = %s ORDER BY ordinal LIMIT 1", (transformation,)
    )
    assert row
    made = {"transformation": transformation, "phase": str(row["id"])}
    for number in range(12):
        promise(running, made, number)
    return made


def promise(running: Running, plan: dict[str, str], number: int) -> str:
    body = {
        "subject": {"kind": "phase", "id": plan["phase"]},
        "title": f"Jalon {number % 5}",
        "due_on": f"2026-06-{1 + number % 3:02}",
    }
    made = running.post(f"/transformations/{plan['transformation']}/milestones", body)
    assert made.status_code == 201, made.text
    id: str = made.json()["id"]
    return id


@pytest.mark.parametrize("sort", [None, "due_on", "-due_on", "status", "-ref", "baseline_on"])
@pytest.mark.parametrize("limit", [1, 5])
def test_pages_united_are_the_list_while_others_write(
    running: Running, plan: dict[str, str], sort: str | None, limit: int
) -> None:
    asked: dict[str, Any] = {"sort": sort} if sort else {}
    path = f"/transformations/{plan['transformation']}/milestones"
    whole = running.get(path, params={**asked, "limit": 200}).json()["items"]
    page = running.get(path, params={**asked, "limit": limit}).json()
    united = page["items"]
    promise(running, plan, len(whole))
    while page["next"]:
        page = running.get(page["next"].removeprefix("/api/v1")).json()
        united += page["items"]
    assert united == whole
    assert len(whole) >= 12


def test_the_past_has_the_same_bytes_before_and_after_later_writes(running: Running, plan: dict[str, str]) -> None:
    position = running.service.log.head()
    paths = past_reads(running, plan, position)
    assert len(paths) >= 4
    before = {}
    for path in paths:
        answer = running.get(path)
        if answer.status_code == 200:
            before[path] = answer.content
        else:
            # Not of this reader, not of this object, or a question that has no past.
            assert answer.status_code in (400, 403, 404, 422), (path, answer.text)
    assert len(before) >= 4
    id = promise(running, plan, 99)
    running.advance(days=40, hours=3)
    for milestone in running.get(f"/transformations/{plan['transformation']}/milestones").json()["items"][:6]:
        assert running.act(f"/milestones/{milestone['id']}", "reach").status_code == 200
    assert running.act(f"/milestones/{id}", "cancel", {"reason": "Plus voulu"}).status_code == 200
    for path, content in before.items():
        assert running.get(path).content == content, path


def past_reads(running: Running, plan: dict[str, str], position: int) -> list[str]:
    """Every GET of the API about this transformation and its objects, asked for the past."""
    at = f"as_of_position={position}"
    found = [f"/audit/events?transformation={plan['transformation']}&{at}"]
    rows = running.service.database.all(
        "SELECT DISTINCT ON (subject_kind) subject_kind, subject_id FROM audit_events WHERE transformation_id = %s",
        (plan["transformation"],),
    )
    ids = {running.service.concepts[row["subject_kind"]].collection: row["subject_id"] for row in rows}
    for route in (route for router in ROUTERS for route in router.routes):
        path = getattr(route, "path", "").removeprefix(BASE_PATH)
        if "GET" not in getattr(route, "methods", ()) or path.count("{") != 1:
            continue
        if "{transformation}" in path:
            more = "&from=1" if path.endswith("/changes") else ""
            found.append(f"{path.replace('{transformation}', plan['transformation'])}?{at}{more}")
        elif path.endswith("/{id}") and (id := ids.get(path.split("/")[1])):
            found.append(f"{path.replace('{id}', str(id))}?{at}")
    return found


def test_twenty_parallel_posts_with_one_key_get_one_answer(running: Running, plan: dict[str, str]) -> None:
    body = {"subject": {"kind": "phase", "id": plan["phase"]}, "title": "Restitution", "due_on": "2026-06-01"}
    head = running.service.log.head()
    key = str(new_id())

    def post(_: int) -> Any:
        return running.post(f"/transformations/{plan['transformation']}/milestones", body, key=key)

    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(post, range(20)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("idempotent-replayed" in answer.headers for answer in answers) == 19
    assert running.service.log.head() == head + 1
