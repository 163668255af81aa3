"""Axis (axe): one line of the change. A template proposes axes; the restitution of the diagnosis confirms them."""

from datetime import date
from typing import Any, Literal
from uuid import UUID

from service.domain.concept import Concept, NothingToChange, State, created, differences, revised
from service.domain.event import Event, Fact, Revision
from service.domain.freshness import latest
from service.domain.imported import ImportStamp
from service.domain.refusal import Conflict
from service.domain.text import PersonalText

# Events


class AxisProposed(Event):
    """An axis is proposed, in its place among the others."""

    TOPIC = "axis.proposed"
    position: int
    title: str
    description: PersonalText | None = None
    row: ImportStamp | None = None


class AxisDescribed(Revision):
    """The words of an axis or its place among the others changed."""

    TOPIC = "axis.described"
    position: int = 0
    title: str = ""
    description: PersonalText | None = None


class AxisConfirmed(Event):
    """A decision confirmed the axis."""

    TOPIC = "axis.confirmed"
    decision_id: UUID


class AxisClosed(Event):
    """The axis is closed: nothing more is attached to it."""

    TOPIC = "axis.closed"


class AxisLookedAt(Event):
    """Somebody looked: nothing changed. (To confirm an axis is a decision.)"""

    TOPIC = "axis.looked_at"


# State


class Axis(State):
    """An axis as it stands: proposed, confirmed or closed."""

    status: Literal["proposed", "confirmed", "closed", "withdrawn"] = "proposed"
    position: int
    title: str
    description: str | None = None
    decision_id: UUID | None = None
    """The decision that confirmed it."""
    axis_confirmed_on: date | None = None
    closed_on: date | None = None
    row: ImportStamp | None = None


class AxisNotOpen(Conflict):
    """The axis {title} is closed."""

    FR = "L’axe «\u202f{title}\u202f» est clos."


class AxisAlreadyConfirmed(Conflict):
    """The axis {title} was confirmed on {confirmed_on}."""

    FR = "L’axe «\u202f{title}\u202f» a été confirmé le {confirmed_on}."


def evolve(axis: Axis | None, fact: Fact) -> Axis:
    """The axis after one more fact."""
    event = fact.event
    if isinstance(event, AxisProposed):
        return Axis(
            **created(fact),
            position=event.position,
            title=event.title,
            description=event.description,
            row=event.row,
        )
    assert axis is not None  # a stream begins with its creation; `fold` has checked it
    update: dict[str, Any]
    match event:
        case AxisDescribed():
            return revised(axis, event)
        case AxisConfirmed():
            update = {
                "status": "confirmed",
                "decision_id": event.decision_id,
                "axis_confirmed_on": fact.occurred_on,
            }
        case AxisClosed():
            update = {"status": "closed", "closed_on": fact.occurred_on}
        case AxisLookedAt():
            update = {"confirmed_on": latest(axis.confirmed_on, fact.occurred_on)}
        case _:
            return axis
    return axis.model_copy(update=update)


def check(axis: Axis | None, fact: Fact) -> None:
    """The rules of an axis's life (DOMAIN section 1)."""
    if axis is None:
        return
    require_open(axis)
    if isinstance(fact.event, AxisConfirmed) and axis.status == "confirmed":
        raise AxisAlreadyConfirmed(title=axis.title, confirmed_on=axis.axis_confirmed_on)


def require_open(axis: Axis) -> None:
    """Refuse what would attach something to a closed axis, or change it. Raises `AxisNotOpen`."""
    if axis.status == "closed":
        raise AxisNotOpen(title=axis.title)


# Decisions


def propose(
    *, position: int, title: str, description: str | None = None, row: ImportStamp | None = None
) -> list[Event]:
    """Propose an axis."""
    return [AxisProposed(position=position, title=title, description=description, row=row)]


def revise(axis: Axis, **wanted: Any) -> list[Event]:
    """Change the title, the description or the position. Raises `NothingToChange`."""
    changes = differences(axis, **wanted)
    if not changes:
        raise NothingToChange()
    return [AxisDescribed(**changes)]


def confirm(axis: Axis, decision_id: UUID) -> list[Event]:
    """Confirm the axis, in the name of a decision (SHAPES: Words)."""
    return [AxisConfirmed(decision_id=decision_id)]


def close(axis: Axis) -> list[Event]:
    """Close the axis."""
    return [AxisClosed()]


def look_at(axis: Axis) -> list[Event]:
    """« Rien n’a changé »: one click."""
    return [AxisLookedAt()]


AXIS: Concept[Axis] = Concept(
    name="axis",
    collection="axes",
    state=Axis,
    events=(AxisProposed, AxisDescribed, AxisConfirmed, AxisClosed, AxisLookedAt),
    evolve=evolve,
    check=check,
    links=lambda axis: (axis.decision_id,) if axis.decision_id else (),
)
