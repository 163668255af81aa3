"""Imports and exports over HTTP."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import pytest

from service.domain.event import new_id
from service.exchange.workbook import read_workbook
from tests.exchange.paper import plan_rows, rewritten, workbook_of
from tests.exchange.test_workbooks_refused import OLE2, SHEET
from tests.running import Running


def sheet(*rows: Mapping[str, object]) -> bytes:
    return workbook_of(("Plan", plan_rows(*rows)))


def send(
    running: Running,
    transformation: str,
    content: bytes,
    who: str = "lead",
    key: str | None = None,
    name: str = "plan.xlsx",
    **form: str,
) -> Any:
    return running.client.post(
        f"/api/v1/transformations/{transformation}/imports",
        files={"file": (name, content)},
        data=form,
        headers=running.headers(who, {"Idempotency-Key": key or str(new_id())}),
    )


def counts(running: Running) -> dict[str, Any]:
    """The position of the head, and the rows of every table (those that reading itself writes apart)."""
    assert running.service.gate.wait(running.service.log.head(), 10)
    tables = running.service.database.all("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    found: dict[str, Any] = {"head": running.service.log.head()}
    for table in sorted(row["tablename"] for row in tables):
        counted = running.service.database.one(f"SELECT count(*) AS n FROM {table}")
        found[table] = counted and counted["n"]
    return found


ACTION = {
    "Titre de l'action": "Recueillir les besoins",
    "Axe (x)": "Usages numériques",
    "Personne pilote": "Awa Keller",
}


@pytest.fixture
def plan(running: Running) -> str:
    return running.transformation()


def test_a_simulation_tells_all_and_writes_nothing(running: Running, plan: str) -> None:
    before = counts(running)
    answered = send(running, plan, sheet(ACTION, {"Titre de l'action": "Choisir", "Statut": "Bloqué"}))
    assert answered.status_code == 200, answered.text
    report = answered.json()
    assert (report["mode"], report["created"], report["errors"]) == ("simulate", 2, [])
    assert (report["new_axes"], report["new_people"]) == (["Usages numériques"], ["Awa Keller"])
    kinds = [(row["kind"], row["outcome"], row["title"]) for row in report["rows"]]
    assert ("person", "create", "Awa Keller") in kinds
    first = report["rows"][0]
    assert (first["sheet"], first["row"]) == ("Plan", 3)
    assert first["differences"]["people"] == {"before": None, "after": ["Awa Keller"]}
    assert counts(running) == before


def test_an_applied_import_is_created_and_found_again(running: Running, plan: str) -> None:
    made = send(running, plan, sheet(ACTION), mode="apply")
    assert made.status_code == 201, made.text
    run = made.json()
    assert made.headers["Location"] == f"/api/v1/imports/{run['id']}"
    assert run["counts"] == {"created": 1, "changed": 0, "unchanged": 0, "conflicts": 0, "errors": 0}
    assert (run["file_name"], run["format"], run["sheet"]) == ("plan.xlsx", "plan", "Plan")
    assert running.get(f"/imports/{run['id']}").json() == run
    assert [item["id"] for item in running.get(f"/transformations/{plan}/imports").json()["items"]] == [run["id"]]


def test_the_people_that_a_file_brings_are_no_change_of_the_transformation(running: Running, plan: str) -> None:
    start = running.service.log.head()
    named = {**ACTION, "Personne pilote": "Ysaline Courbevoie"}
    assert send(running, plan, sheet(named), mode="apply").status_code == 201
    told = running.get(f"/transformations/{plan}/changes", params={"from": str(start)})
    assert told.status_code == 200, told.text
    assert {item["subject"]["kind"] for item in told.json()["items"]} == {"axis", "action", "import"}


def test_the_same_key_with_the_same_file_answers_again_without_a_new_event(running: Running, plan: str) -> None:
    key, content = str(new_id()), sheet(ACTION)
    first = send(running, plan, content, key=key, mode="apply")
    head = running.service.log.head()
    second = send(running, plan, content, key=key, mode="apply")
    assert (second.status_code, second.json()) == (201, first.json())
    assert second.headers["Idempotent-Replayed"] == "true"
    assert running.service.log.head() == head
    other = send(running, plan, content, key=key, mode="apply", prefer="file")
    assert (other.status_code, other.json()["code"]) == (422, "key-reused")


WRONG: Sequence[tuple[str, dict[str, object]]] = [
    ("no-such-date", {"Date de début": "31/02/2025"}),
    ("end-before-start", {"Date de début": "01/03/2025", "Date de fin": "01/02/2025"}),
    ("negative-amount", {"Budget prévisionnel total € HT": -5}),
    ("not-a-number", {"Budget prévisionnel total € HT": "Entre 200 et 500"}),
    ("absurd-amount", {"Budget prévisionnel total € HT": 10**16}),
    ("unknown-choice", {"Statut": "Presque"}),
    ("formula", {"Axe (x)": "=A1"}),
]


@pytest.mark.parametrize(("code", "cells"), WRONG, ids=[code for code, _ in WRONG])
def test_wrong_rows_refuse_the_whole_file_and_write_nothing(
    running: Running, plan: str, code: str, cells: dict[str, object]
) -> None:
    before = counts(running)
    refused = send(running, plan, sheet(ACTION, {"Titre de l'action": "Autre", **cells}), mode="apply")
    assert (refused.status_code, refused.json()["code"]) == (422, "rows-in-error")
    assert [error["code"] for error in refused.json()["errors"]] == [code]
    told = refused.json()["facts"]["errors"][0]
    assert told["sheet"] == "Plan"
    assert told["cell"].endswith("4")
    assert told["message"]
    assert told["suggestion"]
    assert counts(running) == before


def test_a_cell_of_a_hundred_thousand_letters_is_refused_and_nothing_is_written(running: Running, plan: str) -> None:
    lines = f"Titre de l'action;Axe (x);Notes de suivi\nPlanter;Axe 1;{'x' * 100_000}\n"
    before = counts(running)
    refused = send(running, plan, lines.encode(), name="plan.csv", mode="apply")
    assert [error["code"] for error in refused.json()["errors"]] == ["cell-too-long"]
    assert counts(running) == before


@pytest.mark.parametrize(
    ("code", "rows"),
    [
        ("duplicate-row", [{"Titre de l'action": "A"}, {"Titre de l'action": "A"}]),
        ("sub-action-without-parent", [{"Titre de la sous-action": "B"}]),
        ("parent-unknown", [{"Titre de l'action": "Absente", "Titre de la sous-action": "B"}]),
    ],
)
def test_rows_that_cannot_stand_together_are_refused(
    running: Running, plan: str, code: str, rows: list[dict[str, object]]
) -> None:
    before = counts(running)
    refused = send(running, plan, sheet(*rows), mode="apply")
    assert [error["code"] for error in refused.json()["errors"]] == [code]
    assert counts(running) == before


def test_valid_rows_alone_are_applied_on_request(running: Running, plan: str) -> None:
    content = sheet(ACTION, {"Titre de l'action": "Autre", "Statut": "Presque"})
    made = send(running, plan, content, mode="apply", valid_rows_only="true")
    assert made.status_code == 201, made.text
    assert (made.json()["counts"]["created"], made.json()["counts"]["errors"]) == (1, 1)
    assert made.json()["valid_rows_only"] is True


@pytest.mark.parametrize(
    ("code", "content"),
    [
        ("not-a-workbook", b"\x89PNG\r\n\x1a\n" + bytes(range(256))),
        ("empty-workbook", b""),
        ("wrong-headings", workbook_of(("Feuille", [["Nom", "Valeur"], ["a", 1]]))),
        ("no-rows", workbook_of(("Plan", plan_rows()))),
        ("damaged-workbook", b"PK\x03\x04" + b"rien"),
        ("password-protected", OLE2 + "EncryptedPackage".encode("utf-16-le")),
        ("compression-bomb", rewritten(sheet(ACTION), SHEET, lambda data: data + b" " * 50_000_000)),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_own_sentence(
    running: Running, plan: str, code: str, content: bytes
) -> None:
    before = counts(running)
    for mode in ("simulate", "apply"):
        refused = send(running, plan, content, mode=mode)
        assert (refused.status_code, refused.json()["code"]) == (422, code)
        assert refused.json()["detail"]
    assert counts(running) == before


def test_the_name_of_a_sheet_is_repeated_as_it_stands(running: Running, plan: str) -> None:
    refused = send(running, plan, workbook_of(("go_open", plan_rows())))
    assert "«\u202fgo_open\u202f»" in refused.json()["detail"]
    refused = send(running, plan, workbook_of(("open", plan_rows())))
    assert "«\u202fopen\u202f»" in refused.json()["detail"]


def test_a_file_over_20_megabytes_is_too_large(running: Running, plan: str) -> None:
    refused = send(running, plan, b"PK" + b"x" * 20_100_000)
    assert (refused.status_code, refused.json()["code"]) == (413, "file-too-large")
    cut = send(running, plan, b"PK" + b"x" * 22_000_000)
    assert cut.status_code == 413
    assert cut.headers["content-type"] == "application/problem+json"


def test_only_a_form_with_known_fields_is_taken(running: Running, plan: str) -> None:
    assert running.post(f"/transformations/{plan}/imports", {}).status_code == 415
    assert send(running, plan, sheet(ACTION), moed="apply").status_code == 422
    assert send(running, plan, sheet(ACTION), mode="maybe").status_code == 422
    twice = running.client.post(
        f"/api/v1/transformations/{plan}/imports",
        files=[("file", ("un.xlsx", sheet(ACTION))), ("file", ("deux.xlsx", sheet(ACTION)))],
        headers=running.headers("lead", {"Idempotency-Key": str(new_id())}),
    )
    assert (twice.status_code, twice.json()["errors"][0]["code"]) == (422, "given-twice")
    without = running.client.post(
        f"/api/v1/transformations/{plan}/imports", files={"file": b"x"}, headers=running.headers("lead", {})
    )
    assert without.status_code == 400


@pytest.mark.parametrize("who", ["contributor", "sponsor", "auditor"])
def test_who_does_not_lead_neither_simulates_nor_applies(running: Running, plan: str, who: str) -> None:
    for mode in ("simulate", "apply"):
        assert send(running, plan, sheet(ACTION), who=who, mode=mode).status_code == 403


def test_an_export_is_a_workbook_that_changes_nothing_when_it_comes_back(running: Running, plan: str) -> None:
    send(running, plan, sheet(ACTION, {"Titre de l'action": "Choisir", "Statut": "En retard"}), mode="apply")
    path = f"/transformations/{plan}/exports/plan.xlsx"
    exported = running.get(path, who="auditor")
    assert exported.status_code == 200
    assert exported.headers["content-type"].startswith("application/vnd.openxmlformats-officedocument.spreadsheetml")
    assert running.get(path, who="auditor", headers={"If-None-Match": exported.headers["ETag"]}).status_code == 304
    report = send(running, plan, exported.content).json()
    assert (report["created"], report["changed"], report["unchanged"]) == (0, 0, 2)


def test_an_export_of_the_past_shows_the_plan_of_then(running: Running, plan: str) -> None:
    send(running, plan, sheet(ACTION), mode="apply")
    then = running.service.log.head()
    running.advance(days=1)
    send(running, plan, sheet({"Titre de l'action": "Plus tard"}), mode="apply")
    path = f"/transformations/{plan}/exports/plan.xlsx"
    past = running.get(path, params={"as_of_position": str(then)})
    assert past.headers["Trajectoire-Position"] == str(then)
    assert send(running, plan, past.content).json()["unchanged"] == 1
    assert send(running, plan, running.get(path).content).json()["unchanged"] == 2


def test_what_is_restricted_is_in_no_export(running: Running, plan: str) -> None:
    send(running, plan, sheet(ACTION), mode="apply")
    action = running.get(f"/transformations/{plan}/actions").json()["items"][0]
    secret = "Un différend que seule la direction connaît"
    noted = running.post(
        f"/transformations/{plan}/notes",
        {"subject": {"kind": "action", "id": action["id"]}, "text": secret, "visibility": "restricted"},
    )
    assert noted.status_code == 201, noted.text
    for who in ("contributor", "lead"):
        content = running.get(f"/transformations/{plan}/exports/plan.xlsx", who=who).content
        written = [cell for page in read_workbook(content).sheets for row in page.rows for cell in row]
        assert "Recueillir les besoins" in written
        assert secret not in written


def test_pilote_s_template_is_taken_by_the_same_door(running: Running, plan: str) -> None:
    headings = ["identifiant_indic", "zone_id", "zone_nom", "date_valeur", "type_valeur", "valeur"]
    content = workbook_of(("Feuil1", [headings, ["INCONNU", None, None, "2026-01-31", "va", 3]]))
    report = send(running, plan, content).json()
    assert report["format"] == "indicator_values"
    assert report["invalid"] == 1
    refused = send(running, plan, content, mode="apply")
    assert (refused.status_code, refused.json()["code"]) == (422, "rows-in-error")


def test_the_report_of_a_row_names_its_object(running: Running, plan: str) -> None:
    send(running, plan, sheet(ACTION), mode="apply")
    row = send(running, plan, sheet(ACTION)).json()["rows"][0]
    assert (row["outcome"], row["ref"]) == ("unchanged", "A-1")
    assert UUID(row["id"])
