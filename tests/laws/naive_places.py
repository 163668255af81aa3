"""Which parts of the plan an object stands in: the whole, an axis or none, workstreams, a phase or none."""

from collections.abc import Iterator

from tests.laws.naive_past import Past
from tests.laws.naive_standing import Thing


def axis_of(past: Past, action: Thing) -> str | None:
    """That of its parent, of its workstream, or its own."""
    action = past.ever.get(action["parent_id"], action)
    axis: str | None = past.ever.get(action["workstream_id"], action)["axis_id"]
    return axis


def parts_of(past: Past, it: Thing | None) -> set[str]:
    """Milestones, indicators and reports stand where their subject stands, an obstacle wherever it blocks something."""
    kind = it["concept"] if it else None
    if it is None or kind == "transformation":
        return {"total"}
    if kind == "obstacle":
        return {"total"}.union(*(parts_of(past, past.ever.get(target["id"])) for target in it["blocks"]))
    if kind in ("milestone", "indicator", "status_report"):
        return parts_of(past, past.ever.get(it["subject"]["id"])) if it["subject"] else {"total"}
    if kind in ("axis", "phase"):
        return {"total", f"{kind} {it['id']}"}
    if kind == "workstream":
        return {"total", f"axis {it['axis_id']}", *_above(past, it["id"])}
    top = past.ever.get(it["parent_id"], it)
    return {"total", f"axis {axis_of(past, top)}", f"phase {top['phase_id']}", *_above(past, top["workstream_id"])}


def _above(past: Past, id: str | None) -> Iterator[str]:
    """A workstream and those that it stands under."""
    while id is not None:
        yield f"workstream {id}"
        id = past.ever[id]["parent_id"]
