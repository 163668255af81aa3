"""Ten thousand reminders that fall due on one day, raised and entered by one tick in a process of its own."""

import os
import sys
import time
from datetime import UTC, date, datetime
from datetime import time as moment
from uuid import UUID

from bench.rebuild import run_measured
from bench.row import Row, alone
from bench.stage import Stage, World
from service.bootstrap import Service
from service.domain.act import PARIS
from service.domain.milestone import MILESTONE, MilestoneSubject, plan
from service.domain.phase import PHASE
from service.domain.working_time import WorkingCalendar
from service.settings import Settings
from service.store.unit import Target, Unit

CHUNK = 500
MOST_MEMORY = 350.0
CALENDAR = WorkingCalendar()


def measure(stage: Stage, *, quick: bool) -> list[Row]:
    """The time and the peak memory of one tick; a tenth of it beside, so that growth shows."""
    rows = []
    for count in (1_000, 10_000) if not quick else (500, 1_000):
        with stage.world(f"reminders_{count}") as world:
            day = CALENDAR.next_working(world.first.today)
            _milestones(world, count, CALENDAR.add_working_days(day, 7))
            world.service.projector().catch_up()
            said, memory = run_measured(stage, ["bench.reminders", world.dsn, day.isoformat()])
            raised, seconds = said.split()[-2:]
            if int(raised) < count:  # beside what the plan of the world itself is reminded of
                raise SystemExit(f"{raised} reminders were raised, not {count}")
        rows += [
            alone(f"one tick, {count:,} reminders due", "s", [float(seconds)]),
            alone(f"one tick, {count:,} reminders due, memory", "MB", [memory], at_most=MOST_MEMORY),
        ]
    return rows


def _milestones(world: World, count: int, due_on: date) -> None:
    transformation = world.first.transformation_id
    row = world.service.database.one("SELECT id FROM phases WHERE transformation_id = %s LIMIT 1", (transformation,))
    if row is None:
        world.service.projector().catch_up()
        row = world.service.database.one(
            "SELECT id FROM phases WHERE transformation_id = %s LIMIT 1", (transformation,)
        )
    subject = MilestoneSubject(kind="phase", id=row["id"] if row else UUID(int=0))

    def work(unit: Unit) -> Target:
        for ref in unit.references(MILESTONE, transformation, CHUNK):
            unit.create(MILESTONE, plan(ref=ref, subject=subject, title=f"Jalon {ref}", due_on=due_on, baselined=False))
        return Target(PHASE, unit.get(PHASE, subject.id))

    for _ in range(count // CHUNK):
        world.service.recorder.execute(world.act(), work)


def main(dsn: str, day: str) -> None:
    """The measured process: one tick on the morning of a day."""
    now = datetime.combine(date.fromisoformat(day), moment(8), PARIS).astimezone(UTC)
    service = Service(Settings(), dsn, clock=lambda: now)
    service.start(worker=False)
    try:
        started = time.perf_counter()
        ticked = service.ticker().tick()
        print(ticked.raised if ticked else 0, time.perf_counter() - started)
    finally:
        service.stop()


if __name__ == "__main__":
    os.environ.setdefault("TRAJECTOIRE_LOG_LEVEL", "error")
    main(sys.argv[1], sys.argv[2])
