"""Which language an answer speaks: French first, English when the reader asks for it (RFC 9110, Accept-Language)."""

from starlette.requests import HTTPConnection

from service.domain.refusal import Language


def language_of(request: HTTPConnection) -> Language:
    """The better liked of French and English; French when the request does not say."""
    best: tuple[float, Language] = (0.0, "fr")
    for part in request.headers.get("accept-language", "").split(","):
        tag, _, quality = part.strip().partition(";q=")
        try:
            weight = float(quality) if quality else 1.0
        except ValueError:
            continue
        primary = tag.strip().lower().partition("-")[0]
        if primary == "fr" and weight > best[0]:
            best = (weight, "fr")
        elif primary == "en" and weight > best[0]:
            best = (weight, "en")
    return best[1]
