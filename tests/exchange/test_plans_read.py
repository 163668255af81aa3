"""Whole plans: the table is found wherever it is, its rows are typed, and each problem points at its cell."""

import io
from datetime import datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
import xlsxwriter

from service.exchange.plan_columns import PLAN_COLUMNS, recognise
from service.exchange.plan_reader import PlanFile, read_plan
from service.exchange.problem import Findings, Problem, Severity
from service.exchange.refusal import NoRows, WrongHeadings
from service.exchange.wording import fold
from service.exchange.workbook import read_workbook
from tests.exchange.paper import HEADINGS, plan_of, plan_rows, workbook_of

ACTION = {"Titre de l'action": "Planter", "Axe (x)": "Axe 1"}
SUB_ACTION = {**ACTION, "Titre de la sous-action": "Creuser"}


def only_problem(plan: PlanFile) -> Problem:
    assert len(plan.problems) == 1, plan.problems
    return plan.problems[0]


# Headings


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("Titre de la fiche action", "action_title"),
        ("TITRE DE L’ACTION ", "action_title"),
        ("Elu.e referent.e", "elected_sponsors"),
        ("Élu(e) référent(e)", "elected_sponsors"),
        ("Participation Citoyenne", "participation"),
        ("Statut ", "status"),
        ("Budget prévisionnel total € HT", "budget"),
        ("Modalités", None),
    ],
)
def test_a_heading_is_recognised_whatever_its_case_accents_and_signs(heading: str, field: str | None) -> None:
    column = recognise([(1, heading)])[0].column
    assert (column.field if column else None) == field


def test_each_amount_belongs_to_the_funder_before_it() -> None:
    headings = ["Montant € HT", "Financeur 2", "Montant € HT", "Financeur 1", "Montant € HT", "Financeur 7"]
    found = recognise(enumerate([*headings, "Montant € HT"], start=1))
    assert [column.column.field if column.column else column.label for column in found] == [
        "Montant € HT (sans financeur)",
        "funder_2",
        "amount_2",
        "funder_1",
        "amount_1",
        "Financeur 7",
        "Montant € HT (Financeur 7)",
    ]


def test_no_two_columns_of_the_format_share_a_heading_but_the_amounts() -> None:
    others = [column for column in PLAN_COLUMNS if not column.field.startswith("amount_")]
    names = [(fold(name), column.field) for column in others for name in (column.title, *column.synonyms)]
    owners = dict(names)
    assert all(owners[name] == field for name, field in names)


def test_columns_are_found_by_heading_in_any_order_and_after_any_title_rows() -> None:
    rows: list[list[object]] = [
        ["Plan"],
        [],
        ["Service", "2025"],
        ["Statut", None, "Titre de l'action"],
        ["En cours", None, "Planter"],
    ]
    plan = read_plan(read_workbook(workbook_of(("S", rows))))
    assert plan.heading_row == 4
    assert [(row.action, row.cells["status"], row.number) for row in plan.rows] == [("Planter", "En cours", 5)]


def test_the_sheet_is_chosen_by_its_headings_and_the_visible_one_first() -> None:
    def hide(book: openpyxl.Workbook) -> None:
        book["Archive"].sheet_state = "hidden"

    old = plan_rows({**ACTION, "Statut": "Réalisé"})
    content = workbook_of(("Lisez-moi", [["Statut"]]), ("Archive", old), ("Nouveau", plan_rows(ACTION)), prepare=hide)
    plan = read_plan(read_workbook(content))
    assert plan.sheet == "Nouveau"
    assert plan.problems == ()


def test_a_second_plan_in_the_file_is_remarked_upon() -> None:
    plan = read_plan(read_workbook(workbook_of(("Un", plan_rows(ACTION)), ("Deux", plan_rows(ACTION)))))
    problem = only_problem(plan)
    assert (plan.sheet, problem.sheet, problem.code, problem.severity) == ("Un", "Deux", "other_plan_sheet", "warning")
    assert plan.errors == 0


def test_a_workbook_without_the_headings_is_told_what_was_expected_and_found() -> None:
    with pytest.raises(WrongHeadings) as caught:
        read_plan(read_workbook(workbook_of(("Budget", [["Poste", "Montant"], ["Eau", 12]]))))
    assert caught.value.message == (
        "Aucune feuille n’a les en-têtes attendus. Attendus\u202f: «\u202fTitre de l’action\u202f» et au moins "
        "une autre colonne du modèle. Trouvés sur la feuille «\u202fBudget\u202f»\u202f: Poste, Montant."
    )


