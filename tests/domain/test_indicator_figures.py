"""The figures of an indicator, worked out by hand, and the laws they keep."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from service.domain.figure import RULES
from service.domain.indicator import INDICATOR, Indicator
from service.domain.indicator_events import DatedValue, IndicatorMeasured, IndicatorRetired
from service.domain.indicator_figures import (
    against_previous_cycle,
    expected,
    group_rate,
    last_measure,
    on_track,
    progress,
    stale,
    value_due_on,
)
from tests.domain.given import act, because, day, given
from tests.domain.test_indicator import at, defined

TENTH = DatedValue(value=Decimal(10), on=day("2026-01-01"))


def indicator(*measures: tuple[str, str], **more: Any) -> Indicator:
    """From 10 on 1 January 2026 to 30 on 1 July and 50 on 1 January 2027, unless said otherwise."""
    fields = {"baseline": TENTH, "targets": (at("30", "2026-07-01"), at("50", "2027-01-01"))} | more
    facts = [(IndicatorMeasured(value=Decimal(value)), act(on="2028-01-01", occurred_on=on)) for value, on in measures]
    return given(INDICATOR, defined(**fields), *facts).now


@pytest.mark.parametrize(("value", "share"), [("10", "0"), ("30", "0.5"), ("50", "1"), ("60", "1.25"), ("0", "-0.25")])
def test_progress_is_the_share_of_the_way_to_the_final_target_unclamped(value: str, share: str) -> None:
    figure = progress(indicator((value, "2026-03-01")))
    assert figure.value == Decimal(share)
    assert (figure.rule, figure.coverage.known, figure.coverage.of) == ("share_of_the_way", 1, 1)
    assert figure.inputs["actual"]["value"] == Decimal(value)


def test_progress_of_what_is_to_fall() -> None:
    falling = indicator(("6", "2026-03-01"), direction="down", targets=(at("2", "2027-01-01"),))
    assert progress(falling).value == Decimal("0.5")


@pytest.mark.parametrize(("value", "share"), [("8", 1), ("12", 1), ("12.1", 0), ("7.9", 0)])
def test_what_is_to_be_held_is_inside_its_tolerance_or_not(value: str, share: int) -> None:
    held = indicator((value, "2026-03-01"), direction="hold", tolerance=Decimal(2), targets=())
    assert progress(held).value == share
    assert on_track(held).value is bool(share)


@pytest.mark.parametrize(
    ("known", "rule"),
    [
        ({"baseline": None}, "no_baseline"),
        ({"targets": ()}, "no_target"),
        ({}, "no_measure"),
    ],
)
def test_progress_without_baseline_target_or_value_is_unknown_and_never_zero(known: Any, rule: str) -> None:
    figure = progress(indicator(**known))
    assert (figure.value, figure.rule, figure.coverage.known, figure.coverage.of) == (None, rule, 0, 1)
    assert (on_track(indicator(**known)).value, on_track(indicator(**known)).rule) == (None, rule)


def test_values_before_the_baseline_date_are_history() -> None:
    state = indicator(("45", "2025-11-30"))
    assert last_measure(state) is None
    assert progress(state).value is None


def test_what_is_expected_lies_on_the_line_to_the_next_target() -> None:
    state = indicator()
    assert expected(state, day("2025-12-31")) is None
    assert expected(state, day("2026-01-01")) == 10
    # 1 January to 1 July are 181 days, to 1 April 90.
    assert expected(state, day("2026-04-01")) == Decimal(10) + Decimal(20) * 90 / 181
    assert expected(state, day("2026-07-01")) == 30
    assert expected(state, day("2026-10-01")) == 40
    assert expected(state, day("2027-01-01")) == expected(state, day("2031-01-01")) == 50


@pytest.mark.parametrize(("value", "answer"), [("40", True), ("39.9", False)])
def test_on_track_compares_with_the_line_on_the_day_of_the_value(value: str, answer: bool) -> None:
    assert on_track(indicator((value, "2026-10-01"))).value is answer
    down = indicator(
        (value, "2026-10-01"), direction="down", baseline=at("70", "2026-01-01"), targets=(at("40", "2026-10-01"),)
    )
    assert on_track(down).value is True


def test_what_is_to_be_held_has_no_line() -> None:
    held = indicator(direction="hold", targets=(at("12", "2026-07-01"), at("20", "2027-01-01")))
    assert [expected(held, day(on)) for on in ("2026-02-01", "2026-07-01", "2026-07-02")] == [12, 12, 20]


decimals = st.decimals(-1000, 1000, places=2)


@drawn(decimals, st.lists(st.tuples(decimals, st.integers(1, 2000)), min_size=1, max_size=4, unique_by=lambda t: t[1]))
def test_the_interpolation_hits_every_target_and_stays_between_its_neighbours(
    start: Decimal, points: list[tuple[Decimal, int]]
) -> None:
    def after(days: int) -> date:
        return date.fromordinal(TENTH.on.toordinal() + days)

    targets = tuple(
        DatedValue(value=start + abs(value) + Decimal("0.01"), on=after(days))
        for value, days in sorted(points, key=lambda t: t[1])
    )
    baseline = DatedValue(value=start, on=TENTH.on)
    state = indicator(baseline=baseline, targets=targets)
    previous = baseline
    for target in targets:
        assert expected(state, target.on) == target.value
        middle = expected(state, date.fromordinal((previous.on.toordinal() + target.on.toordinal()) // 2))
        assert middle is not None
        assert min(previous.value, target.value) <= middle <= max(previous.value, target.value)
        previous = target


@drawn(decimals, decimals, decimals)
def test_progress_is_zero_at_the_baseline_one_at_the_target_and_linear(
    start: Decimal, end: Decimal, value: Decimal
) -> None:
    if start == end:
        return
    direction = "up" if end > start else "down"
    ends = {
        "direction": direction,
        "baseline": DatedValue(value=start, on=TENTH.on),
        "targets": (DatedValue(value=end, on=day("2027-01-01")),),
    }
    assert progress(indicator((str(start), "2026-02-01"), **ends)).value == 0
    assert progress(indicator((str(end), "2026-02-01"), **ends)).value == 1
    share = progress(indicator((str(value), "2026-02-01"), **ends)).value
    assert share is not None
    assert abs(start + share * (end - start) - value) < Decimal("1E-20")


def test_the_rate_of_a_group_is_the_weighted_mean_of_clamped_progress() -> None:
    over = indicator(("90", "2026-03-01"))
    behind = indicator(("0", "2026-03-01"), weight=Decimal(2))
    halfway = indicator(("30", "2026-03-01"))
    rate = group_rate([over, behind, halfway])
    assert rate.value == Decimal("1.5") / 4
    assert (rate.rule, rate.coverage.known, rate.coverage.of) == ("mean_of_clamped", 3, 3)


def test_the_rate_of_a_group_is_unknown_as_long_as_one_value_lacks() -> None:
    rate = group_rate([indicator(("30", "2026-03-01")), indicator()])
    assert (rate.value, rate.rule, rate.coverage.known, rate.coverage.of) == (None, "incomplete", 1, 2)
    assert group_rate([]).value is None


def test_what_is_retired_weighs_nothing_or_has_no_target_does_not_count_in_its_group() -> None:
    retired = given(INDICATOR, defined(), (IndicatorRetired(), because("Fini"))).now
    rate = group_rate([indicator(("30", "2026-03-01")), retired, indicator(weight=Decimal(0)), indicator(targets=())])
    assert (rate.value, rate.coverage.of) == (Decimal("0.5"), 1)


def test_a_monthly_value_is_stale_after_the_end_of_the_next_month_and_the_delay() -> None:
    state = indicator(("30", "2026-03-15"), availability_delay_days=10)
    assert value_due_on(state) == day("2026-05-10")
    assert stale(state, day("2026-05-10")).value is False
    late = stale(state, day("2026-05-11"))
    assert (late.value, late.rule, late.inputs["last_on"]) == (True, "past_next_period", day("2026-03-15"))


def test_what_was_never_measured_goes_stale_from_the_baseline_date() -> None:
    assert value_due_on(indicator(cadence="quarterly")) == day("2026-06-30")
    assert value_due_on(indicator(("1", "2025-12-01"), cadence="quarterly")) == day("2026-06-30")
    assert value_due_on(indicator(baseline=None, cadence="weekly")) == day("2026-03-15")


def test_what_is_measured_once_is_due_by_its_final_target() -> None:
    assert value_due_on(indicator(cadence="once", availability_delay_days=5)) == day("2027-01-06")
    assert stale(indicator(("30", "2026-03-15"), cadence="once"), day("2030-01-01")).value is False
    assert stale(indicator(cadence="once", targets=()), day("2030-01-01")).rule == "never_due"


def test_a_retired_indicator_is_never_stale() -> None:
    retired = given(INDICATOR, defined(), (IndicatorRetired(), because("Fini"))).now
    assert stale(retired, day("2030-01-01")).value is False


def test_a_value_is_compared_with_the_same_period_of_the_previous_cycle() -> None:
    state = indicator(("12", "2026-03-10"), ("14", "2026-03-28"), ("20", "2026-04-02"), ("17", "2027-03-15"))
    figure = against_previous_cycle(state)
    assert (figure.value, figure.inputs["previous"]["on"]) == (3, day("2026-03-28"))
    assert against_previous_cycle(indicator(("12", "2026-03-10"))).rule == "no_previous_cycle"
    assert against_previous_cycle(indicator()).rule == "no_measure"


def test_every_rule_is_explained_in_french() -> None:
    source = (progress, on_track, group_rate, stale, against_previous_cycle)
    words = {
        word for function in source for word in function.__code__.co_consts if isinstance(word, str) and "_" in word
    }
    assert {"share_of_the_way", "no_target", "mean_of_clamped"} <= words & RULES.keys()
    assert all(word in RULES for word in words if " " not in word)
