"""Preparing a transformation (with its first members, phases and axes) and launching it."""

from datetime import date
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow

from service.acts.deliverables import draft_deliverable
from service.acts.phases import place_phase
from service.domain import gate, member, transformation
from service.domain.act import Role
from service.domain.activity import ActivityPeriod
from service.domain.axis import AXIS
from service.domain.body import BODY
from service.domain.concept import Concept
from service.domain.event import new_id
from service.domain.member import MEMBER, Member
from service.domain.phase import PHASE
from service.domain.principal import PERSON, kind_of, stream_of
from service.domain.template import template_events
from service.domain.transformation import TRANSFORMATION, Transformation
from service.projections.as_of import AsOf
from service.projections.members import MEMBERS
from service.projections.phases import PHASES
from service.store.unit import Unit


def prepare_transformation(
    unit: Unit,
    *,
    code: str,
    name: str,
    lead: str,
    sponsor: str,
    description: str | None = None,
    template: str | None = None,
    closed_days: tuple[date, ...] = (),
    activity_periods: tuple[ActivityPeriod, ...] = (),
) -> Transformation:
    """Prepare a transformation; its lead and sponsor become members, its template's phases and axes are planned.

    Raises `AlreadyTaken` for a code in use, `TemplateUnknown`, `NotFound` for an unknown person.
    """
    plan = template_events(template)
    for person in (lead, sponsor):
        unit.get(PERSON, stream_of(person))
    stream = new_id()
    unit.act = unit.act.within(stream)
    events = transformation.prepare(
        code=code,
        name=name,
        lead=lead,
        sponsor=sponsor,
        description=description,
        template=template,
        closed_days=closed_days,
        activity_periods=activity_periods,
    )
    prepared = unit.create(TRANSFORMATION, events, stream)
    unit.claim(f"transformation code:{code}")
    grant_member(unit, stream, lead, "lead")
    if sponsor != lead:
        grant_member(unit, stream, sponsor, "sponsor")
    phases = {planned.ordinal: place_phase(unit, stream, [planned]).id for planned in plan.phases}
    for proposed in plan.axes:
        unit.create(AXIS, [proposed])
    for phase_place, kind, title, criteria in plan.deliverables:
        expected = {"kind": kind, "title": title, "criteria": criteria, "phase_id": phases[phase_place]}
        draft_deliverable(unit, stream, **expected)
    for constituted in plan.bodies:
        unit.create(BODY, [constituted])
    return prepared


def grant_member(unit: Unit, transformation_id: UUID, person: str, role: Role) -> Member:
    """Make a person a member. One membership per person: it is one stream, claimed once."""
    concept = kind_of(person)
    unit.get(concept, stream_of(person))
    granted = unit.create(MEMBER, member.grant(None, person_id=person, role=role))
    unit.claim(f"member:{transformation_id}:{person}")
    return granted


def other_leads(unit: Unit, connection: Connection[DictRow], leaving: Member) -> int:
    """How many leads there are beside one; they are relied on, so that two cannot leave at once."""
    if leaving.transformation_id is None:
        return 0
    members = MEMBERS.of_transformation(connection, leaving.transformation_id, AsOf(unit.act.now))
    leads = [m for m in members if m.role == "lead" and m.status == "granted" and m.id != leaving.id]
    return sum(unit.adopt(MEMBER, lead).role == "lead" for lead in leads)


def launch_transformation(unit: Unit, connection: Connection[DictRow], stream: UUID) -> Transformation:
    """The sponsor launches: the transformation runs and its first phase opens, in one commit."""
    prepared = unit.get(TRANSFORMATION, stream)
    phases = PHASES.of_transformation(connection, stream, AsOf(unit.act.now))
    for changed, events in gate.open_first(prepared, [unit.get(PHASE, p.id) for p in phases]):
        concept: Concept[Any] = TRANSFORMATION if changed.id == stream else PHASE
        unit.record(concept, changed.id, events)
    return unit.get(TRANSFORMATION, stream)
