"""Governance bodies where they meet people and time: appointing members, convening a series, acting in their name."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow

from service.acts.places import standing
from service.domain import body, review_course
from service.domain.body import BODY, Body, CadenceMissing, require_constituted, sits
from service.domain.body_events import Standing
from service.domain.event import Event, OnBehalfOf
from service.domain.refusal import Invalid, NotFound
from service.domain.review import REVIEW, Review
from service.domain.review_refusals import GroundsNotHeld, GroundsOfAnotherBody
from service.domain.review_rules import is_pending
from service.domain.transformation import Transformation
from service.domain.working_time import WorkingCalendar
from service.projections.as_of import AsOf
from service.projections.bodies import BODIES
from service.projections.phases import PHASES
from service.projections.reviews import REVIEWS
from service.store.unit import Unit


class DecidedBySomebodyElse(Invalid):
    """What somebody else decided is recorded on behalf of that authority, with what grounds it."""

    FR = "Ce qu’un autre a décidé s’enregistre au nom de cette autorité (on_behalf_of), avec ce qui le fonde."


def appoint_member(
    unit: Unit, connection: Connection[DictRow], to: Body, person_id: str, *, seat: int, standing: Standing
) -> list[Event]:
    """Give somebody a seat; only a member of the transformation could read what the body judges. Raises `NotFound`."""
    row = connection.execute(
        "SELECT FROM members WHERE transformation_id = %s AND person_id = %s AND valid_to IS NULL "
        "AND status = 'granted'",
        (to.transformation_id, person_id),
    ).fetchone()
    if row is None:
        raise NotFound(what="member", id=person_id)
    return body.appoint(to, person_id, seat=seat, standing=standing)


def dissolve_body(unit: Unit, connection: Connection[DictRow], ended: Body, position: int) -> list[Event]:
    """End a body. Nothing may have come to the transformation since `position`, where what waits for it was looked up.

    Raises `BodyStillConvened`.
    """
    if ended.transformation_id is None:
        return body.dissolve(ended)
    unit.require_quiet(ended.transformation_id, position)
    now = AsOf(unit.act.now)
    phases = PHASES.of_transformation(connection, ended.transformation_id, now)
    reviews = [r for r in REVIEWS.of_transformation(connection, ended.transformation_id, now) if r.body_id == ended.id]
    pending = [REVIEW.reference(each) for each in reviews if is_pending(each)]
    pending += [
        f"phase {each.ordinal}"
        for each in phases
        if each.gate_body_id == ended.id and each.status in ("planned", "open", "held")
    ]
    return body.dissolve(ended, pending)


def schedule_series(
    unit: Unit, transformation: Transformation, of: Body, *, title: str, first_on: date, count: int
) -> list[Review]:
    """Convene a body `count` times by its cadence, each time on a working day. Raises `CadenceMissing`."""
    require_constituted(of)
    if of.cadence is None:
        raise CadenceMissing(name=of.name)
    calendar = WorkingCalendar(transformation.closed_days)
    days = dict.fromkeys(calendar.next_working(day) for day in body.occurrences(of.cadence, first_on, count))
    refs = unit.references(REVIEW, transformation.id, len(days))
    return [
        unit.create(REVIEW, review_course.schedule(ref=ref, body=of, title=title, planned_on=day))
        for ref, day in zip(refs, days, strict=True)
    ]


def speaks_for(unit: Unit, body_id: str | UUID, transformation_id: UUID | None, person: str, today: date) -> Body:
    """The body that somebody acts for, sitting in it. Raises `NotFound`, `BodyIsDissolved`, `NotSeated`."""
    found = standing(unit, BODY, UUID(str(body_id)), transformation_id)
    body.require_seated(found, person, today)
    return found


def seats_of(connection: Connection[DictRow], transformation_id: UUID, person: str, now: AsOf) -> set[str]:
    """The bodies of a transformation in which somebody sits today, by id."""
    known: Iterable[Body] = BODIES.of_transformation(connection, transformation_id, now)
    return {str(each.id) for each in known if sits(each, person, now.today)}


def require_real(
    connection: Connection[DictRow], behalf: OnBehalfOf, transformation_id: UUID, as_of: AsOf
) -> Body | None:
    """A body that is named exists and stands; a review that grounds the act was held, and by that body.

    Raises `NotFound`, `BodyIsDissolved`, `GroundsNotHeld`, `GroundsOfAnotherBody`.
    """
    named: Body | None = None
    if behalf.kind == "body":
        named = BODIES.find(connection, UUID(behalf.id), as_of)
        if named is None or named.withdrawn or named.transformation_id != transformation_id:
            raise NotFound(what="body", id=behalf.id)
        require_constituted(named)
    if behalf.basis.kind == "review" and behalf.basis.id is not None:
        held = REVIEWS.find(connection, behalf.basis.id, as_of)
        if held is None or held.withdrawn or held.transformation_id != transformation_id:
            raise NotFound(what="review", id=behalf.basis.id)
        if held.attendance is None:
            raise GroundsNotHeld(ref=REVIEW.reference(held))
        if named is not None and held.body_id != named.id:
            raise GroundsOfAnotherBody(ref=REVIEW.reference(held), body=named.name)
    return named
