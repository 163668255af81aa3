"""How an object is shown: its state, its spoken reference, and what is derived at the clock of the read."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, create_model

from service.domain.concept import Concept, State

NOT_SHOWN = frozenset({"row"})


class Said(BaseModel):
    """A warning: the act is done, and this deserves a second look."""

    code: str
    detail: str


class Recorded(BaseModel):
    """An act in short: what is answered where reads are not waited for (`Prefer: respond-async`, or when they lag
    behind), and to who may do the act without seeing the object."""

    model_config = ConfigDict(extra="forbid")
    id: UUID
    ref: str | None = Field(description="La référence qui se dit, si l’objet en a une.")
    version: int
    position: int = Field(description="La position dans le journal\u202f: l’acte se voit à partir d’elle.")


def representation(concept: Concept[Any], **derived: Any) -> type[BaseModel]:
    """The schema of an object as the API shows it: the fields of its state and the derived ones."""
    fields: dict[str, Any] = {
        name: (field.annotation, field)
        for name, field in concept.state.model_fields.items()
        if name not in NOT_SHOWN and name != "ref"
    }
    if concept.letter:
        fields["ref"] = (str, Field(description="La référence qui se dit, unique dans la transformation."))
    for name, (kind, description) in derived.items():
        fields[name] = (kind, Field(description=description))
    fields["people"] = (dict[str, str], Field(description="Les noms des personnes citées, par identifiant."))
    fields["warnings"] = (
        list[Said] | None,
        Field(None, description="Réponses d’écriture\u202f: à regarder de plus près."),
    )
    fields["incomplete"] = (
        bool | None,
        Field(None, description="Vrai tant qu’un événement de cet objet n’a pas pu être pris en compte."),
    )
    name = concept.name.title().replace("_", "")
    return create_model(
        name, __config__=ConfigDict(extra="forbid"), __doc__=(concept.state.__doc__ or "").strip(), **fields
    )


def shown(concept: Concept[Any], state: State, derived: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The object as `representation` describes it; names of people and warnings are added at the door."""
    data = state.model_dump(exclude=set(NOT_SHOWN))
    if concept.letter:
        data["ref"] = concept.reference(state)
    else:
        del data["ref"]
    return {**data, **(derived or {})}


def veiled(state: State, hidden: Callable[[Iterable[UUID | None]], set[UUID]], *names: str) -> dict[str, None]:
    """Null for those of these fields that name an object which `hidden` says is not for this reader."""
    found = hidden([getattr(state, name) for name in names])
    return {name: None for name in names if getattr(state, name) in found}
