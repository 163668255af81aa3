"""A long, plausible history: plans of two hundred actions whose facts go through the real mapper and COPY into the log.

The generator keeps to the order of a life (proposed, planned, started, declared), so every fact is legal.
"""

import random
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from service.bootstrap import Service
from service.domain.action_events import (
    ActionDescribed,
    ActionPlanned,
    ActionPrioritised,
    ActionProgressDeclared,
    ActionProposed,
    ActionStarted,
)
from service.domain.axis import AxisProposed
from service.domain.event import Envelope, Event, Fact, new_id
from service.domain.indicator_events import DatedValue, IndicatorDefined, IndicatorMeasured
from service.domain.milestone import MilestoneConfirmed, MilestonePlanned, MilestoneRescheduled, MilestoneSubject
from service.domain.note import NoteSubject, NoteWritten
from service.domain.obstacle_events import ObstacleRaised, ObstacleSpoken, ObstacleTarget
from service.domain.phase import PhasePlanned
from service.domain.status_report import ReportSubject, StatusReported
from service.domain.workstream import WorkstreamOpened
from service.store.mapper import StoredFact

ACTIONS = 200
AXES, WORKSTREAMS, PHASES, OBSTACLES, INDICATORS, REPORTS = 8, 24, 4, 20, 12, 12
PARAGRAPH = "Les équipes ont essayé la nouvelle façon de faire, et disent ce qui reste à mettre au point. "
CHUNK = 20_000


class Plan:
    """One transformation whose life is generated, from today's plan onwards."""

    def __init__(self, transformation_id: UUID, people: list[str], today: date, *, seed: int = 7) -> None:
        self.transformation_id = transformation_id
        self.people = people
        self.today = today
        self.random = random.Random(seed)
        self.versions: dict[UUID, int] = {}
        self.actions: list[UUID] = []
        self.milestones: list[UUID] = []
        self.indicators: list[UUID] = []
        self.obstacles: list[UUID] = []
        self.moved: dict[UUID, int] = {}

    def facts(self, count: int) -> Iterator[Fact]:
        """The first facts make the plan; the others are its daily life, for as many as are asked for."""
        made = 0
        for fact in self._beginning():
            yield fact
            made += 1
        while made < count:
            yield self._daily()
            made += 1

    def fact(self, stream: UUID, event: Event, reason: str | None = None) -> Fact:
        version = self.versions[stream] = self.versions.get(stream, 0) + 1
        id = new_id()
        envelope = Envelope.model_construct(
            event_id=id,
            transformation_id=self.transformation_id,
            actor=self.random.choice(self.people),
            on_behalf_of=None,
            channel="api",
            reason=reason,
            occurred_on=self.today,
            occurred_on_basis="recording",
            correlation_id=id,
            causation_id=id,
        )
        return Fact(stream, version, event, envelope)

    def _beginning(self) -> Iterator[Fact]:
        pick, day = self.random, self.today
        axes, workstreams, phases = ([new_id() for _ in range(n)] for n in (AXES, WORKSTREAMS, PHASES))
        for number, id in enumerate(axes):
            yield self.fact(id, AxisProposed(position=number + 1, title=f"Axe {number + 1}"))
        for number, id in enumerate(phases):
            yield self.fact(id, PhasePlanned(ordinal=number + 1, title=f"Étape {number + 1}"))
        for number, id in enumerate(workstreams):
            axis = axes[number % AXES]
            yield self.fact(id, WorkstreamOpened(ref=number + 1, axis_id=axis, title=f"Chantier {number + 1}"))
        for number in range(ACTIONS):
            id = new_id()
            self.actions.append(id)
            workstream = number % (WORKSTREAMS + 2)
            placed = workstream < WORKSTREAMS
            end_on = day + timedelta(days=pick.randint(-8, 300))
            yield self.fact(
                id,
                ActionProposed(
                    ref=number + 1,
                    title=f"Action {number + 1}\u202f: mettre en place la nouvelle organisation",
                    description=PARAGRAPH * 3,
                    axis_id=axes[workstream % AXES] if placed else None,
                    workstream_id=workstreams[workstream] if placed else None,
                    phase_id=phases[number % PHASES],
                    lead=pick.choice(self.people),
                    focus="being" if number % 3 == 0 else "doing",
                    priority=pick.choice(("high", "medium", "low")),
                    start_on=day - timedelta(days=90),
                    end_on=end_on,
                    baseline_on=end_on + timedelta(days=pick.choice((0, 0, 0, 0, 0, 10, 30, -15))),
                    weight=Decimal(pick.randint(1, 3)),
                ),
            )
        for number, id in enumerate(self.actions):
            if number % 10:
                yield self.fact(id, ActionPlanned())
                yield self.fact(id, ActionStarted())
                yield self.fact(id, ActionProgressDeclared(percent=Decimal(pick.randint(0, 100))))
            milestone = new_id()
            self.milestones.append(milestone)
            due_on = day + timedelta(days=pick.randint(-8, 200))
            subject = MilestoneSubject(kind="action", id=id)
            planned = MilestonePlanned(
                ref=number + 1, subject=subject, title=f"Jalon {number + 1}", due_on=due_on, baseline_on=due_on
            )
            yield self.fact(milestone, planned)
        for number in range(OBSTACLES):
            id = new_id()
            self.obstacles.append(id)
            yield self.fact(
                id,
                ObstacleRaised(
                    ref=number + 1,
                    title=f"Obstacle {number + 1}",
                    statement=PARAGRAPH,
                    nature="obstacle",
                    impact=pick.choice((1, 2, 3)),
                    urgency=pick.choice((1, 2, 3)),
                    owner=pick.choice(self.people),
                    blocks=(ObstacleTarget(kind="action", id=pick.choice(self.actions)),),
                    next_look_on=day + timedelta(days=pick.randint(-5, 30)),
                ),
            )
        for number in range(INDICATORS):
            id = new_id()
            self.indicators.append(id)
            yield self.fact(
                id,
                IndicatorDefined(
                    ref=number + 1,
                    title=f"Indicateur {number + 1}",
                    family="doing",
                    unit="%",
                    direction="up",
                    baseline=DatedValue(value=Decimal(0), on=day - timedelta(days=400)),
                    targets=(DatedValue(value=Decimal(100), on=day + timedelta(days=400)),),
                    cadence="monthly",
                    owner=pick.choice(self.people),
                ),
            )
            yield self.fact(id, IndicatorMeasured(value=Decimal(pick.randint(0, 100))))
        for number in range(REPORTS):
            about = ReportSubject(kind="workstream", id=workstreams[number])
            reported = StatusReported(subject=about, confidence="attainable", narrative=PARAGRAPH)
            yield self.fact(new_id(), reported)

    def _daily(self) -> Fact:
        """One more day: mostly progress and confirmations, some notes and words, a few moved dates."""
        pick = self.random
        chance, number = pick.random(), pick.randrange(ACTIONS)
        action, milestone = self.actions[number], self.milestones[number]
        if chance < 0.45:
            if number % 10:
                return self.fact(action, ActionProgressDeclared(percent=Decimal(pick.randint(0, 100))))
            return self.fact(action, ActionPrioritised(priority=pick.choice(("high", "medium", "low"))))
        if chance < 0.75:
            return self.fact(milestone, MilestoneConfirmed())
        if chance < 0.77 and self.moved.get(milestone, 0) < 8:
            self.moved[milestone] = self.moved.get(milestone, 0) + 1
            due_on = self.today + timedelta(days=pick.randint(-20, 200))
            return self.fact(milestone, MilestoneRescheduled(due_on=due_on), reason="Le marché a pris du retard.")
        if chance < 0.85:
            return self.fact(action, ActionDescribed(description=PARAGRAPH * pick.randint(1, 4)))
        if chance < 0.90:
            return self.fact(pick.choice(self.obstacles), ObstacleSpoken(text=PARAGRAPH))
        subject = NoteSubject(kind="action", id=action)
        return self.fact(new_id(), NoteWritten(subject=subject, text=PARAGRAPH))


