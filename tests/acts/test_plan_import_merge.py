"""A file and the service, changed on either side: cell by cell, nothing is overwritten unseen."""

import io
import threading
from collections.abc import Mapping
from typing import Any

import openpyxl
import pytest

from service.acts.import_refusals import ImportInProgress, RowsInError
from service.acts.plan_export import run_export
from service.acts.plan_import import run_import
from service.acts.plan_import_match import stamp_key
from service.domain.act import Act
from service.exchange.merge import Prefer
from service.exchange.plan_row import row_key
from service.exchange.report import Disagreement, Report, RowReport
from tests.exchange.paper import plan_rows, workbook_of
from tests.running import Running


class Plan:
    """A transformation with verbs for a test: bring a file in, take it out, act as a person would."""

    def __init__(self, running: Running) -> None:
        self.running = running
        self.id = running.transformation()
        self.code = running.get(f"/transformations/{self.id}").json()["code"]

    def bring(self, *rows: Mapping[str, object], prefer: Prefer | None = None, apply: bool = True) -> Report:
        return self.bring_file(workbook_of(("Plan", plan_rows(*rows))), prefer=prefer, apply=apply)

    def bring_file(self, content: bytes, *, prefer: Prefer | None = None, apply: bool = True) -> Report:
        act = Act(actor=self.running.people["lead"], now=self.running.now, role="lead")
        report = run_import(self.running.service, act, self.code, content, "plan.xlsx", apply=apply, prefer=prefer)
        assert self.running.service.gate.wait(self.running.service.log.head(), 10)
        return report

    def export(self) -> bytes:
        return run_export(self.running.service, self.running.people["lead"], self.code)

    def actions(self) -> list[dict[str, Any]]:
        items = self.running.get(f"/transformations/{self.id}/actions").json()["items"]
        return sorted(items, key=lambda item: int(item["ref"][2:]))

    def action(self, title: str) -> dict[str, Any]:
        return next(action for action in self.actions() if action["title"] == title)

    def do(self, title: str, verb: str, /, **body: object) -> None:
        done = self.running.act(f"/actions/{self.action(title)['id']}", verb, body)
        assert done.status_code == 200, done.text


@pytest.fixture
def plan(running: Running) -> Plan:
    return Plan(running)


