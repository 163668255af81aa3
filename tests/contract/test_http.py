"""Rules 35 to 37: HEAD, Allow, the ids of a request, and the two questions of whoever runs the service."""

import re
from itertools import cycle
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts
from psycopg_pool import PoolTimeout

from tests.contract.world import World, is_problem

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def routes(world: World) -> dict[str, set[str]]:
    """The methods of every address template of the application."""
    found: dict[str, set[str]] = {}
    for route in iter_route_contexts(world.running.app.routes):
        if route.path is None:
            continue  # the signpost is no address
        found.setdefault(route.path, set()).update(route.methods or ())
    return found


def filled(template: str, world: World, id: str) -> str:
    """A real address for a template."""
    address = template.replace("{transformation}", world.transformation)
    if "/people/{id}" in address:
        address = address.replace("{id}", world.running.people["lead"])
    if "/keys/{id}" in address:
        address = address.replace("{id}", "0" * 12)
    return re.sub(r"{[a-z_]+}", id, address.replace("{code}", "not-found"))


def test_head_works_wherever_get_does(world: World) -> None:
    made = world.milestone()
    headers = world.running.headers("lead", {})
    read = [path for path, methods in routes(world).items() if "GET" in methods]
    assert len(read) > 10
    for template in read:
        address = filled(template, world, made["id"])
        got = world.running.client.get(address, headers=headers)
        head = world.running.client.head(address, headers=headers)
        assert head.status_code == got.status_code, template
        assert head.content == b"", template
        assert head.headers.get("Content-Type") == got.headers.get("Content-Type"), template
        if template not in ("/metrics", "/readyz"):  # their figures move between two looks
            assert head.headers.get("Content-Length") == got.headers.get("Content-Length"), template
        if got.status_code == 200:
            assert head.headers.get("ETag") == got.headers.get("ETag"), template


def test_head_honours_if_none_match(world: World) -> None:
    made = world.milestone()
    headers = world.running.headers(
        "lead", {"If-None-Match": world.running.get(f"/milestones/{made['id']}").headers["ETag"]}
    )
    assert world.running.client.head(f"/api/v1/milestones/{made['id']}", headers=headers).status_code == 304


def test_405_names_all_methods_of_the_address(world: World) -> None:
    others = cycle(("PUT", "PATCH", "TRACE", "BREW"))
    for template, methods in routes(world).items():
        address = filled(template, world, world.transformation)
        allowed = methods | ({"HEAD"} if "GET" in methods else set())
        for method in ("DELETE", next(others)):
            answer = world.running.client.request(method, address)
            is_problem(answer, 405, "method-not-allowed")
            said = {name.strip() for name in answer.headers["Allow"].split(",")}
            assert allowed <= said, template


def test_a_request_id_is_taken_and_echoed_everywhere(world: World) -> None:
    for path in ("/api/v1/me", "/api/v1/nowhere", "/livez"):
        answer = world.running.client.get(path, headers={"X-Request-ID": "client-7"})
        assert answer.headers["X-Request-ID"] == "client-7"


def test_each_request_without_id_gets_one_of_its_own(world: World) -> None:
    ids = {world.running.client.get("/livez").headers["X-Request-ID"] for _ in range(5)}
    assert len(ids) == 5


@pytest.mark.parametrize("hostile", ["x" * 129, "two words", '"><script>', "a\tb", "é", "", "{{7*7}}", "$(id)"])
def test_a_hostile_request_id_is_replaced_and_not_echoed(world: World, hostile: str) -> None:
    answer = world.running.client.get("/api/v1/nowhere", headers={"X-Request-ID": hostile.encode()})
    assert re.fullmatch(r"[0-9a-f-]{36}", answer.headers["X-Request-ID"])
    assert is_problem(answer, 404)["instance"] == answer.headers["X-Request-ID"]


def test_traceparent_is_echoed(world: World) -> None:
    answer = world.running.client.get("/api/v1/me", headers={"traceparent": TRACE})
    assert answer.headers["traceparent"] == TRACE


@pytest.mark.parametrize("hostile", ["<b>", TRACE.upper(), TRACE + "-x" * 500, "é", "00-0-0-0"])
def test_a_hostile_traceparent_is_not_echoed(world: World, hostile: str) -> None:
    answer = world.running.client.get("/api/v1/me", headers={"traceparent": hostile.encode()})
    assert "traceparent" not in answer.headers


def test_the_request_id_never_enters_the_log_of_events(world: World) -> None:
    world.running.post(world.milestones, world.promise(), headers={"X-Request-ID": "never-in-the-log"})
    row = world.running.service.database.one(
        "SELECT count(*) AS n FROM events WHERE position(%s IN state) > 0", (b"never-in-the-log",)
    )
    assert row == {"n": 0}


def test_alive_is_alive_and_ready_is_ready(world: World) -> None:
    assert world.running.client.get("/livez").status_code == 200
    answer = world.running.client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["ready"] is True


def test_without_database_it_lives_and_says_why_it_is_not_ready(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: Any, **__: Any) -> None:
        raise PoolTimeout("couldn't get a connection: host=10.0.0.7 password=hunter2")

    monkeypatch.setattr(world.running.service.database, "one", gone)
    assert world.running.client.get("/livez").status_code == 200
    answer = world.running.client.get("/readyz")
    assert "base de données" in is_problem(answer, 503, "unavailable")["detail"]
    assert "hunter2" not in answer.text
    assert "Retry-After" in answer.headers
    assert world.running.client.get("/metrics").status_code == 200


def test_without_database_a_request_is_503_and_not_500(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: Any, **__: Any) -> None:
        raise PoolTimeout("couldn't get a connection: host=10.0.0.7 password=hunter2")

    monkeypatch.setattr(world.running.service.database, "one", gone)
    answer = world.running.get("/me")
    is_problem(answer, 503, "unavailable")
    assert "hunter2" not in answer.text


def test_answers_are_not_to_be_guessed_at_by_browsers(world: World) -> None:
    for answer in (world.running.get("/me"), world.running.get("/nowhere")):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
