"""Why a whole file is refused: one class per reason, its docstring is the sentence that the user reads.

    WorkbookRefused
    ├── NotAWorkbook          neither Excel nor CSV
    ├── OldExcelFormat        .xls of before 2007
    ├── OtherSpreadsheet      .ods, .xlsb, .numbers
    ├── PasswordProtected
    ├── EmptyWorkbook         nothing in it at all
    ├── FileTooLarge
    ├── CompressionBomb       tiny file, gigantic content
    ├── TooManyRows
    ├── TooManyColumns
    ├── TooManyCells
    ├── ForbiddenXml          DOCTYPE, entities
    ├── UnclosedQuote         a CSV cell without end
    ├── DamagedWorkbook
    ├── WrongHeadings         no sheet has the columns that we need
    └── NoRows                the columns are there, nothing under them

A mistake in one cell is not here: it is a `Problem`.
"""

from typing import ClassVar

from service.exchange.typography import say


class WorkbookRefused(Exception):
    """Ce fichier ne peut pas être importé."""

    code: ClassVar[str] = "workbook_refused"
    suggestion: ClassVar[str] = ""

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(self.message)

    @property
    def message(self) -> str:
        """The sentence of the class, with the facts of this file."""
        return say(" ".join((type(self).__doc__ or "").split()), **self.facts)

    @property
    def advice(self) -> str:
        """What the user can do about it."""
        return say(self.suggestion, **self.facts)


class NotAWorkbook(WorkbookRefused):
    """Ce fichier n'est ni un classeur Excel (.xlsx) ni un fichier CSV."""

    code = "not_a_workbook"
    suggestion = "Ouvrez le plan dans Excel ou LibreOffice et enregistrez-le en « Classeur Excel (.xlsx) »."


class OldExcelFormat(WorkbookRefused):
    """Ce classeur est à l'ancien format d'Excel (.xls, d'avant 2007)."""

    code = "old_excel_format"
    suggestion = "Dans Excel : Fichier, Enregistrer sous, « Classeur Excel (.xlsx) »."


class OtherSpreadsheet(WorkbookRefused):
    """Ce classeur est au format {format}, que l'import ne lit pas."""

    code = "other_spreadsheet"
    suggestion = "Enregistrez-le au format « Classeur Excel (.xlsx) »."


class PasswordProtected(WorkbookRefused):
    """Ce classeur est protégé par un mot de passe : il est chiffré et ne peut pas être lu."""

    code = "password_protected"
    suggestion = "Dans Excel : Fichier, Informations, Protéger le classeur : retirez le mot de passe."


class EmptyWorkbook(WorkbookRefused):
    """Ce fichier est vide : il ne contient aucune cellule remplie."""

    code = "empty_workbook"
    suggestion = "Vérifiez que vous avez choisi le bon fichier et qu'il a bien été enregistré."


class FileTooLarge(WorkbookRefused):
    """Ce fichier est trop lourd : {size} Mo, pour {limit} Mo admis."""

    code = "file_too_large"
    suggestion = "Retirez les images et les feuilles inutiles, ou importez le plan en plusieurs fichiers."


class CompressionBomb(WorkbookRefused):
    """Ce classeur est anormalement compressé : une fois ouvert, il dépasserait la taille admise ({limit}
    Mo).
    """

    code = "compression_bomb"
    suggestion = "Copiez les cellules utiles dans un classeur neuf et importez celui-ci."


class TooManyRows(WorkbookRefused):
    """La feuille « {sheet} » a trop de lignes : la limite est de {limit} lignes."""

    code = "too_many_rows"
    suggestion = "Supprimez les lignes inutiles, ou importez le plan en plusieurs fichiers."


class TooManyColumns(WorkbookRefused):
    """La feuille « {sheet} » a trop de colonnes : la limite est de {limit} colonnes."""

    code = "too_many_columns"
    suggestion = "Supprimez les cellules remplies à droite du tableau."


class TooManyCells(WorkbookRefused):
    """Ce classeur a trop de cellules : la limite est de {limit}, toutes feuilles comprises."""

    code = "too_many_cells"
    suggestion = "Supprimez les feuilles inutiles, ou importez le plan en plusieurs fichiers."


class ForbiddenXml(WorkbookRefused):
    """Ce classeur contient une déclaration interdite (DOCTYPE) qu'aucun tableur n'écrit."""

    code = "forbidden_xml"
    suggestion = "Copiez les cellules utiles dans un classeur neuf et importez celui-ci."


class UnclosedQuote(WorkbookRefused):
    """La ligne {row} de ce fichier CSV ouvre un guillemet droit que rien ne ferme : tout ce qui suit serait lu comme
    une seule cellule.
    """

    code = "unclosed_quote"
    suggestion = "Fermez ce guillemet, ou enregistrez le plan en « Classeur Excel (.xlsx) »."


class DamagedWorkbook(WorkbookRefused):
    """Ce classeur est endommagé : son contenu ne peut pas être lu."""

    code = "damaged_workbook"
    suggestion = "Ouvrez-le dans Excel, acceptez la réparation proposée, enregistrez-le et recommencez."


class WrongHeadings(WorkbookRefused):
    """Aucune feuille n'a les en-têtes attendus. Attendus : {expected}. Trouvés sur la feuille « {sheet} »
    : {found}.
    """

    code = "wrong_headings"
    suggestion = "Partez du modèle d'import : chaque colonne est reconnue par son titre, à toute place."


class NoRows(WorkbookRefused):
    """La feuille « {sheet} » a les bons en-têtes, mais aucune ligne à importer."""

    code = "no_rows"
    suggestion = "Remplissez au moins une ligne sous les en-têtes."
