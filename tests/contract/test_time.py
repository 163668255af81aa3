"""Rules 19 to 22: the past can be asked for, exactly; a write is seen by the next read, or the answer says so."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from tests.contract.world import World, is_problem


def readable(world: World) -> list[str]:
    """The address of every GET of the description that takes `as_of`, for this transformation."""
    paths = world.running.client.get("/api/v1/openapi.json").json()["paths"]
    taking = [
        path
        for path, operations in paths.items()
        if any(parameter["name"] == "as_of" for parameter in operations.get("get", {}).get("parameters", ()))
    ]
    return [path.removeprefix("/api/v1") for path in sorted(taking)]


@pytest.mark.parametrize(
    "given",
    [
        "as_of=2026-01-01",
        "as_of=2026-01-01T00:00:00",
        "as_of=yesterday",
        "as_of=",
        "as_of=1772442000",
        "as_of=2026-03-02T09:00Z",
        "as_of=2026-02-30T00:00:00Z",
        "as_of=2099-01-01T00:00:00Z",
        "as_of_position=0",
        "as_of_position=-1",
        "as_of_position=999999999",
        "as_of_position=99999999999999999999999",
        "as_of_position=1.5",
        "as_of=2026-03-02T09:00:00Z&as_of_position=5",
    ],
)
def test_a_past_that_cannot_be_is_422(world: World, given: str) -> None:
    errors = is_problem(world.running.get(f"{world.milestones}?{given}"), 422)["errors"]
    assert {error["parameter"] for error in errors} <= {"as_of", "as_of_position"}


@pytest.mark.parametrize("given", ["as_of=2026-03-02T09:00:00Z", "as_of=x", "as_of_position=3"])
def test_the_past_is_not_written(world: World, given: str) -> None:
    made = world.milestone()
    before = world.events()
    is_problem(world.running.post(f"{world.milestones}?{given}", world.promise()), 400, "as-of-on-write")
    path = f"/milestones/{made['id']}/reach?{given}"
    is_problem(world.running.post(path, {}, etag=made["etag"]), 400, "as-of-on-write")
    assert world.events() == before


def test_an_instant_counts_in_any_offset_and_inclusively(world: World) -> None:
    world.running.advance(hours=1)
    made = world.milestone()
    path = f"/milestones/{made['id']}"
    world.running.advance(hours=1)
    world.running.act(path, "revise", {"title": "Plus tard"})
    then = world.running.now - timedelta(hours=1)
    for at in (then, then.astimezone(UTC), then + timedelta(minutes=30)):
        read = world.running.get(path, params={"as_of": at.isoformat()})
        assert read.json()["title"] == made["title"]
    offset = (then + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M:%S+02:00")
    assert world.running.get(path, params={"as_of": offset}).json()["title"] == made["title"]
    before = (then - timedelta(seconds=1)).isoformat()
    is_problem(world.running.get(path, params={"as_of": before}), 404)


@pytest.mark.parametrize("offset", [timedelta(hours=-18, minutes=-4), timedelta(hours=23, minutes=59)], ids=str)
def test_an_instant_may_have_any_offset_of_a_day(world: World, offset: timedelta) -> None:
    """RFC 3339 has offsets of up to 23:59; PostgreSQL refuses those of 16 hours and more."""
    world.running.advance(hours=1)
    made = world.milestone()
    world.running.advance(hours=1)
    world.milestone(title="Survenu ensuite")
    at = world.running.now - timedelta(minutes=30)
    audit, changes = "/audit/events", f"/transformations/{world.transformation}/changes"
    for path, name, more in (
        (audit, "from", {"transformation": world.transformation}),
        (audit, "to", {"transformation": world.transformation}),
        (changes, "from", {}),
        (world.milestones, "as_of", {}),
    ):
        plain = world.running.get(path, params={name: at.isoformat(), **more})
        shifted = world.running.get(path, params={name: at.astimezone(timezone(offset)).isoformat(), **more})
        assert (plain.status_code, shifted.content) == (200, plain.content), path
    assert made["id"] in world.running.get(world.milestones, params={"as_of": at.isoformat()}).text


@pytest.mark.parametrize("edge", ["0001-01-01T00:00:00+18:00", "9999-12-31T23:59:59-18:00"])
def test_an_instant_outside_of_all_calendars_is_refused(world: World, edge: str) -> None:
    audit = {"transformation": world.transformation, "from": edge}
    is_problem(world.running.get("/audit/events", params=audit), 422)
    is_problem(world.running.get(world.milestones, params={"as_of": edge}), 422)
    changes = f"/transformations/{world.transformation}/changes"
    is_problem(world.running.get(changes, params={"from": edge}), 422)


def test_today_of_the_past_is_the_day_then(world: World) -> None:
    made = world.milestone(due_on=world.in_days(3))
    position = world.events()
    world.running.advance(days=30)
    path = f"/milestones/{made['id']}"
    assert world.running.get(path).json()["late"] is True
    assert world.running.get(f"{path}?as_of_position={position}").json()["late"] is False


def test_a_position_gives_the_same_bytes_before_and_after_later_writes(world: World) -> None:
    made = world.milestone()
    version = world.running.post(f"/transformations/{world.transformation}/plan-versions", {"title": "Plan"})
    assert version.status_code == 201, version.text
    position = world.events()
    paths = [
        path.replace("{transformation}", world.transformation).replace("{id}", made["id"])
        for path in readable(world)
        if "{" not in path.replace("/milestones/{id}", "").replace("{transformation}", "")
    ]
    assert len(paths) > 5

    def read() -> dict[str, Any]:
        found = {}
        for path in paths:
            given = {"as_of_position": position}
            if path.startswith("/audit"):
                given = {"transformation": world.transformation, **given}
            if "/changes" in path:
                given = {"from": "2026-03-02T09:00:00Z", **given}
            if "/plan-comparison" in path:
                given = {"from": 1, **given}
            answer = world.running.get(path, params=given)
            found[path] = (answer.status_code, answer.headers.get("ETag", "").partition(".")[0], answer.content)
        return found

    before = read()
    world.running.advance(days=3)
    world.running.act(f"/milestones/{made['id']}", "reach", {"reason": "Fini"})
    world.milestone(title="Survenu ensuite")
    world.running.advance(days=20)
    after = read()
    for path in paths:
        assert before[path][0] == 200, (path, before[path])
        assert after[path] == before[path], path


def test_the_answer_says_where_in_history_it_stands(world: World) -> None:
    world.milestone()
    position = world.events()
    world.milestone()
    then = world.running.get(f"{world.milestones}?as_of_position={position}")
    assert then.json()["position"] == position
    assert then.headers["Trajectoire-Position"] == str(position)
    assert then.json()["as_of"] is not None
    now = world.running.get(world.milestones)
    assert now.json()["position"] == world.events()
    assert now.json()["as_of"] is None


def test_every_answer_about_the_past_echoes_its_position(world: World) -> None:
    made = world.milestone()
    position = world.events()
    world.running.act(f"/milestones/{made['id']}", "revise", {"title": "Plus tard"})
    known = {"{transformation}": world.transformation, "/milestones/{id}": f"/milestones/{made['id']}"}
    silent, asked = [], 0
    for path in readable(world):
        address = path
        for name, value in known.items():
            address = address.replace(name, value)
        needed = "?from=1&" if path.endswith(("/changes", "-comparison")) else "?"
        answer = world.running.get(f"{address}{needed}as_of_position={position}") if "{" not in address else None
        if answer is not None and answer.status_code == 200:
            asked += 1
            if int(answer.headers.get("Trajectoire-Position", position + 1)) > position:
                silent.append(path)
    assert silent == []
    assert asked > 25


def test_an_instant_before_the_transformation_is_not_found(world: World) -> None:
    is_problem(world.running.get(f"{world.milestones}?as_of=2020-01-01T00:00:00Z"), 404)


def test_instants_in_answers_have_an_offset_and_dates_have_none(world: World) -> None:
    body = world.running.get(f"{world.milestones}?as_of_position={world.events()}").json()
    assert datetime.fromisoformat(body["as_of"]).tzinfo is not None
    assert len(body["today"]) == 10


@pytest.mark.parametrize("day", ["2026-03-02T09:00:00Z", "2026-03-02T00:00:00", 1772442000, "20260302"])
def test_a_date_is_a_date_and_no_instant(world: World, day: object) -> None:
    is_problem(world.running.post(world.milestones, world.promise(due_on=day)), 422)


def test_a_fact_is_not_true_before_it_happens(world: World) -> None:
    made = world.milestone()
    sent = {"occurred_on": world.in_days(2)}
    answer = world.running.post(f"/milestones/{made['id']}/reach", sent, etag=made["etag"])
    (error,) = is_problem(answer, 422)["errors"]
    assert error["pointer"] == "/occurred_on"


# -- consistency


def test_the_next_read_by_anyone_shows_what_was_written(world: World) -> None:
    for _ in range(10):
        made = world.milestone()
        assert world.running.get(f"/milestones/{made['id']}", who="auditor").status_code == 200


def test_a_write_that_cannot_be_seen_yet_says_the_lag(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(position: int, timeout: float = 1.0) -> bool:
        return False

    monkeypatch.setattr(world.running.service.gate, "reached", never)
    answer = world.running.post(world.milestones, world.promise())
    assert answer.status_code == 201
    assert int(answer.headers["Trajectoire-Lag"]) >= 0
    assert answer.json().keys() == {"id", "ref", "version", "position"}
    assert answer.headers["Trajectoire-Position"] == str(answer.json()["position"])


def test_respond_async_does_not_wait(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def wait(*_: object) -> bool:
        raise AssertionError("it waited")

    for name in ("wait", "reached"):
        monkeypatch.setattr(world.running.service.gate, name, wait)
    answer = world.running.post(world.milestones, world.promise(), headers={"Prefer": "respond-async"})
    assert answer.status_code == 201
    assert answer.headers["Preference-Applied"] == "respond-async"
    assert answer.json().keys() == {"id", "ref", "version", "position"}
    assert answer.headers["Location"] == f"/api/v1/milestones/{answer.json()['id']}"
    assert answer.headers["ETag"] == '"1"'
    again = world.running.post(
        f"/milestones/{answer.json()['id']}/reach", {}, etag='"1"', headers={"Prefer": "respond-async"}
    )
    assert again.status_code == 200
