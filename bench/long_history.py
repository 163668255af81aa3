"""An indicator with 5 000 measures acts like one with 5: remembered, and read for the first time."""

import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from bench.row import Row
from service.bootstrap import Service, prepare
from service.domain import indicator_course
from service.domain.act import Act
from service.domain.event import new_id
from service.domain.indicator import INDICATOR
from service.settings import Settings
from service.store.embedded import EmbeddedPostgres
from service.store.unit import Target, Unit

FIRST_DAY = date(2001, 1, 1)
SHORT = 5


def measure_long_history(*, quick: bool) -> list[Row]:
    """The median act of a long history over that of a short one, by pairs, so that both meet the same machine."""
    long, pairs = (1000, 30) if quick else (5000, 30)
    folder = Path(tempfile.mkdtemp(prefix="trajectoire-bench-"))
    folder.chmod(0o711)
    try:
        with EmbeddedPostgres(folder / "data") as postgres:
            dsn = postgres.dsn("bench")
            prepare(dsn)
            service = Service(Settings(data_dir=folder / "keys"), dsn)
            service.database.open()
            try:
                return _measured(service, long, pairs)
            finally:
                service.database.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _measured(service: Service, long: int, pairs: int) -> list[Row]:
    act = Act(actor="p_" + "0" * 32, now=service.clock(), channel="cli", correlation_id=new_id()).within(new_id())
    many, few = (_indicator(service, act, measures) for measures in (long, SHORT))
    rows, number = [], 0
    for name, forget in (("remembered", False), ("read from the log", True)):
        times: dict[UUID, list[float]] = {many: [], few: []}
        for _ in range(pairs if not forget else pairs // 6):
            number += 1
            for id in (many, few):
                if forget:
                    service.log.states.forget([many, few])
                times[id].append(_timed(lambda id=id, n=number: _measure(service, act, id, n)))  # type: ignore[misc]
        ratios = sorted(a / b for a, b in zip(times[many], times[few], strict=True))
        value, baseline = (statistics.median(times[id]) * 1000 for id in (many, few))
        ratio = value / baseline
        goal = "< 2x of an indicator with 5" if not forget else "told"
        rows.append(
            Row(
                f"act on an indicator with {long} measures, {name}",
                value,
                "ms",
                goal,
                ratio < 2 or forget,
                baseline,
                ratio,
                (ratios[len(ratios) // 10], ratios[-len(ratios) // 10]),
            )
        )
    return rows


def _timed(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _indicator(service: Service, act: Act, measures: int) -> UUID:
    def define(unit: Unit) -> Target:
        ref = unit.reference(INDICATOR, act.transformation_id or new_id())
        events = indicator_course.define(
            ref=ref, title="Délai moyen", family="doing", unit="jours", direction="down", cadence="monthly"
        )
        return Target(INDICATOR, unit.create(INDICATOR, events), created=True)

    id = service.recorder.execute(act, define).id
    for begin in range(0, measures, 500):

        def add(unit: Unit, begin: int = begin) -> Target:
            state = unit.get(INDICATOR, id)
            for number in range(begin, min(begin + 500, measures)):
                unit.act = replace(act, occurred_on=FIRST_DAY + timedelta(days=number))
                state = unit.record(INDICATOR, id, indicator_course.measure(state, value=Decimal(number)))
            return Target(INDICATOR, state)

        service.recorder.execute(act, add)
    return id


def _measure(service: Service, act: Act, id: UUID, number: int) -> None:
    def work(unit: Unit) -> Target:
        unit.act = replace(act, occurred_on=FIRST_DAY - timedelta(days=number))
        events = indicator_course.measure(unit.get(INDICATOR, id), value=Decimal(number))
        return Target(INDICATOR, unit.record(INDICATOR, id, events))

    service.recorder.execute(act, work)


if __name__ == "__main__":
    for row in measure_long_history(quick=False):
        print(row.as_line(), f"ratio {row.ratio:.2f}")
