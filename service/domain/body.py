"""Governance body (instance): its seats, who sits in them on a day, and the rules of its life.

Its events are in `body_events`, the counting of a quorum in `quorum`.
"""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any, Literal

from service.domain.body_events import (
    EVENTS,
    BodyConstituted,
    BodyDescribed,
    BodyDissolved,
    BodyKind,
    BodyMemberAppointed,
    BodyMemberLeft,
    BodyRulesSet,
    Cadence,
    Standing,
)
from service.domain.concept import Concept, NothingToChange, ReasonRequired, State, created, differences, revised
from service.domain.event import Event, Fact, Value
from service.domain.refusal import Conflict, Invalid, NotFound


class Appointment(Value):
    """One person in one seat, from a day on and, once that person has left, until a day (not included)."""

    person_id: str
    seat: int
    standing: Standing
    from_on: date
    until_on: date | None = None

    def holds_on(self, day: date) -> bool:
        return self.from_on <= day and (self.until_on is None or day < self.until_on)


class Body(State):
    """A governance body as it stands: constituted or dissolved."""

    status: Literal["constituted", "dissolved", "withdrawn"] = "constituted"
    name: str
    kind: BodyKind = "other"
    mission: str | None = None
    seats: tuple[str, ...] = ()
    quorum: int | None = None
    second_needs_quorum: bool = True
    cadence: Cadence | None = None
    appointments: tuple[Appointment, ...] = ()
    dissolved_on: date | None = None
    dissolved_because: str | None = None


class BodyIsDissolved(Conflict):
    """The body {name} was dissolved on {on}: it no longer acts."""

    FR = "L’instance {name} a été dissoute le {on}\u202f: elle n’agit plus."


class SeatsBelowQuorum(Conflict):
    """The body {name} would have fewer seats ({seats}) than its quorum ({quorum}): it could never decide."""

    FR = (
        "L’instance {name} aurait moins de sièges ({seats}) que son quorum ({quorum})\u202f: "
        "elle ne pourrait jamais décider."
    )


class SeatUnknown(Invalid):
    """The body {name} has no seat {seat}: its seats go from 1 to {seats}."""

    FR = "L’instance {name} n’a pas de siège {seat}\u202f: ses sièges vont de 1 à {seats}."


class SeatTaken(Conflict):
    """Seat {seat} of the body {name} has a {standing} already, {by}: that person leaves first."""

    FR = "Le siège {seat} de l’instance {name} a déjà un {standing}, {by}\u202f: cette personne le quitte d’abord."


class SeatOccupied(Conflict):
    """Seat {seat} of the body {name} cannot go while somebody sits in it."""

    FR = "Le siège {seat} de l’instance {name} ne peut pas disparaître tant qu’il est occupé."


class SeatedAlready(Conflict):
    """{person} sits in the body {name} already, in seat {seat}."""

    FR = "{person} siège déjà dans l’instance {name}, au siège {seat}."


class NotSeated(Conflict):
    """{person} does not sit in the body {name} on {on}."""

    FR = "{person} ne siège pas dans l’instance {name} le {on}."


class CadenceMissing(Conflict):
    """The body {name} has no cadence: set one, then schedule its reviews."""

    FR = "L’instance {name} n’a pas de cadence\u202f: fixez-en une, puis programmez ses points d’étape."


class BodyStillConvened(Conflict):
    """The body {name} still has something to judge: {pending}. Cancel or finish its reviews and give its gates to
    another body first."""

    FR = (
        "L’instance {name} a encore à juger\u202f: {pending}. "
        "Annulez ou terminez d’abord ses points d’étape, et confiez ses passages à une autre."
    )


class NoSuchSeatHolder(NotFound):
    """Nobody called {person} sits in the body {name}."""

    FR = "Aucune personne {person} ne siège dans l’instance {name}."


def evolve(body: Body | None, fact: Fact) -> Body:
    """The body after one more fact."""
    event = fact.event
    if isinstance(event, BodyConstituted):
        return Body(**created(fact), **{name: getattr(event, name) for name in BodyConstituted.model_fields})
    assert body is not None  # a stream begins with its creation; `fold` has checked it
    update: dict[str, Any]
    match event:
        case BodyDescribed() | BodyRulesSet():
            return revised(body, event)
        case BodyMemberAppointed():
            appointed = Appointment(
                person_id=event.person_id, seat=event.seat, standing=event.standing, from_on=fact.occurred_on
            )
            update = {"appointments": (*body.appointments, appointed)}
        case BodyMemberLeft():
            update = {
                "appointments": tuple(
                    each.model_copy(update={"until_on": fact.occurred_on})
                    if each.person_id == event.person_id and each.until_on is None
                    else each
                    for each in body.appointments
                )
            }
        case BodyDissolved():
            update = {
                "status": "dissolved",
                "dissolved_on": fact.occurred_on,
                "dissolved_because": fact.envelope.reason,
            }
        case _:
            return body
    return body.model_copy(update=update)


