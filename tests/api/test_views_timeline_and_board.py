"""The milestone timeline and the indicator board over HTTP, compared with dates and rates worked out by hand."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.api.steps import submit_plan
from tests.api.views_world import Acting
from tests.running import Running


@pytest.fixture(scope="module")
def acting(running: Running) -> Acting:
    return Acting(running)


def all_milestones(timeline: dict[str, Any]) -> list[dict[str, Any]]:
    return [milestone for month in timeline["months"] for milestone in month["milestones"]]


def test_a_timeline_tells_each_forecast_its_reason_and_both_slippages(acting: Acting) -> None:
    running = acting.running
    action = acting.add("actions", title="Migrer")
    subject = {"kind": "action", "id": action["id"]}
    moved = acting.add("milestones", title="Bascule", subject=subject, due_on="2026-03-20")
    first = acting.add("milestones", title="Essai", subject=subject, due_on="2026-03-09")
    other = acting.add("milestones", title="Bilan", subject=subject, due_on="2026-05-04")
    submit_plan(acting.running, acting.id)
    acting.add("decisions", "governance", kind="plan_validation", title="Plan validé", chosen="Oui")
    validated = acting.head()
    acting.do("milestones", moved, "reschedule", {"due_on": "2026-04-10", "reason": "Fournisseur en retard"})
    acting.do("milestones", other, "cancel", {"reason": "Plus utile"})
    running.now = datetime(2026, 3, 16, 9, tzinfo=UTC)

    timeline = acting.view("milestone-timeline")
    assert [(month["month"], month["label"]) for month in timeline["months"]] == [
        ("2026-03", "mars 2026"),
        ("2026-04", "avril 2026"),
        ("2026-05", "mai 2026"),
    ]
    assert [m["id"] for m in all_milestones(timeline)] == [first["id"], moved["id"], other["id"]]
    essai, bascule, bilan = all_milestones(timeline)
    assert timeline["counts"] == {"planned": 2, "cancelled": 1}
    assert (timeline["late"], timeline["overdue"], timeline["rescheduled"]) == (2, 1, 1)
    # Due on Monday the 9th, seen on Monday the 16th.
    assert (essai["overdue"], essai["late_working_days"]) == (True, 5)
    assert (essai["slippage"]["calendar_days"], essai["slippage"]["rule"]) == (7, "today")
    # From Friday 20 March to Friday 10 April; Easter Monday is a holiday.
    assert (bascule["late"], bascule["overdue"]) == (True, False)
    assert (bascule["slippage"]["calendar_days"], bascule["slippage"]["working_days"]) == (21, 14)
    assert [(f["due_on"], f["reason"]) for f in bascule["forecasts"]] == [
        ("2026-03-20", None),
        ("2026-04-10", "Fournisseur en retard"),
    ]
    assert bascule["subject"] == {"kind": "action", "id": action["id"], "ref": action["ref"], "title": "Migrer"}
    assert bilan["slippage"] is None

    acting.add("decisions", "governance", kind="replan", title="Nouveau calendrier", chosen="Oui")
    running.now = datetime(2026, 4, 13, 9, tzinfo=UTC)
    acting.do("milestones", moved, "reach", {"occurred_on": "2026-04-13"})
    bascule = all_milestones(acting.view("milestone-timeline", language="en"))[1]
    assert (bascule["baseline_on"], bascule["original_baseline_on"]) == ("2026-04-10", "2026-03-20")
    assert (bascule["slippage"]["calendar_days"], bascule["slippage"]["working_days"]) == (3, 1)
    assert (bascule["original_slippage"]["calendar_days"], bascule["original_slippage"]["working_days"]) == (24, 15)
    assert acting.view("milestone-timeline", language="en")["months"][0]["label"] == "March 2026"

    past = acting.view("milestone-timeline", as_of_position=validated)
    assert past["today"] == "2026-03-02"
    assert past["counts"] == {"planned": 3}
    assert all_milestones(past)[1]["slippage"]["calendar_days"] == 0
    acting.mend("milestones", moved, "milestone.reached", "withdraw", {})
    assert acting.view("milestone-timeline")["counts"] == {"planned": 2, "cancelled": 1}


def indicator(acting: Acting, title: str, **body: Any) -> dict[str, Any]:
    defined = {
        "title": title,
        "family": "doing",
        "unit": "%",
        "direction": "up",
        "cadence": "monthly",
        "baseline": {"value": 20, "on": "2026-01-01"},
        "targets": [{"value": 80, "on": "2026-12-31"}],
        **body,
    }
    return acting.add("indicators", **defined)


def families(board: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {family["family"]: family for family in board["families"]}


def test_a_board_keeps_families_apart_and_gives_a_rate_only_when_all_have_a_value(running: Running) -> None:
    acting = Acting(running)
    half = indicator(acting, "Procédures écrites", weight=3)
    silent = indicator(acting, "Agents formés", weight=1)
    being = indicator(acting, "Sens du travail", family="being")
    for day, value in (("2026-02-20", 50), ("2026-01-31", 30), ("2025-12-01", 5)):
        measured = running.post(f"/indicators/{half['id']}/measure", {"value": value, "occurred_on": day})
        assert measured.status_code == 200, measured.text
    board = families(acting.view("indicator-board"))
    assert list(board) == ["doing", "being", "benefit"]
    doing = board["doing"]
    assert [each["id"] for each in doing["indicators"]] == [half["id"], silent["id"]]
    assert [each["id"] for each in board["being"]["indicators"]] == [being["id"]]
    first, second = doing["indicators"]
    assert [(point["on"], point["value"], point["history"]) for point in first["series"]] == [
        ("2025-12-01", 5, True),
        ("2026-01-31", 30, False),
        ("2026-02-20", 50, False),
    ]
    assert first["last"]["value"] == 50
    assert first["progress"]["value"] == 0.5  # (50 - 20) / (80 - 20)
    assert first["on_track"]["value"] is True
    assert (second["last"], second["progress"]["value"], second["on_track"]["value"]) == (None, None, None)
    assert doing["rate"]["value"] is None
    assert doing["rate"]["coverage"] == {"known": 1, "of": 2}
    incomplete = acting.head()

    running.post(f"/indicators/{silent['id']}/measure", {"value": 95, "occurred_on": "2026-02-28"})
    doing = families(acting.view("indicator-board"))["doing"]
    assert doing["indicators"][1]["progress"]["value"] == 1.25  # shown as it is
    assert doing["rate"]["value"] == (3 * 0.5 + 1 * 1) / 4  # clamped in the rate
    assert doing["rate"]["coverage"] == {"known": 2, "of": 2}
    assert families(acting.view("indicator-board", as_of_position=incomplete))["doing"]["rate"]["value"] is None
    acting.mend("indicators", silent, "indicator.measured", "correct", {"changes": {"value": 35}})
    doing = families(acting.view("indicator-board"))["doing"]
    assert doing["rate"]["value"] == (3 * 0.5 + 1 * 0.25) / 4


def test_a_value_that_does_not_come_makes_stale_without_any_event(running: Running) -> None:
    running.now = max(running.now, datetime(2026, 4, 14, 9, tzinfo=UTC))
    acting = Acting(running)
    indicator(acting, "Agents formés", baseline={"value": 20, "on": "2026-04-01"})
    before = families(acting.view("indicator-board"))["doing"]
    assert (before["indicators"][0]["stale"]["value"], before["indicators"][0]["value_due_on"]) == (False, "2026-05-31")
    running.now = datetime(2026, 6, 1, 9, tzinfo=UTC)
    after = families(acting.view("indicator-board"))["doing"]
    assert (after["stale_count"], after["indicators"][0]["stale"]["value"]) == (1, True)
    weather = acting.view("action-plan")["total"]["weather"]["computed"]
    assert weather["value"] == "attainable"
    assert weather["reasons"][0]["sentence"] == "L’indicateur I-1 n’est plus à jour."
