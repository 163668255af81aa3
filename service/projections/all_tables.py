"""Every versioned table, in one list: the engine feeds them, Alembic creates them, the API reads them."""

from typing import Any

from service.projections.actions import ACTIONS
from service.projections.axes import AXES
from service.projections.bodies import BODIES
from service.projections.decisions import DECISIONS
from service.projections.deliverables import DELIVERABLES
from service.projections.direction_projects import DIRECTION_PROJECTS
from service.projections.evaluations import EVALUATIONS
from service.projections.groups import GROUPS
from service.projections.imports import IMPORTS
from service.projections.indicators import INDICATORS
from service.projections.members import MEMBERS
from service.projections.milestones import MILESTONES
from service.projections.notes import NOTES
from service.projections.obstacles import OBSTACLES
from service.projections.phases import PHASES
from service.projections.plan_versions import PLAN_VERSIONS
from service.projections.principals import KEYS, PERSONS, SERVICES
from service.projections.reminders import REMINDERS
from service.projections.reviews import REVIEWS
from service.projections.status_reports import STATUS_REPORTS
from service.projections.table import ObjectTable
from service.projections.transformations import TRANSFORMATIONS
from service.projections.workstreams import WORKSTREAMS

TABLES: tuple[ObjectTable[Any], ...] = (
    PERSONS,
    SERVICES,
    KEYS,
    TRANSFORMATIONS,
    MEMBERS,
    GROUPS,
    BODIES,
    PHASES,
    AXES,
    WORKSTREAMS,
    ACTIONS,
    MILESTONES,
    OBSTACLES,
    INDICATORS,
    DECISIONS,
    DELIVERABLES,
    PLAN_VERSIONS,
    DIRECTION_PROJECTS,
    EVALUATIONS,
    REVIEWS,
    STATUS_REPORTS,
    NOTES,
    IMPORTS,
    REMINDERS,
)
