"""Three schedulers without a lock, killed (-9) in the middle of ticks and sends: each reminder once, each delivered."""

import os
import random
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest

from service.domain.reminder import ReminderRaised, identity
from tests.jobs.house import at, caught_up, raised
from tests.jobs.many import many
from tests.jobs.schedulers import service_of
from tests.prove.report import report
from tests.running import Running

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(("people", "each", "kills"), [(5, 40, 3), pytest.param(20, 100, 40, marks=pytest.mark.prove)])
def test_each_reminder_is_once_in_the_log_and_delivered_at_least_once(
    fresh_database: str, tmp_path: Path, people: int, each: int, kills: int
) -> None:
    paper = tmp_path / "paper"
    paper.touch()
    with Running(fresh_database, tmp_path / "keys") as running:
        many(running, people, each)
        now = at(running, "2026-03-04")
        command = [sys.executable, "-m", "tests.jobs.schedulers", fresh_database, str(tmp_path / "keys")]
        command += [now.isoformat(), str(paper)]
        schedulers = [_start(command) for _ in range(3)]
        for each_one in schedulers:
            assert each_one.stdout is not None
            assert each_one.stdout.readline() == b"ready\n"
        (tmp_path / "go").touch()
        during = 0
        try:
            for _ in range(kills):
                if not _work_goes_on(running, paper, people * each):
                    break
                victim = random.randrange(3)
                schedulers[victim].kill()  # -9
                schedulers[victim].communicate()
                schedulers[victim] = _start(command)
                during += 1
        finally:
            for each_one in schedulers:
                each_one.kill()
                each_one.communicate()
        # Somebody takes over once the leases of the dead are over.
        last = service_of(fresh_database, tmp_path / "keys", now + timedelta(minutes=10), paper)
        last.database.open()
        caught_up(running)
        ticked = last.ticker().tick()
        assert ticked is not None
        last.database.close()
        caught_up(running)

        facts = raised(running)
        wanted = people * each
        assert len(facts) == wanted, "each once, none lost"
        assert len({fact.originator_id for fact in facts}) == wanted
        events = [fact.event for fact in facts if isinstance(fact.event, ReminderRaised)]
        assert {identity(event) for event in events} == {fact.originator_id for fact in facts}
        assert {event.rule for event in events} == {"milestone_upcoming"}
        mailed = [line.split() for line in paper.read_text().splitlines()]
        paths = [path for _, _, path in mailed]
        assert {f"/api/v1/milestones/{event.subject.id}" for event in events} == set(paths), "delivered at least once"
        rows = running.service.database.all("SELECT status, count(*) AS n FROM deliveries GROUP BY status")
        assert {row["status"]: row["n"] for row in rows} == {"sent": wanted}
        assert running.service.database.one("SELECT count(*) AS n FROM inbox") == {"n": wanted}
        assert during >= min(kills, 3), "the work was over before it was disturbed"
        report(
            "Reminders. Kills",
            kills_in_the_middle_of_the_work_of_three_schedulers=during,
            reminders=wanted,
            in_the_log_twice=0,
            mailed_again_under_the_same_id=len(paths) - wanted,
        )


def _work_goes_on(running: Running, paper: Path, wanted: int) -> bool:
    """Wait until something more is recorded or sent, then a little; False once all of it is."""
    before = _done(running, paper)
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline:
        now = _done(running, paper)
        if now == (wanted, wanted):
            return False
        if now != before:
            time.sleep(random.uniform(0, 0.15))
            return True
        time.sleep(0.005)
    raise AssertionError(f"nothing moves: {before} of {wanted}")


def _done(running: Running, paper: Path) -> tuple[int, int]:
    row = running.service.database.one("SELECT count(*) AS n FROM events WHERE topic = 'reminder.raised'")
    assert row is not None
    return row["n"], len({line.split()[2] for line in paper.read_text().splitlines() if line.count(" ") == 2})


def _start(command: list[str]) -> "subprocess.Popen[bytes]":
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TRAJECTOIRE_LOG_LEVEL": "error"}
    environment.pop("TRAJECTOIRE_DATABASE_URL", None)
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE)
