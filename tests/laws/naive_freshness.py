"""Freshness worked out a second time: what is alive and nobody touched for longer than so many days."""

from typing import Any

from tests.laws.naive_past import Past, days
from tests.laws.naive_standing import Thing

ALIVE = {
    "transformation": {"prepared", "running", "closing"},
    "phase": {"open", "held"},
    "axis": {"proposed", "confirmed"},
    "workstream": {"open"},
    "action": {"proposed", "planned", "in_progress", "paused"},
    "milestone": {"planned"},
    "obstacle": {"raised", "active", "postponed"},
    "indicator": {"defined"},
}
"""By kind, in the order in which they are told where they were forgotten as long."""
CALL = {"axis": "axes/{id}/look-at", "obstacle": "obstacles/{id}/speak"}
"""What says that nothing has changed, where it is not `confirm`."""


def freshness(past: Past, longest: int) -> dict[str, Any]:
    """The last thing that anybody did to an object is its last sign of life, « rien n’a changé » included."""
    alive = {kind: [it for it in past.of(kind) if it["status"] in ALIVE[kind]] for kind in ALIVE}
    forgotten = {kind: [it for it in alive[kind] if silent(past, it) > longest] for kind in ALIVE}
    return {
        "by_kind": {kind: (len(alive[kind]), len(forgotten[kind])) for kind in ALIVE},
        "objects": [
            (kind, it["id"], it["status"], past.last[it["id"]]["today"], silent(past, it), owners(past, it), call(it))
            for kind, _, it in sorted(
                ((kind, rank, it) for rank, kind in enumerate(ALIVE) for it in forgotten[kind]),
                key=lambda each: (-silent(past, each[2]), each[1], each[2]["id"]),
            )
        ],
    }


def silent(past: Past, it: Thing) -> int:
    return days(past.last[it["id"]]["today"], past.today)


def owners(past: Past, it: Thing) -> list[str]:
    """Whose it is, a milestone being its action's; else it is for those who lead."""
    found: list[str | None]
    match it["concept"]:
        case "milestone":
            subject = past.all.get(it["subject"]["id"])
            found = [*owners(past, subject)] if subject and subject["concept"] == "action" else []
        case "action":
            found = [it["lead"], *it["contributors"]]
        case "indicator":
            found = [it["owner"], it["collector"]]
        case _:
            found = [it.get("owner")]
    leads = (m["person_id"] for m in past.of("member") if m["role"] == "lead" and m["status"] == "granted")
    return [person for person in found if person] or sorted(leads)


def call(it: Thing) -> str:
    return "/api/v1/" + CALL.get(it["concept"], f"{it['concept']}s/{{id}}/confirm").format(id=it["id"])
