"""PILOTE's template of indicator values over HTTP: simulated, applied, merged, exported as of any point."""

import io
from datetime import date
from typing import Any

import openpyxl
import pytest

from service.domain.event import new_id
from service.exchange.indicator_values import HEADINGS, read_indicator_values
from service.exchange.workbook import read_workbook
from service.store.database import Database
from tests.exchange.paper import workbook_of
from tests.running import Running

Row = list[object]


@pytest.fixture
def plan(running: Running) -> str:
    return running.transformation()


@pytest.fixture(scope="module")
def shared(running: Running) -> str:
    """A transformation whose tests each bring an indicator of their own."""
    return running.transformation()


def define(running: Running, plan: str, **more: Any) -> dict[str, Any]:
    body = {
        "title": "Délai moyen de réponse",
        "family": "doing",
        "unit": "jours",
        "direction": "down",
        "cadence": "monthly",
        "external_id": "IND-001",
        **more,
    }
    made = running.post(f"/transformations/{plan}/indicators", body)
    assert made.status_code == 201, made.text
    return dict(made.json())


def file_of(*rows: Row) -> bytes:
    return workbook_of(("Feuil1", [list(HEADINGS), *rows]))


def row(kind: str, on: str, value: object, indicator: str = "IND-001", zone: str | None = None) -> Row:
    return [indicator, zone, None, on, kind, value]


def send(running: Running, plan: str, content: bytes, who: str = "lead", **form: Any) -> Any:
    return running.client.post(
        f"/api/v1/transformations/{plan}/imports",
        files={"file": ("valeurs.xlsx", content)},
        data={name: str(value) for name, value in form.items()},
        headers=running.headers(who, {"Idempotency-Key": str(new_id())}),
    )


def simulate(running: Running, plan: str, *rows: Row, **form: Any) -> Any:
    answer = send(running, plan, file_of(*rows), **form)
    assert answer.status_code == 200, answer.text
    return answer.json()


def apply(running: Running, plan: str, *rows: Row, **form: Any) -> Any:
    answer = send(running, plan, file_of(*rows), mode="apply", **form)
    assert answer.status_code == 201, answer.text
    return answer.json()["counts"]


def counts(created: int = 0, changed: int = 0, unchanged: int = 0, conflicts: int = 0, errors: int = 0) -> Any:
    return {
        "created": created,
        "changed": changed,
        "unchanged": unchanged,
        "conflicts": conflicts,
        "errors": errors,
    }


def read(running: Running, id: str, **query: Any) -> Any:
    return running.get(f"/indicators/{id}/series", params=query).json()


def values(series: Any) -> Any:
    return [(measure["on"], measure["value"]) for measure in series["measures"]]


FILE = (
    row("vi", "2026-01-01", 20),
    row("va", "2026-01-31", 19.5),
    row("va", "2026-02-28", "18,25"),
    row("vc", "2026-12-31", 10),
    row("vc", "2026-06-30", 15),
)


def test_a_simulation_tells_each_row_and_records_nothing(running: Running, plan: str) -> None:
    made = define(running, plan)
    tables = _sizes(running)
    report = simulate(running, plan, *FILE)
    assert _sizes(running) == tables
    assert (report["mode"], report["format"], report["created"], report["errors"]) == (
        "simulate",
        "indicator_values",
        5,
        [],
    )
    assert [(told["kind"], told["outcome"]) for told in report["rows"]] == [
        ("baseline", "create"),
        ("measure", "create"),
        ("measure", "create"),
        ("target", "create"),
        ("target", "create"),
    ]
    assert report["rows"][2]["differences"] == {"valeur": {"before": None, "after": 18.25}}
    assert (report["rows"][2]["ref"], report["rows"][2]["row"]) == (made["ref"], 4)
    assert read(running, made["id"])["measures"] == []


def test_applied_values_are_true_on_their_days_and_the_same_file_changes_nothing(running: Running, plan: str) -> None:
    made = define(running, plan)
    assert apply(running, plan, *FILE) == counts(created=5)
    series = read(running, made["id"])
    assert series["baseline"] == {"value": 20, "on": "2026-01-01"}
    assert series["targets"] == [{"value": 15, "on": "2026-06-30"}, {"value": 10, "on": "2026-12-31"}]
    assert values(series) == [("2026-01-31", 19.5), ("2026-02-28", 18.25)]
    version = running.get(f"/indicators/{made['id']}").json()["version"]
    assert apply(running, plan, *FILE) == counts(unchanged=5)
    assert running.get(f"/indicators/{made['id']}").json()["version"] == version


def test_a_changed_value_corrects_the_recorded_one(running: Running, plan: str) -> None:
    made = define(running, plan)
    apply(running, plan, *FILE)
    changed = (
        row("vi", "2026-01-01", 22),
        row("va", "2026-01-31", 21),
        row("va", "2026-02-28", 18.25),
        row("vc", "2026-12-31", 9),
    )
    assert apply(running, plan, *changed) == counts(changed=3, unchanged=1)
    series = read(running, made["id"])
    assert values(series) == [("2026-01-31", 21), ("2026-02-28", 18.25)]
    assert [(was["value"], was["reason"]) for was in series["measures"][0]["corrections"]] == [
        (19.5, "Repris de l’import.")
    ]
    assert (series["baseline"]["value"], [t["value"] for t in series["targets"]]) == (22, [15, 9])


