"""What is computed from an indicator's values, each figure with its rule and inputs (DOMAIN section 2, Indicators)."""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from service.domain.figure import EXACT, Answer, Coverage, Figure, answer, figure, ratio, weighted_mean
from service.domain.indicator import Indicator, Measure
from service.domain.indicator_events import DatedValue
from service.domain.period import months_before, next_period, period_of


def last_measure(indicator: Indicator) -> Measure | None:
    """The last value that counts: what lies before the baseline date is history."""
    if not indicator.measures:
        return None
    last = indicator.measures[-1]
    return None if indicator.baseline is not None and last.on < indicator.baseline.on else last


def progress(indicator: Indicator) -> Figure:
    """Towards the final target, unclamped: a regression is negative, more than was wanted exceeds 1.

    (actual - baseline) / (target - baseline); `hold` is 1 inside the tolerance around its target, 0 outside.
    """
    baseline = indicator.baseline
    if baseline is None:
        return figure(None, "no_baseline")
    target = _final_target(indicator)
    if target is None:
        return figure(None, "no_target", baseline=baseline)
    actual = last_measure(indicator)
    if actual is None:
        return figure(None, "no_measure", baseline=baseline, target=target)
    if indicator.direction == "hold":
        held = Decimal(int(_inside(indicator, actual.value, target.value)))
        tolerance = _tolerance(indicator)
        return figure(held, "inside_tolerance", actual=_shown(actual), target=target, tolerance=tolerance)
    value = ratio(actual.value - baseline.value, target.value - baseline.value)
    return figure(value, "share_of_the_way", actual=_shown(actual), baseline=baseline, target=target)


def expected(indicator: Indicator, on: date) -> Decimal | None:
    """The value that the plan expects on a day: on the straight line to the next target, then the last one.

    `hold` has no line: it expects the next target all along. None before the baseline, or without one or a target.
    """
    baseline = indicator.baseline
    final = _final_target(indicator)
    if baseline is None or final is None or on < baseline.on:
        return None
    if on >= final.on:
        return final.value
    if indicator.direction == "hold":
        return next(target.value for target in indicator.targets if target.on >= on)
    for before, after in pairwise((baseline, *indicator.targets)):
        if on <= after.on:
            return _on_the_line(before, after, on)
    return final.value


def on_track(indicator: Indicator) -> Answer:
    """Whether the last value is at least (`down`: at most, `hold`: near) what was expected on its day."""
    if indicator.baseline is None:
        return answer(None, "no_baseline")
    if _final_target(indicator) is None:
        return answer(None, "no_target")
    actual = last_measure(indicator)
    wanted = None if actual is None else expected(indicator, actual.on)
    if actual is None or wanted is None:
        return answer(None, "no_measure")
    if indicator.direction == "hold":
        inside = _inside(indicator, actual.value, wanted)
        tolerance = _tolerance(indicator)
        return answer(inside, "compared_with_hold", actual=_shown(actual), expected=wanted, tolerance=tolerance)
    enough = actual.value >= wanted if indicator.direction == "up" else actual.value <= wanted
    return answer(enough, "compared_with_interpolation", actual=_shown(actual), expected=wanted)


def applicable(indicator: Indicator) -> bool:
    """Whether it counts in a group: still followed, with a target to reach and a weight."""
    return indicator.status == "defined" and indicator.weight > 0 and _has_target(indicator)


def group_rate(indicators: Iterable[Indicator]) -> Figure:
    """Weighted mean of progress clamped to 0..1, given only if every applicable indicator has a value; else k of n."""
    counted = [(each, progress(each).value) for each in indicators if applicable(each)]
    inputs = [{"id": each.id, "weight": each.weight, "value": value} for each, value in counted]
    values = [(value, each.weight) for each, value in counted if value is not None]
    coverage = Coverage(known=len(values), of=len(counted))
    if not counted or coverage.known < coverage.of:
        return Figure(value=None, rule="incomplete", inputs={"indicators": inputs}, coverage=coverage)
    mean = weighted_mean((min(max(value, Decimal(0)), Decimal(1)), weight) for value, weight in values)
    return Figure(value=mean, rule="mean_of_clamped", inputs={"indicators": inputs}, coverage=coverage)


def value_due_on(indicator: Indicator) -> date | None:
    """The last day on which the next value is in time: the end of the next period, plus the availability delay.

    Counted from the last value, or from the baseline date if there is none. `once` expects one value, by its final
    target; a retired indicator expects none.
    """
    if indicator.status != "defined":
        return None
    delay = timedelta(days=indicator.availability_delay_days)
    last = last_measure(indicator)
    since = last.on if last else indicator.baseline.on if indicator.baseline else indicator.defined_on
    period = period_of(since, indicator.cadence)
    following = period and next_period(period, indicator.cadence)
    if following is None:
        return None if last or not indicator.targets else indicator.targets[-1].on + delay
    return following.to_on + delay


def stale(indicator: Indicator, today: date) -> Answer:
    """Whether the next value is missing past its day."""
    due_on = value_due_on(indicator)
    if due_on is None:
        return answer(False, "never_due")
    last = last_measure(indicator)
    return answer(today > due_on, "past_next_period", due_on=due_on, last_on=last.on if last else None, today=today)


def against_previous_cycle(indicator: Indicator, cycle_months: int = 12) -> Figure:
    """The last value minus the last one of the same period of the previous activity cycle."""
    actual = indicator.measures[-1] if indicator.measures else None
    if actual is None:
        return figure(None, "no_measure")
    then = months_before(actual.on, cycle_months)
    period = period_of(then, indicator.cadence)
    earlier = [m for m in indicator.measures if (m.on in period if period else m.on == then)]
    if not earlier:
        return figure(None, "no_previous_cycle", actual=_shown(actual), period=period)
    change = actual.value - earlier[-1].value
    return figure(change, "minus_previous_cycle", actual=_shown(actual), previous=_shown(earlier[-1]), period=period)


def _has_target(indicator: Indicator) -> bool:
    return bool(indicator.targets) or indicator.direction == "hold"


def _final_target(indicator: Indicator) -> DatedValue | None:
    """The last dated target; what is held without a target is the baseline itself."""
    if indicator.targets:
        return indicator.targets[-1]
    return indicator.baseline if indicator.direction == "hold" else None


def _on_the_line(before: DatedValue, after: DatedValue, on: date) -> Decimal:
    days = Decimal((on - before.on).days)
    step = EXACT.multiply(after.value - before.value, days)
    return EXACT.add(before.value, ratio(step, Decimal((after.on - before.on).days)))


def _tolerance(indicator: Indicator) -> Decimal:
    return indicator.tolerance or Decimal(0)


def _inside(indicator: Indicator, actual: Decimal, wanted: Decimal) -> bool:
    return abs(actual - wanted) <= _tolerance(indicator)


def _shown(measure: Measure) -> dict[str, Any]:
    """A value among the inputs of a figure, without its comment."""
    return {"value": measure.value, "on": measure.on, "event_id": measure.event_id}
