"""Rules 1 to 5: every error is a problem document, points at what is wrong, and gives nothing back of what was sent."""

import json
from typing import Any
from uuid import UUID

import pytest

from tests.contract.world import World, is_problem, resolve

MARK = "Zorglub-7319"


def test_an_unknown_address_is_a_problem(world: World) -> None:
    is_problem(world.running.get("/nowhere"), 404, "not-found")


def test_a_refused_method_is_a_problem(world: World) -> None:
    answer = world.running.client.delete("/api/v1/me", headers=world.running.headers("lead", {}))
    is_problem(answer, 405, "method-not-allowed")


def test_a_defect_of_ours_is_a_problem_without_traceback_and_with_the_request_id(
    world: World, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: Any) -> None:
        raise ZeroDivisionError(MARK)

    monkeypatch.setattr(world.running.service.directory, "person", fail)
    answer = world.running.get("/me", headers={"X-Request-ID": "req-500"})
    body = is_problem(answer, 500, "internal-error")
    assert body["instance"] == "req-500"
    assert "Traceback" not in answer.text
    assert MARK not in answer.text
    logged = "".join(capfd.readouterr())
    assert "ZeroDivisionError" in logged
    assert MARK not in logged, "the message of an exception may hold what people wrote"
    assert world.running.keys["lead"] not in logged, "a key in the log is a key lost"


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "fr"),
        ("en", "en"),
        ("en-GB,en;q=0.8", "en"),
        ("de, en;q=0.5, fr;q=0.4", "en"),
        ("en ; q=0.1 , fr ; q=0.2", "fr"),
        ("fr;q=0, en;q=0.1", "en"),
        ("en;q=nonsense", "fr"),
        ("en;q=nan", "fr"),
        ("*", "fr"),
    ],
)
def test_errors_speak_the_language_that_is_liked_best(world: World, accepted: str, language: str) -> None:
    answer = world.running.get("/nowhere", headers={"Accept-Language": accepted})
    title = is_problem(answer, 404)["title"]
    assert title == {"fr": "Introuvable", "en": "Not found"}[language]
    assert answer.headers["Content-Language"] == language


def test_a_rule_that_refuses_explains_itself_in_both_languages_with_facts(world: World) -> None:
    made = world.milestone()
    path = f"/milestones/{made['id']}/reopen"
    refused = is_problem(world.running.post(path, {"reason": "x"}, etag=made["etag"]), 409)
    english = world.running.post(path, {"reason": "x"}, etag=made["etag"], headers={"Accept-Language": "en"})
    assert refused["facts"]
    assert is_problem(english, 409, refused["code"])["detail"] != refused["detail"]


def test_every_problem_type_leads_to_its_documentation(world: World) -> None:
    for answer in (
        world.running.get("/nowhere"),
        world.running.client.delete("/api/v1/me"),
        world.running.client.get("/api/v1/me"),
        world.send(world.milestones, b"{"),
        world.send(world.milestones, b"{}"),
        world.send(world.milestones, b"x" * 2_000_000),
    ):
        found = world.running.client.get(answer.json()["type"])
        assert found.status_code == 200, answer.text
        assert found.json()["status"] == answer.status_code
        assert found.json()["fr"]
        assert found.json()["en"]


def test_an_unknown_problem_type_is_not_found(world: World) -> None:
    is_problem(world.running.get("/problems/no-such-problem"), 404)


# -- the shape of what is sent


@pytest.mark.parametrize("body", [b"{", b'{"title": "\xff"}', b"\xff\xfe", b"[" * 100_000, b'{"a":' + b"[" * 50_000])
def test_malformed_json_is_400(world: World, body: bytes) -> None:
    is_problem(world.send(world.milestones, body), 400, "body-not-json")


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml", ""],
)
def test_another_media_type_is_415(world: World, kind: str) -> None:
    body = json.dumps(world.promise())
    found = is_problem(world.send(world.milestones, body, Content_Type=kind), 415, "unsupported-media-type")
    assert found["facts"] == {"expected": "application/json"}


def test_a_charset_beside_json_is_fine(world: World) -> None:
    answer = world.send(world.milestones, json.dumps(world.promise()), Content_Type="application/json; charset=utf-8")
    assert answer.status_code == 201


