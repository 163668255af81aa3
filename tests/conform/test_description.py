"""The API against its own OpenAPI description: schemathesis with all its checks, as each role (CONTRACT 38).

Per operation: every boundary case that schemathesis derives from the description, then `CONFORM_EXAMPLES_LEAD` (200)
random examples as lead, of which `CONFORM_EXAMPLES_OTHERS` (20) are sent as every other role too.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import requests
import schemathesis
import structlog
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.config import SchemathesisConfig
from schemathesis.generation.feedback import NO_FEEDBACK
from schemathesis.pytest._test_builder import build_operation_test
from schemathesis.specs.openapi.checks import ignored_auth

from tests.conform.allowed import allowed, configuration
from tests.conform.client import session_over
from tests.conform.world import APP, LATER, LEAD, OTHER_ROLES, ForOthers, World, seed
from tests.permissions.world import Objects
from tests.running import ROLES, Running

pytestmark = pytest.mark.conform
DESCRIPTION = APP.openapi()
OPERATIONS = {
    operation["operationId"]: (path, method)
    for path, operations in DESCRIPTION["paths"].items()
    for method, operation in operations.items()
}
READS_FIRST = sorted(OPERATIONS, key=lambda name: OPERATIONS[name][1] != "get")
"""While there is little to read: each write adds to what the lists and views hold."""


@cache
def described() -> Any:
    return schemathesis.openapi.from_dict(DESCRIPTION, config=SchemathesisConfig())


@cache
def schema(expected: tuple[str, ...]) -> Any:
    """The description, with the configuration of the operations that may answer these statuses.

    One configuration that names all operations is searched from end to end at each of thousands of calls.
    """
    found = described().clone()
    found.config = SchemathesisConfig.from_dict(configuration(expected, LEAD)).projects.get(DESCRIPTION)
    return found


@pytest.fixture(scope="module")
def session(running: Running) -> Iterator[requests.Session]:
    LATER.service = running.service
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger("error")
    )  # a line per call is read by nobody
    with session_over(APP) as started:
        yield started
    structlog.reset_defaults()


@pytest.fixture(scope="module")
def world(running: Running, session: requests.Session) -> World:
    return World(Objects(running), session)


@pytest.mark.parametrize("operation", READS_FIRST)
def test_an_operation_does_what_the_description_says(operation: str, world: World) -> None:
    path, method = OPERATIONS[operation]
    for_others = ForOthers()
    confirmed: list[Any] = []

    @settings(deadline=None, suppress_health_check=list(HealthCheck))
    def keeps_its_word(case: Case) -> None:
        for role in ("lead", *OTHER_ROLES) if case in for_others else ("lead",):
            seed(case, world, role)
            answer = case.call_and_validate(
                session=world.session, headers=world.headers(role), excluded_checks=confirmed
            )
            world.answered(case, answer.status_code)
            if answer.status_code < 300:
                confirmed[:] = [ignored_auth]  # two more requests; schemathesis' own runner asks once per operation too

    # As `schema.parametrize` does, which prepares the cases of all operations in each process before the first is sent.
    found = schema(allowed(method, DESCRIPTION["paths"][path][method]))
    build_operation_test(
        config=found.config,
        operation=found[path][method],
        test_func=keeps_its_word,
        given_kwargs={},
        feedback=NO_FEEDBACK,
    )()


def test_every_role_is_asked() -> None:
    assert {*ROLES, "administrator", "stranger"} == {"lead", *OTHER_ROLES}


def test_the_description_is_valid_openapi() -> None:
    described().validate()