def test_an_empty_value_withdraws_the_recorded_one(running: Running, plan: str) -> None:
    made = define(running, plan)
    apply(running, plan, *FILE)
    position = read(running, made["id"])["position"]
    emptied = (
        row("va", "2026-01-31", None),
        row("vc", "2026-06-30", None),
        row("vc", "2027-12-31", None),
        row("vi", "2025-01-01", None),
    )
    assert apply(running, plan, *emptied) == counts(changed=2, unchanged=2)
    series = read(running, made["id"])
    assert values(series) == [("2026-02-28", 18.25)]
    assert [target["on"] for target in series["targets"]] == ["2026-12-31"]
    assert len(values(read(running, made["id"], as_of_position=position))) == 2
    assert apply(running, plan, *emptied) == counts(unchanged=4)
    assert apply(running, plan, row("vi", "2026-01-01", None)) == counts(changed=1)
    assert read(running, made["id"])["baseline"] is None


def test_an_accepted_proposal_is_withdrawn_by_withdrawing_its_acceptance(running: Running, shared: str) -> None:
    made = define(running, shared, external_id="IND-accepted")
    path = f"/indicators/{made['id']}"
    sent = {"value": 16, "occurred_on": "2026-02-15"}
    proposal = running.post(f"{path}/propose-value", sent, "contributor").json()["proposals"][0]
    running.act(path, "accept-value", {"proposal_event_id": proposal["event_id"]})
    assert apply(running, shared, row("va", "2026-02-15", None, "IND-accepted")) == counts(changed=1)
    series = read(running, made["id"])
    assert (series["measures"], series["proposals"][0]["status"]) == ([], "pending")


def test_what_was_put_right_here_is_not_overwritten_by_the_file_that_brought_it(running: Running, plan: str) -> None:
    made = define(running, plan)
    apply(running, plan, *FILE)
    event = read(running, made["id"])["measures"][0]["event_id"]
    body = {"changes": {"value": 17}, "reason": "Relecture"}
    running.act(f"/indicators/{made['id']}", f"events/{event}/correct", body)
    assert apply(running, plan, *FILE) == counts(unchanged=5)
    assert values(read(running, made["id"]))[0] == ("2026-01-31", 17)


def test_a_value_changed_on_both_sides_is_a_conflict_that_one_may_settle(running: Running, plan: str) -> None:
    made = define(running, plan)
    apply(running, plan, *FILE)
    event = read(running, made["id"])["measures"][0]["event_id"]
    body = {"changes": {"value": 17}, "reason": "Relecture"}
    running.act(f"/indicators/{made['id']}", f"events/{event}/correct", body)
    wanted = row("va", "2026-01-31", 21)
    report = simulate(running, plan, wanted)
    assert (report["conflicts"], report["rows"][0]["outcome"]) == (1, "conflict")
    assert report["rows"][0]["conflicts"] == {"valeur": {"base": 19.5, "file": 21, "service": 17}}
    assert apply(running, plan, wanted) == counts(conflicts=1)
    assert values(read(running, made["id"]))[0] == ("2026-01-31", 17)
    assert apply(running, plan, wanted, prefer="service") == counts(unchanged=1)
    assert apply(running, plan, wanted, prefer="file") == counts(changed=1)
    assert values(read(running, made["id"]))[0] == ("2026-01-31", 21)


def test_a_value_typed_here_is_not_overwritten_by_a_file_that_never_knew_it(running: Running, shared: str) -> None:
    define(running, shared, external_id="IND-typed", baseline={"value": 30, "on": "2026-01-01"})
    assert simulate(running, shared, row("vi", "2026-01-01", 20, "IND-typed"))["conflicts"] == 1
    assert simulate(running, shared, row("vi", "2026-01-01", 30, "IND-typed"))["unchanged"] == 1


def test_a_reference_names_an_indicator_as_well(running: Running, shared: str) -> None:
    made = define(running, shared, external_id=None)
    assert apply(running, shared, row("va", "2026-01-31", 12, indicator=made["ref"].lower())) == counts(created=1)


