"""Every router, and how each concept is shown."""

from fastapi import APIRouter

from service.api.reading import Present
from service.api.routers import (
    actions,
    audit,
    axes,
    changes,
    decisions,
    deliverables,
    direction_projects,
    docs,
    evaluations,
    exports,
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
    plan_comparison,
    plan_versions,
    problem_types,
    projections,
    roadmap,
    status_reports,
    transformations,
    views,
    workstreams,
)

CONCEPT_ROUTERS = (
    transformations,
    actions,
    axes,
    decisions,
    deliverables,
    direction_projects,
    evaluations,
    imports,
    indicators,
    members,
    milestones,
    notes,
    obstacles,
    phases,
    plan_versions,
    status_reports,
    workstreams,
)
"""The routers that show a concept: each has `router`, `CONCEPT` and `present`."""

ROUTERS: tuple[APIRouter, ...] = (
    *(module.router for module in CONCEPT_ROUTERS),
    audit.router,
    changes.router,
    docs.router,
    exports.router,
    indicator_values.router,
    people.router,
    me.router,
    my_actions.router,
    plan_comparison.router,
    problem_types.router,
    projections.router,
    roadmap.router,
    views.router,
)

PRESENTERS: dict[str, Present] = {module.CONCEPT.name: module.present for module in CONCEPT_ROUTERS}
