"""Every router, and how each concept is shown."""

from fastapi import APIRouter

from service.api.reading import Present
from service.api.routers import me, members, milestones, people, problem_types, transformations

CONCEPT_ROUTERS = (transformations, members, milestones)
"""The routers that show a concept: each has `router`, `CONCEPT` and `present`."""

ROUTERS: tuple[APIRouter, ...] = (
    *(module.router for module in CONCEPT_ROUTERS),
    people.router,
    me.router,
    problem_types.router,
)

PRESENTERS: dict[str, Present] = {module.CONCEPT.name: module.present for module in CONCEPT_ROUTERS}
