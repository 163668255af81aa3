"""The refusals, drawn as a tree. A refusal is a rule that says no, with the facts that explain it and the way out.

    Refusal
    ├── NotFound       there is no such object (or none that you may see)
    ├── NotAllowed     your role does not permit this act
    ├── Conflict       a rule refuses, given what is recorded
    ├── StaleVersion   somebody changed the object since you read it
    └── Invalid        the request alone shows that it cannot be right

One subclass per refusal, beside its concept: its docstring is the English message, `FR` the French one, both with
`{fact}` places. The domain knows no HTTP: one table in `service.api` maps the five kinds to problem types.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar, Literal

from service.domain.words import french_date, french_figures, word

Language = Literal["fr", "en"]


class Refusal(Exception):
    """The act is refused."""

    FR: ClassVar[str] = "L’acte est refusé."
    code: ClassVar[str] = "refusal"
    retry_after: ClassVar[int | None] = None
    """Seconds after which the very same request may do better."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.code = re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()

    def __init__(self, **facts: Any) -> None:
        self.facts = facts
        super().__init__(self.message("en"))

    def message(self, language: Language = "fr") -> str:
        """The sentence for people, in French or in English."""
        return self.sentence(language, self.facts)

    def sentence(self, language: Language, facts: Mapping[str, Any]) -> str:
        """The message with these facts in their places; dates and wire words are put in that language."""
        template = self.FR if language == "fr" else " ".join((type(self).__doc__ or "").split())
        return template.format_map({name: _spell(value, language) for name, value in facts.items()})


def _spell(value: Any, language: Language) -> str:
    match value:
        case None:
            return "—"
        case date() if language == "fr":
            return french_date(value)
        case int() if language == "fr" and not isinstance(value, bool):
            return french_figures(value)
        case str():
            return word(value) if language == "fr" else value.replace("_", " ")
        case list() | tuple() | set() | frozenset():
            return ", ".join(sorted(_spell(item, language) for item in value))
        case _:
            return str(value)


class NotFound(Refusal):
    """There is no {what} {id} here."""

    FR = "Introuvable ici\u202f: {what} {id}."


class NotAllowed(Refusal):
    """Your role ({role}) does not permit this act ({act}); it takes: {needed}."""

    FR = "Votre rôle ({role}) ne permet pas cet acte ({act})\u202f; il faut\u202f: {needed}."


class Conflict(Refusal):
    """A rule refuses the act."""

    FR = "Une règle refuse l’acte."


class StaleVersion(Refusal):
    """The object was changed since you read it: you hold version {held}, it is now at version {current}.
    Read it again, then repeat your act."""

    FR = (
        "L’objet a été modifié depuis votre lecture\u202f: vous avez la version {held}, "
        "il en est à la version {current}. Relisez-le, puis recommencez."
    )


class Invalid(Refusal):
    """The request cannot be right."""

    FR = "La demande ne peut pas être juste."

    pointer: str = ""
    """Where in the sent body (RFC 6901), when one place is to blame."""

    def __init__(self, *, pointer: str = "", **facts: Any) -> None:
        self.pointer = pointer
        super().__init__(**facts)
