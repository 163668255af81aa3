"""Refusals and errors as RFC 9457 problem documents. One table maps the kinds of refusal to statuses."""

from collections.abc import Mapping
from typing import Any

import orjson
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from service.api.language import language_of
from service.domain.refusal import Conflict, Invalid, Language, NotAllowed, NotFound, Refusal, StaleVersion

log = structlog.get_logger()
BASE = "/api/v1/problems/"
MEDIA_TYPE = "application/problem+json"


class Unauthenticated(Refusal):
    """An API key is needed: send it as « Authorization: Bearer trj_… ». This one is missing, unknown, expired or revoked."""

    FR = (
        "Une clé d’API est nécessaire\u202f: envoyez-la dans «\u202fAuthorization: Bearer trj_…\u202f». "
        "Celle-ci manque, est inconnue, expirée ou révoquée."
    )


class PreconditionRequired(Refusal):
    """This act needs the header If-Match with the ETag of the object as you read it."""

    FR = "Cet acte demande l’en-tête If-Match avec l’ETag de l’objet tel que vous l’avez lu."


class Malformed(Refusal):
    """The request cannot be read: {problem}."""

    FR = "La demande est illisible\u202f: {problem}."


class IdempotencyKeyMissing(Malformed):
    """This request needs the header Idempotency-Key, so that it can be repeated without being done twice."""

    FR = "Cette demande exige l’en-tête Idempotency-Key, pour pouvoir être répétée sans être faite deux fois."


class UnsupportedMediaType(Refusal):
    """The body must be sent as {expected}."""

    FR = "Le corps doit être envoyé en {expected}."


STATUSES: Mapping[type[Refusal], int] = {
    Malformed: 400,
    Unauthenticated: 401,
    NotAllowed: 403,
    NotFound: 404,
    Conflict: 409,
    StaleVersion: 412,
    UnsupportedMediaType: 415,
    Invalid: 422,
    PreconditionRequired: 428,
}

HTTP_TITLES: Mapping[int, tuple[str, str, str]] = {
    400: ("malformed", "Demande illisible", "Malformed request"),
    401: ("unauthenticated", "Authentification nécessaire", "Authentication needed"),
    403: ("not-allowed", "Acte non permis", "Not allowed"),
    404: ("not-found", "Introuvable", "Not found"),
    405: ("method-not-allowed", "Méthode non admise", "Method not allowed"),
    409: ("conflict", "Une règle refuse l’acte", "A rule refuses the act"),
    412: ("stale-version", "Version dépassée", "Stale version"),
    413: ("too-large", "Demande trop volumineuse", "Request too large"),
    415: ("unsupported-media-type", "Type de contenu non admis", "Unsupported media type"),
    422: ("invalid", "Demande non valable", "Invalid request"),
    428: ("precondition-required", "If-Match nécessaire", "If-Match needed"),
    500: ("internal-error", "Erreur interne", "Internal error"),
    503: ("unavailable", "Service indisponible", "Service unavailable"),
}


class FieldError(BaseModel):
    """One thing that is wrong in the request: where (`pointer` in the body, or `parameter`), its code and a sentence."""

    pointer: str | None = None
    parameter: str | None = None
    code: str
    detail: str


class Problem(BaseModel):
    """An error as RFC 9457 describes it. `code` and `type` are stable; `facts` explain a refusal."""

    type: str
    title: str
    status: int
    detail: str
    instance: str = Field(description="The id of the request (X-Request-ID).")
    code: str
    facts: dict[str, Any] | None = None
    errors: list[FieldError] | None = None


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI description of problem answers with these statuses."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": HTTP_TITLES[status][2], "content": content} for status in statuses}


READS: dict[str, Any] = {"responses": responses(400, 401, 403, 404, 422)}
"""The answers of a read, for a route's decorator."""
CREATES: dict[str, Any] = {"status_code": 201, "responses": responses(400, 401, 403, 404, 409, 412, 413, 415, 422)}
"""The answers of a creation."""
ACTS: dict[str, Any] = {"responses": responses(400, 401, 403, 404, 409, 412, 413, 415, 422, 428)}
"""The answers of an act."""


def status_of(refusal: Refusal) -> int:
    """The HTTP status of a refusal: that of the nearest kind in its family tree."""
    for kind in type(refusal).__mro__:
        if kind in STATUSES:
            return STATUSES[kind]
    return 409


