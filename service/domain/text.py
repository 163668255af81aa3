"""Personal text: every free text that may speak of people. Declared here, encrypted by the mapper of the store."""

from collections.abc import Iterator
from typing import Annotated, Any, get_args

from pydantic import BaseModel

ERASED_TEXT = "⟦texte effacé⟧"
"""What every view shows where a text was erased: its key is destroyed, its ciphertext stays."""


class Personal:
    """Marks a text that is stored as ciphertext, one random key per text."""

    def __repr__(self) -> str:
        return "Personal"


PersonalText = Annotated[str, Personal()]


def _is_personal(annotation: Any) -> bool:
    if any(isinstance(part, Personal) for part in getattr(annotation, "__metadata__", ())):
        return True
    return any(_is_personal(part) for part in get_args(annotation))


def personal_fields(model: type[BaseModel]) -> frozenset[str]:
    """The names of the fields of a model whose value (or whose items or values) are personal text."""
    cached = _cache.get(model)
    if cached is None:
        cached = _cache[model] = frozenset(
            name
            for name, field in model.model_fields.items()
            if any(isinstance(part, Personal) for part in field.metadata) or _is_personal(field.annotation)
        )
    return cached


_cache: dict[type[BaseModel], frozenset[str]] = {}


def texts_of(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """The texts of one personal field with their wire paths: `field`, `field.2` in a list, `field.label` in a map."""
    match value:
        case str():
            yield name, value
        case list() | tuple():
            for index, item in enumerate(value):
                yield from texts_of(f"{name}.{index}", item)
        case dict():
            for key, item in value.items():
                yield from texts_of(f"{name}.{key}", item)
        case _:
            return


def replace_texts(name: str, value: Any, texts: dict[str, Any]) -> Any:
    """The same value with each text replaced by `texts[path]`; the inverse walk of `texts_of`."""
    match value:
        case None:
            return None
        case str():
            return texts[name]
        case list() | tuple():
            return [replace_texts(f"{name}.{index}", item, texts) for index, item in enumerate(value)]
        case dict():
            return {key: replace_texts(f"{name}.{key}", item, texts) for key, item in value.items()}
        case _:
            return value
