"""A request that does not fit its schema as a problem document: every place that is wrong, nothing of what was sent."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response

from service.api.language import language_of
from service.api.problems import BodyNotJson, on_refusal, problem

SHOWN = 120
"""A field's name that is longer is not repeated; its parent is named instead."""


async def on_validation(request: Request, exc: Exception) -> Response:
    """422 with `errors`; 400 where the body is not even JSON."""
    if not isinstance(exc, RequestValidationError):
        raise exc
    raw = exc.errors()
    if any(error["type"] == "json_invalid" for error in raw):
        return await on_refusal(request, BodyNotJson())
    french = language_of(request) == "fr"
    errors = []
    for error in raw:
        where, *path = error["loc"] or ("body",)
        detail = _french(error) if french else _english(error)
        if where == "body":
            place = _place(path, exc.body, error["type"] == "missing")
        else:
            place = {"parameter": ".".join(map(str, path))[:SHOWN]}
        errors.append({**place, "code": str(error["type"]).replace("_", "-"), "detail": detail})
    return problem(request, 422, errors=errors)


def _place(path: Sequence[int | str], sent: Any, missing: bool) -> dict[str, str]:
    """The pointer into the body as it was sent (RFC 6901), and the name of a field that it lacks there.

    Parts of pydantic's path that are not in the body are tags of unions and of keys: they are left out.
    """
    at, parts = sent, []
    for part in path:
        if isinstance(at, dict) and isinstance(part, str) and part in at:
            if len(part) > SHOWN or not part.isprintable():
                break
            parts.append(part.replace("~", "~0").replace("/", "~1"))
        elif isinstance(at, list) and isinstance(part, int) and 0 <= part < len(at):
            parts.append(str(part))
        else:
            continue
        at = at[part]
    pointer = "".join(f"/{part}" for part in parts)
    return {"pointer": pointer, "field": str(path[-1])} if missing and path else {"pointer": pointer}


DETAILS: Mapping[str, tuple[str, str]] = {
    "missing": ("ce champ est obligatoire", "this field is required"),
    "extra_forbidden": ("ce champ n’existe pas ici", "there is no such field here"),
    "string_too_short": ("texte trop court", "the text is too short"),
    "string_too_long": ("texte trop long", "the text is too long"),
    "string_type": ("un texte est attendu", "a text is expected"),
    "string_pattern_mismatch": ("ce texte n’a pas la forme attendue", "the text does not have the expected form"),
    "enum": ("valeur non admise", "this value is not allowed"),
    "literal_error": ("valeur non admise", "this value is not allowed"),
    "uuid_parsing": ("un identifiant UUID est attendu", "a UUID is expected"),
    "uuid_type": ("un identifiant UUID est attendu", "a UUID is expected"),
    "date_from_datetime_parsing": ("une date AAAA-MM-JJ est attendue", "a date YYYY-MM-DD is expected"),
    "date_from_datetime_inexact": ("une date AAAA-MM-JJ est attendue", "a date YYYY-MM-DD is expected"),
    "date_parsing": ("une date AAAA-MM-JJ est attendue", "a date YYYY-MM-DD is expected"),
    "date_type": ("une date AAAA-MM-JJ est attendue", "a date YYYY-MM-DD is expected"),
    "datetime_from_date_parsing": (
        "un instant RFC 3339 avec décalage est attendu",
        "an RFC 3339 instant with offset is expected",
    ),
    "datetime_parsing": (
        "un instant RFC 3339 avec décalage est attendu",
        "an RFC 3339 instant with offset is expected",
    ),
    "instant_beyond_calendar": ("cet instant est hors du calendrier", "this instant lies outside of the calendar"),
    "timezone_aware": (
        "un instant RFC 3339 avec décalage est attendu",
        "an RFC 3339 instant with offset is expected",
    ),
    "int_parsing": ("un nombre entier est attendu", "a whole number is expected"),
    "int_type": ("un nombre entier est attendu", "a whole number is expected"),
    "int_from_float": ("un nombre entier est attendu", "a whole number is expected"),
    "decimal_parsing": ("un nombre est attendu", "a number is expected"),
    "decimal_type": ("un nombre est attendu", "a number is expected"),
    "not_text": (
        "caractères de contrôle et demi-codets isolés ne sont pas du texte",
        "control characters and lone surrogates are not text",
    ),
    "nothing_seen": ("rien ne se voit de ce texte", "nothing of this text can be seen"),
    "given_twice": ("ce champ est donné deux fois", "this field is given twice"),
    "too_deep": ("imbriqué trop profondément", "nested too deeply"),
    "number_not_exact": ("15 chiffres significatifs au plus", "15 significant digits at most"),
    "finite_number": ("un nombre fini est attendu", "a finite number is expected"),
    "bool_parsing": ("true ou false est attendu", "true or false is expected"),
    "bool_type": ("true ou false est attendu", "true or false is expected"),
    "greater_than_equal": ("valeur trop petite", "the value is too small"),
    "greater_than": ("valeur trop petite", "the value is too small"),
    "less_than_equal": ("valeur trop grande", "the value is too large"),
    "less_than": ("valeur trop grande", "the value is too large"),
    "model_attributes_type": ("un objet JSON est attendu", "a JSON object is expected"),
    "model_type": ("un objet JSON est attendu", "a JSON object is expected"),
    "dict_type": ("un objet JSON est attendu", "a JSON object is expected"),
    "list_type": ("une liste est attendue", "a list is expected"),
    "tuple_type": ("une liste est attendue", "a list is expected"),
    "too_long": ("trop d’éléments", "too many items"),
    "too_short": ("trop peu d’éléments", "too few items"),
}


def _french(error: Mapping[str, Any]) -> str:
    kind = str(error["type"])
    sentence = DETAILS.get(kind, ("valeur non valable", ""))[0]
    if kind == "missing":
        if error["loc"] == ("body",):
            return "un corps JSON est attendu"
        return f"le champ «\u202f{error['loc'][-1]}\u202f» est obligatoire"
    expected = (error.get("ctx") or {}).get("expected")
    return f"{sentence}\u202f; attendu\u202f: {str(expected).replace(' or ', ' ou ')}" if expected else sentence


def _english(error: Mapping[str, Any]) -> str:
    kind = str(error["type"])
    sentence = DETAILS.get(kind, ("", "this value is not valid"))[1]
    if kind == "missing":
        if error["loc"] == ("body",):
            return "a JSON body is expected"
        return f"the field “{error['loc'][-1]}” is required"
    expected = (error.get("ctx") or {}).get("expected")
    return f"{sentence}; expected: {expected}" if expected else sentence
