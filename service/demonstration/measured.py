"""How an indicator of the data becomes entries: defined with the plan, then measured period after period."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from service.demonstration.entry import Entry, On, The, Who, defines, do, shaped
from service.demonstration.stage import Deed, Scene
from service.domain import indicator_course
from service.domain.event import Event
from service.domain.indicator import Indicator
from service.domain.indicator_events import DatedValue, Direction, Family, IndicatorSubject
from service.domain.period import Cadence
from service.store.unit import Target

MONTH = 30


@dataclass(frozen=True)
class Measured:
    """An indicator with its series: one value every `every` days from `first`, recorded `after` days later."""

    key: str
    title: str
    family: Family
    unit: str
    direction: Direction
    subject: str
    owner: str
    collector: str
    baseline: str
    targets: tuple[tuple[int, str], ...]
    values: str
    """From the day of `first` on, separated by spaces; the first one is the baseline's."""
    first: int = -336
    every: int = MONTH
    after: int = 3
    cadence: Cadence = "monthly"
    delay: int = 10
    defined: int = -256
    tolerance: str | None = None
    weight: int = 1


def told(i: Measured) -> tuple[Entry, ...]:
    """Defined with the plan, its history first: values before the definition are recorded when it is defined."""
    program = i.collector == "compteur"
    kinds = {"axe": "axis", "formation": "action"}
    kind = kinds.get(i.subject.partition("-")[0], "workstream")
    defined = Entry(
        i.defined,
        "mathilde",
        defines(
            i.key,
            title=i.title,
            family=i.family,
            unit=i.unit,
            direction=i.direction,
            tolerance=None if i.tolerance is None else Decimal(i.tolerance),
            baseline=shaped(DatedValue, value=Decimal(i.baseline), on=On(i.first)),
            targets=tuple(shaped(DatedValue, value=Decimal(value), on=On(day)) for day, value in i.targets),
            cadence=i.cadence,
            availability_delay_days=i.delay,
            owner=Who(i.owner),
            collector=Who(i.collector),
            weight=Decimal(i.weight),
            subject=shaped(IndicatorSubject, kind=kind, id=The(i.subject)),
        ),
    )
    measures = []
    for number, value in enumerate(i.values.split()):
        day = i.first + number * i.every
        told_on = max(day + i.after, i.defined + 1)
        teller = i.collector if i.collector != "olivier" else "mathilde"
        deed = do(i.key, indicator_course.measure, value=Decimal(value))
        measures.append(Entry(told_on, teller, deed, since=day, channel="api" if program else "web"))
    return (defined, *measures)


def settles(key: str, settle: Callable[[Indicator, UUID], list[Event]]) -> Deed:
    """The last value that was proposed is accepted or refused."""

    def deed(scene: Scene) -> Target:
        indicator: Indicator = scene.get(key)
        return scene.record(key, settle(indicator, indicator.proposals[-1].event_id))

    return deed
