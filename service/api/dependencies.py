"""What endpoints ask for: the caller, and the door of writes."""

from typing import Annotated

from fastapi import Depends, Header, Path, Request
from pydantic import StringConstraints

from service.api.strictness import require_key, require_known_parameters, require_media_type
from service.api.who import CallerDependency
from service.api.writing import Writing

TransformationPath = Annotated[
    str,
    Path(description="L’identifiant ou le code de la transformation.", max_length=60, pattern=r"^[A-Za-z0-9-]+$"),
]
IdempotencyHeader = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="Obligatoire\u202f: la même clé avec la même demande rend la même réponse, sans rien refaire, "
        "pendant 48 heures.",
    ),
]
IfMatchHeader = Annotated[str | None, Header(alias="If-Match", description="L’ETag de l’objet tel que vous l’avez lu.")]
PreferHeader = Annotated[
    str | None, Header(alias="Prefer", description="`respond-async`\u202f: répondre sans attendre les lectures.")
]


def _writing(
    request: Request,
    caller: CallerDependency,
    idempotency_key: IdempotencyHeader = None,
    prefer: PreferHeader = None,
) -> Writing:
    require_key(request)
    require_known_parameters(request)
    require_media_type(request)
    return Writing(request, caller)


def _acting(writing: Annotated[Writing, Depends(_writing)], if_match: IfMatchHeader = None) -> Writing:
    return writing


Create = Annotated[Writing, Depends(_writing)]
"""For creations and acts that only add a dated fact."""
Act = Annotated[Writing, Depends(_acting)]
"""For acts on a version of an object (`If-Match`)."""

Code = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=2, max_length=40, pattern=r"^[A-Z][A-Z0-9]*(-[A-Z0-9]+)*$")
]
