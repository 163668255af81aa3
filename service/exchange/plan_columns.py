"""The columns of the plan workbook, one table: what each is called here, in the files, and how its cells are
read.

Columns are found by their heading and never by their position; the order below is the order of our own
export.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from service.domain.words import french
from service.exchange.choices import PARTICIPATIONS, PRIORITIES, STATUSES, Choice
from service.exchange.wording import fold

Kind = Literal["text", "people", "money", "date", "boolean", "choice", "attribute", "row_id"]
"""`people` is a list of names; `attribute` has no concept of its own and is kept as text under its label."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the format. `heading` is what our export writes; `synonyms` are folded when compared."""

    field: str
    title: str
    kind: Kind
    group: str
    synonyms: tuple[str, ...] = ()
    width: int = 28
    choice: Choice | None = None
    listed: tuple[str, ...] = ()
    """The words of its drop-down, when it has one."""

    @property
    def heading(self) -> str:
        """The heading in good typography."""
        return french(self.title)


_ACTION = "Présentation de l'action"
_GOALS = "Objectifs et indicateurs"
_ACTORS = "Acteurs"
_MEANS = "Modalités de mise en œuvre"
_LINKS = "Liens et suivi"
_AMOUNT = "Montant € HT"

AXIS, SUB_AXIS, SUB_SUB_AXIS = "axis", "sub_axis", "sub_sub_axis"
ACTION_TITLE, SUB_ACTION_TITLE = "action_title", "sub_action_title"
ROW_ID = "row_id"
TITLES = (AXIS, SUB_AXIS, SUB_SUB_AXIS, ACTION_TITLE, SUB_ACTION_TITLE)
FUNDERS = ("funder_1", "funder_2", "funder_3")
AMOUNTS = ("amount_1", "amount_2", "amount_3")

PLAN_COLUMNS: tuple[Column, ...] = (
    Column(AXIS, "Axe (x)", "text", _ACTION, ("axe", "axe stratégique")),
    Column(SUB_AXIS, "Sous-axe (x.x)", "text", _ACTION, ("sous-axe", "chantier")),
    Column(SUB_SUB_AXIS, "Sous-sous axe (x.x.x)", "text", _ACTION, ("sous-sous-axe", "sous-sous axe")),
    Column(
        ACTION_TITLE,
        "Titre de l'action",
        "text",
        _ACTION,
        (
            "titre de la fiche action",
            "titre de la fiche-action",
            "intitulé de l'action",
            "action",
            "fiche action",
        ),
        48,
    ),
    Column(
        SUB_ACTION_TITLE,
        "Titre de la sous-action",
        "text",
        _ACTION,
        ("sous-action", "intitulé de la sous-action"),
        36,
    ),
    Column("description", "Descriptif", "text", _ACTION, ("description",), 60),
    Column("governance", "Instances de gouvernance", "text", _GOALS, ("instance de gouvernance",)),
    Column("expected_result", "Objectifs", "text", _GOALS, ("objectif",), 56),
    Column("linked_indicators", "Indicateurs liés", "attribute", _GOALS),
    Column("lead_structures", "Structure pilote", "attribute", _ACTORS, ("structures pilotes",)),
    Column("means", "Moyens humains et techniques", "attribute", _ACTORS),
    Column("partners", "Partenaires", "attribute", _ACTORS, ("partenaire",)),
    Column(
        "lead_services",
        "Direction ou service pilote",
        "attribute",
        _ACTORS,
        ("directions ou services pilotes",),
    ),
    Column("people", "Personne pilote", "people", _ACTORS, ("personnes pilotes", "pilote", "pilotes"), 36),
    Column(
        "elected_sponsors",
        "Élu·e référent·e",
        "attribute",
        _ACTORS,
        ("élu référent", "élu(e) référent(e)", "élue référente"),
    ),
    Column("participation", "Participation citoyenne", "attribute", _ACTORS, listed=PARTICIPATIONS),
    Column("financing", "Financements", "attribute", _MEANS, ("financement",)),
    Column(FUNDERS[0], "Financeur 1", "text", _MEANS, ("financeur",)),
    Column(AMOUNTS[0], _AMOUNT, "money", _MEANS, width=16),
    Column(FUNDERS[1], "Financeur 2", "text", _MEANS),
    Column(AMOUNTS[1], _AMOUNT, "money", _MEANS, width=16),
    Column(FUNDERS[2], "Financeur 3", "text", _MEANS),
    Column(AMOUNTS[2], _AMOUNT, "money", _MEANS, width=16),
    Column(
        "budget",
        "Budget prévisionnel total € HT",
        "money",
        _MEANS,
        ("budget prévisionnel total", "budget prévisionnel", "budget total", "budget"),
        20,
    ),
    Column("status", "Statut", "choice", _MEANS, ("état",), 16, STATUSES, STATUSES.words),
    Column("priority", "Niveau de priorité", "choice", _MEANS, ("priorité",), 16, PRIORITIES, PRIORITIES.words),
    Column("start_on", "Date de début", "date", _MEANS, ("début", "date début"), 14),
    Column("end_on", "Date de fin", "date", _MEANS, ("fin", "date fin", "échéance"), 14),
    Column(
        "continuous",
        "Action en amélioration continue",
        "boolean",
        _MEANS,
        ("amélioration continue",),
        18,
        listed=("VRAI", "FAUX"),
    ),
    Column("calendar", "Calendrier", "attribute", _MEANS),
    Column("linked_measures", "Mesures liées", "attribute", _LINKS),
    Column("linked_actions", "Actions liées", "attribute", _LINKS),
    Column("linked_plans", "Fiches des plans liées", "attribute", _LINKS),
    Column("follow_up", "Notes de suivi", "attribute", _LINKS),
    Column("steps", "Étapes de la fiche action", "attribute", _LINKS),
    Column("notes", "Notes", "attribute", _LINKS),
    Column("more_notes", "Notes complémentaires", "attribute", _LINKS),
    Column("documents", "Documents et liens", "attribute", _LINKS),
)