@pytest.mark.parametrize("body", ["null", "[]", '"text"', "1", "true", ""])
def test_a_body_that_is_no_object_is_422(world: World, body: str) -> None:
    (error,) = is_problem(world.send(world.milestones, body), 422)["errors"]
    assert error["pointer"] == ""


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"colour": 1}, "/colour", "extra-forbidden"),
    ({"a/b~c": 1}, "/a~1b~0c", "extra-forbidden"),
    ({"": 1}, "/", "extra-forbidden"),
    ({"two words": 1}, "/two words", "extra-forbidden"),
    ({"title": 5}, "/title", "string-type"),
    ({"title": ""}, "/title", "string-too-short"),
    ({"title": "a\0b"}, "/title", "not-text"),
    ({"subject": {"kind": "phase\x1b", "id": "x"}}, "/subject/kind", "not-text"),
    ({"subject": {"a\0b": 1}}, "/subject", "not-text"),
    ({"due_on": "31/12/2026"}, "/due_on", "date-parsing"),
    ({"due_on": "2026-02-30"}, "/due_on", "date-from-datetime-parsing"),
    ({"subject": {"kind": "planet", "id": "01890000-0000-7000-8000-000000000000"}}, "/subject/kind", "literal-error"),
    ({"subject": {"kind": "phase", "id": "x"}}, "/subject/id", "uuid-parsing"),
    ({"subject": []}, "/subject", "model-attributes-type"),
    ({"weight": "heavy"}, "/weight", "decimal-type"),
    ({"weight": 0}, "/weight", "greater-than"),
    (
        {"on_behalf_of": {"kind": "person", "id": "p_" + "0" * 32, "basis": {"kind": "document", "document": {}}}},
        "/on_behalf_of/basis/document",
        "missing",
    ),
    (
        {"on_behalf_of": {"kind": "body", "id": "p_" + "0" * 32, "basis": {"kind": "document"}}},
        "/on_behalf_of/id",
        "string-pattern-mismatch",
    ),
]


@pytest.mark.parametrize(("wrong", "pointer", "code"), WRONG)
def test_the_pointer_resolves_in_the_sent_body(world: World, wrong: dict[str, Any], pointer: str, code: str) -> None:
    sent = world.promise(**wrong)
    (error,) = is_problem(world.running.post(world.milestones, sent), 422, "invalid")["errors"]
    assert (error["pointer"], error["code"]) == (pointer, code)
    resolve(pointer, sent)


def test_the_pointer_into_an_array_counts_from_zero(world: World) -> None:
    made = world.milestone()
    sent = {"evidence": [{"title": "Compte rendu"}, {"title": 1, "colour": 2}]}
    answer = world.running.post(f"/milestones/{made['id']}/reach", sent, etag=made["etag"])
    pointers = {error["pointer"] for error in is_problem(answer, 422)["errors"]}
    assert pointers == {"/evidence/1/title", "/evidence/1/colour"}


def test_a_missing_field_is_named_at_the_object_that_lacks_it(world: World) -> None:
    sent = {"subject": {"kind": "phase"}, "due_on": "2026-06-01"}
    errors = is_problem(world.running.post(world.milestones, sent), 422)["errors"]
    assert {(error["pointer"], error["field"]) for error in errors} == {("", "title"), ("/subject", "id")}


@pytest.mark.parametrize(
    ("query", "parameter"),
    [("limit=0", "limit"), ("colour=red", "colour"), ("due_on[gte]=x", "due_on[gte]"), ("sort=colour", "sort")],
)
def test_a_wrong_query_parameter_is_named(world: World, query: str, parameter: str) -> None:
    (error,) = is_problem(world.running.get(f"{world.milestones}?{query}"), 422)["errors"]
    assert error["parameter"] == parameter
    assert "pointer" not in error


def test_a_write_takes_no_unknown_query_parameter(world: World) -> None:
    before = world.events()
    (error,) = is_problem(world.running.post(f"{world.milestones}?colour=red", world.promise()), 422)["errors"]
    assert error["parameter"] == "colour"
    assert world.events() == before


@pytest.mark.parametrize("path", ["/me?x=1", "/people?x=1", "/keys?x=1", "/problems?x=1", "/transformations?x=1"])
def test_no_read_lets_an_unknown_parameter_pass(world: World, path: str) -> None:
    is_problem(world.running.get(path, who="Administratrice"), 422)


def test_a_path_that_holds_no_id_is_named(world: World) -> None:
    (error,) = is_problem(world.running.get("/milestones/J-7"), 422)["errors"]
    assert error["parameter"] == "id"


# -- hostile content


