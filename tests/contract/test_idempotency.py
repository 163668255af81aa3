"""Rules 6 to 11: an act that is sent twice is done once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from service.bootstrap import Service, application
from service.domain.event import new_id
from tests.asgi import client
from tests.contract.world import World, is_problem


@pytest.fixture
def key() -> str:
    return str(new_id())


def posts(world: World) -> list[str]:
    """Every POST of the published description."""
    paths = world.running.client.get("/api/v1/openapi.json").json()["paths"]
    return sorted(path for path, operations in paths.items() if "post" in operations)


def test_a_post_without_key_is_400_and_does_nothing(world: World) -> None:
    before = world.events()
    headers = world.running.headers("lead", {})
    answer = world.running.client.post(f"/api/v1{world.milestones}", json=world.promise(), headers=headers)
    is_problem(answer, 400, "idempotency-key-missing")
    assert world.events() == before


@pytest.mark.parametrize("given", ["", '""', "x" * 256, "a\x01b"])
def test_a_key_that_is_none_is_400(world: World, given: str) -> None:
    answer = world.running.post(world.milestones, world.promise(), headers={"Idempotency-Key": given})
    is_problem(answer, 400)


def test_the_same_request_again_gives_the_same_bytes_and_no_new_event(world: World, key: str) -> None:
    first = world.running.post(world.milestones, world.promise(), key=key)
    head = world.events()
    again = world.running.post(world.milestones, world.promise(), key=key)
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["Location"] == first.headers["Location"]
    assert again.headers["ETag"] == first.headers["ETag"]
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert world.events() == head


def test_the_replay_is_the_answer_of_then_whatever_happened_since(world: World, key: str) -> None:
    first = world.running.post(world.milestones, world.promise(), key=key)
    path = f"/milestones/{first.json()['id']}"
    assert world.running.act(path, "reach", {}).status_code == 200
    world.running.advance(days=40)
    again = world.running.post(world.milestones, world.promise(), key=key)
    assert again.content == first.content


def test_the_replay_outlives_the_service(world: World, key: str) -> None:
    first = world.running.post(world.milestones, world.promise(), key=key)
    old = world.running.service
    reborn = Service(old.settings, old.database.dsn, clock=lambda: world.running.now)
    reborn.start(worker=False)
    try:
        with client(application(reborn)) as asking:
            headers = world.running.headers("lead", {"Idempotency-Key": key})
            again = asking.post(f"/api/v1{world.milestones}", json=world.promise(), headers=headers)
    finally:
        reborn.stop()
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["Idempotent-Replayed"] == "true"


def test_quoted_and_bare_keys_are_the_same_key(world: World, key: str) -> None:
    bare = world.running.post(world.milestones, world.promise(), key=key)
    quoted = world.running.post(world.milestones, world.promise(), key=f'"{key}"')
    assert quoted.json()["id"] == bare.json()["id"]
    assert quoted.headers["Idempotent-Replayed"] == "true"


def test_white_space_and_the_order_of_fields_do_not_make_another_request(world: World, key: str) -> None:
    sent = world.promise()
    first = world.running.post(world.milestones, sent, key=key)
    again = world.running.post(world.milestones, dict(reversed(sent.items())), key=key)
    assert again.content == first.content


def test_the_same_key_for_another_body_is_422(world: World, key: str) -> None:
    world.running.post(world.milestones, world.promise(), key=key)
    head = world.events()
    is_problem(world.running.post(world.milestones, world.promise(title="Autre"), key=key), 422, "key-reused")
    assert world.events() == head


def test_the_same_key_for_another_address_is_422(world: World, key: str) -> None:
    made = world.milestone()
    assert world.running.post(f"/milestones/{made['id']}/confirm", {}, key=key).status_code == 200
    other = world.milestone()
    is_problem(world.running.post(f"/milestones/{other['id']}/confirm", {}, key=key), 422, "key-reused")


def test_a_refusal_releases_the_key(world: World, key: str) -> None:
    is_problem(world.running.post(world.milestones, world.promise(title=""), key=key), 422)
    refused = world.promise(subject={"kind": "phase", "id": str(new_id())})
    is_problem(world.running.post(world.milestones, refused, key=key), 404)
    made = world.running.post(world.milestones, world.promise(), key=key)
    assert made.status_code == 201
    assert "Idempotent-Replayed" not in made.headers


def test_a_key_belongs_to_its_principal(world: World, key: str) -> None:
    mine = world.running.post(world.milestones, world.promise(), key=key)
    theirs = world.running.post(world.milestones, world.promise(), key=key, who="integration")
    assert theirs.status_code == 201
    assert theirs.json()["id"] != mine.json()["id"]


def test_who_may_no_longer_read_gets_no_content_from_a_replay(world: World, key: str) -> None:
    members = world.running.get(f"/transformations/{world.transformation}/members").json()["items"]
    person = world.running.people["integration"]
    (membership,) = (item for item in members if item["person_id"] == person)
    first = world.running.post(world.milestones, world.promise(title="Confidence"), key=key, who="integration")
    assert first.status_code == 201
    revoked = world.running.act(f"/members/{membership['id']}", "revoke", {"reason": "Fin de mission"})
    assert revoked.status_code == 200
    try:
        again = world.running.post(world.milestones, world.promise(title="Confidence"), key=key, who="integration")
        assert "Confidence" not in again.text
    finally:
        world.running.act(f"/members/{membership['id']}", "grant", {"role": "integration"})


def test_twenty_parallel_posts_with_one_key_record_one_fact(world: World, key: str) -> None:
    head = world.events()

    def post(_: int) -> tuple[int, bytes]:
        answer = world.running.post(world.milestones, world.promise(), key=key)
        return answer.status_code, answer.content

    with ThreadPoolExecutor(20) as pool:
        answers = set(pool.map(post, range(20)))
    assert len(answers) == 1, {status for status, _ in answers}
    assert next(iter(answers))[0] == 201
    rows = world.running.service.database.one("SELECT count(*) AS n FROM events WHERE notification_id > %s", (head,))
    assert rows == {"n": 1}


def test_the_key_is_looked_at_before_if_match(world: World, key: str) -> None:
    made = world.milestone()
    path = f"/milestones/{made['id']}/reach"
    first = world.running.post(path, {}, etag=made["etag"], key=key)
    again = world.running.post(path, {}, etag=made["etag"], key=key)
    assert (again.status_code, again.content) == (200, first.content)
    assert world.running.post(path, {}, key=key).status_code == 200, "even without If-Match"
    is_problem(world.running.post(path, {}, etag=made["etag"]), 412)


def test_a_replay_of_an_asynchronous_write_is_the_same(world: World, key: str) -> None:
    asked = {"Prefer": "respond-async"}
    first = world.running.post(world.milestones, world.promise(), key=key, headers=asked)
    again = world.running.post(world.milestones, world.promise(), key=key, headers=asked)
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["Idempotent-Replayed"] == "true"


def test_the_stored_answer_holds_no_text(world: World, key: str) -> None:
    world.running.post(world.milestones, world.promise(description="Secret de Polichinelle"), key=key)
    row = world.running.service.database.one("SELECT i::text AS stored FROM idempotency i WHERE key = %s", (key,))
    assert row is not None
    assert "Polichinelle" not in row["stored"]


def test_keys_are_kept_a_day_at_least_and_the_description_says_how_long(world: World, key: str) -> None:
    world.running.post(world.milestones, world.promise(), key=key)
    row = world.running.service.database.one(
        "SELECT extract(epoch FROM expires_at - clock_timestamp()) / 3600 AS hours FROM idempotency WHERE key = %s",
        (key,),
    )
    assert row is not None
    assert 47 < row["hours"] <= 48
    assert "48 heures" in world.running.client.get("/api/v1/openapi.json").text


def test_every_post_asks_for_a_key(world: World) -> None:
    """Whatever the address and whoever asks: without a key nothing is looked at further than the caller."""
    for path in posts(world):
        address = path.replace("{transformation}", world.transformation).replace("{id}", str(new_id()))
        headers = world.running.headers("lead", {})
        answer = world.running.client.post(address.replace("{event_id}", str(new_id())), headers=headers, json={})
        assert answer.status_code == 400, (path, answer.text)
        is_problem(answer, 400, "idempotency-key-missing")


@pytest.mark.parametrize(("path", "table"), [("/people", "people"), ("/keys", "api_keys")])
def test_a_replay_leaves_no_second_row_in_the_directory(world: World, path: str, table: str) -> None:
    owner = world.running.people["integration"]
    body = {"display_name": "Zoé"} if path == "/people" else {"name": "essai", "owner": owner}
    key = str(new_id())
    first = world.running.post(path, body, "Administratrice", key=key)
    before = world.running.service.database.one(f"SELECT count(*) AS n FROM {table}")
    again = world.running.post(path, body, "Administratrice", key=key)
    assert (again.status_code, again.json()["id"]) == (201, first.json()["id"])
    assert world.running.service.database.one(f"SELECT count(*) AS n FROM {table}") == before