ID_COLUMN = Column(ROW_ID, "Identifiant (ne pas modifier)", "row_id", "", ("identifiant trajectoire",), 40)
"""Hidden, the last of our export: what lets a re-import find each row again, even renamed or moved."""

_BY_HEADING = {
    fold(name): column
    for column in (*PLAN_COLUMNS, ID_COLUMN)
    if column.field not in AMOUNTS
    for name in (column.title, *column.synonyms)
}
_AMOUNT_HEADINGS = frozenset(
    fold(name) for name in (_AMOUNT, "Montant", "Montant HT", "Montant en € HT", "Montant (€ HT)")
)
_COLUMNS = {column.field: column for column in (*PLAN_COLUMNS, ID_COLUMN)}
REQUIRED = (_COLUMNS[ACTION_TITLE],)
ATTRIBUTE_HEADINGS = frozenset(column.heading for column in PLAN_COLUMNS if column.kind == "attribute")


@dataclass(frozen=True, slots=True)
class FoundColumn:
    """A column of a file: `position` from 1, `label` as its problems and attributes name it, `column` if
    we know it.
    """

    position: int
    label: str
    column: Column | None = None
    repeated: bool = False
    """A second column with the heading of a known one: it cannot be read."""

    @property
    def kind(self) -> Kind:
        """Unknown headings are labelled attributes."""
        return self.column.kind if self.column else "attribute"


def recognise(headings: Iterable[tuple[int, str]]) -> tuple[FoundColumn, ...]:
    """What each heading (position, text) of a row means, from left to right.

    A « Montant € HT » belongs to the « Financeur n » before it. A label that comes twice is numbered.
    """
    found: list[FoundColumn] = []
    fields: set[str] = set()
    labels: set[str] = set()
    funder: str | None = None
    for position, text in headings:
        folded = fold(text)
        label = " ".join(text.split())
        column = _BY_HEADING.get(folded)
        if folded in _AMOUNT_HEADINGS:
            if funder is not None and funder in FUNDERS:
                column = _COLUMNS[AMOUNTS[FUNDERS.index(funder)]]
                label = f"{label} ({_COLUMNS[funder].heading})"
            else:
                label = f"{label} ({funder or 'sans financeur'})"
        elif column is not None:
            label = column.heading
        if folded.startswith("financeur"):
            funder = column.field if column else label
        repeated = column is not None and column.field in fields
        if column is not None:
            fields.add(column.field)
        if repeated and column is not None and column.kind == "attribute":
            column, repeated = None, False
        found.append(FoundColumn(position, _numbered(label, labels), column, repeated))
    return tuple(found)


def _numbered(label: str, labels: set[str]) -> str:
    number, candidate = 2, label
    while candidate in labels:
        candidate, number = f"{label} ({number})", number + 1
    labels.add(candidate)
    return candidate