HOSTILE: dict[str, str] = {
    "NaN": '"weight": NaN',
    "infinity": '"weight": Infinity',
    "a number beyond doubles": '"weight": 1e999',
    "a number of 5000 digits": f'"weight": {"9" * 5000}',
    "a number of 400 digits": f'"weight": {"9" * 400}',
    "a text number beyond all measure": '"weight": "1e-999999999999999999"',
    "a negative zero": '"weight": -0.0',
    "a lone surrogate": '"title": "\\ud800"',
    "a lone surrogate in a name": '"\\udfff": 1',
    "NUL": '"title": "a\\u0000b"',
    "NUL in a name": '"a\\u0000b": 1',
    "nothing to be seen": '"title": "\\u200b \\u2060"',
    "blank letters": '"title": "\\u3164\\u2800"',
    "a control character": '"title": "a\\u001bb"',
    "a year beyond dates": '"due_on": "99999-01-01"',
    "a date as a number": '"due_on": 1e308',
    "a long text": f'"title": "{MARK * 5000}"',
    "a long name": f'"{MARK * 5000}": 1',
    "900 lists": f'"title": {"[" * 900}{"]" * 900}',
    "900 objects": f'"title": {"{" + chr(34) + "a" + chr(34) + ":"}' * 900 + "1" + "}" * 900,
    "a mark": f'"due_on": "{MARK}"',
    "a mark in a number": f'"weight": "{MARK}"',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_content_is_refused_and_not_echoed(world: World, name: str) -> None:
    before = world.events()
    sent = json.dumps(world.promise())[:-1] + f", {HOSTILE[name]}}}"
    answer = world.send(world.milestones, sent)
    assert answer.status_code in (400, 422), answer.text[:300]
    is_problem(answer, answer.status_code)
    assert MARK not in answer.text
    assert len(answer.content) < 2000
    assert world.events() == before


@pytest.mark.parametrize("depth", [*range(940, 1001, 6)])
def test_no_depth_of_nesting_is_a_500(world: World, depth: int) -> None:
    sent = f'{{"title": {"[" * depth}{"]" * depth}}}'
    assert world.send(world.milestones, sent).status_code in (400, 422)


@pytest.mark.parametrize("announced", [True, False])
def test_ten_megabytes_are_413(world: World, announced: bool) -> None:
    big = json.dumps(world.promise(title="x" * 10_000_000)).encode()
    parts: Any = big if announced else (big[at : at + 65536] for at in range(0, len(big), 65536))
    is_problem(world.send(world.milestones, parts), 413, "too-large")


@pytest.mark.parametrize(
    "query", ["q=%00", "q=a%00b", "status=%00", "cursor=%00", "sort=%00", "fields=%00", "q=%ed%a0%80"]
)
def test_hostile_parameters_are_no_500(world: World, query: str) -> None:
    assert world.running.get(f"{world.milestones}?{query}").status_code < 500


@pytest.mark.parametrize("path", ["/transformations/%00", "/people/%00", "/problems/%00", "/keys/%00/revoke"])
def test_hostile_paths_are_no_500(world: World, path: str) -> None:
    assert world.running.get(path, who="Administratrice").status_code in (404, 405, 422)


@pytest.mark.parametrize(
    ("collection", "body", "changes", "pointer"),
    [
        ("actions", {"title": "Former"}, {"a/b~c": 1}, "/changes/a~1b~0c"),
        ("actions", {"title": "Former"}, {"lead": "Jeanne"}, "/changes/lead"),
        ("actions", {"title": "Former"}, {"contributors": ["Jeanne"]}, "/changes/contributors/0"),
    ],
)
def test_a_correction_is_refused_where_it_says_so(
    world: World, collection: str, body: dict[str, Any], changes: dict[str, Any], pointer: str
) -> None:
    running = world.running
    made = running.post(f"/transformations/{world.transformation}/{collection}", body).json()
    (fact,) = running.service.log.history(UUID(made["id"]))
    path = f"/{collection}/{made['id']}/events/{fact.envelope.event_id}/correct"
    sent = {"reason": "Erreur", "changes": changes}
    answer = running.post(path, sent, etag=f'"{made["version"]}"')
    (error,) = is_problem(answer, 422, "invalid")["errors"]
    assert error["pointer"] == pointer
    resolve(pointer, sent)
    assert "Jeanne" not in answer.text
    unknown = {"reason": "Erreur", "changes": {"lead": "p_" + "0" * 32}}
    is_problem(running.post(path, unknown, etag=f'"{made["version"]}"'), 404, "not-found")
