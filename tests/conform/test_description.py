"""The API against its own OpenAPI description: schemathesis with all its checks, as each role (CONTRACT 38).

Examples per operation: `CONFORM_EXAMPLES_LEAD` (200) and `CONFORM_EXAMPLES_OTHERS` (20).
"""

from collections.abc import Iterator
from itertools import cycle
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.config import SchemathesisConfig
from schemathesis.python.asgi import get_client

from tests.conform.world import APP, EXAMPLES, LATER, TURN, seed
from tests.permissions.world import Objects
from tests.running import ROLES, Running

pytestmark = pytest.mark.conform
REFUSED = ["400", "401", "403", "404", "405", "409", "412", "413", "415", "422", "428"]
CONFIG: dict[str, Any] = {
    "seed": 20260302,
    "checks": {
        # A rule that needs recorded state refuses with 409, one that body and clock judge with 422 (CONTRACT 3); an act
        # on a stale version is 412, without If-Match 428 (CONTRACT 13); a cursor nobody gave is 400 (CONTRACT 17).
        "positive_data_acceptance": {"expected-statuses": ["2xx", "304", *REFUSED]},
        "negative_data_rejection": {"expected-statuses": REFUSED},
        "missing_required_header": {"expected-statuses": REFUSED},
    },
}


def schema() -> Any:
    """The description, with the number of examples that all roles together are owed."""
    config = SchemathesisConfig.from_dict({**CONFIG, "generation": {"max-examples": EXAMPLES}})
    found = schemathesis.openapi.from_dict(APP.openapi(), config=config)
    found.app = APP  # as `from_asgi` does, which would start an application that has no database yet
    found.location = "/api/v1/openapi.json"
    return found


@pytest.fixture(scope="module")
def client(objects: Objects) -> Iterator[Any]:
    """One client for all calls: each would start the application anew."""
    with get_client(APP) as started:
        yield started


@pytest.fixture(scope="module")
def objects(running: Running) -> Objects:
    LATER.service = running.service
    return Objects(running)


TURNS = cycle(TURN)


@schema().parametrize()
@settings(deadline=None, suppress_health_check=list(HealthCheck))
def test_an_operation_does_what_the_description_says(case: Case, objects: Objects, client: Any) -> None:
    case.call_and_validate(session=client, headers=seed(case, objects, next(TURNS)))


def test_every_role_is_asked() -> None:
    assert {*ROLES, "administrator", "stranger"} == set(TURN)


def test_the_description_is_valid_openapi() -> None:
    schema().validate()
