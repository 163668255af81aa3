"""Personal texts: nowhere in clear but where people read them, tied to their event, and gone with their key."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from service.domain.event import Event, new_id
from service.domain.note import NoteSubject, NoteWritten
from service.domain.phase import PhasePlanned
from service.domain.text import ERASED_TEXT, personal_fields
from service.store.batch import Conditions, IdempotentAnswer
from service.store.database import Database
from service.store.log import EventLog
from service.store.texts import MasterKeyUnusable, TextTampered, TextVault, master_key
from tests.store.sampling import EVENTS, NOW, everything_stored, fact, filled

MARKER = "Zoé Marqueur-Confidentiel"


@pytest.fixture(scope="module")
def log(database: str) -> Iterator[EventLog]:
    opened = Database(database, pool_size=2)
    yield EventLog(opened, TextVault(b"v" * 32))
    opened.close()


@pytest.mark.parametrize("topic", EVENTS)
def test_a_personal_text_is_stored_in_clear_nowhere_and_read_back(topic: str, log: EventLog) -> None:
    event = filled(EVENTS[topic], MARKER)
    recorded = fact(event, reason=f"{MARKER} (motif)")
    answer = IdempotentAnswer("p_1", topic, b"f" * 32, {"concept": "note", "id": str(recorded.originator_id)})
    log.append([recorded], Conditions(at=NOW, idempotency=answer))
    stored = everything_stored(log.database)
    assert topic in stored
    assert "Marqueur" not in stored
    read = log.history(recorded.originator_id)[0]
    assert read.event == event
    assert read.envelope.reason == f"{MARKER} (motif)"
    keys = log.database.all("SELECT path FROM text_keys WHERE event_id = %s", (recorded.envelope.event_id,))
    names = {row["path"].partition(".")[0] for row in keys}
    assert names == {"envelope", *personal_fields(type(event))}


def test_some_events_hold_personal_texts() -> None:
    """Otherwise the test above would prove nothing."""
    assert sum(bool(personal_fields(kind)) for kind in EVENTS.values()) > 30


# What ties a text to its event


def two_notes(log: EventLog, *texts: str) -> list[Any]:
    facts = [fact(NoteWritten(subject=NoteSubject(kind="axis", id=new_id()), text=text)) for text in texts]
    log.append(facts, Conditions(at=NOW))
    return facts


def rows_of(log: EventLog, facts: list[Any]) -> list[Any]:
    recorder: Any = log.recorder
    return [recorder.select_events(f.originator_id)[0] for f in facts]


def test_an_altered_ciphertext_is_detected(log: EventLog) -> None:
    (row,) = rows_of(log, two_notes(log, "Un texte"))
    stored = json.loads(row.state)
    sealed = bytearray(base64.b64decode(stored["data"]["text"]["$text"]))
    for place in (0, 13, len(sealed) - 1):
        altered = bytearray(sealed)
        altered[place] ^= 1
        data = {**stored["data"], "text": {**stored["data"]["text"], "$text": base64.b64encode(altered).decode()}}
        with pytest.raises(TextTampered):
            opened(log, row, json.dumps({**stored, "data": data}).encode())


def opened(log: EventLog, row: Any, state: bytes, **changed: Any) -> Any:
    mapper: Any = log.mapper
    fields = {name: getattr(row, name) for name in ("originator_id", "originator_version", "topic", "event_id")}
    return mapper.to_domain_event(
        type(row)(
            **{**fields, "transformation_id": None, "keys": row.keys, "position": 1, "recorded_at": NOW, **changed},
            state=state,
        )
    )


def test_the_key_of_another_text_opens_nothing(log: EventLog) -> None:
    one, two = rows_of(log, two_notes(log, "Un", "Deux"))
    assert opened(log, one, one.state).event.text == "Un"
    with pytest.raises(TextTampered):
        opened(log, one, one.state, keys=two.keys)


def test_a_text_moved_to_another_event_with_its_key_is_detected(log: EventLog) -> None:
    one, two = rows_of(log, two_notes(log, "Un", "Deux"))
    for changed in (
        {"originator_id": two.originator_id},
        {"originator_version": 7},
        {"event_id": two.event_id},
    ):
        with pytest.raises(TextTampered):
            opened(log, one, one.state, **changed)


def test_two_texts_of_one_event_cannot_change_places(log: EventLog) -> None:
    event = PhasePlanned(ordinal=1, title="T", expected_actions=("Première", "Seconde"))
    recorded = fact(event)
    log.append([recorded], Conditions(at=NOW))
    (row,) = rows_of(log, [recorded])
    stored = json.loads(row.state)
    stored["data"]["expected_actions"].reverse()
    swapped = opened(log, row, json.dumps(stored).encode())  # each still carries its own path
    stored["data"]["expected_actions"] = [
        {**text, "path": path}
        for text, path in zip(
            stored["data"]["expected_actions"],
            ("phase.planned#expected_actions.0", "phase.planned#expected_actions.1"),
            strict=True,
        )
    ]
    with pytest.raises(TextTampered):
        opened(log, row, json.dumps(stored).encode())
    assert set(swapped.event.expected_actions) == {"Première", "Seconde"}


def test_an_erased_text_shows_that_it_was_erased_and_nothing_else_changes(log: EventLog) -> None:
    event = PhasePlanned(ordinal=1, title="Titre", objective="Objectif", expected_actions=("Un", "Deux"))
    recorded = fact(event, reason="Motif")
    log.append([recorded], Conditions(at=NOW))
    before = rows_of(log, [recorded])[0].state
    log.database.one(
        "DELETE FROM text_keys WHERE event_id = %s AND path = 'expected_actions.1' RETURNING path",
        (recorded.envelope.event_id,),
    )
    read: Any = log.history(recorded.originator_id)[0]
    assert read.event == event.model_copy(update={"expected_actions": ("Un", ERASED_TEXT)})
    assert read.envelope.reason == "Motif"
    assert rows_of(log, [recorded])[0].state == before


def test_one_text_twice_has_two_ciphertexts(log: EventLog) -> None:
    one, two = rows_of(log, two_notes(log, "Le même", "Le même"))
    texts = [json.loads(row.state)["data"]["text"]["$text"] for row in (one, two)]
    assert texts[0] != texts[1]


def test_a_text_that_looks_like_a_ciphertext_is_a_text(log: EventLog) -> None:
    (recorded,) = two_notes(log, '{"$text": "AAAA", "path": "x#y", "v": 1, "tie": ""}')
    read: Any = log.history(recorded.originator_id)[0]
    assert read.event.text == recorded.event.text


# The master key


def test_another_master_key_opens_nothing(log: EventLog) -> None:
    (recorded,) = two_notes(log, "Un texte")
    stranger = EventLog(log.database, TextVault(b"w" * 32))
    with pytest.raises(TextTampered):
        stranger.history(recorded.originator_id)


def test_a_master_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "keys" / "master.key"
    made = master_key(None, file)
    assert len(made) == 32
    assert master_key(None, file) == made
    assert file.stat().st_mode & 0o777 == 0o600
    assert master_key(base64.b64encode(b"x" * 32).decode(), file) == b"x" * 32


@pytest.mark.parametrize("given", ["pas de la base64 !", base64.b64encode(b"court").decode()])
def test_an_unusable_master_key_is_refused(given: str, tmp_path: Path) -> None:
    with pytest.raises(MasterKeyUnusable):
        TextVault(master_key(given, tmp_path / "master.key"))


def test_every_personal_field_is_a_field_of_an_event() -> None:
    for kind in EVENTS.values():
        assert issubclass(kind, Event)
        assert personal_fields(kind) <= kind.model_fields.keys()
