"""Executing acts: decide, append, decide again on a conflict, replay on a known key. One way to record."""

import random
import time
from collections.abc import Awaitable, Callable
from uuid import UUID

from service.domain.act import Act
from service.domain.event import Fact
from service.domain.refusal import Conflict, Refusal
from service.store.batch import AppendRefused, ClaimTaken, Conditions, IdempotentAnswer, KeyUsed, StreamMoved
from service.store.database import MustWait
from service.store.flight import Flights
from service.store.idempotency import IdempotencyKey, Replay, look_up
from service.store.log import EventLog
from service.store.unit import Outcome, ReferencesWanted, Target, Unit
from service.store.writer import Overloaded, outcome_of

Work = Callable[[Unit], Target]
References = Callable[[UUID, str, int], Awaitable[range]]
"""Takes the next short references of a letter in a transformation."""
MAX_TRIES = 12
LONGEST_PAUSE = 0.25


class TooBusy(Conflict):
    """Too many people change this at the same instant; please repeat your act."""

    FR = "Trop de personnes modifient ceci au même instant\u202f; recommencez, s’il vous plaît."


class AlreadyTaken(Conflict):
    """This already exists and must be unique: {claim}."""

    FR = "Ceci existe déjà et doit être unique\u202f: {claim}."


class Recorder:
    """Executes acts: decide, append, decide again on a conflict, replay on a known key."""

    def __init__(self, log: EventLog) -> None:
        self.log = log
        self.flights = Flights(log.database)

    def execute(self, act: Act, work: Work, key: IdempotencyKey | None = None, *, alone: bool = False) -> Outcome:
        """Run `work` until its events are recorded. Every refusal first looks the idempotency key up (CONTRACT 11).

        `alone`: `work` leaves something outside the log. No other process does an act with this key meanwhile, and a
        key that has its answer is replayed before `work` could leave it twice.
        """
        with self.flights.of(key, everywhere=alone) as waited:
            replay = look_up(self.log.database, key) if waited or alone else None
            return self._replayed(replay) if replay is not None else self._execute(act, work, key)

    def _execute(self, act: Act, work: Work, key: IdempotencyKey | None) -> Outcome:
        for attempt in range(MAX_TRIES):
            unit = Unit(self.log, act, remembering=attempt == 0)
            try:
                target = work(unit)
                return self._append(unit, target, key)
            except (Refusal, KeyUsed) as refusal:
                if unit.remembered and not isinstance(refusal, Overloaded | KeyUsed):
                    unit.forget()  # what was remembered may be behind: no refusal is told from it
                    continue
                replay = look_up(self.log.database, key)
                if replay is not None:
                    return self._replayed(replay)
                if isinstance(refusal, KeyUsed):
                    continue  # its row expired between the append and the look-up
                raise
            except ClaimTaken as taken:
                replay = look_up(self.log.database, key)
                if replay is not None:
                    return self._replayed(replay)
                raise AlreadyTaken(claim=taken.claim.partition(":")[2] or taken.claim) from taken
            except StreamMoved:
                unit.forget()
                # Full jitter: those who collided once must not meet again at the same instant.
                time.sleep(random.uniform(0, min(LONGEST_PAUSE, 0.004 * 2**attempt)))
        replay = look_up(self.log.database, key)
        if replay is not None:
            return self._replayed(replay)
        raise TooBusy()

    async def perform(self, act: Act, work: Work, key: IdempotencyKey | None, references: References) -> Outcome:
        """The same on the event loop, as far as it goes without waiting for a query: on what this process remembers.

        Raises `MustWait` wherever `execute` is to be asked instead, in a thread: something is not remembered, the
        decision was refused or the append was, the key flies already. Nothing is recorded then, but by `KeyUsed`.
        """
        with self.flights.at_once(key):
            taken: dict[tuple[UUID, str], range] = {}
            while True:
                unit = Unit(self.log, act, remembering=True)
                unit.taken = dict(taken)
                try:
                    target = work(unit)
                    append = self.log.submit(unit.facts, self._conditions(unit, target, key))
                    recorded = await outcome_of(append)
                    return self._outcome(unit, target, self.log.placed(unit.facts, recorded))
                except ReferencesWanted as wanted:
                    transformation_id, letter, count = wanted.asked
                    if (transformation_id, letter) in taken:
                        raise  # an act that asks for them piece by piece
                    taken[transformation_id, letter] = await references(transformation_id, letter, count)
                except KeyUsed:
                    raise MustWait() from None
                except Overloaded:
                    raise  # in a thread it would wait as long again
                except (Refusal, AppendRefused):
                    unit.forget()  # no refusal is told from what is remembered
                    raise MustWait() from None

    def _append(self, unit: Unit, target: Target, key: IdempotencyKey | None) -> Outcome:
        facts = self.log.append(unit.facts, self._conditions(unit, target, key))
        return self._outcome(unit, target, facts)

    @staticmethod
    def _conditions(unit: Unit, target: Target, key: IdempotencyKey | None) -> Conditions:
        answer = None
        if key is not None:
            pointer = {
                "concept": target.concept.name,
                "id": str(target.state.id),
                "version": target.state.version,
                "created": target.created,
                "extra": target.extra,
            }
            answer = IdempotentAnswer(key.principal, key.key, key.fingerprint, pointer)
        return unit.conditions(answer)

    @staticmethod
    def _outcome(unit: Unit, target: Target, facts: list[Fact]) -> Outcome:
        unit.remember(facts)
        return Outcome(
            concept=target.concept,
            id=target.state.id,
            version=target.state.version,
            position=facts[-1].position if facts else 0,
            facts=facts,
            created=target.created,
            extra=target.extra,
            state=unit.recorded(target.state.id),
        )

    def replayed_or(self, refusal: Refusal, key: IdempotencyKey | None) -> Outcome:
        """The answer that the key already has. Raises `refusal` where it has none."""
        replay = look_up(self.log.database, key)
        if replay is None:
            raise refusal
        return self._replayed(replay)

    def _replayed(self, replay: Replay) -> Outcome:
        return Outcome(
            concept=replay.concept,
            id=replay.id,
            version=replay.version,
            position=replay.position,
            created=replay.created,
            replayed=True,
            extra=replay.extra,
        )
