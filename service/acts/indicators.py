"""Defining an indicator on something of the same transformation, answered for by people who exist."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from service.acts.subjects import find_subject
from service.domain import indicator_course
from service.domain.indicator import INDICATOR, Indicator
from service.domain.principal import kind_of, stream_of
from service.domain.transformation import Transformation
from service.store.unit import Unit


def define_indicator(unit: Unit, transformation: Transformation, /, **fields: Any) -> Indicator:
    """Say what will be measured. `fields` are those of `indicator_course.define` but the reference (one is `unit`).

    Raises `NotFound` for a subject of another transformation or an unknown person, `ObjectWithdrawn`.
    """
    check_places(unit, transformation.id, fields)
    return unit.create(INDICATOR, indicator_course.define(ref=unit.reference(INDICATOR, transformation.id), **fields))


def check_places(unit: Unit, transformation_id: UUID | None, fields: Mapping[str, Any]) -> None:
    """The subject and the people among some fields exist."""
    if subject := fields.get("subject"):
        find_subject(unit, transformation_id, subject.kind, subject.id)
    for person in (fields.get("owner"), fields.get("collector")):
        if person:
            concept = kind_of(person)
            unit.get(concept, stream_of(person))
