"""Every router, and how each concept is shown."""

from fastapi import APIRouter

from service.api.reading import Present
from service.api.routers import (
    audit,
    changes,
    indicators,
    me,
    members,
    milestones,
    notes,
    people,
    problem_types,
    status_reports,
    transformations,
)

CONCEPT_ROUTERS = (transformations, indicators, members, milestones, notes, status_reports)
"""The routers that show a concept: each has `router`, `CONCEPT` and `present`."""

ROUTERS: tuple[APIRouter, ...] = (
    *(module.router for module in CONCEPT_ROUTERS),
    audit.router,
    changes.router,
    people.router,
    me.router,
    problem_types.router,
)

PRESENTERS: dict[str, Present] = {module.CONCEPT.name: module.present for module in CONCEPT_ROUTERS}
