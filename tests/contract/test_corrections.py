"""A correction takes no more than the acts do: every field of every fact has its limits, and they are asked."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin
from uuid import UUID

import pytest
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel, TypeAdapter, ValidationError

from service.domain.act import Act
from service.domain.concept import concepts
from service.domain.mending import is_fixed
from service.domain.note import NOTE
from service.store.unit import Target, Unit
from tests.api.governed import Governed, governed
from tests.contract.world import is_problem, resolve
from tests.running import Running

SERVICE = Path(__file__).parents[2] / "service"
UNSAID = {
    "action": {"levels", "imported_status", "word"},
    "decision": {"by"},
    "deliverable": {"number"},
    "direction_project": {"number"},
    "plan_version": {"number", "content_position"},
    "review": {"by", "required", "present", "filled", "seated", "counted"}
    | {"position", "sha256", "canonical", "texts"},
}
"""What the service counted, froze or read in a file: nobody states it in an act, so nobody corrects it."""


COLLECTIONS = {concept.collection: concept.name for concept in concepts.values()}


@pytest.fixture(scope="module")
def taken(running: Running) -> dict[str, dict[str, type[BaseModel]]]:
    """The bodies that the acts on each concept take, by the names of their routes."""
    found: dict[str, dict[str, type[BaseModel]]] = {}
    for route in iter_route_contexts(running.app.routes):
        parts = (route.path or "").removeprefix("/api/v1/").split("/")
        collection = parts[2] if parts[2:] and parts[2] in COLLECTIONS else parts[0]
        body = getattr(route.endpoint, "__annotations__", {}).get("body")
        if collection in COLLECTIONS and body is not None:
            found.setdefault(COLLECTIONS[collection], {})[route.name or ""] = body
    return found


@pytest.fixture(scope="module")
def mended(taken: dict[str, dict[str, type[BaseModel]]]) -> dict[str, Any]:
    """What a correction takes of the facts of each concept that has the route."""
    corrections = {name: acts.get(f"correct_{name}_fact") for name, acts in taken.items()}
    return {name: body.model_fields["changes"].annotation for name, body in corrections.items() if body}


# By law: over every concept, and every field of its facts


def test_every_field_of_every_fact_has_its_limits_or_is_never_corrected(mended: dict[str, Any]) -> None:
    assert concepts.keys() - mended.keys() == {"import", "member", "person", "service", "key", "reminder"}
    for name, changes in mended.items():
        fields = {field for kind in concepts[name].events for field in kind.model_fields if not is_fixed(field)}
        assert fields - _stated(changes) == UNSAID.get(name, set()), (
            f"{name}: pass `mend_routes` a body that has the field"
        )
        assert _stated(changes) - fields == {"occurred_on"}


def test_the_limits_of_a_field_are_those_of_every_act_that_states_it(
    taken: dict[str, dict[str, type[BaseModel]]], mended: dict[str, Any]
) -> None:
    compared = set()
    for name, changes in mended.items():
        for act, body in taken[name].items():
            for field in body.model_fields.keys() & _stated(changes):
                compared.add((name, field))
                assert _limits(body, field) == _limits(changes, field), f"{act}: {field}"
    in_lists = {
        ("transformation", "periods"),
        *(("review", one) for one in ("statement", "owner", "due_on", "blocking")),
    }
    assert {(n, f) for n, c in mended.items() for f in _stated(c)} - compared == in_lists


def _stated(changes: type[BaseModel]) -> set[str]:
    """What the description says may be corrected."""
    return {*changes.model_json_schema()["properties"]}


def _limits(body: type[BaseModel], field: str) -> list[Any]:
    schema = TypeAdapter(body.model_fields[field].rebuild_annotation()).json_schema()
    schema.pop("$defs", None)
    return [arm for arm in schema.get("anyOf", [schema]) if arm != {"type": "null"}]


WRONG: dict[type, list[Any]] = {
    str: ["x" * 100_000, "", " \u200b\u00a0", "\u2800", "a\0b", "a\x1bb", "\ud800", 5],
    int: [-1_000_000, 10**9, 1.5, "x"],
    Decimal: [1e30, 0.12345678901234567, 9007199254740993, float("nan"), float("inf"), "12", True],
    date: ["1899-12-31", "2201-01-01", "0001-01-01", "9999-12-31", "31/12/2026", 0, "2026-06-01T00:00:00"],
}


def test_every_text_number_day_and_list_however_deep_is_limited(mended: dict[str, Any]) -> None:
    seen = set()
    for name, changes in mended.items():
        stated = {f"{name}.{field}": changes.model_fields[field].rebuild_annotation() for field in _stated(changes)}
        for path, kind in [part for at, limits in stated.items() for part in _parts(limits, at)]:
            plain = _plain(kind)
            seen.add(get_origin(plain) or plain)
            assert plain is not Any, f"{path}: anything at all"
            if get_origin(plain) is tuple:
                assert "maxItems" in TypeAdapter(kind).json_schema(), f"{path}: a list without end"
            if get_origin(plain) is dict:
                assert "maxProperties" in TypeAdapter(kind).json_schema(), f"{path}: a map without end"
            for value in WRONG.get(plain, ()):
                with pytest.raises(ValidationError):
                    pytest.fail(f"{path} takes {TypeAdapter(kind).validate_python(value)!r:.80}")
    assert {str, int, Decimal, date, tuple, dict} <= seen


def _parts(kind: Any, path: str) -> Iterator[tuple[str, Any]]:
    """A type and all that it is made of, each with its limits and its path."""
    plain = _plain(kind)
    if isinstance(plain, type) and issubclass(plain, BaseModel):
        for name, field in plain.model_fields.items():
            yield from _parts(field.rebuild_annotation(), f"{path}.{name}")
    elif get_origin(plain) in (tuple, dict):
        yield path, kind
        for number, inner in enumerate(each for each in get_args(plain) if each is not ...):
            yield from _parts(inner, f"{path}[{number}]")
    elif type(None) in get_args(plain):
        limits = kind.__metadata__ if plain is not kind else ()
        for arm in get_args(plain):
            if arm is not type(None):
                yield from _parts(Annotated[arm, *limits] if limits else arm, path)
    else:
        yield path, kind


def _plain(kind: Any) -> Any:
    while get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    return kind


def test_no_other_way_leads_from_people_to_a_correction() -> None:
    """The terminal has none. An import puts a value right that it read by its own limits; the demonstration is ours."""
    callers = {
        path.relative_to(SERVICE).as_posix()
        for path in SERVICE.rglob("*.py")
        if re.search(r"(unit|mending)\.correct\(|import correct\b", path.read_text())
    }
    assert callers == {
        "api/mending.py",
        "acts/mending.py",
        "acts/indicator_values_record.py",
        "demonstration/entry.py",
    }


# By example, over HTTP


@pytest.fixture(scope="module")
def here(running: Running) -> Governed:
    return governed(running)


@pytest.fixture(scope="module")
def objects(here: Governed) -> dict[str, str]:
    """One object of each kind that the examples are about: its path by its concept."""
    place, running = here.place, here.running
    made = {
        "milestone": place.milestone(),
        "action": place.action(),
        "obstacle": place.obstacle(),
        "decision": place.decision(),
        "note": place.make("notes", {"subject": {"kind": "phase", "id": place.phases[0]}, "text": "Vu"}),
        "workstream": place.make("workstreams", {"title": "Accueil"}),
        "indicator": place.make(
            "indicators",
            {"title": "Délai", "family": "doing", "unit": "jours", "direction": "down", "cadence": "monthly"},
        ),
        "group": place.make("groups", {"name": "Greffe"}),
        "review": here.review(None),
    }
    paths = {name: f"/{concepts[name].collection}/{each['id']}" for name, each in made.items()}
    paths |= {"transformation": f"/transformations/{place.id}", "phase": f"/phases/{place.phases[0]}"}
    done = [
        running.act(paths["action"], "plan"),
        running.act(paths["action"], "start"),
        running.act(paths["action"], "declare-progress", {"percent": 40}),
        running.act(paths["indicator"], "measure", {"value": 12}),
        running.act(paths["milestone"], "reach", {"evidence": [{"title": "Compte rendu"}]}),
        running.act(paths["transformation"], "set-calendar", {"activity_periods": [PERIOD]}),
    ]
    assert [answer.text for answer in done if answer.status_code != 200] == []
    return paths


PERIOD = {"label": "Clôture", "from_on": "2026-12-01", "to_on": "2026-12-31", "level": "peak"}


def correct(running: Running, path: str, topic: str, changes: dict[str, Any]) -> Any:
    """The last fact of a topic, put right."""
    history = running.service.log.history(_id(path))
    event = next(fact for fact in reversed(history) if fact.topic == topic).envelope.event_id
    return running.act(path, f"events/{event}/correct", {"reason": "Coquille", "changes": changes})


def _id(path: str) -> UUID:
    return UUID(path.rpartition("/")[2])


REFUSED: list[tuple[str, Any, str, str]] = [
    ("milestone.planned", {"title": "x" * 100_000}, "/title", "string-too-long"),
    ("milestone.planned", {"title": " \n"}, "/title", "string-too-short"),
    ("milestone.planned", {"title": "\u200b\u2800"}, "/title", "nothing-seen"),
    ("milestone.planned", {"title": "a\0b"}, "/title", "not-text"),
    ("milestone.planned", {"title": "a\x1bb"}, "/title", "not-text"),
    ("milestone.planned", {"description": ""}, "/description", "string-too-short"),
    ("milestone.planned", {"due_on": "9999-12-31"}, "/due_on", "less-than-equal"),
    ("milestone.planned", {"occurred_on": "0001-01-01"}, "/occurred_on", "greater-than-equal"),
    ("milestone.planned", {"occurred_on": None}, "/occurred_on", "date-parsing"),
    ("milestone.planned", {"weight": -1}, "/weight", "greater-than"),
    ("milestone.reached", {"evidence": [{"title": "CR"}] * 21}, "/evidence", "too-long"),
    ("milestone.reached", {"evidence": [{"title": "CR"}, {"title": " "}]}, "/evidence/1/title", "string-too-short"),
    ("milestone.reached", {"evidence": [{"title": "CR", "uri": "x"}]}, "/evidence/0/uri", "string-pattern-mismatch"),
    ("action.proposed", {"budget": -0.01}, "/budget", "greater-than-equal"),
    ("action.proposed", {"budget": 10**29}, "/budget", "number-not-exact"),
    ("action.proposed", {"budget": "120"}, "/budget", "decimal-type"),
    ("action.proposed", {"funders": [{"name": "Région", "amount": -5}]}, "/funders/0/amount", "greater-than-equal"),
    ("action.proposed", {"contributors": ["p_" + "0" * 32] * 51}, "/contributors", "too-long"),
    ("action.proposed", {"lead": "Paul"}, "/lead", "string-pattern-mismatch"),
    ("action.proposed", {"attributes": {"Remarque": " "}}, "/attributes/Remarque", "string-too-short"),
    ("action.progress_declared", {"percent": 100.5}, "/percent", "less-than-equal"),
    ("indicator.defined", {"unit": "u" * 121}, "/unit", "string-too-long"),
    ("indicator.defined", {"targets": [{"on": "9999-12-31", "value": 3}]}, "/targets/0/on", "less-than-equal"),
    ("indicator.defined", {"availability_delay_days": 4000}, "/availability_delay_days", "less-than-equal"),
    ("indicator.measured", {"value": 0.12345678901234567}, "/value", "number-not-exact"),
    ("indicator.measured", {"comment": "\u3164"}, "/comment", "nothing-seen"),
    ("obstacle.raised", {"statement": "x" * 20_001}, "/statement", "string-too-long"),
    ("obstacle.raised", {"impact": 4}, "/impact", "literal-error"),
    ("decision.taken", {"options": ["Attendre"] * 21}, "/options", "too-long"),
    ("decision.taken", {"source": {"title": "CR", "sha256": "0"}}, "/source/sha256", "string-pattern-mismatch"),
    ("note.written", {"text": "\t"}, "/text", "string-too-short"),
    ("workstream.opened", {"objectives": ["Mieux"] * 51}, "/objectives", "too-long"),
    ("group.formed", {"name": "x" * 121}, "/name", "string-too-long"),
    ("review.scheduled", {"agenda": [{"title": "Point", "minutes": 601}]}, "/agenda/0/minutes", "less-than-equal"),
    ("phase.planned", {"exit_criteria": ["Fait", ""]}, "/exit_criteria/1", "string-too-short"),
    ("transformation.prepared", {"closed_days": ["2026-05-01"] * 401}, "/closed_days", "too-long"),
    (
        "transformation.activity_calendar_set",
        {"periods": [{**PERIOD, "label": "x" * 121}]},
        "/periods/0/label",
        "string-too-long",
    ),
]


@pytest.mark.parametrize(
    ("topic", "changes", "pointer", "code"), REFUSED, ids=[f"{w[0]}{w[2]} {w[3]}" for w in REFUSED]
)
def test_what_an_act_refuses_a_correction_refuses_alike(
    running: Running, objects: dict[str, str], topic: str, changes: dict[str, Any], pointer: str, code: str
) -> None:
    before = running.service.log.head()
    answer = correct(running, objects[topic.partition(".")[0]], topic, changes)
    (error,) = is_problem(answer, 422, "invalid")["errors"]
    assert (error["pointer"], error["code"]) == (f"/changes{pointer}", code)
    assert error["detail"] != "valeur non valable", "no sentence of validation says what is wrong"
    resolve(error["pointer"], {"changes": changes})
    assert running.service.log.head() == before


def test_every_field_that_is_wrong_is_named_at_once(running: Running, objects: dict[str, str]) -> None:
    changes = {"title": "", "due_on": "hier", "weight": 0}
    errors = is_problem(correct(running, objects["milestone"], "milestone.planned", changes), 422)["errors"]
    assert {error["pointer"] for error in errors} == {"/changes/title", "/changes/due_on", "/changes/weight"}


@pytest.mark.parametrize(
    ("topic", "changes", "code"),
    [
        ("milestone.planned", {"ref": 9}, "correction-invalid"),
        ("milestone.planned", {"baseline_on": "2026-05-05"}, "correction-invalid"),
        ("action.proposed", {"levels": [7]}, "correction-invalid"),
        ("action.proposed", {"parent_id": None}, "correction-invalid"),
        ("action.proposed", {"titel": "X"}, "invalid"),
        ("milestone.planned", {"evidence": []}, "correction-invalid"),
        ("milestone.planned", {"title": None}, "invalid"),
        ("milestone.planned", {"reason": "Autre"}, "invalid"),
        ("milestone.planned", {}, "nothing-to-change"),
    ],
)
def test_what_no_act_says_is_not_corrected(
    running: Running, objects: dict[str, str], topic: str, changes: dict[str, Any], code: str
) -> None:
    before = running.service.log.head()
    answer = correct(running, objects[topic.partition(".")[0]], topic, changes)
    (error,) = is_problem(answer, 422, code)["errors"]
    assert error["pointer"] == "/".join(["/changes", *changes])
    assert running.service.log.head() == before


ACCEPTED: list[tuple[str, dict[str, Any]]] = [
    ("milestone.planned", {"title": "Restitution aux équipes", "weight": 2.5, "description": None}),
    ("milestone.planned", {"due_on": "2026-05-05", "occurred_on": "2026-03-01"}),
    ("milestone.reached", {"evidence": [{"title": "Relevé", "uri": "https://exemple.fr/cr.pdf"}]}),
    ("action.proposed", {"budget": 120_000.5, "funders": [{"name": "Région", "amount": 20_000}]}),
    ("action.proposed", {"attributes": {"Remarque": "Relu"}, "ongoing": True, "end_on": None}),
    ("action.progress_declared", {"percent": 100}),
    ("indicator.defined", {"targets": [{"on": "2026-12-31", "value": 3.25}], "baseline": None}),
    ("indicator.measured", {"value": 12.5, "comment": "Relu"}),
    ("obstacle.raised", {"statement": "Quatre relances", "impact": 2}),
    ("decision.taken", {"options": ["L’outil A", "L’outil B"], "question": "Quel outil\u202f?"}),
    ("note.written", {"text": "Vu avec les équipes"}),
    ("workstream.opened", {"objectives": ["Mieux accueillir"]}),
    ("group.formed", {"kind": "partner"}),
    ("review.scheduled", {"agenda": [{"title": "Budget", "minutes": 20}], "mode": "written"}),
    ("phase.planned", {"exit_criteria": ["Diagnostic partagé"]}),
    ("transformation.activity_calendar_set", {"periods": [{**PERIOD, "label": "Vacances"}]}),
]


@pytest.mark.parametrize(("topic", "changes"), ACCEPTED, ids=[f"{topic} {', '.join(said)}" for topic, said in ACCEPTED])
def test_what_an_act_takes_a_correction_takes(
    running: Running, objects: dict[str, str], topic: str, changes: dict[str, Any]
) -> None:
    answer = correct(running, objects[topic.partition(".")[0]], topic, changes)
    assert answer.status_code == 200, answer.text
    (*_, mended) = answer.json()["corrections"]
    assert mended["topic"] == topic
    assert set(mended["after"]) == set(changes)


def test_the_spaces_around_a_corrected_text_are_dropped_as_an_act_drops_them(
    running: Running, objects: dict[str, str]
) -> None:
    answer = correct(running, objects["workstream"], "workstream.opened", {"title": "  Accueil du public\n"})
    assert answer.json()["title"] == "Accueil du public"


def test_numbers_are_recorded_as_texts(running: Running, objects: dict[str, str]) -> None:
    """SHAPES: decimals are strings in events, in a correction too."""
    assert correct(running, objects["action"], "action.proposed", {"weight": 2.1}).status_code == 200
    (*_, fact) = running.service.log.history(_id(objects["action"]))
    assert fact.event.changes == {"weight": "2.1"}


def test_what_was_recorded_before_the_limits_is_still_read_and_mended(
    running: Running, objects: dict[str, str]
) -> None:
    """Events have no limits: history stays readable for ever."""
    path, long = objects["note"], "x" * 100_000
    (written, *_) = running.service.log.history(_id(path))
    act = Act(actor=running.people["lead"], now=running.now, transformation_id=written.envelope.transformation_id)

    def work(unit: Unit) -> Target:
        return Target(NOTE, unit.correct(NOTE, _id(path), written.envelope.event_id, {"text": long}))

    outcome = running.service.recorder.execute(replace(act, reason="Avant"), work)
    assert running.service.gate.wait(outcome.position, 10)
    running.version(path, again=True)
    assert running.get(path).json()["text"] == long
    assert correct(running, path, "note.written", {"visibility": "restricted"}).status_code == 200
    assert correct(running, path, "note.written", {"text": "Bref"}).json()["text"] == "Bref"
