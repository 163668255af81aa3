"""What the log holds is read for ever: one stored example of every event and version, kept and read again.

`TRAJECTOIRE_WRITE_EXAMPLES=1` writes the example of an event that has none; an existing one is never written again.
"""

import base64
import json
import os
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

import pytest

from service.domain.action_events import ActionDescribed
from service.domain.event import Event, type_registry
from service.domain.milestone import MilestoneConfirmed
from service.store.mapper import FactMapper, StoredFact, UnknownTopic
from service.store.texts import MARK, TextVault
from tests.store.sampling import EVENTS, fact, filled

FOLDER = Path(__file__).parents[1] / "stored_events"
MAPPER = FactMapper(TextVault(b"examples of stored events, v1..!"))
WRITE = os.environ.get("TRAJECTOIRE_WRITE_EXAMPLES") == "1"


def file_of(kind: type[Event]) -> Path:
    return FOLDER / f"{kind.TOPIC}.v{kind.VERSION}.json"


def stored(path: Path) -> StoredFact:
    example = json.loads(path.read_text())
    return StoredFact(
        originator_id=UUID(example["stream"]),
        originator_version=example["number"],
        topic=example["topic"],
        state=json.dumps(example["state"]).encode(),
        event_id=UUID(example["event_id"]),
        transformation_id=None,
        keys={path: base64.b64decode(key) for path, key in example["keys"].items()},
    )


def write(kind: type[Event]) -> None:
    event = filled(kind, "Un texte personnel")
    row: Any = MAPPER.to_stored_event(fact(event, reason="Un motif"))
    example = {
        "topic": row.topic,
        "stream": str(row.originator_id),
        "number": row.originator_version,
        "event_id": str(row.event_id),
        "state": json.loads(row.state),
        "keys": {path: base64.b64encode(key).decode() for path, key in sorted(row.keys.items())},
        "reads_as": event.model_dump(mode="json"),
    }
    FOLDER.mkdir(exist_ok=True)
    file_of(kind).write_text(json.dumps(example, ensure_ascii=False, indent=1) + "\n")


@pytest.mark.parametrize("topic", EVENTS)
def test_every_event_has_a_stored_example_of_its_version(topic: str) -> None:
    kind = EVENTS[topic]
    if WRITE and not file_of(kind).exists():
        write(kind)
    assert file_of(kind).exists(), "run this test once with TRAJECTOIRE_WRITE_EXAMPLES=1 and commit the file"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_every_stored_example_is_still_read_with_the_same_meaning(path: Path) -> None:
    read = MAPPER.to_domain_event(stored(path))
    meant = json.loads(path.read_text())["reads_as"]
    now = read.event.model_dump(mode="json")
    assert {name: now.get(name) for name in meant} == meant
    assert read.envelope.reason == "Un motif"


@pytest.mark.parametrize("topic", EVENTS)
def test_what_is_written_today_has_the_shape_of_the_example(topic: str) -> None:
    """Fields may be added; one that is renamed, dropped or of another type needs a new version and an upcast."""
    kind = EVENTS[topic]
    example = json.loads(file_of(kind).read_text())["state"]
    row: Any = MAPPER.to_stored_event(fact(filled(kind, "Un texte personnel"), reason="Un motif"))
    missing = lost(shape(example), shape(json.loads(row.state)))
    assert not missing, f"{topic} no longer writes {missing}: raise VERSION and write `upcast`"


def shape(value: Any) -> Any:
    match value:
        case dict() if MARK in value:
            return "personal text"
        case dict():
            return {name: shape(item) for name, item in value.items()}
        case list():
            return [shape(value[0])] if value else []
    return type(value).__name__


def lost(old: Any, new: Any, path: str = "") -> list[str]:
    """The places of the old shape that the new one lacks or fills otherwise."""
    if isinstance(old, dict) and isinstance(new, dict):
        return [found for name, item in old.items() for found in lost(item, new.get(name), f"{path}/{name}")]
    if isinstance(old, list) and isinstance(new, list):
        return lost(old[0], new[0] if new else None, f"{path}/0") if old else []
    return [] if old == new else [path]


def test_no_example_is_of_an_event_that_the_code_forgot() -> None:
    topics = {path.stem.rpartition(".v")[0] for path in FOLDER.glob("*.json")}
    assert topics <= EVENTS.keys()


def test_a_changed_shape_is_seen() -> None:
    old = {"a": "str", "b": [{"c": "int"}]}
    assert lost(old, {"a": "str", "b": [{"c": "int"}], "new": "str"}) == []
    assert lost(old, {"a": "int", "b": [{}]}) == ["/a", "/b/0/c"]


def test_a_revision_stores_the_fields_that_were_sent_and_null_clears() -> None:
    row: Any = MAPPER.to_stored_event(fact(ActionDescribed(description=None, title="Titre")))
    assert json.loads(row.state)["data"] == {"title": "Titre", "description": None}
    read: Any = MAPPER.to_domain_event(row)
    assert read.event.changes() == {"title": "Titre", "description": None}


def test_an_event_without_content_stores_none() -> None:
    row: Any = MAPPER.to_stored_event(fact(MilestoneConfirmed()))
    assert json.loads(row.state)["data"] == {}
    assert row.keys == {}


def test_a_topic_that_the_code_does_not_know_is_said_to_be_unknown() -> None:
    row: Any = MAPPER.to_stored_event(fact(MilestoneConfirmed()))
    with pytest.raises(UnknownTopic):
        MAPPER.to_domain_event(StoredFact(**{**row.__dict__, "topic": "milestone.danced"}))


def test_an_older_version_is_upcast_and_its_texts_still_open() -> None:
    subject = {"kind": "axis", "id": "01980000-0000-7000-8000-000000000001"}
    row: Any = MAPPER.to_stored_event(
        fact(EVENTS["note.written"].model_validate({"subject": subject, "text": "Secret"}))
    )

    class Renamed(Event):
        TOPIC = "sample.renamed"
        VERSION: ClassVar[int] = 2
        said: str

        @classmethod
        def upcast(cls, version: int, data: dict[str, Any]) -> dict[str, Any]:
            assert version == 1
            return {"said": data["text"]}

    try:
        read: Any = MAPPER.to_domain_event(StoredFact(**{**row.__dict__, "topic": "sample.renamed"}))
        assert read.event == Renamed(said="Secret")
    finally:
        del type_registry["sample.renamed"]
