"""Workstream (chantier): a node under an axis, or deeper; it carries measurable operational objectives."""

from collections.abc import Iterable
from datetime import date
from typing import Any, Literal
from uuid import UUID

from service.domain.concept import Concept, NothingToChange, ReasonRequired, State, created, differences, revised
from service.domain.event import Event, Fact, Revision
from service.domain.freshness import latest
from service.domain.imported import ImportStamp
from service.domain.refusal import Conflict
from service.domain.text import PersonalText

# Events


class WorkstreamOpened(Event):
    """A workstream is opened under an axis, under another workstream, or on its own."""

    TOPIC = "workstream.opened"
    ref: int
    axis_id: UUID | None = None
    parent_id: UUID | None = None
    title: str
    description: PersonalText | None = None
    objectives: tuple[PersonalText, ...] = ()
    row: ImportStamp | None = None


class WorkstreamDescribed(Revision):
    """The words or the objectives of a workstream changed."""

    TOPIC = "workstream.described"
    title: str = ""
    description: PersonalText | None = None
    objectives: tuple[PersonalText, ...] = ()


class WorkstreamPrioritised(Event):
    """The workstream got its rank, 1 the first; `source` tells the workshop that gave it."""

    TOPIC = "workstream.prioritised"
    priority: int
    source: PersonalText | None = None


class WorkstreamPlaced(Revision):
    """The workstream moved under another axis or workstream."""

    TOPIC = "workstream.placed"
    axis_id: UUID | None = None
    parent_id: UUID | None = None


class WorkstreamClosed(Event):
    """The workstream is closed, for a reason: nothing more is attached to it."""

    TOPIC = "workstream.closed"


class WorkstreamReopened(Event):
    """A closed workstream is taken up again, for a reason."""

    TOPIC = "workstream.reopened"


class WorkstreamConfirmed(Event):
    """Somebody looked: nothing changed."""

    TOPIC = "workstream.confirmed"


# State


class Workstream(State):
    """A workstream as it stands: open or closed."""

    status: Literal["open", "closed", "withdrawn"] = "open"
    axis_id: UUID | None = None
    parent_id: UUID | None = None
    title: str
    description: str | None = None
    objectives: tuple[str, ...] = ()
    priority: int | None = None
    priority_source: str | None = None
    closed_on: date | None = None
    closing_reason: str | None = None
    reopen_count: int = 0
    row: ImportStamp | None = None


class WorkstreamNotOpen(Conflict):
    """The workstream {ref} is closed: reopen it first."""

    FR = "Le chantier {ref} est clos\u202f: rouvrez-le d’abord."


class WorkstreamStillOpen(Conflict):
    """The workstream {ref} is open: there is nothing to reopen."""

    FR = "Le chantier {ref} est ouvert\u202f: il n’y a rien à rouvrir."


class WorkstreamInsideItself(Conflict):
    """The workstream {ref} cannot stand under itself or under one of its own parts."""

    FR = "Le chantier {ref} ne peut pas être placé sous lui-même ni sous l’une de ses parties."


class WorkstreamOfAnotherAxis(Conflict):
    """The workstream {ref} belongs to another axis than the one named."""

    FR = "Le chantier {ref} appartient à un autre axe que celui indiqué."


def evolve(workstream: Workstream | None, fact: Fact) -> Workstream:
    """The workstream after one more fact."""
    event = fact.event
    if isinstance(event, WorkstreamOpened):
        return Workstream(
            **created(fact),
            ref=event.ref,
            axis_id=event.axis_id,
            parent_id=event.parent_id,
            title=event.title,
            description=event.description,
            objectives=event.objectives,
            row=event.row,
        )
    assert workstream is not None  # a stream begins with its creation; `fold` has checked it
    update: dict[str, Any]
    match event:
        case WorkstreamDescribed() | WorkstreamPlaced():
            return revised(workstream, event)
        case WorkstreamPrioritised():
            update = {"priority": event.priority, "priority_source": event.source}
        case WorkstreamClosed():
            update = {"status": "closed", "closed_on": fact.occurred_on, "closing_reason": fact.envelope.reason}
        case WorkstreamReopened():
            update = {
                "status": "open",
                "closed_on": None,
                "closing_reason": None,
                "reopen_count": workstream.reopen_count + 1,
            }
        case WorkstreamConfirmed():
            update = {"confirmed_on": latest(workstream.confirmed_on, fact.occurred_on)}
        case _:
            return workstream
    return workstream.model_copy(update=update)