def test_headings_without_rows_are_told_so() -> None:
    with pytest.raises(NoRows):
        read_plan(read_workbook(workbook_of(("S", plan_rows()))))


def test_a_repeated_heading_is_an_error_because_nobody_knows_which_one_counts() -> None:
    rows: list[list[object]] = [["Titre de l'action", "Statut", "STATUT"], ["Planter", "En cours", "Réalisé"]]
    plan = read_plan(read_workbook(workbook_of(("S", rows))))
    problem = only_problem(plan)
    assert (problem.code, problem.cell) == ("repeated_heading", "C1")
    assert plan.rows[0].cells["status"] == "En cours"


def test_unknown_columns_become_labelled_attributes_when_they_hold_something() -> None:
    rows: list[list[object]] = [
        ["Titre de l'action", "Statut", "Couleur", "Couleur", "Vide"],
        ["Planter", None, "vert", 12.5, None],
    ]
    plan = read_plan(read_workbook(workbook_of(("S", rows))))
    assert plan.rows[0].attributes == {"Couleur": "vert", "Couleur (2)": "12,5"}
    assert plan.attribute_labels == ("Couleur", "Couleur (2)", "Vide")
    assert plan.rows[0].comparable(plan.attribute_labels)["attribute:Vide"] is None


def test_a_repeated_attribute_is_numbered() -> None:
    rows: list[list[object]] = [["Titre de l'action", "Statut", "Notes", "notes"], ["Planter", None, "un", "deux"]]
    plan = read_plan(read_workbook(workbook_of(("S", rows))))
    assert plan.rows[0].attributes == {"Notes": "un", "Notes (2)": "deux"}
    assert plan.problems == ()


# Rows


def test_the_type_row_and_the_help_row_are_not_data_but_the_example_row_is() -> None:
    rows = plan_rows(
        {
            "Axe (x)": "Champ texte",
            "Titre de l'action": "Champ texte ",
            "Statut": "Champ liste déroulante \n(choix prédéfinis)",
        },
        {
            "Axe (x)": "Si vos axes sont numérotés, indiquez d'abord :\n- le numéro",
            "Titre de l'action": "Texte court de 300 caractères maximum, espaces compris.",
            "Notes de suivi": "Ce champ ne sera pas intégré lors de l'importation.",
        },
        {**ACTION, "Notes de suivi": "Ces informations devront être saisies directement sur la plateforme."},
    )
    plan = read_plan(read_workbook(workbook_of(("S", rows))))
    assert [(row.number, row.action, row.attributes) for row in plan.rows] == [(5, "Planter", {})]
    assert plan.problems == ()


def test_a_lone_word_under_the_headings_is_the_type_row() -> None:
    plan = read_plan(read_workbook(workbook_of(("S", plan_rows({"Axe (x)": "Données"}, ACTION)))))
    assert [row.number for row in plan.rows] == [4]


def test_a_type_row_that_a_sort_moved_down_is_still_not_data() -> None:
    typed = {"Axe (x)": "Champ texte", "Titre de l'action": "Champ texte", "Statut": "Champ liste déroulante"}
    assert [row.number for row in plan_of(ACTION, typed).rows] == [3]


def test_an_action_may_be_called_like_a_help_text() -> None:
    plan = plan_of({"Titre de l'action": "Saisissez votre chance", "Statut": "En cours"})
    assert [row.action for row in plan.rows] == ["Saisissez votre chance"]


def test_blank_rows_are_passed_over() -> None:
    assert [row.number for row in plan_of({}, ACTION, {"Axe (x)": "  "}, SUB_ACTION).rows] == [4, 6]


def test_a_merged_axis_counts_for_each_of_its_actions_and_makes_no_row_of_its_own() -> None:
    def merge(book: openpyxl.Workbook) -> None:
        book["Plan"].merge_cells("A3:A6")

    plan = plan_of(ACTION, {"Titre de l'action": "Semer"}, {}, {"Titre de l'action": "Tailler"}, prepare=merge)
    assert [(row.number, row.axis) for row in plan.rows] == [(3, "Axe 1"), (4, "Axe 1"), (6, "Axe 1")]
    assert plan.problems == ()


def test_a_merged_action_title_carries_its_sub_actions() -> None:
    def merge(book: openpyxl.Workbook) -> None:
        book["Plan"].merge_cells("C3:C4")

    plan = plan_of(SUB_ACTION, {"Axe (x)": "Axe 1", "Titre de la sous-action": "Arroser"}, prepare=merge)
    assert [(row.action, row.sub_action) for row in plan.rows] == [("Planter", "Creuser"), ("Planter", "Arroser")]


