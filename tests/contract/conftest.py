"""One world for each module of the contract."""

import pytest

from tests.contract.world import World
from tests.running import Running


@pytest.fixture(scope="module")
def world(running: Running) -> World:
    transformation = running.transformation()
    row = running.service.database.one(
        "SELECT id FROM phases WHERE transformation_id = %s AND valid_to IS NULL ORDER BY ref LIMIT 1",
        (transformation,),
    )
    assert row is not None
    return World(running, transformation, str(row["id"]))
