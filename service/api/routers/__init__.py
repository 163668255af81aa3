"""Every router, and how each concept is shown."""

from fastapi import APIRouter

from service.api.reading import Present
from service.api.routers import (
    actions,
    agenda,
    audit,
    axes,
    bodies,
    changes,
    decisions,
    docs,
    exports,
    groups,
    imports,
    indicator_values,
    indicators,
    me,
    members,
    milestones,
    my_actions,
    notes,
    obstacles,
    people,
    phases,
    problem_types,
    projections,
    review_outcome,
    reviews,
    status_reports,
    transformations,
    views,
    workstreams,
)

CONCEPT_ROUTERS = (
    transformations,
    actions,
    axes,
    bodies,
    decisions,
    groups,
    imports,
    indicators,
    members,
    milestones,
    notes,
    obstacles,
    phases,
    reviews,
    status_reports,
    workstreams,
)
"""The routers that show a concept: each has `router`, `CONCEPT` and `present`."""

ROUTERS: tuple[APIRouter, ...] = (
    *(module.router for module in CONCEPT_ROUTERS),
    agenda.router,
    audit.router,
    changes.router,
    docs.router,
    exports.router,
    indicator_values.router,
    people.router,
    me.router,
    my_actions.router,
    problem_types.router,
    projections.router,
    review_outcome.router,
    views.router,
)

PRESENTERS: dict[str, Present] = {module.CONCEPT.name: module.present for module in CONCEPT_ROUTERS}