def test_every_kind_of_cell_is_typed() -> None:
    plan = plan_of(
        {
            **ACTION,
            "Sous-axe (x.x)": "1.1 Eau",
            "Personne pilote": "Marie PAUL, Pierre GWEN",
            "Financeur 1": "Région",
            "Montant € HT": "1 000,50 €",
            "Budget prévisionnel total € HT": 2400,
            "Statut": "à discuter",
            "Niveau de priorité": "Élevé",
            "Date de début": "2025-12-01",
            "Date de fin": 47727,
            "Action en amélioration continue": "VRAI",
            "Notes de suivi": 2024,
        }
    )
    row = plan.rows[0]
    assert row.cells == {
        "axis": "Axe 1",
        "sub_axis": "1.1 Eau",
        "people": ("Marie PAUL", "Pierre GWEN"),
        "funder_1": "Région",
        "amount_1": Decimal("1000.5"),
        "budget": Decimal(2400),
        "status": "À discuter",
        "priority": "Élevé",
        "start_on": datetime(2025, 12, 1).date(),
        "end_on": datetime(2030, 9, 1).date(),
        "continuous": True,
    }
    assert row.attributes == {"Notes de suivi": "2024"}
    assert row.labels["amount_1"] == "1 000,50 €"
    assert row.labels["end_on"] == "47727"
    assert (row.axis, row.workstreams, row.kind) == ("Axe 1", ("1.1 Eau",), "action")


def test_a_blank_cell_says_nothing_and_an_absent_column_is_not_there() -> None:
    cells = plan_of(ACTION).rows[0].cells
    assert cells["status"] is None
    assert cells["people"] == ()
    assert "sub_sub_axis" not in cells


def test_a_level_left_blank_is_skipped_and_no_level_at_all_is_no_axis() -> None:
    rows: list[list[object]] = [
        ["Axe (x)", "Sous-axe (x.x)", "Sous-sous axe (x.x.x)", "Titre de l'action"],
        ["A", None, "C", "Planter"],
    ]
    rows += [[None, None, None, "Semer"]]
    first, second = read_plan(read_workbook(workbook_of(("S", rows)))).rows
    assert (first.axis, first.workstreams, first.cells["sub_sub_axis"]) == ("A", ("C",), "C")
    assert (second.axis, second.workstreams) == (None, ())


# Identity


def test_identity_forgets_case_spaces_and_apostrophes_but_not_accents() -> None:
    def key(title: str, axis: str = "Axe 1") -> str:
        return plan_of({"Titre de l'action": title, "Axe (x)": axis}).rows[0].key

    assert key("L'été  des\nRetraités") == key("l’ÉTÉ des retraités ", "AXE 1")
    assert key("retraité") != key("retraite")
    assert key("Planter") != key("Planter", "Axe 2")


def test_an_action_a_sub_action_and_a_deeper_action_never_share_a_key() -> None:
    action, sub_action, deeper = plan_of(
        ACTION, SUB_ACTION, {"Axe (x)": "Axe 1", "Sous-axe (x.x)": "Planter", "Titre de l'action": "Creuser"}
    ).rows
    assert len({action.key, sub_action.key, deeper.key}) == 3
    assert sub_action.parent_key == action.key
    assert action.parent_key is None


def test_the_same_action_twice_names_both_rows() -> None:
    plan = plan_of(ACTION, SUB_ACTION, {**ACTION, "Titre de l'action": " planter"})
    problem = only_problem(plan)
    assert (problem.code, problem.row, problem.cell) == ("duplicate_row", 5, "C5")
    assert problem.message == "La même action est déjà à la ligne 3."
    assert "3 et 5" in problem.suggestion
    assert plan.invalid_rows == {5}
    assert [row.number for row in plan.valid_rows] == [3, 4]


def test_a_sub_action_needs_its_action_on_its_row_but_no_row_of_its_own_for_it() -> None:
    plan = plan_of(SUB_ACTION, {"Titre de la sous-action": "Orpheline"})
    problem = only_problem(plan)
    assert (problem.code, problem.row, problem.cell) == ("sub_action_without_parent", 4, "D4")
    assert [row.sub_action for row in plan.rows] == ["Creuser"]


def test_a_row_without_any_title_is_an_error_unless_it_only_names_an_axis() -> None:
    plan = plan_of(ACTION, {"Axe (x)": "Axe 2"}, {"Axe (x)": "Axe 2", "Statut": "En cours"})
    assert [(p.code, p.severity, p.row) for p in plan.problems] == [
        ("levels_only", "warning", 4),
        ("title_missing", "error", 5),
    ]


