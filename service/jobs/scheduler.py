"""APScheduler only ticks: memory store, coalesced, nothing misfires, intervals in UTC: summer time does not matter."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import psycopg
import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from service.jobs.tick import Ticker

log = structlog.get_logger()
SEND_SECONDS = 15


@contextmanager
def ticking(ticker: Ticker, seconds: int) -> Iterator[None]:
    """Tick every so many seconds as long as this lasts; never for 0. A missed tick is no loss: the next one looks."""
    if not seconds:
        yield
        return
    scheduler = BackgroundScheduler(
        timezone=UTC, job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
    )
    scheduler.add_job(_tick, "interval", [ticker], seconds=seconds, next_run_time=datetime.now(UTC), id="tick")
    scheduler.add_job(_send, "interval", [ticker], seconds=min(SEND_SECONDS, seconds), id="send")
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown(wait=True)


def _tick(ticker: Ticker) -> None:
    try:
        ticked = ticker.tick()
    except psycopg.Error as problem:  # the database went away: the next tick finds what this one did not do
        log.warning("jobs.tick_failed", problem=type(problem).__name__)
        return
    if ticked is not None and (ticked.acts or ticked.raised):
        log.info("jobs.ticked", acts=ticked.acts, raised=ticked.raised)


def _send(ticker: Ticker) -> None:
    try:
        ticker.send()
    except psycopg.Error as problem:
        log.warning("jobs.send_failed", problem=type(problem).__name__)
