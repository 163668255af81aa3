"""Proofs 3 and 8: real workers killed in the middle of a batch, and leaders frozen and woken. A short form of each is
in the suite; tests/projections/test_workers and test_engine hold the others."""

import itertools
import random
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from psycopg.conninfo import make_conninfo

from tests.commands import Command
from tests.laws.history import House
from tests.projections.house import caught_up, execute, fingerprint, grown, head, replayed, until, worker
from tests.prove.report import report

PATIENCE = 180.0
"""Seconds for a process to start or a session to end: no promise, only an end to waiting on a busy machine."""
SLOW = (
    "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.1); RETURN NULL; END $$",
    "CREATE TRIGGER slow AFTER INSERT ON audit_events FOR EACH STATEMENT EXECUTE FUNCTION slow()",
)
# Every move of the read models, written by whoever makes it and committed with it.
WITNESS = (
    "CREATE TABLE moves (id bigint GENERATED ALWAYS AS IDENTITY, position bigint, epoch bigint, pid integer, who text)",
    """CREATE FUNCTION witness() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO moves (position, epoch, pid, who)
        VALUES (NEW.position, NEW.epoch, pg_backend_pid(), current_setting('application_name'));
        RETURN NULL; END $$""",
    """CREATE TRIGGER witness AFTER UPDATE OF position ON projection_head
        FOR EACH ROW EXECUTE FUNCTION witness()""",
)
LEADERS = """
SELECT l.pid, a.application_name AS who, EXISTS (
    SELECT FROM pg_stat_activity b WHERE b.application_name = a.application_name AND b.wait_event = 'PgSleep') AS busy
FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'advisory' AND l.classid = 7226 AND l.objid = 3 AND l.granted
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


class Leader(NamedTuple):
    """The session that leads: its process by name, and whether it has written rows of a batch and not its position."""

    pid: int
    who: str
    busy: bool


class Workers:
    """Real processes `trajectoire worker`, each with a name that its sessions bear."""

    def __init__(self, house: House, dsn: str, folder: Path, stack: ExitStack) -> None:
        self.house, self.dsn, self.folder, self.stack = house, dsn, folder, stack
        self.alive: dict[str, Command] = {}
        self._numbers = itertools.count(1)

    def start(self) -> None:
        name = f"worker-{next(self._numbers)}"
        named = make_conninfo(self.dsn, application_name=name)
        self.alive[name] = self.stack.enter_context(worker(named, self.folder))

    def leader(self) -> Leader | None:
        """The leader, if its process is one that lives."""
        rows = self.house.database.all(LEADERS)
        assert len(rows) <= 1, rows
        return Leader(**rows[0]) if rows and rows[0]["who"] in self.alive else None

    def busy_leader(self) -> Leader:
        """The leader, once it is seen in the middle of a batch."""
        found: Leader | None = None

        def seen() -> bool:
            nonlocal found
            found = self.leader()
            assert self.house.database.all("SELECT FROM projection_set_aside") == [], "nothing is written twice"

            return bool(found and found.busy)

        until(seen, PATIENCE)
        assert found is not None
        return found

    def kill(self, name: str) -> None:
        process = self.alive.pop(name)
        process.kill()
        process.wait()


@pytest.fixture
def house(fresh_database: str) -> Iterator[House]:
    house = House(fresh_database)
    yield house
    house.close()


def gone(house: House, pid: int) -> bool:
    return house.database.one("SELECT FROM pg_stat_activity WHERE pid = %s", (pid,)) is None


@pytest.mark.parametrize("kills", [2, pytest.param(200, marks=pytest.mark.prove)])
def test_kills_in_mid_batch(house: House, fresh_database: str, tmp_path: Path, kills: int) -> None:
    """Proof 3. Only a kill whose batch the server then rolled back counts; a trigger holds each batch open a while."""
    began, chance, tries, rolled_back = time.monotonic(), random.Random(7), 0, 0
    for number in range(4):
        grown(house, f"LIFE{number}", 80)
    execute(house, *SLOW)
    with ExitStack() as stack:
        workers = Workers(house, fresh_database, tmp_path, stack)
        for _ in range(2):
            workers.start()
        while rolled_back < kills:
            if caught_up(house):
                grown(house, f"MORE{tries}", 60)
            leads = workers.busy_leader()
            before = head(house)["position"]
            time.sleep(chance.uniform(0, 0.2))  # now and then a batch gets through
            workers.kill(leads.who)
            workers.start()
            until(lambda leads=leads: gone(house, leads.pid), PATIENCE)  # type: ignore[misc]
            tries += 1
            rolled_back += head(house)["position"] == before
        until(lambda: caught_up(house), PATIENCE)
        assert house.database.all("SELECT FROM projection_set_aside") == [], "nothing was written twice"
    execute(house, "DROP TRIGGER slow ON audit_events")
    lived, events = fingerprint(house), house.log.head()
    assert lived == replayed(house)
    report(
        "3. Kills in mid-batch",
        kills=tries,
        batches_rolled_back_by_a_kill=rolled_back,
        events=events,
        read_models_equal_to_a_replay=len(lived),
        seconds=round(time.monotonic() - began),
    )


@pytest.mark.prove
def test_three_workers_never_two_leaders(house: House, fresh_database: str, tmp_path: Path) -> None:
    """Proof 8: leaders are frozen in mid-batch and woken later, under load. A witness in the database says who moved
    what: each epoch belongs to one session, and nobody moves anything once a later epoch has."""
    began, rounds, took = time.monotonic(), 20, []
    execute(house, *SLOW, *WITNESS)
    with ExitStack() as stack:
        workers = Workers(house, fresh_database, tmp_path, stack)
        for _ in range(3):
            workers.start()
        most, stop = [0], threading.Event()

        def watch() -> None:
            while not stop.wait(0.005):
                most[0] = max(most[0], len(house.database.all(LEADERS)))

        watcher = threading.Thread(target=watch)
        watcher.start()
        stack.callback(watcher.join)
        stack.callback(stop.set)
        for number in range(rounds):
            grown(house, f"ROUND{number}", 30)
            frozen = workers.busy_leader()
            workers.alive[frozen.who].send_signal(signal.SIGSTOP)
            grown(house, f"FROZEN{number}", 10)
            took.append(until(lambda frozen=frozen: _replaced(workers, frozen), 40))  # type: ignore[misc]
            until(lambda: caught_up(house), PATIENCE)
            workers.alive[frozen.who].send_signal(signal.SIGCONT)
            grown(house, f"WOKEN{number}", 10)
            until(lambda: caught_up(house), PATIENCE)
    moves = house.database.all("SELECT * FROM moves ORDER BY id")
    assert most[0] == 1, "never two at once"
    assert max(took) < 10
    _judge(moves)
    execute(house, "DROP TRIGGER slow ON audit_events", "DROP TRIGGER witness ON projection_head")
    assert house.database.all("SELECT FROM projection_set_aside") == [], "nothing was written twice"
    assert fingerprint(house) == replayed(house)
    report(
        "8. One leader",
        workers=3,
        leaders_frozen_in_mid_batch_and_woken=rounds,
        moves_of_the_read_models=len(moves),
        epochs=len({move["epoch"] for move in moves}),
        sessions_that_led=len({move["pid"] for move in moves}),
        most_leaders_at_once=most[0],
        slowest_take_over_in_seconds=round(max(took), 1),
        seconds=round(time.monotonic() - began),
    )


def _replaced(workers: Workers, frozen: Leader) -> bool:
    leads = workers.leader()
    return leads is not None and leads.pid != frozen.pid


def _judge(moves: list[dict[str, Any]]) -> None:
    """Epochs and positions only rise; each epoch is one session's; a name that comes back has a new epoch."""
    sessions: dict[int, tuple[int, str]] = {}
    for earlier, later in itertools.pairwise(moves):
        assert earlier["position"] < later["position"], (earlier, later)
        assert earlier["epoch"] <= later["epoch"], (earlier, later)
    for move in moves:
        session = (move["pid"], move["who"])
        assert sessions.setdefault(move["epoch"], session) == session, move
