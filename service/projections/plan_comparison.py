"""What differs between two states of the plan: added, removed, changed fields of each part, and every moved date."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from pydantic import Field

from service.domain.concept import Concept, State
from service.domain.event import Value
from service.domain.refusal import Language
from service.domain.working_time import WorkingCalendar
from service.projections.field_words import field_word
from service.projections.named import Named, named

GIVEN_UP = frozenset({"abandoned", "cancelled", "withdrawn"})
"""Whoever is given up is no part of the plan any more."""

FIELDS: Mapping[str, tuple[str, ...]] = {
    "workstream": ("title", "description", "objectives", "priority", "axis_id", "parent_id"),
    "action": (
        "title", "description", "expected_result", "lead", "contributors", "focus", "horizon", "priority", "start_on",
        "end_on", "weight", "budget", "funders", "governance", "body_id", "origin", "attributes", "ongoing",
        "axis_id", "workstream_id", "phase_id", "parent_id",
    ),
    "milestone": ("title", "description", "due_on", "weight", "subject"),
}  # fmt: skip
"""What a plan says of its parts. What became of them since (their status, their progress) is no matter of the plan."""


class Removed(Named):
    """What the later plan no longer holds."""

    status: str = Field(description="Ce qu’il est devenu\u202f: abandonné, annulé, retiré.")


class PlanFieldChange(Value):
    """One field that says something else."""

    field: str
    word: str = Field(description="Le champ, en mots.")
    before: Any
    after: Any


class ChangedPart(Named):
    """A part of both plans that says something else in the later one."""

    fields: tuple[PlanFieldChange, ...]


class MovedDate(Named):
    """A date that moved: in days, positive when later."""

    field: str
    before: date | None
    after: date | None
    calendar_days: int | None
    working_days: int | None


class KindComparison(Value):
    """The parts of one kind."""

    added: tuple[Named, ...]
    removed: tuple[Removed, ...]
    changed: tuple[ChangedPart, ...]
    unchanged: int


class ComparedVersion(Value):
    """One side: a version of the plan, or the plan as it is."""

    id: UUID | None = Field(description="Null pour le plan tel qu’il est.")
    number: int | None
    title: str | None
    status: str | None
    content_position: int | None = Field(description="La position du journal à laquelle le contenu se lit.")


class PlanComparison(Value):
    """Two states of the plan, side by side."""

    before: ComparedVersion
    after: ComparedVersion
    workstreams: KindComparison
    actions: KindComparison
    milestones: KindComparison
    moved: tuple[MovedDate, ...] = Field(description="Chaque date déplacée, la plus repoussée d’abord.")


Parts = Mapping[Concept[Any], Sequence[State]]


def compute(
    before: tuple[ComparedVersion, Parts],
    after: tuple[ComparedVersion, Parts],
    names: Mapping[UUID, Named],
    calendar: WorkingCalendar,
    language: Language = "fr",
) -> PlanComparison:
    """The comparison of two plans, each as its parts by concept (workstreams, actions, milestones)."""
    moved: list[MovedDate] = []
    found: dict[str, KindComparison] = {}
    for concept, earlier in before[1].items():
        kind = _compare(concept, earlier, after[1][concept], names, language)
        found[concept.collection] = kind
        for part in kind.changed:
            moved += (_moved(part, change, calendar) for change in part.fields if change.field.endswith("_on"))
    moved.sort(key=lambda each: (-(each.calendar_days or 0), each.ref or "", each.field))
    return PlanComparison(before=before[0], after=after[0], moved=tuple(moved), **found)


def _compare(
    concept: Concept[Any],
    earlier: Iterable[State],
    later: Iterable[State],
    names: Mapping[UUID, Named],
    language: Language,
) -> KindComparison:
    fate = {state.id: state for state in later}
    old = {state.id: state for state in earlier if state.status not in GIVEN_UP}
    new = {id: state for id, state in fate.items() if state.status not in GIVEN_UP}
    changed = []
    for id in sorted(old.keys() & new.keys()):
        if fields := _fields(concept, old[id], new[id], names, language):
            changed.append(ChangedPart(**dict(named(concept, new[id])), fields=fields))
    return KindComparison(
        added=tuple(named(concept, new[id]) for id in sorted(new.keys() - old.keys())),
        removed=tuple(
            Removed(**dict(named(concept, old[id])), status=fate[id].status if id in fate else "withdrawn")
            for id in sorted(old.keys() - new.keys())
        ),
        changed=tuple(changed),
        unchanged=len(old.keys() & new.keys()) - len(changed),
    )


def _fields(
    concept: Concept[Any], old: State, new: State, names: Mapping[UUID, Named], language: Language
) -> tuple[PlanFieldChange, ...]:
    return tuple(
        PlanFieldChange(
            field=name,
            word=field_word(name, language),
            before=_said(getattr(old, name), names),
            after=_said(getattr(new, name), names),
        )
        for name in FIELDS[concept.name]
        if getattr(old, name) != getattr(new, name)
    )


def _said(value: Any, names: Mapping[UUID, Named]) -> Any:
    """An object is told by its name, where it has one here."""
    return names.get(value, value) if isinstance(value, UUID) else value


def _moved(part: ChangedPart, change: PlanFieldChange, calendar: WorkingCalendar) -> MovedDate:
    known = change.before is not None and change.after is not None
    return MovedDate(
        **{name: getattr(part, name) for name in Named.model_fields},
        field=change.field,
        before=change.before,
        after=change.after,
        calendar_days=(change.after - change.before).days if known else None,
        working_days=calendar.working_days_between(change.before, change.after) if known else None,
    )
