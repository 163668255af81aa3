"""What counts of raw events: corrected facts as corrected, facts taken back left out.

Nothing of the product computes here: neither its projections, nor the folds of its concepts, nor its clocks.
"""

from collections.abc import Iterable, Iterator
from typing import Any

Told = dict[str, Any]
"""One event as the log has it: position, stream, topic, event_id, on (true-on), today (known-on, in Paris), at (its
instant), who (who acted, and for whom), data."""


def histories(told: Iterable[Told]) -> dict[str, list[Told]]:
    """The events of each object, in their order."""
    streams: dict[str, list[Told]] = {}
    for event in told:
        streams.setdefault(event["stream"], []).append(event)
    return streams


def verb(event: Told) -> str:
    """What happened, without to what."""
    return str(event["topic"].partition(".")[2])


def taken_back(history: list[Told]) -> set[str]:
    return {e["data"]["target_event_id"] for e in history if verb(e) == "withdrawn"}


def effective(told: Iterable[Told], *, gone_too: bool = False) -> Iterator[list[Told]]:
    """The history of each object as it counts. An object whose creation was taken back is none, unless asked for."""
    for history in histories(told).values():
        gone = taken_back(history)
        if history[0]["event_id"] in gone:
            if not gone_too:
                continue
            gone -= {history[0]["event_id"]}
        facts = [dict(e) for e in history if verb(e) not in ("withdrawn", "corrected")]
        for mend in (e["data"] for e in history if verb(e) == "corrected"):
            for fact in (f for f in facts if f["event_id"] == mend["target_event_id"]):
                right = {**mend["changes"], **mend["texts"]}
                fact["on"] = right.pop("occurred_on", fact["on"])
                fact["data"] = {**fact["data"], **right}
        yield [fact for fact in facts if fact["event_id"] not in gone]
