"""Which language an answer speaks: French first, English when the reader asks for it (RFC 9110, Accept-Language)."""

import re

from starlette.requests import HTTPConnection

from service.domain.refusal import Language

QUALITY = re.compile(r"0(\.\d{0,3})?|1(\.0{0,3})?")


def language_of(request: HTTPConnection) -> Language:
    """The better liked of French and English; French when the request does not say."""
    best: tuple[float, Language] = (0.0, "fr")
    for part in request.headers.get("accept-language", "").split(","):
        tag, *parameters = part.replace(" ", "").replace("\t", "").lower().split(";")
        weight = _weight(parameters)
        primary = tag.partition("-")[0]
        if primary == "fr" and weight > best[0]:
            best = (weight, "fr")
        elif primary == "en" and weight > best[0]:
            best = (weight, "en")
    return best[1]


def _weight(parameters: list[str]) -> float:
    """The quality of a language range (RFC 9110, 12.4.2): 1 unless said; 0 for what cannot be read."""
    for parameter in parameters:
        if parameter.startswith("q="):
            given = parameter[2:]
            return float(given) if QUALITY.fullmatch(given) else 0.0
    return 1.0
