"""The documents that are made from the code: the catalogue of events and the list of settings."""

from pathlib import Path

from service.domain.all_concepts import ALL_CONCEPTS
from service.domain.event import Event, Revision
from service.domain.text import personal_fields
from service.domain.words import word
from service.settings import Settings

DOCS = Path(__file__).parents[2] / "docs"


def event_catalogue() -> str:
    """Every event name, its meaning and its fields; personal texts are marked."""
    lines = [
        "# Le catalogue des événements",
        "",
        "Écrit à partir du code par `scripts/document`. Les noms d’événements ne changent jamais\u202f; "
        "un champ suivi de ✶ est un texte personnel, conservé chiffré\u202f; un événement suivi de Δ ne porte que les "
        "champs qui ont changé.",
    ]
    for concept in ALL_CONCEPTS:
        letter = f" — {concept.letter}" if concept.letter else ""
        lines += [
            "",
            f"## {word(concept.name)} (`{concept.name}`{letter})",
            "",
            "| événement | v | ce qu’il dit | champs |",
            "|---|---|---|---|",
        ]
        for kind in (*concept.events, concept.corrected, concept.withdrawn):
            lines.append(_row(kind))
    return "\n".join(lines) + "\n"


def _row(kind: type[Event]) -> str:
    personal = personal_fields(kind)
    fields = ", ".join(f"`{name}`{'✶' if name in personal else ''}" for name in kind.model_fields) or "—"
    delta = " Δ" if issubclass(kind, Revision) else ""
    said = " ".join((kind.__doc__ or "").split())
    return f"| `{kind.TOPIC}`{delta} | {kind.VERSION} | {said} | {fields} |"


def settings_list() -> str:
    """Every environment variable, what it does and its default."""
    lines = [
        "# Les réglages",
        "",
        "Écrit à partir du code par `scripts/document`.",
        "",
        "| variable | ce qu’elle règle | par défaut |",
        "|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        default = (
            "selon l’utilisateur" if field.default_factory else ("—" if field.default is None else f"`{field.default}`")
        )
        lines.append(f"| `TRAJECTOIRE_{name.upper()}` | {field.description} | {default} |")
    return "\n".join(lines) + "\n"


DOCUMENTS = {"events.md": event_catalogue, "settings.md": settings_list}

if __name__ == "__main__":
    for name, make in DOCUMENTS.items():
        (DOCS / name).write_text(make())