def check(workstream: Workstream | None, fact: Fact) -> None:
    """The rules of a workstream's life (DOMAIN section 1)."""
    if workstream is None:
        return
    match fact.event:
        case WorkstreamReopened():
            if workstream.status == "open":
                raise WorkstreamStillOpen(ref=WORKSTREAM.reference(workstream))
        case WorkstreamPlaced():
            pass  # a closed one still follows what it stands under
        case _:
            require_open(workstream)
    if isinstance(fact.event, WorkstreamClosed | WorkstreamReopened) and not fact.envelope.reason:
        raise ReasonRequired()


def require_open(workstream: Workstream) -> None:
    """Refuse what would attach something to a closed workstream, or change it. Raises `WorkstreamNotOpen`."""
    if workstream.status == "closed":
        raise WorkstreamNotOpen(ref=WORKSTREAM.reference(workstream))


def require_same_axis(workstream: Workstream, axis_id: UUID | None) -> None:
    """What stands in a workstream stands in its axis. Raises `WorkstreamOfAnotherAxis`."""
    if axis_id is not None and axis_id != workstream.axis_id:
        raise WorkstreamOfAnotherAxis(ref=WORKSTREAM.reference(workstream))


# Decisions


def open_(
    *,
    ref: int,
    title: str,
    axis_id: UUID | None = None,
    parent: Workstream | None = None,
    description: str | None = None,
    objectives: tuple[str, ...] = (),
    row: ImportStamp | None = None,
) -> list[Event]:
    """Open a workstream; under a parent it takes its axis. Raises `WorkstreamNotOpen`, `WorkstreamOfAnotherAxis`."""
    if parent is not None:
        require_open(parent)
        require_same_axis(parent, axis_id)
    return [
        WorkstreamOpened(
            ref=ref,
            axis_id=parent.axis_id if parent else axis_id,
            parent_id=parent.id if parent else None,
            title=title,
            description=description,
            objectives=objectives,
            row=row,
        )
    ]


def revise(workstream: Workstream, **wanted: Any) -> list[Event]:
    """Change the title, the description or the objectives. Raises `NothingToChange`."""
    changes = differences(workstream, **wanted)
    if not changes:
        raise NothingToChange()
    return [WorkstreamDescribed(**changes)]


def prioritise(workstream: Workstream, priority: int, *, source: str | None = None) -> list[Event]:
    """Give it its rank among the workstreams, 1 the first, with the workshop that gave it."""
    return [WorkstreamPrioritised(priority=priority, source=source)]


def place(
    workstream: Workstream,
    *,
    axis_id: UUID | None = None,
    parent: Workstream | None = None,
    above: Iterable[UUID] = (),
    parts: Iterable[Workstream] = (),
) -> list[tuple[Workstream, list[Event]]]:
    """Move it under an axis or a parent; its `parts` (all workstreams below it) follow to the new axis.

    `above`: the ids of the parents of `parent`, up to the top. Raises `WorkstreamInsideItself`, `WorkstreamNotOpen`,
    `WorkstreamOfAnotherAxis`, `NothingToChange`.
    """
    if parent is not None:
        require_open(parent)
        require_same_axis(parent, axis_id)
        require_outside(workstream, parent, above)
        axis_id = parent.axis_id
    changes = differences(workstream, axis_id=axis_id, parent_id=parent.id if parent else None)
    if not changes:
        raise NothingToChange()
    followers: list[tuple[Workstream, list[Event]]] = [
        (part, [WorkstreamPlaced(axis_id=axis_id)]) for part in parts if part.axis_id != axis_id
    ]
    return [(workstream, [WorkstreamPlaced(**changes)]), *followers]


def require_outside(workstream: Workstream, parent: Workstream, above: Iterable[UUID]) -> None:
    """Raises `WorkstreamInsideItself` where `parent`, or what it stands under, is the workstream itself."""
    if workstream.id in (parent.id, *above):
        raise WorkstreamInsideItself(ref=WORKSTREAM.reference(workstream))


def close(workstream: Workstream) -> list[Event]:
    """Close it; the act must carry a reason."""
    return [WorkstreamClosed()]


def reopen(workstream: Workstream) -> list[Event]:
    """Take it up again; the act must carry a reason."""
    return [WorkstreamReopened()]


def confirm(workstream: Workstream) -> list[Event]:
    """« Rien n’a changé »: one click."""
    return [WorkstreamConfirmed()]


WORKSTREAM: Concept[Workstream] = Concept(
    name="workstream",
    collection="workstreams",
    letter="X",
    state=Workstream,
    events=(
        WorkstreamOpened,
        WorkstreamDescribed,
        WorkstreamPrioritised,
        WorkstreamPlaced,
        WorkstreamClosed,
        WorkstreamReopened,
        WorkstreamConfirmed,
    ),
    evolve=evolve,
    check=check,
    links=lambda workstream: tuple(link for link in (workstream.axis_id, workstream.parent_id) if link is not None),
)
