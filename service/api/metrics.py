"""The figures of the service in Prometheus' text format, read when they are asked for."""

import math
from collections.abc import Iterator
from typing import Any

import psycopg
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from psycopg_pool import PoolTimeout

from service.projections.holdups import open_transactions
from service.projections.lag import look


class ServiceCollector(Collector):
    """Asks the database at each scrape: several processes of one service then tell the same truth."""

    def __init__(self, service: Any) -> None:
        self.service = service

    def collect(self) -> Iterator[Metric]:
        standing = look(self.service.database)
        limit = self.service.settings.lag_limit
        ready = standing is not None and standing.problem(limit) is None
        yield GaugeMetricFamily("trajectoire_ready", "1 where reads and writes can be relied on", int(ready))
        if standing is None:
            return
        told = (
            ("log_head", "Position of the last recorded event", standing.head),
            ("projected", "Position of the read models", standing.projected),
            ("lag", "Events that the read models have not seen", standing.lag),
            ("lag_seconds", "How long the oldest of them may have waited", standing.lag_seconds),
            (
                "heartbeat_age_seconds",
                "Since the last sign of life of the engine",
                math.inf if standing.silence is None else standing.silence,
            ),
            ("leader_epoch", "How often the leader of the engine has changed", standing.epoch),
            ("set_aside", "Streams that wait because an event could not be projected", standing.set_aside),
            ("skipped", "Events left out of the read models by decision", standing.skipped),
        )
        for name, help, value in told:
            yield GaugeMetricFamily(f"trajectoire_{name}", help, value)
        try:
            with self.service.database.connection() as connection:
                opened = open_transactions(connection)
        except (psycopg.Error, PoolTimeout):
            return
        oldest = max((each.seconds for each in opened if each.keeps_snapshot), default=0.0)
        locked = max((each.seconds for each in opened if each.appending), default=0.0)
        yield GaugeMetricFamily("trajectoire_oldest_snapshot_seconds", "Age of the oldest open transaction", oldest)
        yield GaugeMetricFamily("trajectoire_append_lock_seconds", "How long the append lock is held", locked)


def exposition(service: Any) -> bytes:
    """All figures, now."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(ServiceCollector(service))
    return generate_latest(registry)
