"""The configuration of schemathesis: all checks are on; per operation, the refusals our rules give to valid data."""

from collections.abc import Iterable
from typing import Any

from tests.asgi import ADDRESS

# Refused before or instead of being judged: 401, 403 and 404 (CONTRACT 32: role, membership), 405 (an address
# that became another), 409 (CONTRACT 3: what the state refuses), 412 and 428 (CONTRACT 13), 400, 413, 415 and 422
# (CONTRACT 3).
INVALID = ["400", "401", "403", "404", "405", "409", "412", "413", "415", "422", "428"]
# Without Idempotency-Key 400 (CONTRACT 6), without If-Match 428 (CONTRACT 13), unless the act is refused to this role
# or the object hidden from it (CONTRACT 32), or the body refused first by a rule that JSON Schema cannot say
# (CONTRACT 3: a weight above 0 of at most 15 digits).
HEADER_MISSING = ["400", "403", "404", "422", "428"]


def configuration(expected: Iterable[str], *, random: bool) -> dict[str, Any]:
    """What schemathesis is started with, for operations that may answer these statuses to valid data.

    Either what follows from the description, boundary cases and published examples, or random examples."""
    return {
        "base-url": ADDRESS,
        "seed": 20260302,
        "generation": {"no-shrink": True, "database": "none"},
        "phases": {
            "examples": {"enabled": not random},
            "coverage": {"enabled": not random},
            "fuzzing": {"enabled": random},
        },
        "checks": {
            "negative_data_rejection": {"expected-statuses": INVALID},
            "missing_required_header": {"expected-statuses": HEADER_MISSING},
            "positive_data_acceptance": {"expected-statuses": list(expected)},
        },
    }


def allowed(method: str, operation: dict[str, Any]) -> tuple[str, ...]:
    """The statuses that an operation may answer to a request that fits its description."""
    parameters = {parameter["name"] for parameter in operation.get("parameters", ())}
    found = [
        "2xx",
        "403",
        "404",
    ]  # CONTRACT 32: the role does not allow it, the object is not there or not for this eye
    if method == "get":
        found += ["304"]  # CONTRACT 12
    if "cursor" in parameters:
        found += ["400"]  # CONTRACT 17: a cursor that nobody gave
    if parameters & {"as_of", "as_of_position"}:
        found += ["422"]  # CONTRACT 19: in the future or beyond the head
    if any(parameter["schema"].get("format") == "date" for parameter in operation.get("parameters", ())):
        found += ["422"]  # JSON Schema has no limits of dates: 1900 to 2200
    if operation["operationId"] == "list_people":
        found += ["422"]  # who does not administer the instance looks people up by their names
    if method == "post":
        found += ["409", "422"]  # CONTRACT 3: rules that need recorded state; rules that body and clock judge
    if "If-Match" in parameters:
        found += ["412"]  # CONTRACT 13: not the current version
    return tuple(found)
