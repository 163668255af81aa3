"""Slippage is exact: the original date, each forecast, the real date; late and overdue are told apart."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from service.domain.action import ACTION
from service.domain.action_events import ActionBaselineSet, ActionProposed, ActionRescheduled
from service.domain.event import Document, new_id
from service.domain.mending import CorrectionInvalid
from service.domain.milestone import (
    MILESTONE,
    MilestoneBaselineSet,
    MilestoneCancelled,
    MilestonePlanned,
    MilestoneReached,
    MilestoneReopened,
    MilestoneRescheduled,
    MilestoneSubject,
)
from service.domain.slippage import Dates, Slippage, dates_of, late, lateness, overdue, slippage
from service.domain.working_time import WorkingCalendar
from tests.domain.given import act, because, day, given

CALENDAR = WorkingCalendar()


def dates(**fields: Any) -> Dates:
    return Dates(**{name: day(value) if isinstance(value, str) else value for name, value in fields.items()})


PROMISED = {"forecast_on": "2026-04-03", "baseline_on": "2026-04-03", "original_baseline_on": "2026-04-03"}


def slip(promise: Dates, today: str) -> Slippage | None:
    return slippage(promise, promise.baseline_on, day(today), CALENDAR)


def test_what_was_reached_slipped_to_its_real_date() -> None:
    reached = dates(**PROMISED, real_on="2026-04-08")
    assert slip(reached, "2026-06-01") == Slippage(
        calendar_days=5,
        working_days=2,  # Good Friday to Wednesday, over Easter Monday
        baseline_on=day("2026-04-03"),
        compared_on=day("2026-04-08"),
        rule="real_date",
    )


def test_what_was_reached_early_is_ahead() -> None:
    early = slip(dates(**PROMISED, real_on="2026-03-31"), "2026-06-01")
    assert early is not None
    assert (early.calendar_days, early.working_days) == (-3, -3)


@pytest.mark.parametrize(
    ("forecast", "today", "days", "rule"),
    [
        ("2026-04-10", "2026-03-02", 7, "forecast"),
        ("2026-04-10", "2026-04-20", 17, "today"),
        ("2026-03-31", "2026-03-02", -3, "forecast"),
        ("2026-04-03", "2026-04-03", 0, "forecast"),
    ],
)
def test_what_is_awaited_slips_to_the_later_of_forecast_and_today(
    forecast: str, today: str, days: int, rule: str
) -> None:
    found = slip(dates(**PROMISED | {"forecast_on": forecast}), today)
    assert found is not None
    assert (found.calendar_days, found.rule) == (days, rule)


def test_a_draft_and_what_was_given_up_do_not_slip() -> None:
    assert slip(dates(forecast_on="2026-04-03"), "2027-01-01") is None
    given_up = dates(**PROMISED, given_up=True)
    assert slip(given_up, "2027-01-01") is None
    assert not late(given_up, day("2027-01-01"))
    assert not overdue(given_up, day("2027-01-01"))


@pytest.mark.parametrize(
    ("fields", "today", "is_late", "is_overdue"),
    [
        (PROMISED, "2026-04-03", False, False),
        (PROMISED, "2026-04-04", True, True),
        (PROMISED | {"forecast_on": "2026-04-10"}, "2026-03-02", True, False),
        (PROMISED | {"forecast_on": "2026-03-31"}, "2026-04-01", True, True),
        (PROMISED | {"forecast_on": "2026-03-31"}, "2026-03-31", False, False),
        (PROMISED | {"real_on": "2026-05-01"}, "2026-06-01", False, False),
        ({"forecast_on": "2026-04-03"}, "2026-04-04", True, True),
        ({"forecast_on": None, "baseline_on": "2026-04-03"}, "2026-06-01", False, False),
    ],
)
def test_late_is_a_broken_promise_and_overdue_a_passed_forecast(
    fields: Any, today: str, is_late: bool, is_overdue: bool
) -> None:
    promise = dates(**fields)
    assert (late(promise, day(today)), overdue(promise, day(today))) == (is_late, is_overdue)


def test_both_baselines_are_shown_after_a_replanning() -> None:
    replanned = dates(forecast_on="2026-05-11", baseline_on="2026-05-04", original_baseline_on="2026-04-03")
    shown = lateness(replanned, day("2026-03-02"), CALENDAR)
    assert shown.slippage is not None
    assert shown.original_slippage is not None
    assert (shown.slippage.calendar_days, shown.original_slippage.calendar_days) == (7, 38)
    assert (shown.late, shown.overdue, shown.late_working_days) == (True, False, 4)  # 8 May is a holiday


def test_what_passed_an_early_forecast_is_late_since_that_forecast() -> None:
    shown = lateness(dates(**PROMISED | {"forecast_on": "2026-03-30"}), day("2026-04-01"), CALENDAR)
    assert (shown.late, shown.late_working_days) == (True, 2)
    assert lateness(dates(**PROMISED), day("2026-03-02"), CALENDAR).late_working_days == 0


def milestone(*history: Any) -> Dates:
    subject = MilestoneSubject(kind="action", id=new_id())
    planned = MilestonePlanned(ref=1, subject=subject, title="Pilote prêt", due_on=day("2026-04-03"))
    return dates_of(given(MILESTONE, planned, *history).now)


def test_the_dates_of_a_milestone() -> None:
    baseline = MilestoneBaselineSet(decision_id=new_id(), date=day("2026-04-03"))
    moved = (MilestoneRescheduled(due_on=day("2026-04-10")), because("Congés"))
    assert milestone(baseline, moved) == dates(**PROMISED | {"forecast_on": "2026-04-10"})
    assert milestone((MilestoneReached(), act(occurred_on="2026-03-01"))).real_on == day("2026-03-01")
    assert milestone(MilestoneCancelled()).given_up


def test_the_dates_of_an_action_are_those_of_its_end() -> None:
    proposed = ActionProposed(ref=1, title="Former les équipes", end_on=day("2026-04-03"))
    baseline = ActionBaselineSet(decision_id=new_id(), date=day("2026-04-03"))
    assert dates_of(given(ACTION, proposed, baseline).now) == dates(**PROMISED)
    assert dates_of(given(ACTION, ActionProposed(ref=1, title="Former les équipes")).now).forecast_on is None


DAYS = st.dates(date(2024, 1, 1), date(2030, 12, 31))


@drawn(DAYS, DAYS, DAYS)
def test_what_slips_in_working_days_slips_in_calendar_days(baseline: date, forecast: date, today: date) -> None:
    promise = Dates(forecast_on=forecast, baseline_on=baseline)
    found = slippage(promise, baseline, today, CALENDAR)
    assert found is not None
    assert found.calendar_days >= (forecast - baseline).days
    assert abs(found.working_days) <= abs(found.calendar_days)
    assert found.working_days * found.calendar_days >= 0
    assert not overdue(promise, today) or late(promise, today)


def test_who_takes_a_promised_date_away_still_owes_it() -> None:
    proposed = ActionProposed(ref=1, title="Former les équipes", end_on=day("2026-04-03"))
    baseline = ActionBaselineSet(decision_id=new_id(), date=day("2026-04-03"))
    undated = dates_of(given(ACTION, proposed, baseline, ActionRescheduled(end_on=None)).now)
    assert undated == dates(**PROMISED)
    assert not late(undated, day("2026-04-03"))
    assert late(undated, day("2026-04-04"))
    assert overdue(undated, day("2026-04-04"))


def test_a_corrected_first_date_is_no_slip() -> None:
    subject = MilestoneSubject(kind="phase", id=new_id())
    on = day("2026-04-03")
    planned = MilestonePlanned(ref=1, subject=subject, title="Restitution", due_on=on, baseline_on=on)
    mended = given(MILESTONE, planned).correct(MilestonePlanned, due_on="2026-05-04").unrefused()
    slipped = slip(dates_of(mended), "2026-04-10")
    assert slipped is not None
    assert (slipped.calendar_days, late(dates_of(mended), day("2026-04-10"))) == (0, False)
    assert mended.baseline_on == mended.original_baseline_on == day("2026-05-04")


def test_a_baseline_is_set_by_a_decision_and_by_no_correction() -> None:
    subject = MilestoneSubject(kind="phase", id=new_id())
    planned = MilestonePlanned(ref=1, subject=subject, title="Restitution", due_on=day("2026-04-03"))
    given(MILESTONE, planned).correct(MilestonePlanned, baseline_on="2026-05-04").refused(CorrectionInvalid)
    validated = MilestoneBaselineSet(decision_id=new_id(), date=day("2026-04-03"))
    given(MILESTONE, planned, validated).correct(MilestoneBaselineSet, date="2026-05-04").refused(CorrectionInvalid)


def test_a_reopened_milestone_has_no_evidence_that_it_was_reached() -> None:
    subject = MilestoneSubject(kind="phase", id=new_id())
    planned = MilestonePlanned(ref=1, subject=subject, title="Restitution", due_on=day("2026-04-03"))
    reached = MilestoneReached(evidence=(Document(title="Compte rendu"),))
    assert given(MILESTONE, planned, reached).now.evidence
    assert not given(MILESTONE, planned, reached, MilestoneReopened()).now.evidence