def milestone(plan: Plan) -> Fact:
    """The first fact of a new object, without personal text: a milestone."""
    subject = MilestoneSubject(kind="action", id=plan.transformation_id)
    due_on = plan.today + timedelta(days=30)
    return plan.fact(new_id(), MilestonePlanned(ref=1, subject=subject, title="Jalon", due_on=due_on))


def write(service: Service, facts: Iterable[Fact]) -> int:
    """Write facts to the end of the log by COPY, in their order; how many. Nobody else may be writing."""
    mapper: Any = service.log.mapper
    total = 0
    chunk: list[StoredFact] = []
    for fact in facts:
        chunk.append(mapper.to_stored_event(fact))
        if len(chunk) == CHUNK:
            total += _copy(service, chunk)
            chunk = []
    total += _copy(service, chunk)
    with service.database.connection() as connection:
        connection.execute("ANALYZE events")
        connection.execute("ANALYZE text_keys")
    return total


EVENTS = (
    "COPY events (originator_id, originator_version, topic, state, event_id, transformation_id, recorded_at) "
    "FROM STDIN (FORMAT BINARY)"
)
KEYS = "COPY text_keys (event_id, path, master_key_id, wrapped) FROM STDIN (FORMAT BINARY)"


def _copy(service: Service, rows: list[StoredFact]) -> int:
    with service.database.connection() as connection, connection.transaction(), connection.cursor() as cursor:
        connection.execute("SELECT pg_advisory_xact_lock(7226, 1)")
        found = connection.execute("SELECT clock_timestamp() AS now").fetchone()
        now: datetime = found["now"] if found else datetime.now()
        with cursor.copy(EVENTS) as copy:
            copy.set_types(["uuid", "int8", "text", "bytea", "uuid", "uuid", "timestamptz"])
            for row in rows:
                copy.write_row(
                    (
                        row.originator_id,
                        row.originator_version,
                        row.topic,
                        row.state,
                        row.event_id,
                        row.transformation_id,
                        now,
                    )
                )
        with cursor.copy(KEYS) as copy:
            copy.set_types(["uuid", "text", "text", "bytea"])
            for row in rows:
                for path, wrapped in row.keys.items():
                    copy.write_row((row.event_id, path, service.log.vault.master_key_id, wrapped))
    return len(rows)


def interleaved(plans: list[Plan], each: int) -> Iterator[Fact]:
    """The lives of several plans side by side, as they would be recorded."""
    lives = [plan.facts(each) for plan in plans]
    while lives:
        going = []
        for life in lives:
            fact = next(life, None)
            if fact is not None:
                yield fact
                going.append(life)
        lives = going