def problem(
    request: Request,
    status: int,
    *,
    code: str | None = None,
    detail: str | None = None,
    facts: Mapping[str, Any] | None = None,
    errors: list[dict[str, Any]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A problem document as an answer."""
    language = language_of(request)
    default, french, english = HTTP_TITLES.get(status, ("error", "Erreur", "Error"))
    title = french if language == "fr" else english
    code = code or default
    body: dict[str, Any] = {
        "type": BASE + code,
        "title": title,
        "status": status,
        "detail": detail or title,
        "instance": request.scope.get("request_id", ""),
        "code": code,
    }
    if facts:
        body["facts"] = facts
    if errors:
        body["errors"] = errors
    content = orjson.dumps(body, default=_plain, option=orjson.OPT_NON_STR_KEYS)
    answer = Response(content, status, media_type=MEDIA_TYPE, headers=dict(headers or {}))
    answer.headers["Content-Language"] = language
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _plain(value: Any) -> Any:
    return sorted(map(str, value)) if isinstance(value, set | frozenset) else str(value)


async def on_refusal(request: Request, exc: Exception) -> Response:
    """A rule said no."""
    if not isinstance(exc, Refusal):
        raise exc
    status = status_of(exc)
    language: Language = language_of(request)
    message = exc.message(language)
    headers: dict[str, str] = {}
    if status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="trajectoire"'
    if etag := exc.facts.get("etag"):
        headers["ETag"] = str(etag)
    errors = None
    if isinstance(exc, Invalid):
        errors = [{**_place(exc.pointer), "code": exc.code, "detail": message}] if exc.pointer else None
    facts = {name: value for name, value in exc.facts.items() if name != "etag"}
    return problem(request, status, code=exc.code, detail=message, facts=facts, errors=errors, headers=headers)


def _place(pointer: str) -> dict[str, str]:
    return {"pointer": pointer} if pointer.startswith("/") else {"parameter": pointer}


async def on_validation(request: Request, exc: Exception) -> Response:
    """The request does not fit its schema: every place that is wrong is named; nothing that was sent is echoed."""
    if not isinstance(exc, RequestValidationError):
        raise exc
    raw = exc.errors()
    if any(error["type"] == "json_invalid" for error in raw):
        return problem(request, 400)
    language = language_of(request)
    errors = []
    for error in raw:
        where, *path = error["loc"] or ("body",)
        detail = _french(error) if language == "fr" else str(error["msg"])
        if where == "body":
            place = {"pointer": "".join(f"/{_escape(part)}" for part in _body_path(path))}
        else:
            place = {"parameter": ".".join(map(str, path))}
        errors.append({**place, "code": str(error["type"]).replace("_", "-"), "detail": detail})
    return problem(request, 422, errors=errors)


def _body_path(path: list[Any]) -> list[str]:
    # Parts that are not keys of the sent body are tags that pydantic adds for unions and keys of mappings.
    return [str(part) for part in path if isinstance(part, int) or str(part).isidentifier() or "-" in str(part)]


def _escape(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")


FRENCH_DETAILS: Mapping[str, str] = {
    "missing": "ce champ est obligatoire",
    "extra_forbidden": "ce champ n’existe pas ici",
    "string_too_short": "texte trop court",
    "string_too_long": "texte trop long",
    "string_type": "un texte est attendu",
    "enum": "valeur non admise",
    "literal_error": "valeur non admise",
    "uuid_parsing": "un identifiant UUID est attendu",
    "uuid_type": "un identifiant UUID est attendu",
    "date_from_datetime_parsing": "une date AAAA-MM-JJ est attendue",
    "date_parsing": "une date AAAA-MM-JJ est attendue",
    "date_type": "une date AAAA-MM-JJ est attendue",
    "datetime_from_date_parsing": "un instant RFC 3339 avec décalage est attendu",
    "timezone_aware": "un instant RFC 3339 avec décalage est attendu",
    "int_parsing": "un nombre entier est attendu",
    "int_type": "un nombre entier est attendu",
    "decimal_parsing": "un nombre est attendu",
    "decimal_type": "un nombre est attendu",
    "bool_parsing": "true ou false est attendu",
    "greater_than_equal": "valeur trop petite",
    "greater_than": "valeur trop petite",
    "less_than_equal": "valeur trop grande",
    "less_than": "valeur trop grande",
    "model_attributes_type": "un objet JSON est attendu",
    "dict_type": "un objet JSON est attendu",
    "list_type": "une liste est attendue",
    "tuple_type": "une liste est attendue",
    "too_long": "trop d’éléments",
    "too_short": "trop peu d’éléments",
}


def _french(error: Mapping[str, Any]) -> str:
    kind = str(error["type"])
    sentence = FRENCH_DETAILS.get(kind, "valeur non valable")
    expected = (error.get("ctx") or {}).get("expected")
    return f"{sentence}\u202f; attendu\u202f: {expected}" if expected else sentence


async def on_http_error(request: Request, exc: Exception) -> Response:
    """Errors of the framework: unknown route, wrong method, body too large."""
    if not isinstance(exc, HTTPException):
        raise exc
    headers = dict(exc.headers or {})
    if exc.status_code == 405 and (allowed := request.scope.get("allowed_methods")):
        headers["Allow"] = ", ".join(sorted(allowed))
    return problem(request, exc.status_code, headers=headers)


def internal_error(request: Request) -> Response:
    """What a defect of ours looks like from outside: an id to report, no traceback."""
    return problem(request, 500)


def install(app: FastAPI) -> None:
    """Every 4xx and 5xx of the application is a problem document."""
    app.add_exception_handler(Refusal, on_refusal)
    app.add_exception_handler(RequestValidationError, on_validation)
    app.add_exception_handler(HTTPException, on_http_error)
