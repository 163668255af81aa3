"""What people decide on an indicator: define, revise, measure, propose and accept values, retire it."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from service.domain.concept import NothingToChange, differences
from service.domain.event import Event
from service.domain.imported import ImportStamp
from service.domain.indicator import Indicator, by_day
from service.domain.indicator_events import (
    DatedValue,
    Direction,
    Family,
    IndicatorConfirmed,
    IndicatorDefined,
    IndicatorDescribed,
    IndicatorMeasured,
    IndicatorReassigned,
    IndicatorRebaselined,
    IndicatorRetargeted,
    IndicatorRetired,
    IndicatorSubject,
    IndicatorValueAccepted,
    IndicatorValueProposed,
    IndicatorValueRefused,
)
from service.domain.indicator_shape import fits
from service.domain.number import require_exact
from service.domain.period import Cadence


def define(
    *,
    ref: int,
    title: str,
    family: Family,
    unit: str,
    direction: Direction,
    cadence: Cadence,
    description: str | None = None,
    tolerance: Decimal | None = None,
    baseline: DatedValue | None = None,
    targets: tuple[DatedValue, ...] = (),
    availability_delay_days: int = 0,
    owner: str | None = None,
    collector: str | None = None,
    weight: Decimal = Decimal(1),
    subject: IndicatorSubject | None = None,
    external_id: str | None = None,
    row: ImportStamp | None = None,
) -> list[Event]:
    """Say what will be measured. The baseline may come later; until then progress is unknown."""
    return [
        IndicatorDefined(
            ref=ref,
            title=title,
            description=description,
            family=family,
            unit=unit,
            direction=direction,
            tolerance=tolerance,
            baseline=baseline,
            targets=targets,
            cadence=cadence,
            availability_delay_days=availability_delay_days,
            owner=owner,
            collector=collector,
            weight=weight,
            subject=subject,
            external_id=external_id,
            row=row,
        )
    ]


def revise(indicator: Indicator, **wanted: Any) -> list[Event]:
    """One event per meaning: described, rebaselined, retargeted, reassigned. Raises `NothingToChange`.

    Where the targets would be on the wrong side half-way through, they are taken away first and set last.
    """
    changes = differences(indicator, **wanted)
    if "targets" in changes and by_day(changes["targets"]) == indicator.targets:
        del changes["targets"]
    if not changes:
        raise NothingToChange()
    events: list[Event] = []
    if _targets_in_the_way(indicator, changes):
        events.append(IndicatorRetargeted(targets=()))
        changes.setdefault("targets", indicator.targets)
    described = {name: value for name, value in changes.items() if name in IndicatorDescribed.model_fields}
    if described:
        events.append(IndicatorDescribed(**described))
    if "baseline" in changes:
        events.append(IndicatorRebaselined(baseline=changes["baseline"]))
    if "targets" in changes:
        events.append(IndicatorRetargeted(targets=changes["targets"]))
    people = {name: value for name, value in changes.items() if name in IndicatorReassigned.model_fields}
    if people:
        events.append(IndicatorReassigned(**people))
    return events


def _targets_in_the_way(indicator: Indicator, changes: dict[str, Any]) -> bool:
    direction = changes.get("direction", indicator.direction)
    baseline = changes.get("baseline", indicator.baseline)
    present = indicator.targets
    if "targets" not in changes and not fits(direction, baseline, present):
        return False  # wrong at the end too: to be refused, not worked around
    return not (fits(direction, indicator.baseline, present) and fits(direction, baseline, present))


def retarget(indicator: Indicator, targets: tuple[DatedValue, ...]) -> list[Event]:
    """Set all targets anew. Raises `NothingToChange`."""
    return revise(indicator, targets=targets)


def rebaseline(indicator: Indicator, baseline: DatedValue | None) -> list[Event]:
    """Measure progress from another value or day, or from none any more. Raises `NothingToChange`."""
    return revise(indicator, baseline=baseline)


def reassign(indicator: Indicator, **people: str | None) -> list[Event]:
    """Name another `owner`, another `collector`, or both. Raises `NothingToChange`."""
    return revise(indicator, **people)


def measure(indicator: Indicator, *, value: Decimal, comment: str | None = None) -> list[Event]:
    """Record a value, true on the act's true-on date; one value a day. Raises `NumberNotExact`."""
    require_exact(value, "/value")
    return [IndicatorMeasured(value=value, comment=comment)]


def propose_value(indicator: Indicator, *, value: Decimal, comment: str | None = None) -> list[Event]:
    """Propose a value, true on the act's true-on date, for somebody else to accept. Raises `NumberNotExact`."""
    require_exact(value, "/value")
    return [IndicatorValueProposed(value=value, comment=comment)]


def accept_value(indicator: Indicator, proposal_event_id: UUID) -> list[Event]:
    """Let a proposed value count; not by who proposed it."""
    return [IndicatorValueAccepted(proposal_event_id=proposal_event_id)]


def refuse_value(indicator: Indicator, proposal_event_id: UUID) -> list[Event]:
    """Refuse a proposed value; the act must carry a reason."""
    return [IndicatorValueRefused(proposal_event_id=proposal_event_id)]


def retire(indicator: Indicator) -> list[Event]:
    """Stop following it; the act must carry a reason."""
    return [IndicatorRetired()]


def confirm(indicator: Indicator) -> list[Event]:
    """« Rien n’a changé »: one click."""
    return [IndicatorConfirmed()]