def check(body: Body | None, fact: Fact) -> None:
    """The rules of a body's life (DOMAIN sections 1 and 2)."""
    event = fact.event
    if isinstance(event, BodyConstituted):
        _require_quorum_possible(event.name, event.seats, event.quorum)
    if body is None:
        return
    require_constituted(body)
    match event:
        case BodyRulesSet():
            after = revised(body, event)
            _require_quorum_possible(after.name, after.seats, after.quorum)
            for each in body.appointments:
                if each.until_on is None and each.seat > len(after.seats):
                    raise SeatOccupied(name=body.name, seat=each.seat)
        case BodyMemberAppointed():
            _require_free(body, event, fact.occurred_on)
        case BodyMemberLeft():
            held = [each for each in body.appointments if each.person_id == event.person_id and each.until_on is None]
            if not held:
                raise NoSuchSeatHolder(name=body.name, person=event.person_id)
            if fact.occurred_on < held[0].from_on:
                raise NotSeated(name=body.name, person=event.person_id, on=fact.occurred_on)
        case BodyDissolved() if not fact.envelope.reason:
            raise ReasonRequired()


def require_constituted(body: Body) -> None:
    """Raises `BodyIsDissolved`."""
    if body.status == "dissolved":
        raise BodyIsDissolved(name=body.name, on=body.dissolved_on)


def _require_quorum_possible(name: str, seats: tuple[str, ...], quorum: int | None) -> None:
    if quorum is not None and len(seats) < quorum:
        raise SeatsBelowQuorum(name=name, seats=len(seats), quorum=quorum)


def _require_free(body: Body, event: BodyMemberAppointed, from_on: date) -> None:
    if not 1 <= event.seat <= len(body.seats):
        raise SeatUnknown(pointer="/seat", name=body.name, seat=event.seat, seats=len(body.seats))
    for each in body.appointments:
        if each.until_on is not None and each.until_on <= from_on:
            continue
        if each.person_id == event.person_id:
            raise SeatedAlready(name=body.name, person=event.person_id, seat=each.seat)
        if (each.seat, each.standing) == (event.seat, event.standing):
            raise SeatTaken(name=body.name, seat=each.seat, standing=each.standing, by=each.person_id)


# Decisions


def constitute(
    *,
    name: str,
    kind: BodyKind = "other",
    mission: str | None = None,
    seats: tuple[str, ...] = (),
    quorum: int | None = None,
    second_needs_quorum: bool = True,
    cadence: Cadence | None = None,
) -> list[Event]:
    """Constitute a body. Its members are appointed one by one."""
    return [
        BodyConstituted(
            name=name,
            kind=kind,
            mission=mission,
            seats=seats,
            quorum=quorum,
            second_needs_quorum=second_needs_quorum,
            cadence=cadence,
        )
    ]


def revise(body: Body, **wanted: Any) -> list[Event]:
    """One event per meaning for the fields that really change: its rules, its words. Raises `NothingToChange`."""
    changes = differences(body, **wanted)
    if not changes:
        raise NothingToChange()
    events: list[Event] = []
    for kind in (BodyRulesSet, BodyDescribed):
        fields = {name: value for name, value in changes.items() if name in kind.model_fields}
        if fields:
            events.append(kind(**fields))
    return events


def appoint(body: Body, person_id: str, *, seat: int, standing: Standing = "titular") -> list[Event]:
    """Somebody takes a seat, as titular or alternate, on the act's true-on date."""
    return [BodyMemberAppointed(person_id=person_id, seat=seat, standing=standing)]


def leave(body: Body, person_id: str) -> list[Event]:
    """Somebody leaves the body, on the act's true-on date."""
    return [BodyMemberLeft(person_id=person_id)]


def dissolve(body: Body, pending: Collection[str] = ()) -> list[Event]:
    """End the body; the act must carry a reason. Raises `BodyStillConvened` while reviews or gates wait for it."""
    if pending:
        raise BodyStillConvened(name=body.name, pending=list(pending))
    return [BodyDissolved()]


# What is derived


def sitting(body: Body, day: date) -> list[Appointment]:
    """Who sits in the body on a day, by seat, the titular first; nobody once it is dissolved."""
    if body.withdrawn or (body.dissolved_on is not None and body.dissolved_on <= day):
        return []
    held = [each for each in body.appointments if each.holds_on(day)]
    return sorted(held, key=lambda each: (each.seat, each.standing != "titular", each.person_id))


def sits(body: Body, person_id: str, day: date) -> bool:
    """Whether somebody sits in the body on a day, as titular or alternate."""
    return any(each.person_id == person_id for each in sitting(body, day))


def require_seated(body: Body, person_id: str, day: date) -> None:
    """Raises `NotSeated`, `BodyIsDissolved`."""
    require_constituted(body)
    if not sits(body, person_id, day):
        raise NotSeated(name=body.name, person=person_id, on=day)


def occurrences(cadence: Cadence, first_on: date, count: int) -> list[date]:
    """The days of a series: the first one, then one per cadence (the last of a month that is too short)."""
    return [_after(first_on, cadence, number) for number in range(count)]


def _after(first_on: date, cadence: Cadence, number: int) -> date:
    if cadence.unit == "week":
        return first_on + timedelta(weeks=cadence.every * number)
    months = first_on.month - 1 + cadence.every * number
    year, month = first_on.year + months // 12, months % 12 + 1
    following = date(year + month // 12, month % 12 + 1, 1)
    return min(date(year, month, 1) + timedelta(days=first_on.day - 1), following - timedelta(days=1))


BODY: Concept[Body] = Concept(
    name="body",
    collection="bodies",
    state=Body,
    events=EVENTS,
    evolve=evolve,
    check=check,
)
