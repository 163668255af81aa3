"""Refusals and errors as RFC 9457 problem documents. One table maps the kinds of refusal to statuses."""

from collections.abc import Mapping
from typing import Any

import anyio.to_thread
import orjson
import structlog
from fastapi import Request
from fastapi.responses import Response
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from service.acts.import_refusals import FileTooLarge
from service.api.language import language_of
from service.api.spoken import spoken
from service.domain.refusal import Conflict, Invalid, Language, NotAllowed, NotFound, Refusal, StaleVersion
from service.store.writer import Overloaded

log = structlog.get_logger()
BASE = "/api/v1/problems/"
MEDIA_TYPE = "application/problem+json"


class Unauthenticated(Refusal):
    """An API key is needed, in the header Authorization after the word Bearer. This one is missing, unknown, expired
    or revoked."""

    FR = (
        "Une clé d’API est nécessaire\u202f: envoyez-la dans l’en-tête Authorization, après le mot Bearer. "
        "Celle-ci manque, est inconnue, expirée ou révoquée."
    )


class PreconditionRequired(Refusal):
    """This act needs the header If-Match with the ETag of the object as you read it."""

    FR = "Cet acte demande l’en-tête If-Match avec l’ETag de l’objet tel que vous l’avez lu."


class Malformed(Refusal):
    """The request cannot be read: {problem}."""

    FR = "La demande est illisible\u202f: {problem}."


class BodyNotJson(Malformed):
    """The body is not valid JSON."""

    FR = "Le corps n’est pas du JSON valable."


class IdempotencyKeyMissing(Malformed):
    """This request needs the header Idempotency-Key, so that it can be repeated without being done twice."""

    FR = "Cette demande exige l’en-tête Idempotency-Key, pour pouvoir être répétée sans être faite deux fois."


class UnsupportedMediaType(Refusal):
    """The body must be sent as {expected}."""

    FR = "Le corps doit être envoyé en {expected}."


class UnknownParameter(Invalid):
    """This address takes no query parameter of that name."""

    FR = "Cette adresse ne prend pas de paramètre de ce nom."


STATUSES: Mapping[type[Refusal], int] = {
    FileTooLarge: 413,
    Malformed: 400,
    Unauthenticated: 401,
    NotAllowed: 403,
    NotFound: 404,
    Conflict: 409,
    StaleVersion: 412,
    UnsupportedMediaType: 415,
    Invalid: 422,
    PreconditionRequired: 428,
    Overloaded: 503,
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


HTTP_DETAILS: Mapping[int, tuple[str, str]] = {
    404: ("Il n’y a rien à cette adresse.", "There is nothing at this address."),
    405: (
        "Cette adresse n’admet pas cette méthode\u202f; l’en-tête Allow dit lesquelles.",
        "This address does not take this method; the header Allow says which it takes.",
    ),
    413: (
        "La demande dépasse la taille admise\u202f: 1 Mio, 20 Mo pour un fichier.",
        "The request is larger than allowed: 1 MiB, 20 MB for a file.",
    ),
    422: (
        "La demande n’a pas la forme attendue\u202f; errors dit où et pourquoi.",
        "The request does not have the expected form; errors says where and why.",
    ),
    500: (
        "Une erreur de notre fait\u202f; donnez l’identifiant instance à qui exploite le service.",
        "A defect of ours; give the id in instance to those who run the service.",
    ),
    503: (
        "La base de données ne répond pas\u202f; réessayez dans un instant, avec la même clé d’idempotence.",
        "The database does not answer; try again in a moment, with the same idempotency key.",
    ),
}


class FieldError(BaseModel):
    """One thing that is wrong in the request: where, its code and a sentence."""

    pointer: str | None = Field(None, description="RFC 6901\u202f: l’endroit du corps envoyé.")
    parameter: str | None = Field(None, description="Le paramètre d’adresse ou l’en-tête.")
    field: str | None = Field(None, description="Le champ qui manque à cet endroit.")
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
        "detail": detail or _detail(status, language) or title,
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


def _detail(status: int, language: Language) -> str:
    french, english = HTTP_DETAILS.get(status, ("", ""))
    return french if language == "fr" else english


def _plain(value: Any) -> Any:
    return sorted(map(str, value)) if isinstance(value, set | frozenset) else str(value)


async def on_refusal(request: Request, exc: Exception) -> Response:
    """A rule said no."""
    if not isinstance(exc, Refusal):
        raise exc
    status = status_of(exc)
    language: Language = language_of(request)
    message = exc.message(language)
    if status == 409:  # a rule says no about what is recorded: it names people and objects
        message = await anyio.to_thread.run_sync(spoken, request.app.state.service, message, language)
    headers: dict[str, str] = {}
    if status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="trajectoire"'
    if etag := exc.facts.get("etag"):
        headers["ETag"] = str(etag)
    if exc.retry_after is not None:
        headers["Retry-After"] = str(exc.retry_after)
    errors = None
    if isinstance(exc, Invalid):
        errors = [{**_place(exc.pointer), "code": exc.code, "detail": message}] if exc.pointer else None
    facts = {name: value for name, value in exc.facts.items() if name != "etag"}
    return problem(request, status, code=exc.code, detail=message, facts=facts, errors=errors, headers=headers)


def _place(pointer: str) -> dict[str, str]:
    return {"pointer": pointer} if pointer.startswith("/") else {"parameter": pointer}


async def on_http_error(request: Request, exc: Exception) -> Response:
    """Errors of the framework: unknown route, wrong method, unreadable or too large body."""
    if not isinstance(exc, HTTPException):
        raise exc
    if exc.status_code == 400:
        return await on_refusal(request, BodyNotJson())
    headers = dict(exc.headers or {})
    if exc.status_code == 405:
        headers["Allow"] = ", ".join(sorted(_allowed(request)))
    return problem(request, exc.status_code, headers=headers)


def _allowed(request: Request) -> set[str]:
    """All methods of an address: the framework itself names those of the first route only."""
    methods: set[str] = set()
    for route in iter_route_contexts(request.app.routes):
        if (address := getattr(route, "path_regex", None)) is not None and address.match(request.scope["path"]):
            methods |= route.methods or set()
    return methods | {"HEAD"} if "GET" in methods else methods


async def on_database_error(request: Request, exc: Exception) -> Response:
    """The database went away, or had no connection left in time. Whether a write was done, its key will tell."""
    log.error("database.unavailable", defect=type(exc).__name__, request_id=request.scope.get("request_id"))
    return unavailable(request)


def unavailable(request: Request) -> Response:
    """503: it is worth trying again."""
    return problem(request, 503, headers={"Retry-After": "1"})


NOT_READY = {
    "projections_stopped": (
        "Aucun moteur ne tient les vues à jour\u202f: démarrez « trajectoire worker ».",
        "No engine keeps the views up to date: start “trajectoire worker”.",
    ),
    "projections_late": (
        "Les vues ont du retard sur le journal.",
        "The views are behind the log.",
    ),
}


def not_ready(request: Request, reason: str, **facts: Any) -> Response:
    """503 of `/readyz`: the service answers, but its views should not be relied on."""
    french, english = NOT_READY[reason]
    detail = french if language_of(request) == "fr" else english
    return problem(
        request, 503, code=reason.replace("_", "-"), detail=detail, facts=facts, headers={"Retry-After": "1"}
    )


def internal_error(request: Request) -> Response:
    """What a defect of ours looks like from outside: an id to report, no traceback."""
    return problem(request, 500)
