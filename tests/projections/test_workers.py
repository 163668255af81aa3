"""Real processes: a leader that is killed or frozen is replaced in seconds, and writes nothing when it wakes."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.laws.history import House
from tests.projections.house import (
    caught_up,
    fingerprint,
    grown,
    head,
    leader_pid,
    replayed,
    standing_by,
    until,
    worker,
)


@pytest.fixture
def house(fresh_database: str) -> Iterator[House]:
    house = House(fresh_database)
    yield house
    house.close()


def test_a_killed_or_frozen_leader_is_replaced(house: House, fresh_database: str, tmp_path: Path) -> None:
    with worker(fresh_database, tmp_path) as first:
        until(lambda: leader_pid(house), 60)
        with worker(fresh_database, tmp_path) as second, worker(fresh_database, tmp_path) as third:
            grown(house, "BEFORE", 10)
            until(lambda: caught_up(house))
            until(lambda: standing_by(house) == 2, 60)
            killed = leader_pid(house)
            first.kill()
            took = until(lambda: leader_pid(house) not in (None, killed), 30)
            assert took < 10
            grown(house, "KILLED", 10)
            until(lambda: caught_up(house))

            # Which of the two leads is told by freezing one: if it was not, nothing happens to the leader.
            frozen, epoch = leader_pid(house), head(house)["epoch"]
            second.send_signal(signal.SIGSTOP)
            third.send_signal(signal.SIGSTOP)
            grown(house, "FROZEN", 10)
            assert not caught_up(house)
            with worker(fresh_database, tmp_path):
                until(lambda: leader_pid(house) not in (None, frozen), 60)
                until(lambda: caught_up(house))
                assert head(house)["epoch"] > epoch
                leads = leader_pid(house)
                for woken in (second, third):
                    woken.send_signal(signal.SIGCONT)
                grown(house, "WOKEN", 10)
                until(lambda: caught_up(house))
                assert leader_pid(house) == leads
    assert fingerprint(house) == replayed(house)