# Problems


@pytest.mark.parametrize(
    ("heading", "value", "cell", "code"),
    [
        ("Date de fin", "31/02/2025", "L3", "no_such_date"),
        ("Date de début", 2025, "K3", "year_alone"),
        ("Montant € HT", -5, "G3", "negative_amount"),
        ("Budget prévisionnel total € HT", "Entre 200 et 500", "H3", "not_a_number"),
        ("Budget prévisionnel total € HT", 10**13, "H3", "absurd_amount"),
        ("Statut", "En cour", "I3", "unknown_choice"),
        ("Niveau de priorité", "Suprême", "J3", "unknown_choice"),
        ("Action en amélioration continue", "peut-être", "M3", "not_a_boolean"),
        ("Notes de suivi", "=A1*2", "N3", "formula"),
        ("Titre de l'action", "=A1", "C3", "formula"),
        ("Titre de l'action", "x" * 1_001, "C3", "title_too_long"),
        ("Personne pilote", "Marie_x0007_PAUL", "E3", "control_character"),
    ],
)
def test_a_problem_points_at_its_cell_and_only_that_cell_is_left_out(
    heading: str, value: object, cell: str, code: str
) -> None:
    plan = plan_of({**ACTION, heading: value})
    problem = next(problem for problem in plan.problems if problem.severity == "error")
    assert (problem.sheet, problem.cell, problem.row, problem.code) == ("Plan", cell, 3, code)
    assert len([problem for problem in plan.problems if problem.severity == "error"]) == 1
    assert problem.column is not None
    assert fold(problem.column).startswith(fold(heading))
    assert plan.invalid_rows == {3}
    assert plan.valid_rows == ()


def test_a_cell_of_100_kilobytes_is_one_problem_with_80_characters_of_it() -> None:
    buffer = io.StringIO()
    buffer.write("Titre de l'action;Statut;Notes de suivi\nPlanter;En cours;" + "x" * 100_000 + "\n")
    problem = only_problem(read_plan(read_workbook(buffer.getvalue().encode())))
    assert (problem.code, problem.cell, len(problem.value)) == ("cell_too_long", "C2", 80)


def test_a_formula_is_named_with_its_cell_even_when_excel_kept_its_value() -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet("S")
        sheet.write_row(0, 0, ["Titre de l'action", "Budget"])
        sheet.write_string("A2", "Planter")
        sheet.write_formula("B2", "=SUM(C2:D2)", None, 12)
    problem = only_problem(read_plan(read_workbook(buffer.getvalue())))
    assert problem.message == "La cellule B2 contient une formule\u202f: «\u202f=SUM(C2:D2)\u202f»."


def test_an_error_shown_by_excel_is_a_problem() -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet("S")
        sheet.write_row(0, 0, ["Titre de l'action", "Budget"])
        sheet.write_string("A2", "Planter")
        sheet.write_formula("B2", "=C2", None, "#REF!")
    assert only_problem(read_plan(read_workbook(buffer.getvalue()))).code == "formula"


def test_formulas_outside_the_data_do_not_matter() -> None:
    def decorate(book: openpyxl.Workbook) -> None:
        book["Plan"]["A1"] = "=1+1"
        book["Plan"]["Z3"] = "=1+1"

    assert plan_of(ACTION, prepare=decorate).problems == ()


def test_an_action_does_not_end_before_it_starts() -> None:
    problem = only_problem(plan_of({**ACTION, "Date de début": "02/01/2025", "Date de fin": "01/01/2025"}))
    assert (problem.code, problem.cell) == ("end_before_start", "L3")
    assert problem.message == "La date de fin (01/01/2025) est avant la date de début (02/01/2025)."
    assert plan_of({**ACTION, "Date de début": "02/01/2025", "Date de fin": "02/01/2025"}).problems == ()


def test_an_amount_without_funder_and_a_very_long_title_are_only_remarks() -> None:
    plan = plan_of({**ACTION, "Montant € HT": 5}, {"Titre de l'action": "x" * 301})
    assert [(p.code, p.severity) for p in plan.problems] == [
        ("amount_without_funder", "warning"),
        ("title_long", "warning"),
    ]
    assert plan.errors == 0
    assert len(plan.valid_rows) == 2


