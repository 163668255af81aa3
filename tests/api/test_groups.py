"""Groups over HTTP: a tree of staff and partners, with headcounts that have a day."""

import pytest

from tests.api.registers import Place, prepared
from tests.api.steps import do, refused
from tests.running import Running


@pytest.fixture(scope="module")
def place(running: Running) -> Place:
    return prepared(running)


def test_headcounts_have_a_day(running: Running, place: Place) -> None:
    made = place.make("groups", {"name": "Rédacteurs"})
    path = f"/groups/{made['id']}"
    assert made["headcount"] is None
    for day, count in (("2026-01-05", 40), ("2026-02-16", 38), ("2025-09-01", 42)):
        assert running.post(f"{path}/count", {"headcount": count, "occurred_on": day}).status_code == 200
    shown = running.get(path).json()
    assert [(each["on"], each["count"]) for each in shown["headcounts"]] == [
        ("2025-09-01", 42),
        ("2026-01-05", 40),
        ("2026-02-16", 38),
    ]
    assert shown["headcount"] == 38
    again = running.post(f"{path}/count", {"headcount": 1, "occurred_on": "2026-01-05"})
    assert refused(again, 409, "headcount-given")["facts"] == {"name": "Rédacteurs", "on": "2026-01-05", "count": 40}


def test_groups_stand_in_a_tree_without_a_circle(running: Running, place: Place) -> None:
    whole = place.make("groups", {"name": "Direction"})
    part = place.make("groups", {"name": "Service", "parent_id": whole["id"]})
    team = place.make("groups", {"name": "Équipe", "parent_id": part["id"]})
    circle = running.act(f"/groups/{whole['id']}", "place", {"parent_id": team["id"]})
    assert refused(circle, 409, "group-inside-itself")
    full = running.act(f"/groups/{part['id']}", "dissolve", {"reason": "Fusion"})
    assert refused(full, 409, "group-has-parts")["facts"]["parts"] == ["Équipe"]
    do(running, f"/groups/{team['id']}", "place", parent_id=None)
    assert refused(running.act(f"/groups/{part['id']}", "dissolve", {}), 422, "reason-required")
    ended = do(running, f"/groups/{part['id']}", "dissolve", reason="Fusion")
    assert (ended["status"], ended["dissolved_because"]) == ("dissolved", "Fusion")
    inside = running.post(place.path("groups"), {"name": "Neuve", "parent_id": part["id"]})
    assert refused(inside, 409, "group-is-dissolved")
    assert refused(running.post(f"/groups/{part['id']}/count", {"headcount": 3}), 409, "group-is-dissolved")
    partner = do(running, f"/groups/{team['id']}", "revise", name="Commissions", kind="partner")
    assert (partner["name"], partner["kind"]) == ("Commissions", "partner")
    assert [g["name"] for g in place.items("groups", kind="partner")] == ["Commissions"]


def test_no_withdrawal_closes_a_circle(running: Running, place: Place) -> None:
    """Moved out of one group, then taking it in: the first move is not taken back any more."""
    one, other = (place.make("groups", {"name": name}) for name in ("Pôle A", "Pôle B"))
    do(running, f"/groups/{one['id']}", "place", parent_id=other["id"])
    do(running, f"/groups/{one['id']}", "place", parent_id=None)
    do(running, f"/groups/{other['id']}", "place", parent_id=one["id"])
    inside, outside = place.events(one["id"], "group.placed")
    assert refused(place.withdraw(f"/groups/{one['id']}", outside, "lead"), 409, "group-inside-itself")
    assert place.withdraw(f"/groups/{one['id']}", inside, "lead").status_code == 200


def test_a_headcount_is_never_corrected_below_nobody(running: Running, place: Place) -> None:
    group = place.make("groups", {"name": "Huissiers"})
    running.post(f"/groups/{group['id']}/count", {"headcount": 12})
    (counted,) = place.events(group["id"], "group.counted")
    wrong = {"reason": "Erreur", "changes": {"headcount": -5}}
    answer = running.act(f"/groups/{group['id']}", f"events/{counted}/correct", wrong)
    assert refused(answer, 422, "invalid")["errors"][0]["pointer"] == "/changes/headcount"
