"""Progress worked out a second time, with what explains it (DOMAIN section 2, Progress): unknown is never 0."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from tests.laws.naive_past import Past, mean, number
from tests.laws.naive_standing import Thing

Progress = dict[str, Any]
"""value (a fraction, or None), rule, known, of, inputs."""


def of_action(past: Past, action: Thing) -> Progress:
    """Done is 1; else the weighted mean of its milestones and sub-actions; else what was declared; else unknown."""
    if action["status"] == "done":
        return _told(Fraction(1), "done", 1, 1, [])
    parts: list[tuple[str, str, Fraction, Fraction | None]] = []
    for m in past.of("milestone"):
        if m["subject"] == {"kind": "action", "id": action["id"]} and m["status"] != "cancelled":
            parts.append(("milestone", m["id"], Fraction(m["weight"]), Fraction(m["status"] == "reached")))
    for sub in past.of("action"):
        if sub["parent_id"] == action["id"] and sub["status"] != "abandoned":
            parts.append(("sub_action", sub["id"], Fraction(sub["weight"]), of_action(past, sub)["value"]))
    known = [(value, weight) for *_, weight, value in parts if value is not None]
    value = mean(known)
    inputs = [(kind, id, number(weight), number(value)) for kind, id, weight, value in parts]
    if value is not None:
        return _told(value, "mean_of_parts", len(known), len(parts), inputs)
    if action.get("percent") is not None:
        said = [("declared", action["percent_on"], None, number(Fraction(action["percent"]) / 100))]
        return _told(Fraction(action["percent"]) / 100, "declared", 1, 1, said)
    return _told(None, "nothing_known", len(known), len(parts), inputs)


def rolled_up(past: Past, actions: Iterable[Thing]) -> Progress:
    """The weighted mean over those that are known, with k of n; the abandoned are out."""
    kept = [(a, of_action(past, a)["value"], Fraction(a["weight"])) for a in actions if a["status"] != "abandoned"]
    known = [(value, weight) for _, value, weight in kept if value is not None]
    inputs = [("action", a["id"], number(weight), number(value)) for a, value, weight in kept]
    value = mean(known)
    return _told(value, "none_known" if value is None else "mean_of_known", len(known), len(kept), inputs)


def _told(value: Fraction | None, rule: str, known: int, of: int, inputs: list[Any]) -> Progress:
    return {"value": value, "rule": rule, "known": known, "of": of, "inputs": sorted(inputs)}


def shown(progress: Progress) -> Progress:
    """As it is compared."""
    return {**progress, "value": number(progress["value"])}