def test_thousands_of_errors_are_all_counted_but_not_all_told() -> None:
    lines = "".join(f"Action {number};faux statut\n" for number in range(2_500))
    plan = read_plan(read_workbook(("Titre de l'action;Statut\n" + lines).encode()))
    assert (plan.errors, len(plan.problems), plan.omitted, len(plan.invalid_rows)) == (2_500, 2_000, 500, 2_500)


def test_every_sentence_of_a_problem_is_in_good_typography() -> None:
    plan = plan_of(
        {**ACTION, "Statut": "xyz", "Date de fin": "bientôt", "Montant € HT": "1,000", "Notes de suivi": "=A1"},
        {"Titre de la sous-action": "x"},
        {**ACTION, "Date de début": 2025, "Niveau de priorité": "haute"},
    )
    assert len(plan.problems) >= 7
    for problem in plan.problems:
        for text in (problem.message, problem.suggestion):
            assert text.endswith(".")
            assert "'" not in text
            assert not any(sign in text for sign in (" ;", " :", " !", " ?", "« ", " »"))


def test_a_csv_plan_is_read_like_a_workbook() -> None:
    content = ";".join(HEADINGS) + "\n" + "Axe 1;;Planter;;;;;;En cours;;01/12/2025;;oui;\n"
    row = read_plan(read_workbook(content.encode("cp1252"))).rows[0]
    assert (row.action, row.cells["status"], row.cells["continuous"]) == ("Planter", "En cours", True)
    assert row.cells["start_on"] == datetime(2025, 12, 1).date()


def test_many_warnings_push_no_error_out() -> None:
    found = Findings(kept=50)
    for n in range(120):
        found.add(problem_at(n, "warning"))
    for n in range(60):
        found.add(problem_at(n, "error"))
    assert [each.severity for each in found.problems] == ["warning"] * 50 + ["error"] * 50
    assert (found.errors, found.omitted, len(found.invalid_rows)) == (60, 80, 60)


def problem_at(row: int, severity: Severity) -> Problem:
    return Problem("Plan", f"A{row}", row, "Statut", "Presque", "unknown_choice", "Non.", "Oui.", severity)


def test_a_column_without_a_heading_is_told_once_and_stops_nothing() -> None:
    rows = [["Titre de l'action", "Statut", None], ["Une", None, "perdu ?"], ["Deux", None, "aussi"]]
    file = read_plan(read_workbook(workbook_of(("Plan", rows))))
    assert [(each.code, each.cell, each.severity) for each in file.problems] == [("untitled_column", "C2", "warning")]
    assert len(file.valid_rows) == 2


def test_a_plan_on_a_hidden_sheet_is_read_and_told() -> None:
    def hide(book: Any) -> None:
        book.create_sheet("Notes")
        book["Plan"].sheet_state = "hidden"

    file = read_plan(
        read_workbook(workbook_of(("Plan", [["Titre de l'action", "Statut"], ["Une", None]]), prepare=hide))
    )
    assert [(each.code, each.sheet, each.severity) for each in file.problems] == [("hidden_sheet", "Plan", "warning")]
    assert len(file.valid_rows) == 1


def test_the_headings_printed_again_on_a_later_page_are_no_action() -> None:
    again = {heading: heading.upper() for heading in HEADINGS}
    file = plan_of({"Titre de l'action": "Une"}, again, {"Titre de l'action": "Deux"})
    assert [row.title for row in file.rows] == ["Une", "Deux"]
    assert not file.problems
    # A lone word is an action like another, whatever it is called.
    assert plan_of({"Titre de l'action": "Titre de l'action"}).rows[0].title == "Titre de l'action"


@pytest.mark.parametrize("nothing", ["\u200b\u200b", "\u3164", "\u2800 \u00ad"], ids=ascii)
def test_a_text_of_which_nothing_can_be_seen_is_a_blank_cell(nothing: str) -> None:
    untitled = plan_of({"Titre de l'action": nothing, "Statut": "En cours"})
    assert [problem.code for problem in untitled.problems] == ["title_missing"]
    (row,) = plan_of({"Titre de l'action": "Une", "Axe (x)": nothing, "Personne pilote": f"{nothing}, Ana"}).rows
    assert (row.axis, row.cells["people"]) == (None, ("Ana",))


def test_a_long_cell_of_a_csv_is_told_at_its_place_however_long() -> None:
    content = f"Titre de l'action;Notes\nUne;{'x' * 1_000_000}\n"
    (problem,) = read_plan(read_workbook(content.encode())).problems
    assert (problem.code, problem.cell) == ("cell_too_long", "B2")
    assert "1\u202f000\u202f000 caractères" in problem.message
