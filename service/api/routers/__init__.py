"""Every router, and how each concept is shown."""

from fastapi import APIRouter

from service.api.reading import Present
from service.api.routers import (
    actions,
    audit,
    me,
    members,
    milestones,
    people,
    problem_types,
    transformations,
)

ROUTERS: tuple[APIRouter, ...] = (
    transformations.router,
    members.router,
    actions.router,
    milestones.router,
    audit.router,
    people.router,
    me.router,
    problem_types.router,
)

PRESENTERS: dict[str, Present] = {
    module.CONCEPT.name: module.present
    for module in (transformations, members, actions, milestones)
}