@pytest.mark.parametrize(
    ("wrong", "cell", "code"),
    [
        (row("va", "2026-02-28", 12, indicator="IND-01"), "A3", "unknown_indicator"),
        (row("va", "2026-03-03", 12), "D3", "true_on_in_future"),
        (row("vc", "2026-06-30", 25), "F3", "target_above_baseline"),
        (row("vc", "2025-06-30", 15), "D3", "target_not_after_baseline"),
        (row("vi", "2026-01-05", 21), "E3", "several_baselines"),
        (row("va", "2026-02-28", 12, zone="D75"), "B3", "several_zones"),
        (row("va", "2026-02-28", "environ 12"), "F3", "not_a_number"),
        (row("va", "2026-02-28", "1,2345678901234567"), "F3", "too_many_digits"),
    ],
)
def test_a_wrong_row_is_told_at_its_cell_and_nothing_is_written(
    running: Running, shared: str, wrong: Row, cell: str, code: str
) -> None:
    name = f"IND-{code}"
    made = define(running, shared, external_id=name)
    wrong = [name if wrong[0] == "IND-001" else wrong[0], *wrong[1:]]
    rows = (row("vi", "2026-01-01", 20, name), wrong, row("va", "2026-01-31", 19, name))
    tables = _sizes(running)
    refused = send(running, shared, file_of(*rows), mode="apply")
    assert (refused.status_code, refused.json()["code"]) == (422, "rows-in-error")
    assert _sizes(running) == tables
    report = simulate(running, shared, *rows)
    assert [(e["sheet"], e["cell"], e["code"]) for e in report["errors"]] == [("Feuil1", cell, code)]
    assert report["errors"][0]["message"].endswith(".")
    assert report["errors"][0]["suggestion"].endswith((".", "?"))
    assert (report["created"], report["invalid"]) == (2, 1)
    assert apply(running, shared, *rows, valid_rows_only=True) == counts(created=2, errors=1)
    assert values(read(running, made["id"])) == [("2026-01-31", 19)]


def test_two_indicators_of_one_identifier_are_told_apart_by_their_references(running: Running, plan: str) -> None:
    first, second = define(running, plan), define(running, plan, title="Doublon")
    report = simulate(running, plan, row("va", "2026-01-31", 12))
    assert report["errors"][0]["code"] == "ambiguous_indicator"
    assert all(made["ref"] in report["errors"][0]["message"] for made in (first, second))
    assert apply(running, plan, row("va", "2026-01-31", 12, indicator=second["ref"])) == counts(created=1)


def test_a_retired_indicator_keeps_its_values(running: Running, plan: str) -> None:
    made = define(running, plan)
    apply(running, plan, *FILE)
    running.act(f"/indicators/{made['id']}", "retire", {"reason": "Remplacé"})
    report = simulate(running, plan, *FILE, row("va", "2026-02-01", 3))
    assert (report["unchanged"], [e["code"] for e in report["errors"]]) == (5, ["indicator_no_longer_followed"])


def test_only_the_lead_imports(running: Running, plan: str) -> None:
    define(running, plan)
    assert send(running, plan, file_of(*FILE), "contributor").status_code == 403
    assert send(running, plan, file_of()).json()["code"] == "no-rows"


def test_an_export_imported_again_changes_nothing_and_knows_what_it_showed(running: Running, plan: str) -> None:
    made = define(running, plan, baseline={"value": 20, "on": "2026-01-01"})
    running.post(f"/indicators/{made['id']}/measure", {"value": 19, "occurred_on": "2026-01-31"})
    answer = export(running, plan)
    sheet = read_indicator_values(read_workbook(answer.content))
    assert [(r.indicator, r.kind, r.valued_on, float(r.value or 0)) for r in sheet.rows] == [
        ("IND-001", "baseline", date(2026, 1, 1), 20),
        ("IND-001", "measure", date(2026, 1, 31), 19),
    ]
    assert send(running, plan, answer.content).json()["unchanged"] == 2
    edited = _edited(answer.content, "F3", 18)
    assert send(running, plan, edited, mode="apply").json()["counts"] == counts(changed=1, unchanged=1)
    assert values(read(running, made["id"])) == [("2026-01-31", 18)]
    again = send(running, plan, _edited(answer.content, "F3", 17)).json()
    assert again["rows"][1]["differences"] == {"valeur": {"before": 18, "after": 17}}


def test_an_export_shows_the_values_as_of_then(running: Running, plan: str) -> None:
    made = define(running, plan)
    apply(running, plan, row("va", "2026-01-31", 19))
    position = read(running, made["id"])["position"]
    then = export(running, plan).content
    apply(running, plan, row("va", "2026-01-31", 21))
    assert export(running, plan, as_of_position=position).content == then
    assert export(running, plan).content != then
    headers = {"If-None-Match": export(running, plan, as_of_position=position).headers["ETag"]}
    path = f"/transformations/{plan}/exports/indicator-values.xlsx"
    assert running.get(path, params={"as_of_position": position}, headers=headers).status_code == 304


def export(running: Running, plan: str, **query: Any) -> Any:
    answer = running.get(f"/transformations/{plan}/exports/indicator-values.xlsx", "auditor", params=query)
    assert answer.status_code == 200, answer.text
    return answer


def _edited(content: bytes, cell: str, value: object) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(content))
    book.active[cell] = value
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _sizes(running: Running) -> dict[str, int]:
    """Row counts of every table, idempotency and the trail of readings apart."""
    database: Database = running.service.database
    names = database.all("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    counted = [row["tablename"] for row in names if "idempot" not in row["tablename"]]
    return {name: (database.one(f"SELECT count(*) AS n FROM {name}") or {})["n"] for name in counted}