def edited(content: bytes, heading: str, number: int, value: object) -> bytes:
    """An exported workbook with one cell changed; `number` is the row of the table, from 0."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book.worksheets[1]
    column = next(cell.column for cell in sheet[2] if cell.value == heading)
    sheet.cell(4 + number, column).value = value
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def only(report: Report) -> RowReport:
    (row,) = [row for row in report.rows if row.row is not None and row.kind in ("action", "sub_action")]
    return row


A = {"Titre de l'action": "Recueillir", "Budget prévisionnel total € HT": 100, "Statut": "En cours"}


def test_the_same_file_twice_changes_nothing(plan: Plan) -> None:
    rows = ({**A, "Axe (x)": "Un", "Personne pilote": "Ana, Bob"}, {"Titre de l'action": "Choisir", "Statut": "Bloqué"})
    assert plan.bring(*rows).created == 2
    head = plan.running.service.log.head()
    again = plan.bring(*rows)
    assert (again.created, again.changed, again.unchanged, again.conflicts) == (0, 0, 2, 0)
    assert plan.running.service.log.head() == head + 1  # that it was applied, and nothing else


def test_only_the_cells_that_the_file_changed_are_applied(plan: Plan) -> None:
    plan.bring(A)
    plan.do("Recueillir", "revise", description="Écrit dans le service")
    report = plan.bring({**A, "Budget prévisionnel total € HT": 250})
    assert set(only(report).differences) == {"budget"}
    action = plan.action("Recueillir")
    assert (action["budget"], action["description"]) == (250, "Écrit dans le service")


def test_what_the_service_changed_survives_every_later_import_of_the_old_file(plan: Plan) -> None:
    plan.bring(A)
    plan.do("Recueillir", "revise", budget=999)
    assert only(plan.bring(A)).outcome == "unchanged"
    assert only(plan.bring({**A, "Niveau de priorité": "Bas"})).outcome == "change"
    assert only(plan.bring({**A, "Niveau de priorité": "Bas"})).outcome == "unchanged"
    assert plan.action("Recueillir")["budget"] == 999


def test_a_cell_changed_on_both_sides_is_a_conflict_and_its_row_is_not_applied(plan: Plan) -> None:
    plan.bring(A)
    plan.do("Recueillir", "revise", budget=999)
    changed = {**A, "Budget prévisionnel total € HT": 250, "Niveau de priorité": "Élevé"}
    for _ in range(2):
        row = only(plan.bring(changed))
        assert row.outcome == "conflict"
        assert row.conflicts["budget"] == Disagreement(base=100, file=250, service=999)
        assert set(row.differences) == {"priority"}
    assert (plan.action("Recueillir")["budget"], plan.action("Recueillir")["priority"]) == (999, None)


@pytest.mark.parametrize(("prefer", "budget"), [("file", 250), ("service", 999)])
def test_a_preference_settles_a_conflict(plan: Plan, prefer: Prefer, budget: int) -> None:
    plan.bring(A)
    plan.do("Recueillir", "revise", budget=999)
    row = only(plan.bring({**A, "Budget prévisionnel total € HT": 250, "Niveau de priorité": "Bas"}, prefer=prefer))
    assert (row.outcome, set(row.settled)) == ("change", {"budget"})
    assert (plan.action("Recueillir")["budget"], plan.action("Recueillir")["priority"]) == (budget, "low")


def test_absent_rows_are_untouched(plan: Plan) -> None:
    plan.bring(A, {"Titre de l'action": "Choisir"})
    plan.bring(A)
    assert [action["title"] for action in plan.actions()] == ["Recueillir", "Choisir"]


def test_a_row_is_found_after_a_renaming_and_a_move(plan: Plan) -> None:
    plan.bring({**A, "Axe (x)": "Un"}, {"Titre de l'action": "Choisir", "Axe (x)": "Deux"})
    plan.do("Recueillir", "revise", title="Écouter", axis_id=plan.action("Choisir")["axis_id"])
    report = plan.bring({**A, "Axe (x)": "Un", "Statut": "Réalisé"})
    assert (only(report).outcome, set(only(report).differences)) == ("change", {"status"})
    assert plan.action("Écouter")["status"] == "done"


def test_an_action_that_the_service_made_is_found_by_its_title(plan: Plan) -> None:
    made = plan.running.post(f"/transformations/{plan.id}/actions", {"title": "Recueillir", "budget": 100})
    assert made.status_code == 201, made.text
    report = plan.bring(A)
    assert (report.created, only(report).outcome) == (0, "change")
    assert plan.action("Recueillir")["status"] == "in_progress"


def test_an_edited_export_changes_what_was_edited_even_a_title(plan: Plan) -> None:
    plan.bring({**A, "Axe (x)": "Un"})
    plan.do("Recueillir", "revise", description="Avant l’export")
    exported = plan.export()
    plan.do("Recueillir", "revise", priority="high")
    renamed = edited(exported, "Titre de l’action", 0, "Écouter")
    report = plan.bring_file(renamed)
    assert (only(report).outcome, set(only(report).differences)) == ("change", {"action_title"})
    assert plan.action("Écouter")["priority"] == "high"
    assert only(plan.bring_file(renamed)).outcome == "unchanged"
    emptied = plan.bring_file(edited(exported, "Descriptif", 0, None))
    # The other copy of the export does not take the new title back: nobody changed that cell in it.
    assert set(only(emptied).differences) == {"description"}


def test_an_edited_export_meets_what_the_service_changed_since(plan: Plan) -> None:
    plan.bring(A)
    exported = plan.export()
    plan.do("Recueillir", "revise", budget=999)
    row = only(plan.bring_file(edited(exported, "Budget prévisionnel total € HT", 0, 250)))
    assert row.conflicts["budget"] == Disagreement(base=100, file=250, service=999)


def test_an_export_of_another_log_is_no_base(plan: Plan) -> None:
    """Its position is not yet reached here: as a base it would let the file overwrite what it never knew."""
    plan.bring(A)
    exported = plan.export()
    plan.do("Recueillir", "revise", budget=999)
    book = openpyxl.load_workbook(io.BytesIO(edited(exported, "Budget prévisionnel total € HT", 0, 250)))
    (mark,) = [cell for cell in book.worksheets[1][1] if str(cell.value or "").startswith("position")]
    mark.value = f"position {plan.running.service.log.head() + 1_000}"
    buffer = io.BytesIO()
    book.save(buffer)
    assert only(plan.bring_file(buffer.getvalue())).outcome == "conflict"
    assert plan.action("Recueillir")["budget"] == 999


STATUSES = {
    "À venir": "planned",
    "À discuter": "proposed",
    "En cours": "in_progress",
    "Réalisé": "done",
    "En pause": "paused",
    "Abandonné": "abandoned",
    "En retard": "in_progress",
    "Bloqué": "in_progress",
    None: "proposed",
}


def test_each_word_of_the_workbook_becomes_its_status_and_every_change_of_word_is_legal(plan: Plan) -> None:
    plan.bring(*({"Titre de l'action": f"Action {word}", "Statut": word} for word in STATUSES))
    assert [action["status"] for action in plan.actions()] == list(STATUSES.values())
    abandoned = plan.action("Action Abandonné")
    assert abandoned["status_reason"] == "repris de l’import"
    for last in STATUSES:
        rows = [{"Titre de l'action": f"Action {word}", "Statut": last} for word in STATUSES]
        report = plan.bring(*rows)
        assert report.errors == []
        assert {action["status"] for action in plan.actions()} == {STATUSES[last]}
        assert plan.bring(*rows).unchanged == len(STATUSES)


def test_late_leaves_a_note_and_blocked_an_obstacle_but_only_one(plan: Plan) -> None:
    rows = [{"Titre de l'action": word, "Statut": word} for word in ("En retard", "Bloqué")]
    report = plan.bring(*rows)
    assert [len(row.remarks) for row in report.rows] == [1, 1]
    notes = plan.running.get(f"/transformations/{plan.id}/notes").json()["items"]
    assert [note["subject"]["id"] for note in notes] == [plan.action("En retard")["id"]]
    plan.bring(*({**row, "Statut": "En cours"} for row in rows))
    plan.bring(*rows)
    obstacles = plan.running.get(f"/transformations/{plan.id}/obstacles").json()["items"]
    assert [obstacle["blocks"] for obstacle in obstacles] == [[{"kind": "action", "id": plan.action("Bloqué")["id"]}]]


def test_the_first_person_leads_and_unknown_people_enter_the_directory_once(plan: Plan) -> None:
    report = plan.bring(
        {**A, "Personne pilote": "Inès Faro, Karim Ode"}, {"Titre de l'action": "B", "Personne pilote": "inès  faro"}
    )
    assert report.new_people == ["Inès Faro", "Karim Ode"]
    first, second = plan.actions()
    assert first["lead"] == second["lead"]
    assert len(first["contributors"]) == 1
    rows = plan.running.service.database.all("SELECT has_account FROM people WHERE display_name = 'Inès Faro'")
    assert rows == [{"has_account": False}]


def test_homonyms_are_an_error_and_enter_nobody(plan: Plan) -> None:
    plan.running.person("Camille Dubois")
    plan.running.person("Camille Dubois")
    before = plan.running.service.database.one("SELECT count(*) AS n FROM people")
    with pytest.raises(RowsInError) as refused:
        plan.bring(
            {**A, "Personne pilote": "Nouvelle Venue"}, {"Titre de l'action": "B", "Personne pilote": "Camille Dubois"}
        )
    assert [error.code for error in refused.value.report.errors] == ["homonyms"]
    assert plan.running.service.database.one("SELECT count(*) AS n FROM people") == before


def test_funders_attributes_and_blank_levels_come_back_as_they_were(plan: Plan) -> None:
    levels = ["Axe (x)", "Sous-axe (x.x)", "Sous-sous axe (x.x.x)"]
    more = ["Action en amélioration continue", "Notes de suivi", "Colonne à nous"]
    funders = ["Financeur 1", "Montant € HT", "Financeur 2", "Montant € HT"]
    headings = [*levels, "Titre de l'action", *funders, *more]
    rows = [
        ["Un", None, "Profond", "A", None, 5, "Région", None, False, "Une note", "x"],
        [None, "Milieu", None, "B", None, None, "Ville", 12.5, None, None, None],
        [None, None, None, "C", "État", None, None, None, True, None, "y"],
    ]
    content = workbook_of(("Plan", [headings, *rows]))
    assert plan.bring_file(content).created == 3
    sheet = openpyxl.load_workbook(io.BytesIO(plan.export())).worksheets[1]
    found = {cell.value: cell.column for cell in reversed(sheet[2])}
    wanted = [*levels, "Titre de l’action", "Financeur 1", None, "Financeur 2", None, *more]
    columns = [found[name] if name else found[wanted[i - 1] or ""] + 1 for i, name in enumerate(wanted)]
    assert [[sheet.cell(4 + n, column).value for column in columns] for n in range(3)] == rows
    again = plan.bring_file(content)
    assert (again.changed, again.unchanged, again.new_axes, again.new_workstreams) == (0, 3, [], [])


def test_a_closed_axis_takes_no_action_more(plan: Plan) -> None:
    plan.bring({**A, "Axe (x)": "Un"})
    axis = plan.action("Recueillir")["axis_id"]
    assert plan.running.act(f"/axes/{axis}", "close").status_code == 200
    with pytest.raises(RowsInError) as refused:
        plan.bring({"Titre de l'action": "B", "Axe (x)": "Un"})
    assert [(error.code, error.cell) for error in refused.value.report.errors] == [("place_closed", "A3")]


def test_two_rows_for_one_action_are_refused(plan: Plan) -> None:
    plan.bring(A)
    plan.do("Recueillir", "revise", title="Écouter")
    with pytest.raises(RowsInError) as refused:
        plan.bring(A, {"Titre de l'action": "Écouter"})
    assert [error.code for error in refused.value.report.errors] == ["same_action"]


def test_two_actions_for_one_row_are_refused(plan: Plan) -> None:
    for _ in range(2):
        plan.running.post(f"/transformations/{plan.id}/actions", {"title": "Recueillir"})
    with pytest.raises(RowsInError) as refused:
        plan.bring(A)
    assert [error.code for error in refused.value.report.errors] == ["ambiguous_row"]


def test_parallel_imports_of_one_file_make_no_twins(plan: Plan) -> None:
    content = workbook_of(("Plan", plan_rows(A, {"Titre de l'action": "Choisir", "Personne pilote": "Zoé Unique"})))
    refused: list[BaseException] = []

    def bring() -> None:
        try:
            plan.bring_file(content)
        except ImportInProgress as busy:
            refused.append(busy)

    threads = [threading.Thread(target=bring) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [action["title"] for action in plan.actions()] == ["Recueillir", "Choisir"]
    people = plan.running.service.database.all("SELECT id FROM people WHERE display_name = 'Zoé Unique'")
    assert len(people) == 1


def test_a_row_key_is_claimed_with_its_action(plan: Plan) -> None:
    plan.bring(A)
    claim = f"import row:{plan.id}:{stamp_key(row_key((), 'Recueillir'))}"
    assert plan.running.service.database.one("SELECT 1 AS one FROM claims WHERE claim = %s", (claim,)) == {"one": 1}


def test_a_simulation_announces_what_applying_does(plan: Plan) -> None:
    rows = (
        {**A, "Axe (x)": "Un", "Sous-axe (x.x)": "Deux"},
        {
            "Titre de l'action": "Recueillir",
            "Axe (x)": "Un",
            "Sous-axe (x.x)": "Deux",
            "Titre de la sous-action": "Lire",
        },
    )
    said, done = plan.bring(*rows, apply=False), plan.bring(*rows)
    told = {"mode", "import_id", "position", "rows"}
    assert said.model_dump(exclude=told) == done.model_dump(exclude=told)
    assert [row.model_dump(exclude={"id", "ref"}) for row in said.rows] == [
        row.model_dump(exclude={"id", "ref"}) for row in done.rows
    ]
    assert plan.action("Lire")["parent_id"] == plan.action("Recueillir")["id"]


@pytest.mark.parametrize(
    "names", [("Dupont, Jean",), ("Jean  Dupont",), ("Awa; Keller", "Zoé Lenoir"), ("Li Wei", "Li Wei")], ids=str
)
def test_an_export_that_nobody_touched_changes_nothing(running: Running, names: tuple[str, ...]) -> None:
    """Whatever people are called, and however lines of their texts end."""
    plan = Plan(running)
    lead, *others = [running.person(name) for name in names]
    odd = "Une ligne\u2028puis une autre\x85et\r\nune dernière  "
    body = {"title": "Nommer", "lead": lead, "contributors": others, "description": odd}
    made = running.post(f"/transformations/{plan.id}/actions", body)
    assert made.status_code == 201, made.text
    head = running.service.log.head()
    report = plan.bring_file(plan.export())
    assert (report.created, report.changed, report.conflicts, report.errors) == (0, 0, 0, []), report
    people = running.service.database.one("SELECT count(*) AS n FROM people WHERE display_name = 'Dupont Jean'")
    assert people == {"n": 0}
    assert running.service.log.head() <= head + 1  # the import itself
