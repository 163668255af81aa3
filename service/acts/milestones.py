"""Planning a milestone on an action, a workstream or a phase of the same transformation."""

from datetime import date
from decimal import Decimal
from typing import Any

from service.acts.places import standing
from service.domain import milestone
from service.domain.action import ACTION
from service.domain.concept import Concept
from service.domain.imported import ImportStamp
from service.domain.milestone import MILESTONE, Milestone, MilestoneSubject
from service.domain.phase import PHASE
from service.domain.transformation import TRANSFORMATION, Transformation, plan_is_validated
from service.domain.workstream import WORKSTREAM
from service.store.unit import Unit

SUBJECTS: dict[str, Concept[Any]] = {"action": ACTION, "workstream": WORKSTREAM, "phase": PHASE}


def plan_milestone(
    unit: Unit,
    transformation: Transformation,
    *,
    subject: MilestoneSubject,
    title: str,
    due_on: date,
    description: str | None = None,
    weight: Decimal = Decimal(1),
    row: ImportStamp | None = None,
) -> Milestone:
    """Promise a date. Raises `NotFound` where the subject is not of this transformation, `ObjectWithdrawn`."""
    standing(unit, SUBJECTS[subject.kind], subject.id, transformation.id)
    events = milestone.plan(
        ref=unit.reference(MILESTONE, transformation.id),
        subject=subject,
        title=title,
        due_on=due_on,
        baselined=plan_is_validated(unit.get(TRANSFORMATION, transformation.id)),
        description=description,
        weight=weight,
        row=row,
    )
    return unit.create(MILESTONE, events)
