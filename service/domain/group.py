"""Group: staff or internal partners, in a tree, with dated headcounts. Who the transformation is for."""

from collections.abc import Collection
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from service.domain.concept import Concept, NothingToChange, ReasonRequired, State, created, differences, revised
from service.domain.event import Event, Fact, Revision, Value
from service.domain.refusal import Conflict

GroupKind = Literal["staff", "partner"]

# Events


class GroupFormed(Event):
    """A group of staff or of internal partners is named; it may stand inside another one."""

    TOPIC = "group.formed"
    name: str
    kind: GroupKind = "staff"
    parent_id: UUID | None = None


class GroupDescribed(Revision):
    """The name or the kind of a group changed."""

    TOPIC = "group.described"
    name: str = ""
    kind: GroupKind = "staff"


class GroupPlaced(Event):
    """The group stands elsewhere in the tree: inside another group, or by itself."""

    TOPIC = "group.placed"
    parent_id: UUID | None = None


class GroupCounted(Event):
    """How many people the group has, on the true-on date of the fact, those of its parts included."""

    TOPIC = "group.counted"
    headcount: Annotated[int, Field(ge=0)]


class GroupDissolved(Event):
    """The group no longer exists, for a reason; what was counted stays."""

    TOPIC = "group.dissolved"


# State


class Headcount(Value):
    """How many people on a day."""

    event_id: UUID
    on: date
    count: int


class Group(State):
    """A group as it stands: formed or dissolved."""

    status: Literal["formed", "dissolved", "withdrawn"] = "formed"
    name: str
    kind: GroupKind = "staff"
    parent_id: UUID | None = None
    headcounts: tuple[Headcount, ...] = ()
    """In the order of their days."""
    dissolved_on: date | None = None
    dissolved_because: str | None = None


class GroupIsDissolved(Conflict):
    """The group {name} was dissolved on {on}: nothing more is recorded on it."""

    FR = "Le groupe {name} a été dissous le {on}\u202f: on n’y enregistre plus rien."


class GroupInsideItself(Conflict):
    """The group {name} cannot stand inside itself or inside one of its own parts."""

    FR = "Le groupe {name} ne peut pas être placé dans lui-même ni dans l’une de ses parties."


class GroupHasParts(Conflict):
    """The group {name} still holds other groups: {parts}. Move or dissolve them first."""

    FR = "Le groupe {name} contient encore d’autres groupes\u202f: {parts}. Déplacez-les ou dissolvez-les d’abord."


class HeadcountGiven(Conflict):
    """The group {name} has a headcount for {on} already ({count}): correct that one."""

    FR = "Le groupe {name} a déjà un effectif au {on} ({count})\u202f: rectifiez celui-là."


def evolve(group: Group | None, fact: Fact) -> Group:
    """The group after one more fact."""
    event = fact.event
    if isinstance(event, GroupFormed):
        return Group(**created(fact), name=event.name, kind=event.kind, parent_id=event.parent_id)
    assert group is not None  # a stream begins with its creation; `fold` has checked it
    update: dict[str, Any]
    match event:
        case GroupDescribed():
            return revised(group, event)
        case GroupPlaced():
            update = {"parent_id": event.parent_id}
        case GroupCounted():
            counted = Headcount(event_id=fact.envelope.event_id, on=fact.occurred_on, count=event.headcount)
            update = {"headcounts": tuple(sorted((*group.headcounts, counted), key=lambda each: each.on))}
        case GroupDissolved():
            update = {
                "status": "dissolved",
                "dissolved_on": fact.occurred_on,
                "dissolved_because": fact.envelope.reason,
            }
        case _:
            return group
    return group.model_copy(update=update)


def check(group: Group | None, fact: Fact) -> None:
    """The rules of a group's life."""
    if group is None:
        return
    require_formed(group)
    match fact.event:
        case GroupCounted():
            for known in group.headcounts:
                if known.on == fact.occurred_on:
                    raise HeadcountGiven(name=group.name, on=known.on, count=known.count)
        case GroupPlaced(parent_id=parent) if parent == group.id:
            raise GroupInsideItself(name=group.name)
        case GroupDissolved() if not fact.envelope.reason:
            raise ReasonRequired()


def require_formed(group: Group) -> None:
    """Raises `GroupIsDissolved`."""
    if group.status == "dissolved":
        raise GroupIsDissolved(name=group.name, on=group.dissolved_on)


# Decisions


def form(*, name: str, kind: GroupKind = "staff", parent: Group | None = None) -> list[Event]:
    """Name a group, inside another one or by itself. Raises `GroupIsDissolved` for a parent that no longer exists."""
    if parent is not None:
        require_formed(parent)
    return [GroupFormed(name=name, kind=kind, parent_id=parent.id if parent else None)]


def revise(group: Group, **wanted: Any) -> list[Event]:
    """Change the name or the kind. Raises `NothingToChange`."""
    changes = differences(group, **wanted)
    if not changes:
        raise NothingToChange()
    return [GroupDescribed(**changes)]


def place(group: Group, parent: Group | None, above: Collection[UUID] = ()) -> list[Event]:
    """Move it in the tree; `above` are the groups that the new parent stands in. Raises `GroupInsideItself`."""
    if parent is not None:
        require_fits(group, parent, above)
    parent_id = parent.id if parent else None
    if parent_id == group.parent_id:
        raise NothingToChange(pointer="/parent_id")
    return [GroupPlaced(parent_id=parent_id)]


def require_fits(group: Group, parent: Group, above: Collection[UUID]) -> None:
    """Raises `GroupInsideItself`, `GroupIsDissolved` for a parent where the group cannot stand."""
    require_formed(parent)
    if group.id in {parent.id, *above}:
        raise GroupInsideItself(name=group.name)


def count(group: Group, headcount: int) -> list[Event]:
    """Say how many people it has, on the act's true-on date; once a day."""
    return [GroupCounted(headcount=headcount)]


def dissolve(group: Group, parts: Collection[Group] = ()) -> list[Event]:
    """End it; the act must carry a reason. Raises `GroupHasParts` while other groups stand inside."""
    standing = sorted(part.name for part in parts if part.status == "formed" and not part.withdrawn)
    if standing:
        raise GroupHasParts(name=group.name, parts=standing)
    return [GroupDissolved()]


# What is derived


def headcount_on(group: Group, day: date) -> int | None:
    """The last headcount that was true on a day; None before the first one."""
    known = [each.count for each in group.headcounts if each.on <= day]
    return known[-1] if known else None


GROUP: Concept[Group] = Concept(
    name="group",
    collection="groups",
    state=Group,
    events=(GroupFormed, GroupDescribed, GroupPlaced, GroupCounted, GroupDissolved),
    evolve=evolve,
    check=check,
    links=lambda group: (group.parent_id,) if group.parent_id else (),
)
