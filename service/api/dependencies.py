"""What endpoints ask for: the caller, and the door of writes."""

from typing import Annotated, Any

from fastapi import Depends, Path, Request
from pydantic import StringConstraints

from service.api.strictness import require_key, require_known_parameters, require_media_type
from service.api.who import authenticate, bearer
from service.api.writing import Writing

TransformationPath = Annotated[
    str,
    Path(description="L’identifiant ou le code de la transformation.", max_length=60, pattern=r"^[A-Za-z0-9-]+$"),
]
_IDEMPOTENCY = (
    "Idempotency-Key",
    "Obligatoire\u202f: la même clé avec la même demande rend la même réponse, sans rien refaire, pendant 48 heures.",
)
_PREFER = ("Prefer", "`respond-async`\u202f: répondre sans attendre les lectures.")
_IF_MATCH = ("If-Match", "L’ETag de l’objet tel que vous l’avez lu.")


async def _writing(request: Request) -> Writing:
    """The door reads its headers itself: as parameters of the framework they would cost more than the act."""
    caller = await authenticate(request, await bearer(request))
    require_key(request)
    require_known_parameters(request)
    require_media_type(request)
    return Writing(request, caller)


async def _acting(request: Request) -> Writing:
    return await _writing(request)


HEADERS: dict[Any, tuple[tuple[str, str], ...]] = {
    _writing: (_IDEMPOTENCY, _PREFER),
    _acting: (_IDEMPOTENCY, _PREFER, _IF_MATCH),
}
"""What each door reads beside the key of the caller: name and description of the header, for the published document."""


Create = Annotated[Writing, Depends(_writing)]
"""For creations and acts that only add a dated fact."""
Act = Annotated[Writing, Depends(_acting)]
"""For acts on a version of an object (`If-Match`)."""

Code = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=2, max_length=40, pattern=r"^[A-Z][A-Z0-9]*(-[A-Z0-9]+)*$")
]
