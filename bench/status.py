"""The status of an action plan of two hundred actions, read over HTTP: whole, conditional, and after a change."""

import json
import urllib.request
from typing import Any

from bench.client import get, press
from bench.row import Row, paired
from bench.stage import Stage, World

CONNECTIONS = 8


def measure(stage: Stage, *, quick: bool) -> list[Row]:
    """Against the CRUD application that answers the same JSON; the answers are compared before they are timed."""
    runs, seconds = (5, 0.5) if quick else (7, 3.0)
    with stage.world("status", events=3000) as world, stage.crud(world) as baseline:
        path = f"/api/v1/transformations/{world.first.transformation_id}/action-plan?include=actions"
        theirs = f"/{world.first.transformation_id}/action-plan"
        with stage.serve(world) as port, stage.serve(world, TRAJECTOIRE_VIEW_CACHE_MB="0") as forgetful:
            etag = require_equal(world, port, path, baseline, theirs)
            whole, held = get(path, world.key), get(path, world.key, If_None_Match=etag)
            model, raw = get(theirs, world.key), get(f"{theirs}/raw", world.key)

            def rate(server: int, request: bytes, expected: int = 200) -> float:
                load = press(server, lambda: request, connections=CONNECTIONS, seconds=seconds, expected=expected)
                return load.per_second

            figures: dict[str, list[float]] = {name: [] for name in ("model", "raw", "whole", "held", "first")}
            for _ in range(runs):
                figures["model"].append(rate(baseline, model))
                figures["whole"].append(rate(port, whole))
                figures["raw"].append(rate(baseline, raw))
                figures["held"].append(rate(port, held, 304))
                figures["first"].append(rate(forgetful, whole))
    pairs = {
        (ours, base): list(zip(figures[ours], figures[base], strict=True))
        for ours in ("whole", "held", "first")
        for base in ("model", "raw")
    }
    return [
        paired("GET status, against the response model", "req/s", pairs["whole", "model"], at_least=2),
        paired("GET status, against raw orjson", "req/s", pairs["whole", "raw"], at_least=1.3),
        paired("GET status, conditional, against the response model", "req/s", pairs["held", "model"], at_least=4),
        paired("GET status, each time computed, against the response model", "req/s", pairs["first", "model"]),
        paired("GET status, each time computed, against raw orjson", "req/s", pairs["first", "raw"]),
    ]


def fetch(port: int, path: str, key: str) -> tuple[Any, str]:
    """The JSON and the ETag of an answer."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Authorization": f"Bearer {key}"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer), answer.headers.get("ETag", "")


def require_equal(world: World, port: int, path: str, baseline: int, theirs: str) -> str:
    """The ETag of ours; ends the measure if one of the three answers differs from the others."""
    ours, etag = fetch(port, path, world.key)
    for variant in (theirs, f"{theirs}/raw"):
        other, _ = fetch(baseline, variant, world.key)
        difference = first_difference(rounded(ours), rounded(other))
        if difference:
            raise SystemExit(f"{variant} does not answer as we do: {difference}")
    return etag


IGNORED = frozenset({"incomplete"})
"""What only a service that can set a stream aside has to say."""


def rounded(value: Any) -> Any:
    """Floats to twelve digits: ours are decimals."""
    if isinstance(value, float):
        return round(value, 12)
    if isinstance(value, dict):
        return {name: rounded(item) for name, item in value.items() if name not in IGNORED}
    return [rounded(item) for item in value] if isinstance(value, list) else value


def first_difference(one: Any, other: Any, where: str = "") -> str | None:
    """Where two JSON values differ first."""
    if isinstance(one, dict) and isinstance(other, dict):
        if one.keys() != other.keys():
            return f"{where}: {sorted(one.keys() ^ other.keys())}"
        return next((d for name in one if (d := first_difference(one[name], other[name], f"{where}/{name}"))), None)
    if isinstance(one, list) and isinstance(other, list):
        if len(one) != len(other):
            return f"{where}: {len(one)} and {len(other)} items"
        pairs = enumerate(zip(one, other, strict=True))
        return next((d for n, (a, b) in pairs if (d := first_difference(a, b, f"{where}/{n}"))), None)
    return None if one == other or _same_instant(one, other) else f"{where}: {one!r} and {other!r}"


def _same_instant(one: Any, other: Any) -> bool:
    return (
        isinstance(one, str) and isinstance(other, str) and one.replace("+00:00", "Z") == other.replace("+00:00", "Z")
    )
