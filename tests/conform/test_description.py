"""The API against its own OpenAPI description: schemathesis with all its checks, as each role (CONTRACT 38).

Per operation, `CONFORM_EXAMPLES_LEAD` (200) examples as lead: every boundary case that schemathesis derives from the
description, the examples that it publishes, then random ones, of which `CONFORM_EXAMPLES_OTHERS` (20) are sent as every
other role too.
"""

from collections.abc import Callable, Iterable, Iterator
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
from tests.conform.world import APP, LATER, LEAD, OTHER_ROLES, OTHERS, ForOthers, World, seed
from tests.permissions.world import Objects
from tests.running import ROLES, Running

pytestmark = pytest.mark.conform
DESCRIPTION = APP.openapi()
OPERATIONS = {
    operation["operationId"]: (path, method)
    for path, operations in DESCRIPTION["paths"].items()
    for method, operation in operations.items()
}
ALL_ROLES = ("lead", *OTHER_ROLES)
AT_RANDOM = min(LEAD, 20)
"""So many at least are random, where boundary cases are many."""
READS_FIRST = sorted(OPERATIONS, key=lambda name: OPERATIONS[name][1] != "get")
"""While there is little to read: each write adds to what the lists and views hold."""


@cache
def described() -> Any:
    return schemathesis.openapi.from_dict(DESCRIPTION, config=SchemathesisConfig())


@cache
def schema(expected: tuple[str, ...], *, random: bool) -> Any:
    """The description, with the configuration of the operations that may answer these statuses.

    One configuration that names all operations is searched from end to end at each of thousands of calls.
    """
    found = described().clone()
    found.config = SchemathesisConfig.from_dict(configuration(expected, random=random)).projects.get(DESCRIPTION)
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
    sent: list[Case] = []
    confirmed: list[Any] = []

    def as_described(case: Case, roles: Iterable[str]) -> None:
        for role in roles:
            seed(case, world, role)
            answer = case.call_and_validate(
                session=world.session, headers=world.headers(role), excluded_checks=confirmed
            )
            world.answered(case, answer.status_code)
            if answer.status_code < 300:
                confirmed[:] = [ignored_auth]  # two more requests; schemathesis' own runner asks once per operation too

    @settings(deadline=None, suppress_health_check=list(HealthCheck))
    def at_its_boundaries(case: Case) -> None:
        sent.append(case)
        as_described(case, ALL_ROLES if OTHERS >= LEAD else ["lead"])

    prepared(operation, at_its_boundaries, random=False)()
    more = max(LEAD - len(sent), AT_RANDOM)
    for_others = ForOthers(min(OTHERS, more), of=more)

    @settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=more)
    def anywhere(case: Case) -> None:
        as_described(case, ALL_ROLES if case in for_others else ["lead"])

    prepared(operation, anywhere, random=True)()


def prepared(operation: str, keeps_its_word: Callable[[Case], None], *, random: bool) -> Callable[[], None]:
    """The test of an operation, as `schema.parametrize` makes it, which makes all before the first is sent."""
    path, method = OPERATIONS[operation]
    found = schema(allowed(method, DESCRIPTION["paths"][path][method]), random=random)
    return build_operation_test(
        config=found.config,
        operation=found[path][method],
        test_func=keeps_its_word,
        given_kwargs={},
        feedback=NO_FEEDBACK,
    )


def test_every_role_is_asked() -> None:
    assert {*ROLES, "administrator", "stranger"} == {*ALL_ROLES}


def test_the_description_is_valid_openapi() -> None:
    described().validate()
