"""The API against its own OpenAPI description: schemathesis with all its checks, as each role (CONTRACT 38).

Per operation: every boundary case that schemathesis derives from the description, then `CONFORM_EXAMPLES_LEAD` (200)
random examples as lead, of which `CONFORM_EXAMPLES_OTHERS` (20) are sent as every other role too.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.config import SchemathesisConfig
from schemathesis.python.asgi import get_client

from tests.conform.allowed import configuration
from tests.conform.world import APP, LATER, LEAD, OTHER_ROLES, for_others, seed
from tests.permissions.world import Objects
from tests.running import ROLES, Running

pytestmark = pytest.mark.conform


def schema() -> Any:
    """The description, with its configuration."""
    description = APP.openapi()
    config = SchemathesisConfig.from_dict(configuration(description, LEAD))
    found = schemathesis.openapi.from_dict(description, config=config)
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


@schema().parametrize()
@settings(deadline=None, suppress_health_check=list(HealthCheck))
def test_an_operation_does_what_the_description_says(case: Case, objects: Objects, client: Any) -> None:
    roles = ("lead", *OTHER_ROLES) if for_others(case) else ("lead",)
    for role in roles:
        case.call_and_validate(session=client, headers=seed(case, objects, role))


def test_every_role_is_asked() -> None:
    assert {*ROLES, "administrator", "stranger"} == {"lead", *OTHER_ROLES}


def test_the_description_is_valid_openapi() -> None:
    schema().validate()
