"""A long history is not read from its beginning: its read model is the snapshot, the log tells the rest."""

import pytest

from service.domain.action import ACTION
from service.store import unit as units
from tests.running import Running
from tests.store.test_states import by_another_process, confirm, propose


def test_a_long_history_is_taken_from_its_read_model(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(units, "LONG", 10)
    log = running.service.log
    id = propose(log)
    for _ in range(15):
        outcome = confirm(log, id)
    assert running.service.gate.wait(log.head(), 10)
    by_another_process(log, id, outcome + 1)  # perhaps not in the read model yet
    log.states.forget([id])
    read: list[int | None] = []
    stored = log.stored
    monkeypatch.setattr(log, "stored", lambda stream, **b: read.append(b.get("after")) or stored(stream, **b))
    assert confirm(log, id) == outcome + 2
    assert len(read) == 2
    assert read[0] is None
    assert read[1] is not None
    assert read[1] >= outcome
    assert log.states.get(id) == log.load(ACTION, id)
